"""The numbers behind the figures of a run as CSV text, one function a figure.

They are read from the run folder as they are; nothing is computed here.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from galaxy_core.evaluation.spreadsheet import inert
from galaxy_core.runs.run import Run

HISTORY_COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")


def history_csv(run: Run) -> str:
    """The learning curves: a line an epoch; unknown numbers are left empty."""
    return _csv(HISTORY_COLUMNS, ([row.get(name) for name in HISTORY_COLUMNS] for row in run.history()))


def classes_csv(run: Run) -> str:
    """A line a true class: how many, completeness, purity, and the counts of every predicted class (the confusion).

    Errors: MissingError while the run has not been tested.
    """
    metrics = run.metrics()
    counts = metrics["confusion"]
    header = ["class", "name", "n", "completeness", "purity", *(f"predicted_{c}" for c in range(len(counts)))]
    described = ([item[name] for name in header[:5]] for item in metrics["per_class"])
    return _csv(header, ([*item, *row] for item, row in zip(described, counts, strict=True)))


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow("" if v is None else inert(v) if isinstance(v, str) else v for v in row)
    return text.getvalue()
