"""How often is each run right: test accuracy of every run, of whole cross-validations, and over seeds of a setting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from galaxy_core.numerals import counted, percent
from galaxy_core.results.cross_validation import is_fold
from galaxy_core.results.paper import REFERENCE_6
from galaxy_core.results.pooled_table import PooledRow, pooled_table
from galaxy_core.results.table import TableRow, seed_summary, table_rows
from galaxy_core.studies.charts import COLOURS, over_share
from galaxy_core.studies.study import DIFFERENCE, Asked, Figure, Progress, Row, Study, span_in_words

if TYPE_CHECKING:
    from pandas import DataFrame

POOLED = " folds pooled, "
TEST, PAPER = "test accuracy", "test accuracy of the paper's row"


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """Accuracy, balanced accuracy and loss of each run, then what is pooled; a run never tested is told."""
    for row in table_rows(asked.runs):
        if row.test_accuracy is None:
            asked.told.append(
                f"{row.run} was never tested, so it has no accuracy; `galaxy evaluate` tests it"
            )
        else:
            yield from _line(row)
    pooled = pooled_table(asked.runs)
    for whole in pooled.rows:
        yield from _pooled(whole)
    yield from _seeds(asked)
    asked.told.extend(pooled.missing)


def _line(row: TableRow) -> Iterator[Row]:
    yield Row(row.run, TEST, row.test_accuracy, row.test_low, row.test_high)
    balanced = (row.balanced_accuracy, row.balanced_low, row.balanced_high)
    yield Row(row.run, "balanced test accuracy", *balanced)
    yield Row(row.run, "test loss", row.test_loss)
    if row.paper_test_accuracy is not None:
        yield Row(row.run, PAPER, row.paper_test_accuracy)


def _pooled(row: PooledRow) -> Iterator[Row]:
    folds = f"{row.n_folds}{POOLED}mean of {counted(row.n_seeds, 'seed')}"
    yield Row(row.name, f"test accuracy, {folds}", row.test_accuracy, row.test_low, row.test_high)
    balanced = (row.balanced_accuracy, row.balanced_low, row.balanced_high)
    yield Row(row.name, f"balanced test accuracy, {folds}", *balanced)
    if row.test_spread is not None:
        yield Row(row.name, "standard deviation over seeds", row.test_spread)


def _seeds(asked: Asked) -> Iterator[Row]:
    """Mean and spread where a setting has several seeds; no interval: three seeds bound nothing at 95 %."""
    singles = [run for run in asked.runs if not is_fold(run)]
    for one in seed_summary(table_rows(singles)):
        if one.spread is not None:
            told = f", {one.told}" if one.told else ""
            of = f"{one.policy}, {one.source} {one.imagenet_percent} %{told}"
            yield Row(of, f"test accuracy, mean of {one.n_seeds} seeds", one.mean)
            yield Row(of, "standard deviation over seeds", one.spread)


def sentence(frame: DataFrame) -> str:
    """The worst and the best of the runs; of cross-validations the pooled ones, not their folds."""
    return span_in_words(frame, next(iter(_scores_of_folds(frame)), TEST))


def chart(frame: DataFrame) -> Figure:
    """Accuracy over the share taken over, of folds the pooled one; the paper's row and its reference [6] beside it."""
    pooled = _scores_of_folds(frame)
    figure = over_share(frame, {score: score for score in pooled or [TEST]}, TEST, ".0%")
    paper = frame[frame.score == PAPER].drop_duplicates("percent").sort_values("percent")
    if not paper.empty:
        points = {"x": paper.percent.tolist(), "y": paper.value.tolist()}
        line = {"color": COLOURS[4], "dash": "dot"}
        figure["data"].append({"name": "the paper", "mode": "lines+markers", **points, "line": line})
        across = {"xref": "paper", "x0": 0, "x1": 1, "y0": REFERENCE_6, "y1": REFERENCE_6}
        place = {"xref": "paper", "x": 1, "xanchor": "right", "y": REFERENCE_6, "yanchor": "bottom"}
        text = f"reference [6]: {percent(REFERENCE_6)}"
        figure["layout"]["shapes"] = [{"type": "line", **across, "line": {**line, "width": 1.2}}]
        figure["layout"]["annotations"] = [{**place, "text": text, "showarrow": False}]
    return figure


def _scores_of_folds(frame: DataFrame) -> list[str]:
    return [one for one in dict.fromkeys(frame.score) if one.startswith(f"{TEST}, ") and POOLED in one]


STUDY = Study(
    *("accuracy", 10, DIFFERENCE, "How often is each run right?", rows, sentence, chart),
    needs_galaxies=False,
    bars="Wilson's 95 % interval; it covers the choice of test galaxies, not the training",
)
