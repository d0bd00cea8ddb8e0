"""The published file: fetched by a process of its own, whose progress every window sees."""

import streamlit as st
import words.data
from foreign import fill
from places import fetched_file, is_here

from galaxy_core.runs.fetching import look_at_fetching, start_fetching
from parts.data.caches import size_in_words
from parts.shield import plain_errors

FULL_BYTES = 2_735_000_000
"""About the size of the published file; only the length of the bar depends on it."""


def show_fetch() -> None:
    """Where it is, how far it has come, or a button that begins."""
    st.subheader(words.data.FETCH_TITLE, anchor=False)
    out = fetched_file()
    if is_here(out):
        st.markdown(fill(words.data.FETCH_HERE, path=out))
    elif look_at_fetching(out).is_alive:
        _follow()
    else:
        _offer()


@st.fragment(run_every=2)
def _follow() -> None:
    state = look_at_fetching(fetched_file())
    if not state.is_alive:
        st.rerun()
    st.progress(
        min(1.0, state.n_bytes / FULL_BYTES), fill(words.data.FETCHING, size=size_in_words(state.n_bytes))
    )


def _offer() -> None:
    st.markdown(words.data.FETCH_LEAD)
    last = look_at_fetching(fetched_file()).last_words
    if last:
        st.warning(fill(words.data.FETCH_ENDED, tail=last), icon=":material/warning:")
    if st.button(words.data.FETCH, icon=":material/cloud_download:", key="fetch", help=words.data.FETCH_HELP):
        with plain_errors():
            start_fetching(fetched_file())
        st.rerun()
