"""One plain sentence: does the chosen row differ from the best of the others by more than chance."""

from collections.abc import Sequence
from html import escape

import streamlit as st
import words.results
from catalogue import Entry
from foreign import fill

from galaxy_core.errors import GalaxyError, one_line
from galaxy_core.metrics.paired import in_words
from parts.compared import against_best


def show_rival(entries: Sequence[Entry], chosen: Entry) -> None:
    """The sentence, and the way to all the other pairs; nothing where fewer than two rows are tested."""
    try:
        pair = against_best(entries, chosen)
    except GalaxyError as error:
        st.caption(fill(words.results.NOT_PAIRED, sentence=one_line(error)))
        return
    if pair is None:
        return

    st.html(f"<b>{escape(in_words(pair))}.</b>")  # drawn sooner than Markdown: it changes with the slider
    st.page_link(
        "views/evidence.py",
        label=words.results.TO_EVIDENCE,
        icon=":material/science:",
        help=words.results.RIVAL_HELP,
        query_params={"sweep": chosen.sweep},
    )
