"""What do statistics of batch normalisation change: the same weights with both kinds, each with Wilson's interval."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from galaxy_core.metrics.statistics import wilson_interval
from galaxy_core.results.table import table_rows
from galaxy_core.runs.run import Run
from galaxy_core.studies.charts import over_share
from galaxy_core.studies.study import DIFFERENCE, Asked, Figure, Progress, Row, Study, span_in_words

if TYPE_CHECKING:
    from pandas import DataFrame

STATISTICS = {"keras": "Keras' moving averages", "re-estimated": "re-estimated statistics"}
GAIN = "gained by re-estimated statistics"


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """Accuracy with either kind, and what the second gains; a run tested with one kind alone is told."""
    for row in table_rows(asked.runs):
        found = list(_both(asked.run(row.run)))
        if not found:
            asked.told.append(f"{row.run} was tested with one kind of batch-normalisation statistics alone")
        yield from found


def _both(run: Run) -> Iterator[Row]:
    metrics = run.measured() or {}
    both, n = metrics.get("batch_norm"), metrics.get("n")
    if not isinstance(both, dict) or not isinstance(n, int) or n < 1:
        return
    found = {kind: one.get("accuracy") for kind, one in both.items() if isinstance(one, dict)}
    # a folder may come from a stranger
    shares = {kind: one for kind in STATISTICS if (one := _share(found.get(kind))) is not None}
    for kind, share in shares.items():
        interval = wilson_interval(round(share * n), n)
        yield Row(run.name, f"test accuracy, {STATISTICS[kind]}", share, *interval)
    if len(shares) == len(STATISTICS):
        yield Row(run.name, GAIN, shares["re-estimated"] - shares["keras"])


def _share(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else None


def sentence(frame: DataFrame) -> str:
    """The least and the most that was gained."""
    return span_in_words(frame, GAIN, "+.3f")


def chart(frame: DataFrame) -> Figure:
    """Both accuracies over the share taken over."""
    scores = {f"test accuracy, {words}": words for words in STATISTICS.values()}
    return over_share(frame, scores, "test accuracy", ".0%")


STUDY = Study(
    *("batch-norm", 20, DIFFERENCE, "What do the statistics of batch normalisation change?"),
    *(rows, sentence, chart),
    needs_galaxies=False,
)
