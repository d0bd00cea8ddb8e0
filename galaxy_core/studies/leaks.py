"""What leaks in one file of galaxies, all of it in one report: for the command line, the explorer and a download.

Counted by `data.audit`, shown by `studies.inflation`; here they are put side by side and into words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from galaxy_core import __version__
from galaxy_core.data.audit import N_NAIVE_SPLITS, Audit, audit_galaxies
from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.files.csv_text import csv_text
from galaxy_core.metrics.label_limit import label_limit
from galaxy_core.numerals import number, percent, points
from galaxy_core.results.provenance import data_of
from galaxy_core.results.records import AUDIT, Kept, Record, keep, kept_of
from galaxy_core.results.table import TableRow
from galaxy_core.runs.run import Run
from galaxy_core.studies.charts import intervals
from galaxy_core.studies.inflation import SURVEY, Inflation, inflations
from galaxy_core.studies.study import (
    TRUST,
    Asked,
    Figure,
    Progress,
    Row,
    Study,
    in_words,
    rows_from,
    share_of,
)

if TYPE_CHECKING:
    from pandas import DataFrame

COLUMNS = ("question", "of", "value", "low", "high")


LIMIT_NAMES = {
    "n_placed": "galaxies with a position",
    "n_repeated": "positions labelled more than once",
    "n_contested": "positions with different classes",
    "ceiling": "share of labels that one answer a position can meet at most",
    "disagreement": "share of two labels of one position that differ",
}


def leak_report(galaxies: Galaxies, found: Audit, effects: Sequence[Inflation]) -> dict[str, Any]:
    """Everything `galaxy audit` prints, as plain values; of the file its name, not where it lies."""
    return {
        "data": galaxies.path.name,
        "data_sha256": galaxies.sha256,
        "data_origin": galaxies.origin,
        **found.to_json(),
        "inflation": [vars(one) for one in effects],
        "in_words": [inflation_in_words(one) for one in effects],
        "labels_allow": label_limit(galaxies.labels, galaxies.ra, galaxies.dec).to_json(),
    }


def survey_effect(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """The inflation at the class frequencies of the survey, the one a reader should see first; else the last."""
    effects = report["inflation"]
    return next((one for one in effects if one["frequencies"] == SURVEY), effects[-1])


def inflation_in_words(effect: Inflation) -> str:
    """One sentence: how much the same classifier gains by nothing but copies on both sides."""
    honest = _share(effect.honest, effect.honest_low, effect.honest_high)
    inflated = _share(effect.inflated, effect.inflated_low, effect.inflated_high)
    ends = (number(100 * one, 0) for one in (effect.gain_low, effect.gain_high))
    gain = f"{points(effect.gain)} ({' to '.join(ends)})"
    kind = "balanced classes" if effect.frequencies == "balanced" else f"classes {effect.frequencies}"
    start = (
        f"{effect.n_galaxies:,} galaxies, {kind}: a balanced accuracy of {honest} divided first, of {inflated} "
        f"repeated first; range over {effect.n_splits} splits"
    )
    if effect.gain_low <= 0:
        return f"{start}. The two cannot be told apart: {gain}."
    return f"{start}. The {gain} between them are pretended, not learned."


def leaks_csv(report: Mapping[str, Any]) -> str:
    """A line a number of the report, with its range over splits where it has one."""
    return csv_text(COLUMNS, _lines(report))


def _lines(report: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    split = report["split"]
    yield "split hash", f"seed {split['seed']}", split["hash"], None, None
    names = {"honest": "divided first", "inflated": "repeated first", "gain": "gained by repeating first"}
    for one in report["inflation"]:
        for key, name in names.items():
            values = (one[key], one[f"{key}_low"], one[f"{key}_high"])
            yield f"balanced accuracy, {name}", one["frequencies"], *values
    for one in report["oversampled_before_split"]:
        share = one["share_copied"]
        yield "test rows with their copy in training", one["frequencies"], share, None, None
    counts = {
        "n_pairs": "pairs",
        "n_two_labels": "pairs with two labels",
        "apart_by_split": "pairs apart by our split",
        "apart_by_chance": f"pairs apart by a random split, mean of {N_NAIVE_SPLITS}",
    }
    for one in report["pairs"]:
        for key, name in counts.items():
            yield name, one["kind"], one[key], None, None
    allow = report["labels_allow"]
    for key in ("n_placed", "n_repeated", "n_contested"):
        yield LIMIT_NAMES[key], "labels", allow[key], None, None
    for key in ("ceiling", "disagreement"):
        yield LIMIT_NAMES[key], "labels", *(allow[key][end] for end in ("value", "low", "high"))


def _share(value: float, low: float, high: float) -> str:
    return f"{percent(value)} ({number(100 * low, 0)}–{percent(high)})"


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """Copies and neighbours on two sides of the split, and what oversampling before it would pretend."""
    galaxies = asked.galaxies
    found = audit_galaxies(galaxies, seed=asked.seed, progress=share_of(progress, 0, 2))
    effects = inflations(found, galaxies.labels, seed=asked.seed, progress=share_of(progress, 1, 2))
    made = list(_rows(asked.data, leak_report(galaxies, found, effects), effects[0].n_splits))
    head = {
        "galaxy_core": __version__,
        "data_sha256": galaxies.sha256,
        "file": asked.data,
        "seed": asked.seed,
    }
    for run in asked.runs:
        keep(run, AUDIT, {**head, "rows": [row[1:5] for row in made]}, ("data_sha256",))
    yield from made


def _rows(file: str, report: Mapping[str, Any], n_splits: int) -> Iterator[Row]:
    ranges, wilson = (
        f" (low and high: range over {n_splits} splits)",
        " (low and high: Wilson's 95 % interval)",
    )
    for question, of, value, low, high in _lines(report):
        # the hash of the split is a name and no number; it must stand in the table all the same
        is_name = isinstance(value, str)
        bounds = "" if low is None else wilson if of == "labels" else ranges
        score = f"{question}, {value if is_name else of}{bounds}"
        yield Row(file, score, None if is_name else value, low, high)


def kept_leaks(asked: Sequence[tuple[Run, TableRow]]) -> Kept[tuple[Row, ...]]:
    """What was kept with each run of the galaxies that it learned from."""

    def read(row: TableRow, record: Record) -> tuple[Row, ...]:
        return tuple(rows_from(str(record["file"]), record["rows"]))

    return kept_of(asked, AUDIT, read, lambda run: {"data_sha256": data_of(run).get("sha256")})


def tell(found: Iterable[tuple[Row, ...]]) -> Iterator[Row]:
    """The rows of each file once, of however many runs."""
    return chain.from_iterable(dict.fromkeys(found))


def sentence(frame: DataFrame) -> str:
    """What repeating galaxies before they are divided would pretend."""
    gains = frame[frame.score.str.contains("gained by repeating first")]
    return " ".join(
        f"{one.score.split(' (')[0].capitalize()}: {in_words(one)}." for one in gains.itertuples()
    )


def chart(frame: DataFrame) -> Figure:
    """Accuracy of the same classifier, divided first and repeated first."""
    known = frame[frame.low.notna() & frame.score.str.contains("balanced accuracy")]
    told = known.assign(of=known.score.str.split(" \\(").str[0], score="balanced accuracy")
    return intervals(told, ["balanced accuracy"], "balanced accuracy, range over splits", ".0%")


STUDY = Study(
    *("audit", 50, TRUST, "What leaks from training into the test?", rows, sentence, chart),
    kept=kept_leaks,
    tell=tell,
    note="What a leak adds: the accuracy of the nearest neighbour on images of 16 px, which is always right where its "
    "copy is in training. Rare classes repeated before the galaxies are divided, against divided first.",
    bars="range over splits",
)
