"""The curves over the cuts: runs that differ in the cut only; of a cross-validation all folds make one point."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st
from catalogue import Entry, Fingerprint, curves_of, fingerprint

from galaxy_core.networks.policy import needs_source
from galaxy_core.results.setting import NO_SOURCE, recipe_of, told_apart
from galaxy_core.results.table import TableRow

if TYPE_CHECKING:
    from galaxy_core.results.pooled_table import PooledRow, PooledTable


@dataclass(frozen=True)
class Curve:
    """Tested rows that differ in the cut only; `told` is what tells it from others of its policy and source.

    `runs` are the names of all runs that are in it.
    """

    rows: tuple[TableRow, ...]
    policy: str
    source: str
    told: str
    runs: frozenset[str]


def pooled_of(entries: Sequence[Entry]) -> "PooledTable | None":
    """The cross-validations among `entries`, pooled; None where there is none. BadValueError for a fold twice."""
    folds = [entry for entry in entries if entry.fold is not None]
    return _pooled(fingerprint(folds), folds) if folds else None


def pooled_rows(entries: Sequence[Entry]) -> list[TableRow]:
    """A line a whole cross-validation, as the table has them."""
    pooled = pooled_of(entries)
    return _table_rows(pooled.rows) if pooled else []


def row_curves(entries: Iterable[Entry]) -> list[Curve]:
    """A curve a policy, source, seed and recipe; of a cross-validation one in which each point is all of its folds.

    A cross-validation of which folds are missing has no point yet: a single fold is another, smaller test.
    """
    entries = tuple(entries)
    single = [e for e in entries if e.fold is None and e.row.test_accuracy is not None]
    pooled = pooled_of(entries)
    singles = _told_apart([_of_entries(curve) for curve in curves_of(single)])
    return [*singles, *_told_apart(_of_folds(pooled) if pooled else [])]


def _told_apart(curves: Sequence[Curve]) -> list[Curve]:
    """The curves, each with what its recipe differs in from those of the others."""
    recipes = told_apart([recipe_of(curve.rows[-1].setting) for curve in curves]) if curves else []
    return [
        replace(curve, told=f"{curve.told}, {recipe}" if recipe else curve.told)
        for curve, recipe in zip(curves, recipes, strict=True)
    ]


def _of_entries(curve: Sequence[Entry]) -> Curve:
    rows = tuple(entry.row for entry in curve)
    names = frozenset(entry.name for entry in curve)
    return Curve(rows, rows[0].policy, curve[-1].source, f"seed {rows[0].seed}", names)


def _of_folds(table: "PooledTable") -> list[Curve]:
    kinds = dict.fromkeys((row.policy, _source(row), _alike(row)) for row in table.rows)
    with_source = {(kind[0], kind[2]) for kind in kinds if kind[1] != NO_SOURCE}
    wanted = [kind for kind in kinds if kind[1] != NO_SOURCE or (kind[0], kind[2]) not in with_source]
    return [_of_kind(table, *kind) for kind in wanted]


def _of_kind(table: "PooledTable", policy: str, source: str, alike: tuple[str, str]) -> Curve:
    def belongs(row: "PooledRow") -> bool:
        return (row.policy, _alike(row)) == (policy, alike) and _source(row) in (source, NO_SOURCE)

    rows = [row for row in table.rows if belongs(row)]
    names = frozenset(run for run in table.runs if any(run.startswith(f"{row.name}-") for row in rows))
    return Curve(tuple(_table_rows(rows)), policy, source, alike[0], names)


def _alike(row: "PooledRow") -> tuple[str, str]:
    """What the points of one curve agree in: the kind of cross-validation, and the recipe."""
    return _told(row), recipe_of(row.setting)


def _source(row: "PooledRow") -> str:
    """As of an entry: nobody's where the cut leaves nothing to take over."""
    return row.source if needs_source(row.policy, row.imagenet_percent / 100) else NO_SOURCE


def _told(row: "PooledRow") -> str:
    seeds = f", {row.n_seeds} seeds" if row.n_seeds > 1 else ""
    return f"{row.n_folds} folds pooled{seeds}"


def _table_rows(rows: "Sequence[PooledRow]") -> list[TableRow]:
    from galaxy_core.results.pooled_table import as_table_rows

    return as_table_rows(rows)


@st.cache_data(max_entries=16, show_spinner="Pooling the folds …")
def _pooled(key: Fingerprint, _entries: Sequence[Entry]) -> "PooledTable":
    from galaxy_core.results.pooled_table import pooled_table

    return pooled_table(entry.run for entry in _entries)
