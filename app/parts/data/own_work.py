"""The making of a file of one's own galaxies: how far it is, a button that stops it, and what came of it."""

import re
from pathlib import Path

import streamlit as st
import words.data
from children import forget_dropped, importing_place
from foreign import fill
from places import is_here

from galaxy_core.cli.shell.bars import IMPORTING
from galaxy_core.runs.launch import end_work, is_at_work, last_words
from galaxy_core.runs.run import LOG
from parts.at_work import SECONDS_BETWEEN_LOOKS

_SAID = re.compile(rf"{IMPORTING}: (\d+) of (\d+)")


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def follow() -> None:
    """What is being made, until it is done; then the page is drawn anew."""
    if not is_at_work(importing_place()):
        forget_dropped()
        st.rerun()
    said = _SAID.search(last_words(importing_place() / LOG))
    done, total = (int(said[1]), int(said[2])) if said else (0, 0)
    text = fill(words.data.OWN_AT_WORK, done=done, total=total) if total else words.data.OWN_BEGINS
    st.progress(done / total if total else 0.0, text)
    if st.button(words.data.OWN_STOP, icon=":material/stop:", key="own_stop"):
        end_work(importing_place())


def show_outcome() -> None:
    """The file that this visitor had made, which the page then shows, and the way on; or what went wrong."""
    asked = st.session_state.get("own_made")
    if asked is None:
        return
    if not is_here(asked):
        last = last_words(importing_place() / LOG).removeprefix("galaxy: ")
        st.warning(fill(words.data.OWN_ENDED, tail=last or words.data.OWN_NOTHING), icon=":material/warning:")
        return
    if st.session_state.get("own_shown") != asked:
        st.session_state["own_shown"] = st.session_state["data_file"] = asked
    st.success(fill(words.data.OWN_MADE, name=Path(asked).name, path=asked), icon=":material/check_circle:")
    offer_training(asked)


def offer_training(file: str) -> None:
    """The way to the page Train with these galaxies chosen."""
    st.page_link(
        "views/train.py",
        label=words.data.TO_TRAIN,
        icon=":material/model_training:",
        query_params={"file": file},
    )
