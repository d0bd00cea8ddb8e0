"""The table of a sweep, the paper's columns beside ours, and its download."""

from collections.abc import Sequence
from typing import Any

import streamlit as st
import words.choice
import words.results
from foreign import Markdown, joined

from galaxy_core.numerals import percent
from galaxy_core.results.render import as_csv, as_plain
from galaxy_core.results.table import TableRow
from parts import look

_LOSS, _SHARE = "%.2f", "%.1f %%"
_COLUMNS = {
    "imagenet_percent": ("below the cut %", "%d", words.results.BELOW_HELP),
    "trainable_percent": ("above the cut %", "%d", "Share of the layers above the cut."),
    "train_loss": ("training loss", _LOSS, "Cross-entropy in the last epoch; lower is better."),
    "paper_train_loss": ("paper", _LOSS, "The paper's training loss."),
    "train_accuracy": ("training accuracy", _SHARE, "On the galaxies it trained on, in the last epoch."),
    "paper_train_accuracy": ("paper ", _SHARE, "The paper's training accuracy."),
    "test_loss": ("test loss", _LOSS, "Cross-entropy on galaxies it never saw."),
    "paper_test_loss": ("paper  ", _LOSS, "The paper's test loss."),
    "test_accuracy": ("test accuracy", _SHARE, words.results.ACCURACY_HELP),
    "paper_test_accuracy": ("paper   ", _SHARE, "The paper's test accuracy."),
    "interval": ("95 % interval", None, words.results.ACCURACY_HELP),
    "balanced_accuracy": ("balanced accuracy", _SHARE, "Mean over the classes, each counted equally."),
    "policy": ("policy", None, words.choice.POLICY_HELP),
    "source": ("source", None, "The network that the layers below the cut are taken from."),
    "seed": ("seed", "%d", "The random start: other seeds show how much is chance."),
    "run": ("run", None, "Name of the run folder."),
}


def show_table(rows: Sequence[TableRow], notes: Sequence[str], name: str) -> None:
    """One row a run; a column that no run has anything for is left out."""
    st.header(words.results.TABLE_TITLE, anchor="table")
    cells = [_cells(row) for row in rows]
    config = {key: _column(*column) for key, column in _COLUMNS.items()}
    st.dataframe(
        cells,
        column_config=config,
        column_order=[key for key in _COLUMNS if any(cell[key] not in (None, "") for cell in cells)],
        hide_index=True,
        key="table",
        alt="Table of all runs of the sweep with the paper's numbers beside ours.",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        look.offer_csv("table.csv", lambda: as_csv(rows), name)
        st.caption(joined(" ", [*notes, Markdown(words.results.TABLE_NOTE)]))


def _cells(row: TableRow) -> dict[str, Any]:
    cells = as_plain(row)
    for key, (_, form, _) in _COLUMNS.items():
        if form == _SHARE and cells[key] is not None:
            cells[key] *= 100
    has_interval = row.test_low is not None and row.test_high is not None
    cells["interval"] = f"{percent(row.test_low, 1)} – {percent(row.test_high, 1)}" if has_interval else ""
    return cells


def _column(label: str, number: str | None, explanation: str) -> Any:
    if number is None:
        return st.column_config.TextColumn(label, help=explanation)
    return st.column_config.NumberColumn(label, format=number, help=explanation)
