"""The picker of several finished networks, on any page; the address names those that are shown."""

from collections.abc import Sequence

import streamlit as st
import words.choice
from catalogue import SOURCES, Catalogue, Entry, is_no_sweep
from foreign import fill

MOST = 6
BEST = "best"
"""The network that is shown where one is enough and nobody has chosen: the best of those that are shipped."""
ADDRESS, SHOWN, PICKED, DEFAULT = "run", "shown_runs", "runs", "default_runs"


def choose_runs(catalogue: Catalogue, *, fewest: int = 1) -> tuple[Entry, ...]:
    """Up to six finished runs in the order of the table; empty, with a sentence, where there are too few."""
    finished = {entry.name: entry for entry in in_table_order(catalogue)}
    if len(finished) < fewest:
        _say_too_few(len(finished))
        return ()
    _follow_address(finished, fewest)
    picked = st.multiselect(
        words.choice.RUNS_LABEL, list(finished), key=PICKED, max_selections=MOST, help=words.choice.RUNS_HELP
    )
    st.session_state[SHOWN] = picked
    st.query_params[ADDRESS] = picked
    if len(picked) < fewest:
        st.info(fill(words.choice.RUNS_PICK, fewest=fewest), icon=":material/touch_app:")
        return ()
    return tuple(entry for name, entry in finished.items() if name in picked)


def in_table_order(catalogue: Catalogue) -> list[Entry]:
    """All finished classifiers, sweep by sweep."""
    sweeps = [*catalogue.sweeps, *({SOURCES} - set(catalogue.sweeps))]
    return [entry for sweep in sweeps for entry in catalogue.of_sweep(sweep) if entry.run.is_whole]


def short_names(entries: Sequence[Entry]) -> dict[str, str]:
    """What each run is called under its map: its cut where that tells the runs of one sweep apart, else its name."""
    sweeps, percents = {entry.sweep for entry in entries}, {entry.percent for entry in entries}
    is_sweep = len(sweeps) == 1 and not any(map(is_no_sweep, sweeps))
    if is_sweep and len(percents) == len(entries):
        return {entry.name: f"{entry.percent} %" for entry in entries}
    return {entry.name: entry.name for entry in entries}


def show_how_to_begin() -> None:
    """Nothing has been trained yet: what to do."""
    st.info(words.choice.NOTHING_TRAINED, icon=":material/hourglass_empty:")
    st.page_link("views/results.py", label=words.choice.NOTHING_TRAINED_LINK, icon=":material/arrow_forward:")


def _say_too_few(n_finished: int) -> None:
    if n_finished == 0:
        show_how_to_begin()
    else:
        st.info(words.choice.RUNS_TOO_FEW, icon=":material/hourglass_empty:")


def _follow_address(finished: dict[str, Entry], fewest: int) -> None:
    """Pick what the address names, once; else what was picked before, on any page; else the default of this page.

    Set anew every time: a control on another page is another control to Streamlit, and would start over.
    """
    default = _default(finished, fewest)
    asked = st.query_params.get_all(ADDRESS)
    if asked and asked != st.session_state.get(SHOWN):
        missing = [name for name in asked if name not in finished]
        if missing:
            st.info(
                fill(words.choice.RUNS_MISSING, names=", ".join(missing)[:200]), icon=":material/search_off:"
            )
        wanted = [name for name in asked if name in finished] or default
    else:
        picked = st.session_state.get(PICKED)
        # a default that nobody has touched is no choice, and another page may have another
        is_chosen = picked is not None and picked != st.session_state.get(DEFAULT)
        wanted = picked if is_chosen else default
    known = [name for name in dict.fromkeys(wanted) if name in finished]
    st.session_state[PICKED] = known[:MOST]
    st.session_state[DEFAULT] = default


def _default(finished: dict[str, Entry], fewest: int) -> list[str]:
    """`best` where one network is enough and it is here; else the first row of the table that has enough."""
    if fewest == 1 and BEST in finished:
        return [BEST]
    rows = _rows(finished)
    return next((row for row in rows if len(row) >= fewest), rows[0])[:MOST]


def _rows(finished: dict[str, Entry]) -> list[list[str]]:
    """Of each sweep, the finished runs of one policy, seed and fold: those that differ in the cut only."""
    by_sweep: dict[str, list[Entry]] = {}
    for entry in finished.values():
        by_sweep.setdefault(entry.sweep, []).append(entry)
    return [
        [entry.name for entry in entries if entry.alike == entries[0].alike] for entries in by_sweep.values()
    ]
