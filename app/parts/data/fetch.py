"""The published file: fetched by a process of its own, whose progress every window sees."""

from pathlib import Path

import streamlit as st
import words.data
from children import begin_fetching, fetching_place
from foreign import fill
from places import fetched_file, is_here

from galaxy_core.runs.launch import is_at_work, last_words
from galaxy_core.runs.run import LOG
from parts.data.caches import size_in_words
from parts.shield import plain_errors

FULL_BYTES = 2_735_000_000
"""About the size of the published file; only the length of the bar depends on it."""


def show_fetch() -> None:
    """Where it is, how far it has come, or a button that begins."""
    st.header(words.data.FETCH_TITLE, anchor=False)
    out = fetched_file()
    if is_here(out):
        st.markdown(fill(words.data.FETCH_HERE, path=out))
    elif is_at_work(fetching_place(out)):
        _follow()
    else:
        _offer()


@st.fragment(run_every=2)
def _follow() -> None:
    out = fetched_file()
    if not is_at_work(fetching_place(out)):
        st.rerun()
    n_bytes = _n_bytes(out.with_name(f"{out.name}.part"))
    st.progress(min(1.0, n_bytes / FULL_BYTES), fill(words.data.FETCHING, size=size_in_words(n_bytes)))


def _n_bytes(part: Path) -> int:
    try:
        return part.stat().st_size
    except OSError:
        return 0


def _offer() -> None:
    st.markdown(words.data.FETCH_LEAD)
    last = last_words(fetching_place(fetched_file()) / LOG)
    if last:
        st.warning(fill(words.data.FETCH_ENDED, tail=last), icon=":material/warning:")
    if st.button(words.data.FETCH, icon=":material/cloud_download:", key="fetch", help=words.data.FETCH_HELP):
        with plain_errors():
            begin_fetching(fetched_file())
        st.rerun()
