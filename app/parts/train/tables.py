"""The rows of a table as one: how far they are together, those that are not finished, and one that only begins."""

from collections.abc import Sequence
from contextlib import suppress
from statistics import fmean

import streamlit as st
import words.table
import words.train
from catalogue import Catalogue, Entry, is_no_sweep, read_catalogue
from children import begin_sweep
from foreign import Markdown, fill, quoted, told

from galaxy_core.errors import BadValueError
from galaxy_core.runs.launch import is_sweep_alive, last_words, sweep_log
from galaxy_core.runs.pace import share_done, where
from parts.at_work import SECONDS_BETWEEN_LOOKS
from parts.shield import plain_errors
from parts.train.intent import time_in_words
from parts.train.table import workers_options


def rows_of(catalogue: Catalogue, entry: Entry) -> tuple[Entry, ...]:
    """The runs of this computer that are one table with this one; the run alone where it belongs to none."""
    if is_no_sweep(entry.sweep):
        return (entry,)
    return tuple(one for one in catalogue.of_sweep(entry.sweep) if not one.run.is_shipped)


def how_far(entries: Sequence[Entry]) -> tuple[float, Markdown]:
    """Share of all their training that is done, and where they are; a single run says it of itself."""
    share = fmean(share_done(entry.run) for entry in entries)
    first = entries[0]
    if len(entries) == 1:
        return share, Markdown(f"**{quoted(first.name)}**: {told(where(first.run))}")
    at_work = [entry for entry in entries if entry.status.state == "running"]
    done = sum(entry.run.is_whole for entry in entries)
    under_way = "; ".join(f"{entry.name}: {where(entry.run)}" for entry in at_work[:3])
    return share, fill(words.table.AT_WORK, name=first.sweep, done=done, n=len(entries), where=under_way)


def show_beginning(catalogue: Catalogue) -> None:
    """The table that the address names, while it has no run yet; what it said where it never came to one."""
    name = st.query_params.get("sweep")
    if not name or any(entry.sweep == name for entry in catalogue.entries):
        return
    with suppress(BadValueError):  # an address may say anything
        if is_sweep_alive(name):
            _wait(name)
        elif last := last_words(sweep_log(name)):
            st.error(
                fill(words.table.DEAD, name=name, last=last.removeprefix("galaxy: ")), icon=":material/error:"
            )


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _wait(name: str) -> None:
    if not is_sweep_alive(name) or any(entry.sweep == name for entry in read_catalogue().entries):
        st.rerun()
    last = last_words(sweep_log(name)).removeprefix("galaxy: ")
    st.progress(0.0, fill(words.table.STARTING, name=name, last=last))


def show_unfinished(catalogue: Catalogue) -> None:
    """Tables that nobody works at and that are not finished: how much is left, and the button that carries on."""
    for sweep in catalogue.sweeps:
        rows = rows_of(catalogue, catalogue.of_sweep(sweep)[0])
        left = [entry for entry in rows if not entry.run.is_whole]
        if len(rows) > 1 and left and not any(entry.status.is_active for entry in rows):
            with plain_errors():
                _show_unfinished(sweep, rows, left, catalogue)


def _show_unfinished(sweep: str, rows: Sequence[Entry], left: Sequence[Entry], catalogue: Catalogue) -> None:
    if is_sweep_alive(sweep):  # it has only begun to carry on
        _wait_for_rows(sweep)
        return
    time = time_in_words([entry.config for entry in left], catalogue)
    last = last_words(sweep_log(sweep)).removeprefix("galaxy: ")
    with st.container(horizontal=True, vertical_alignment="center"):
        text = fill(words.table.UNFINISHED, name=sweep, done=len(rows) - len(left), n=len(rows), time=time)
        st.markdown(text, width="content")
        if st.button(
            words.train.CARRY_ON, icon=":material/play_arrow:", key=f"carry_on_{sweep}",
            help=words.table.CARRY_ON_HELP,
        ):  # fmt: skip
            begin_sweep(sweep, *workers_options(st.session_state.get("new_workers", "")))
            st.rerun()
    if last:
        st.caption(fill(words.table.LAST_WORDS, last=last))


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _wait_for_rows(sweep: str) -> None:
    if not is_sweep_alive(sweep) or any(entry.sweep == sweep for entry in read_catalogue().active):
        st.rerun()
    last = last_words(sweep_log(sweep)).removeprefix("galaxy: ")
    st.progress(0.0, fill(words.table.STARTING, name=sweep, last=last))
