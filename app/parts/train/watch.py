"""Trainings at work and the one that is watched: curves, time left, stop, log; read from their folders.

Nothing here is remembered: a reload, a second window or a restarted server reads the same folders.
"""

from collections.abc import Sequence

import streamlit as st
import words.train
from catalogue import Catalogue, Entry, by_sweep, read_catalogue
from children import carry_on
from foreign import fill, quoted, told

from galaxy_core.numerals import percent
from galaxy_core.runs.launch import stop_all
from galaxy_core.runs.pace import time_left
from galaxy_core.runs.run import LOG, list_runs
from galaxy_core.runs.status import is_stop_requested
from parts.at_work import SECONDS_BETWEEN_LOOKS, offer_stop, states
from parts.curves import show_curves
from parts.shield import plain_errors
from parts.train.tables import how_far, rows_of, show_beginning

LOG_BYTES = 6_000


def show_watch(catalogue: Catalogue) -> None:
    """The panel; draws the whole page anew when a run starts, ends or fails. Nothing where there is nothing."""
    st.session_state["watch_seen"] = states(catalogue)
    show_beginning(catalogue)
    if catalogue.active:
        _follow()
    elif (entry := watched(catalogue)) is not None:
        with st.container(border=True):
            _show_one(entry)
    else:
        _say_if_unknown()


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _follow() -> None:
    catalogue = read_catalogue()
    if states(catalogue) != st.session_state.get("watch_seen"):
        st.rerun()
    entry = watched(catalogue)
    with st.container(border=True):
        st.header(words.train.LIVE_TITLE, anchor=False)
        for rows in dict.fromkeys(rows_of(catalogue, one) for one in catalogue.active):
            _show_bar(rows)
        st.caption(told(time_left(by_sweep(catalogue.active))) or words.train.NO_TIME_YET)
        if entry is not None:
            _show_one(entry)


def watched(catalogue: Catalogue) -> Entry | None:
    """The run that the address names, else the one that is training."""
    named = catalogue.find(st.query_params.get("run"))
    at_work = sorted(catalogue.active, key=lambda entry: entry.status.state != "running")
    return named or next(iter(at_work), None)


def _say_if_unknown() -> None:
    name = st.query_params.get("run")
    if name and name not in {run.name for run in list_runs()}:
        st.info(fill(words.train.UNKNOWN_RUN, name=name[:100]), icon=":material/search_off:")


def _show_bar(rows: Sequence[Entry]) -> None:
    """A run, or all rows of a table as one."""
    bar, button = st.columns([5, 1], vertical_alignment="center")
    bar.progress(*how_far(rows))
    with button:
        _show_stop(rows[0].name, [entry for entry in rows if entry.status.is_active])


def _show_stop(name: str, active: Sequence[Entry]) -> None:
    """Ask first; who does not stop at the end of a batch can be ended, which loses two minutes at most."""
    if not any(is_stop_requested(entry.run.path) for entry in active):
        offer_stop(active, f"stop_{name}")
    elif st.button(words.train.END_NOW, key=f"end_{name}", help=words.train.END_HELP):
        with plain_errors(), st.spinner(words.train.STOPPING):
            stop_all([entry.run for entry in active])
    else:
        st.caption(words.train.STOPPING)


def _show_one(entry: Entry) -> None:
    """The watched run: what became of it, its curves and its log."""
    _show_outcome(entry)
    curves, log = st.columns([3, 2], gap="medium")
    with curves:
        show_curves(entry)
    with log:
        st.header(fill(words.train.LOG_TITLE, name=entry.name), anchor=False)
        st.code(_tail(entry) or words.train.LOG_EMPTY, language=None, wrap_lines=True, height=360)


def _show_outcome(entry: Entry) -> None:
    state, sentence, name = entry.status.state, entry.status.sentence, quoted(entry.name)
    if state == "failed":
        st.error(f"**{name}** failed: {told(sentence)}", icon=":material/error:")
    elif state == "stopped":
        st.warning(f"**{name}** {told(sentence)}", icon=":material/pause_circle:")
    elif state == "done":
        accuracy = entry.row.test_accuracy
        text = (
            words.train.DONE
            if accuracy is None
            else fill(words.train.DONE_WITH, accuracy=percent(accuracy, 1))
        )
        st.success(f"**{name}** {text}", icon=":material/check_circle:")
        st.page_link(
            "views/results.py",
            label=words.train.TO_RESULTS,
            icon=":material/monitoring:",
            query_params={"run": entry.name},
        )
    if state in ("failed", "stopped") and not entry.run.is_shipped:
        _show_carry_on(entry)


def _show_carry_on(entry: Entry) -> None:
    if st.button(
        words.train.CARRY_ON, icon=":material/play_arrow:", key="carry_on_one", help=words.train.CARRY_ON_HELP
    ):
        with plain_errors():
            carry_on(entry.run)
            st.rerun()


def _tail(entry: Entry) -> str:
    """The last lines of what the training said."""
    try:
        with (entry.run.path / LOG).open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - LOG_BYTES))
            return file.read().decode("utf-8", "replace").strip()
    except OSError:
        return ""
