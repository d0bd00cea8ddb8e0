"""What ships with the rows beyond one split: the same recipes in folds and with other seeds, and where it is told."""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import streamlit as st
import words.results
import words.table
from catalogue import Catalogue, Entry
from foreign import fill, quoted

from galaxy_core.numerals import percent
from galaxy_core.results.shipped_evidence import DOCS, accuracies_by_seed, in_folds, tables_of_evidence
from parts import look

_SHARE = "%.1f %%"
_COLUMNS = {
    "percent": ("below the cut %", "%d", words.results.BELOW_HELP),
    "folds": ("in folds", _SHARE, words.table.IN_FOLDS_HELP),
    "interval": ("95 % interval", None, words.table.INTERVAL_HELP),
    "balanced": ("balanced", _SHARE, "Mean over the classes, each counted equally."),
    "split": ("on one split", _SHARE, words.results.ACCURACY_HELP),
    "seeds": ("by seed", None, words.table.BY_SEED_HELP),
    "mean": ("mean of seeds", _SHARE, words.table.MEAN_HELP),
    "paper": ("paper", _SHARE, "The paper's test accuracy."),
}


def show_evidence(shown: Sequence[Entry], catalogue: Catalogue) -> None:
    """The table where there is one, else the way to the rows that have it; below it paper, docs and source."""
    cells = _cells(shown)
    if cells:
        st.header(words.table.FOLDS_TITLE, anchor="folds")
        st.dataframe(
            cells,
            column_config={key: _column(*column) for key, column in _COLUMNS.items()},
            column_order=[key for key in _COLUMNS if any(cell[key] not in (None, "") for cell in cells)],
            hide_index=True,
            key="folds",
            alt="Table of the accuracy of each row in folds and with other seeds.",
        )
        most = max(cells, key=lambda cell: cell["n"])
        if most["n"]:
            st.caption(fill(words.table.FOLDS_NOTE, n_folds=most["n_folds"], n=most["n"]))
    elif (other := _with_folds(catalogue)) is not None:
        st.page_link(
            "views/results.py",
            label=fill(words.table.TO_FOLDS, sweep=other.sweep),
            icon=":material/stacks:",
            query_params={"run": other.name},
        )
    _show_sources()


def _show_sources() -> None:
    st.page_link(
        "views/train.py",
        label=words.table.TO_TABLE,
        icon=":material/table_chart:",
        query_params={"what": words.table.ALL},
    )
    with st.expander(words.table.SOURCES_TITLE, icon=":material/menu_book:"):
        st.markdown(words.table.SOURCES)
        st.caption(fill(words.table.SOURCE, path=Path(DOCS).parent))
        with st.container(horizontal=True):
            for path in tables_of_evidence():
                look.offer(quoted(path.name), path.read_bytes, path.name, "text/csv", f"evidence_{path.name}")


def _cells(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """A line for each shipped row of which more is known than its own test part."""
    shipped = [entry for entry in entries if entry.run.is_shipped]
    seeds = _seeds(tuple(entry.name for entry in shipped))
    return [
        _line(entry, seeds.get(entry.name, {}))
        for entry in shipped
        if entry.name in seeds or in_folds(entry.run)
    ]


def _line(entry: Entry, seeds: dict[int, float]) -> dict[str, Any]:
    folds = in_folds(entry.run)
    return {
        "percent": entry.percent,
        "folds": folds and 100 * folds.accuracy,
        "interval": f"{percent(folds.low, 1)} – {percent(folds.high, 1)}" if folds else "",
        "balanced": folds and 100 * folds.balanced,
        "split": entry.row.test_accuracy and 100 * entry.row.test_accuracy,
        "seeds": ", ".join(percent(value, 1) for value in seeds.values()),
        "mean": 100 * fmean(seeds.values()) if seeds else None,
        "paper": entry.row.paper_test_accuracy and 100 * entry.row.paper_test_accuracy,
        "n_folds": folds.n_folds if folds else 0,
        "n": folds.n_galaxies if folds else 0,
    }


def _with_folds(catalogue: Catalogue) -> Entry | None:
    return next((e for e in catalogue.entries if e.run.is_shipped and in_folds(e.run)), None)


@st.cache_data(max_entries=16, show_spinner=False)
def _seeds(names: tuple[str, ...]) -> dict[str, dict[int, float]]:
    return accuracies_by_seed(names)


def _column(label: str, number: str | None, explanation: str) -> Any:
    if number is None:
        return st.column_config.TextColumn(label, help=explanation)
    return st.column_config.NumberColumn(label, format=number, help=explanation)
