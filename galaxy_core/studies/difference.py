"""Which rows differ by more than chance: every pair on the galaxies that both were tested on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from galaxy_core.metrics.paired import Pair, ahead_first, in_words
from galaxy_core.results.comparison import METHOD, compare_runs
from galaxy_core.results.setting import across_of, check_across
from galaxy_core.runs.run import Run
from galaxy_core.studies.charts import COLOURS, intervals
from galaxy_core.studies.study import DIFFERENCE, Asked, Figure, Option, Progress, Row, Study

if TYPE_CHECKING:
    from pandas import DataFrame

MINUS, DISTINGUISHABLE = "difference in test accuracy", "distinguishable (1) or not (0)"
N_GALAXIES, DETECTABLE = "galaxies that both answered", "difference that would be found four times in five"
UNLIKE, LOWEST = " (unlike)", "lowest difference of "
ALONE = "p of this pair alone"
BEYOND = "more than chance, all pairs considered"
WITHIN = "not distinguishable, which does not mean equal"
OPEN = "rows that differ in more than what is compared"


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """Each pair with p-values corrected for all of them, and in a sentence those that may be said to differ."""
    across = check_across(filter(None, str(asked.options["across"]).split(",")))
    yield from rows_of_pairs(compare_runs(tested(asked), across=across, seed=asked.seed))


def tested(asked: Asked) -> list[Run]:
    """Those of the runs that were tested; of every other one it is told that it was not."""
    untested = [run.name for run in asked.runs if run.measured() is None]
    asked.told.extend(f"{name} was never tested; `galaxy evaluate` tests it" for name in untested)
    return [run for run in asked.runs if run.name not in untested]


def rows_of_pairs(pairs: Sequence[Pair]) -> Iterator[Row]:
    """The numbers of these pairs, then a sentence on each that is told apart, and one on those that are unlike."""
    for pair in pairs:
        yield from _pair(pair)
    for who, _, verdict in (in_words(pair).partition(": ") for pair in pairs if pair.is_distinguishable):
        yield Row(who, verdict)
    for unlike, n in Counter(pair.unlike for pair in pairs if pair.unlike).items():
        named = next(in_words(pair).partition(": ")[0] for pair in pairs if pair.unlike == unlike)
        yield Row(named if n == 1 else f"{n} pairs differ in more than what is compared", unlike)


def _pair(asked: Pair) -> Iterator[Row]:
    pair = ahead_first(asked)  # as the sentences have it
    of = f"{pair.first} minus {pair.second}{UNLIKE if pair.unlike else ''}"
    yield Row(of, MINUS, pair.difference, pair.low, pair.high)
    single = {
        ALONE: pair.p_value,
        f"p corrected for {pair.n_pairs} {'pair' if pair.n_pairs == 1 else 'pairs'}": pair.p_corrected,
        DISTINGUISHABLE: float(pair.is_distinguishable),
        DETECTABLE: pair.detectable,
        N_GALAXIES: pair.n_galaxies,
        "test accuracy of the first": pair.accuracy_first,
        "test accuracy of the second": pair.accuracy_second,
        "galaxies that only the first has right": pair.only_first,
        "galaxies that only the second has right": pair.only_second,
        f"{LOWEST}{pair.n_draws} seeds or folds": pair.draw_low,
        f"highest difference of {pair.n_draws} seeds or folds": pair.draw_high,
    }
    for score, value in single.items():
        if value is not None:
            yield Row(of, score, value)


def sentence(frame: DataFrame) -> str:
    """How many pairs can be told apart, and what would go unseen."""
    told = frame[frame.score == DISTINGUISHABLE].value
    unseen = 100 * frame[frame.score == DETECTABLE].value
    about = f"{unseen.min():.0f}"
    about += f" to {unseen.max():.0f}" if unseen.max() - unseen.min() >= 1 else ""
    n_galaxies = frame[frame.score == N_GALAXIES].value.max()
    said = [
        f"{int(told.sum())} of {len(told)} {'pair' if len(told) == 1 else 'pairs'} can be told apart on these "
        f"{n_galaxies:.0f} galaxies, all pairs considered.",
        f"Differences below about {about} points are likely to go unseen: not distinguishable does not mean equal.",
    ]
    alone = set(frame.of[(frame.score == ALONE) & (frame.value <= 0.05)])
    n = len(
        alone - set(frame.of[(frame.score == DISTINGUISHABLE) & (frame.value == 1)]) - set(_unlike(frame))
    )
    if n:
        said.append(
            f"{n} grey {'interval misses' if n == 1 else 'intervals miss'} zero all the same: an interval is "
            f"of its pair alone, and of {len(told)} pairs some miss zero by chance; what is told apart "
            "holds for all together."
        )
    if _unlike(frame):
        said.append(
            "Where rows differ in more than what is compared, the numbers of their pair say nothing of it."
        )
    if frame.score.str.startswith(LOWEST).sum() < len(told):
        said.append("One training a row: how much a second one would move it is not in these numbers.")
    return " ".join(said)


def _unlike(frame: DataFrame) -> list[str]:
    return [of for of in frame.of if of.endswith(UNLIKE)]


def chart(frame: DataFrame) -> Figure:
    """Every difference with its interval around zero: those beyond chance first, in a colour."""
    beyond = set(frame.of[(frame.score == DISTINGUISHABLE) & (frame.value == 1)])
    shown = frame[frame.score == MINUS]
    kinds = shown.of.map(lambda of: BEYOND if of in beyond else OPEN if of.endswith(UNLIKE) else WITHIN)
    colours = {BEYOND: COLOURS[0], WITHIN: COLOURS[4], OPEN: COLOURS[1]}
    points = {end: 100 * shown[end] for end in ("value", "low", "high")}
    return intervals(shown.assign(score=kinds, **points), colours, f"{MINUS}, points", "+.0f")


def choices(runs: Sequence[Run]) -> Mapping[str, Sequence[Option]]:
    """What else these runs differ in and may be compared across."""
    return {"across": across_of(runs)}


STUDY = Study(
    *("difference", 30, DIFFERENCE, "Which rows differ by more than chance?", rows, sentence, chart),
    options={"across": ""},
    choices=choices,
    needs_galaxies=False,
    note=METHOD,
    bars="95 % interval of each pair alone; the colour considers all pairs",
    cited=("mcnemar", "bonett", "holm", "connor"),
)
