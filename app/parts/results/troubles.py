"""What went wrong, one sentence each: failed runs, runs that were stopped half-way, folders that are damaged."""

import streamlit as st
import words.results
import words.train
from catalogue import Catalogue, Entry, is_no_sweep
from children import begin_sweep
from foreign import fill, quoted, told

from parts.shield import plain_errors


def show_troubles(catalogue: Catalogue) -> None:
    """Behind a small button, since it must not stand before what went well; nothing where nothing is wrong."""
    n = len(catalogue.damaged) + sum(map(_is_trouble, catalogue.entries))
    if n:
        with st.popover(fill(words.results.TROUBLES, n=n), icon=":material/warning:", width="content"):
            _show_all(catalogue)


def _is_trouble(entry: Entry) -> bool:
    return entry.status.state == "failed" or _is_unfinished(entry)


def _show_all(catalogue: Catalogue) -> None:
    for entry in catalogue.entries:
        if entry.status.state == "failed":
            st.error(
                f"**{quoted(entry.name)}** failed: {told(entry.status.sentence)}", icon=":material/error:"
            )
    for sweep in catalogue.sweeps:
        _show_unfinished([entry for entry in catalogue.of_sweep(sweep) if _is_unfinished(entry)])
    for sentence in catalogue.damaged:
        st.warning(fill(words.results.DAMAGED, sentence=sentence), icon=":material/warning:")


def _is_unfinished(entry: Entry) -> bool:
    return entry.status.state == "stopped" and not entry.run.is_whole


def _show_unfinished(entries: list[Entry]) -> None:
    if not entries:
        return
    first = entries[0]
    text = f"**{quoted(first.name)}** {told(first.status.sentence)}"
    if len(entries) > 1:
        text = fill(words.results.UNFINISHED, n=len(entries), sweep=first.sweep)
    st.warning(text, icon=":material/pause_circle:")
    if is_no_sweep(first.sweep):
        return
    if st.button(words.train.CARRY_ON, icon=":material/play_arrow:", key=f"carry_on_{first.sweep}"):
        with plain_errors():
            begin_sweep(first.sweep)
        st.rerun()
