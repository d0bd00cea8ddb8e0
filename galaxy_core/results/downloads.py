"""The numbers behind the figures as CSV text, one function a figure; nothing is computed here."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from galaxy_core.data.classes import GALAXY10
from galaxy_core.errors import MissingError
from galaxy_core.files.csv_text import csv_text
from galaxy_core.results.paper import PAPER_ROWS, paper_row
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.runs.run import Run

ACCURACY_COLUMNS = ("run", "policy", "source", "seed", "percent", "accuracy", "low", "high", "n", "paper")
HISTORY_COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")
MAP_COLUMNS = ("galaxy", "run", "evidence_for", "row", "column", "logits")


def accuracy_csv(runs: Iterable[Run]) -> str:
    """The accuracy curve: a line a tested run, its 95 % interval, on how many galaxies, and the paper's accuracy.

    A row of the paper that stands beside no run has a line of its own, with the paper's number alone.
    """
    by_name = {run.name: run for run in runs}
    rows = [row for row in table_rows(by_name.values()) if row.test_accuracy is not None]
    lines = [_accuracy_line(row, by_name[row.run]) for row in rows]
    beside_ours = {row.imagenet_percent for row in rows if row.paper_test_accuracy is not None}
    others = sorted(PAPER_ROWS.keys() - beside_ours) if all(row.classes == GALAXY10 for row in rows) else []
    lines += [{"percent": percent, "paper": PAPER_ROWS[percent].test_accuracy} for percent in others]
    return csv_text(ACCURACY_COLUMNS, ([line.get(name) for name in ACCURACY_COLUMNS] for line in lines))


def _accuracy_line(row: TableRow, run: Run) -> dict[str, Any]:
    printed = paper_row(row.policy, row.imagenet_percent, row.classes)
    return {
        "run": row.run,
        "policy": row.policy,
        "source": row.source,
        "seed": row.seed,
        "percent": row.imagenet_percent,
        "accuracy": row.test_accuracy,
        "low": row.test_low,
        "high": row.test_high,
        "n": (run.measured() or {}).get("n"),
        "paper": printed.test_accuracy if printed else None,
    }


def history_csv(run: Run) -> str:
    """The learning curves: a line an epoch; unknown numbers are left empty."""
    return csv_text(HISTORY_COLUMNS, ([row.get(name) for name in HISTORY_COLUMNS] for row in run.history()))


def classes_csv(run: Run) -> str:
    """A line a true class: how many, completeness, purity, and the counts of every predicted class (the confusion).

    Errors: MissingError while the run has not been tested.
    """
    metrics = run.measured()
    if metrics is None:
        raise MissingError(f"run {run.name} was not tested; let it finish, or test it with `galaxy evaluate`")
    counts = metrics["confusion"]
    header = ["class", "name", "n", "completeness", "purity", *(f"predicted_{c}" for c in range(len(counts)))]
    described = ([item[name] for name in header[:5]] for item in metrics["per_class"])
    return csv_text(header, ([*item, *row] for item, row in zip(described, counts, strict=True)))


def maps_csv(maps: Iterable[tuple[str, str, str, np.ndarray]]) -> str:
    """A line a cell of every map (galaxy, run, class it is evidence for, values (h, w) in logits), row 0 on top."""
    cells = (
        (galaxy, run, evidence_for, row, column, float(value))
        for galaxy, run, evidence_for, values in maps
        for (row, column), value in np.ndenumerate(values)
    )
    return csv_text(MAP_COLUMNS, cells)
