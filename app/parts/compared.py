"""Tested rows on the galaxies that all of them answered: every pair, asked for once and kept."""

from collections.abc import Sequence

import streamlit as st
from catalogue import Entry, Fingerprint, fingerprint

from galaxy_core.metrics.paired import Pair, best_rival
from galaxy_core.results.comparison import compare_runs, row_names


def against_best(entries: Sequence[Entry], entry: Entry) -> "Pair | None":
    """The row of this run and the best of the others; None where it is not tested, or no other is."""
    asked = tested(entries)
    if len(asked) < 2 or entry not in asked:
        return None
    pairs, row_of = _compared(fingerprint(asked), asked)
    return best_rival(pairs, row_of[entry.name])


def tested(entries: Sequence[Entry]) -> list[Entry]:
    """Those that have test numbers; a network that was trained elsewhere and loaded has none."""
    return [entry for entry in entries if entry.row.test_accuracy is not None]


@st.cache_data(max_entries=32, show_spinner="Comparing the rows …")
def _compared(key: Fingerprint, _entries: Sequence[Entry]) -> tuple[list[Pair], dict[str, str]]:
    """The pairs, and the row that each run is one of."""
    runs = [entry.run for entry in _entries]
    return compare_runs(runs), row_names(runs)
