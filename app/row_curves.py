"""The curves over the cuts: runs that differ in the cut only; of a cross-validation all folds make one point."""

from collections.abc import Iterable, Sequence

import streamlit as st
from catalogue import Entry, Fingerprint, fingerprint

from galaxy_core.results.curves import Curve, curves_of
from galaxy_core.results.pooled_table import PooledRow, PooledTable, as_table_rows, pooled_table
from galaxy_core.results.setting import is_same_recipe
from galaxy_core.results.table import TableRow


def pooled_of(entries: Sequence[Entry]) -> PooledTable | None:
    """The cross-validations among `entries`, pooled; None where there is none. BadValueError for a fold twice."""
    folds = [entry for entry in entries if entry.fold is not None]
    return _pooled(fingerprint(folds), folds) if folds else None


def pooled_rows(entries: Sequence[Entry]) -> list[TableRow]:
    """A line a whole cross-validation, as the table has them."""
    pooled = pooled_of(entries)
    return as_table_rows(pooled.rows) if pooled else []


def in_folds(folds: Sequence[Entry], entry: Entry) -> TableRow | None:
    """The line of those `folds` that go by this run's recipe; None where there is none, or not all of them."""
    return next((row for row in pooled_rows(folds) if is_same_recipe(row.setting, entry.row.setting)), None)


def whole_folds(entries: Sequence[Entry]) -> list[Entry]:
    """The folds among `entries` of which none is missing."""
    pooled = pooled_of(entries)
    return [entry for entry in entries if pooled and entry.name in pooled.runs]


def row_curves(entries: Iterable[Entry]) -> list[Curve]:
    """A curve a policy, source, seed and recipe; of a cross-validation one in which each point is all of its folds.

    Those come first. A cross-validation of which folds are missing has no point yet: a single fold is another, smaller
    test.
    """
    entries = tuple(entries)
    singles = [e.row for e in entries if e.fold is None and e.row.test_accuracy is not None]
    pooled = pooled_of(entries)
    told = {row.name: _told(row) for row in pooled.rows} if pooled else {}
    folds = curves_of(pooled_rows(entries), lambda row: told[row.run])
    return [*folds, *curves_of(singles, lambda row: f"seed {row.seed}")]


def _told(row: PooledRow) -> str:
    seeds = f", {row.n_seeds} seeds" if row.n_seeds > 1 else ""
    return f"{row.n_folds} folds pooled{seeds}"


@st.cache_data(max_entries=16, show_spinner="Pooling the folds …")
def _pooled(key: Fingerprint, _entries: Sequence[Entry]) -> PooledTable:

    return pooled_table(entry.run for entry in _entries)
