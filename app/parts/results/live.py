"""Trainings as they go, read from their folders every two seconds; any number of windows may watch."""

from collections.abc import Sequence
from statistics import fmean

import streamlit as st
import words.table
import words.train
from catalogue import SOURCES, Catalogue, Entry, by_sweep, read_catalogue
from foreign import Markdown, fill, quoted, told

from galaxy_core.networks.policy import taken_in_words
from galaxy_core.numerals import percent
from galaxy_core.runs.pace import share_done, time_left, where
from galaxy_core.runs.status import is_stop_requested
from parts.at_work import SECONDS_BETWEEN_LOOKS, offer_stop, states
from parts.curves import show_growing


def show_live(catalogue: Catalogue) -> None:
    """The panel of what is training; draws the whole page anew when a run starts, ends or fails."""
    st.session_state["live_seen"] = states(catalogue)
    _watch()


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _watch() -> None:
    catalogue = read_catalogue()
    if states(catalogue) != st.session_state.get("live_seen"):
        st.rerun()
    if not catalogue.active:
        return
    with st.container(border=True):
        st.header(words.train.LIVE_TITLE, anchor=False)
        rows, curves = st.columns([2, 3], gap="medium")
        watched = _watched(catalogue)
        with rows:
            for members in by_row(watched):
                st.progress(*_how_far(members))
            _show_stop(catalogue.active, time_left(by_sweep(watched)) or words.train.NO_TIME_YET)
        with curves:
            show_growing([_leading(members) for members in by_row(watched)], key="growing")


def _watched(catalogue: Catalogue) -> list[Entry]:
    """All of every sweep that has something to do, a source first, since the others wait for it."""
    sweeps = {entry.sweep for entry in catalogue.active}
    sources = [entry for entry in catalogue.active if entry.sweep == SOURCES]
    others = [entry for sweep in catalogue.sweeps if sweep in sweeps for entry in catalogue.of_sweep(sweep)]
    return list({entry.name: entry for entry in [*sources, *others]}.values())


def by_row(entries: Sequence[Entry]) -> list[list[Entry]]:
    """The seeds and folds of each row of a table together."""
    rows: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        rows.setdefault((entry.sweep, _label(entry), entry.row.policy), []).append(entry)
    return list(rows.values())


def _leading(row: Sequence[Entry]) -> Entry:
    """The run that is under way, else the first."""
    return next((entry for entry in row if entry.status.state == "running"), row[0])


def _how_far(row: Sequence[Entry]) -> tuple[float, Markdown]:
    share, leading = fmean(share_done(entry.run) for entry in row), _leading(row)
    sentence = _sentence(leading)
    if len(row) > 1:
        done = sum(entry.run.is_whole for entry in row)
        sentence = fill(words.table.OF_A_ROW, done=done, n=len(row), sentence=sentence)
    return share, Markdown(f"**{quoted(_label(leading))}**: {sentence}")


def _label(entry: Entry) -> str:
    return (
        f"source {entry.name}" if entry.sweep == SOURCES else taken_in_words(entry.row.policy, entry.percent)
    )


def _sentence(entry: Entry) -> Markdown:
    if entry.run.is_whole and entry.row.test_accuracy is not None:
        return Markdown(f"done, test accuracy {percent(entry.row.test_accuracy)}")
    if entry.status.state == "failed":
        return Markdown(f":red[{told(entry.status.sentence)}]")
    return told(where(entry.run))


def _show_stop(active: Sequence[Entry], left: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if any(is_stop_requested(entry.run.path) for entry in active):
            st.caption(words.train.STOPPING)
            return
        offer_stop(active, "stop")
        st.caption(told(left))
