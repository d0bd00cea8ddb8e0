"""Which rows differ by more than chance: every pair on the galaxies that both were tested on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from galaxy_core.metrics.paired import Pair, in_words
from galaxy_core.results.comparison import compare_runs
from galaxy_core.studies.charts import intervals
from galaxy_core.studies.study import DIFFERENCE, Asked, Figure, Progress, Row, Study

if TYPE_CHECKING:
    from pandas import DataFrame

MINUS, DISTINGUISHABLE = "difference in test accuracy", "distinguishable (1) or not (0)"


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """Each pair with p-values corrected for all of them; what else two rows differ in is told."""
    pairs = compare_runs(asked.runs)
    asked.told.extend(in_words(pair) for pair in pairs if pair.unlike)
    for pair in pairs:
        yield from _pair(pair)


def _pair(pair: Pair) -> Iterator[Row]:
    of = f"{pair.first} minus {pair.second}{' (unlike)' if pair.unlike else ''}"
    yield Row(of, MINUS, pair.difference, pair.low, pair.high)
    single = {
        "p of this pair alone": pair.p_value,
        f"p corrected for {pair.n_pairs} {'pair' if pair.n_pairs == 1 else 'pairs'}": pair.p_corrected,
        DISTINGUISHABLE: float(pair.is_distinguishable),
        "difference that would be found four times in five": pair.detectable,
        f"lowest difference of {pair.n_draws} seeds or folds": pair.draw_low,
        f"highest difference of {pair.n_draws} seeds or folds": pair.draw_high,
    }
    for score, value in single.items():
        if value is not None:
            yield Row(of, score, value)


def sentence(frame: DataFrame) -> str:
    """How many pairs can be told apart."""
    told = frame[frame.score == DISTINGUISHABLE].value
    return (
        f"{int(told.sum())} of {len(told)} pairs can be told apart on these galaxies, all pairs considered."
    )


def chart(frame: DataFrame) -> Figure:
    """Every difference with its interval."""
    return intervals(frame, [MINUS], f"{MINUS}, shares of galaxies", "+.0%")


STUDY = Study(
    *("compare", 30, DIFFERENCE, "Which rows differ by more than chance?", rows, sentence, chart),
    needs_galaxies=False,
    version=2,  # 1 named winners whatever else differed
)
