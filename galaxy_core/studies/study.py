"""What a study is: a question put to finished runs, the numbers that answer it with their doubt, a sentence, a chart.

One file a study, each with its `STUDY`; `registry` finds them, and the command line, the report and the pages loop
over what it finds. A study is handed runs and galaxies and knows no page, no verb and no other study.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from galaxy_core import __version__
from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadValueError, DiskFullError, GalaxyError, StoppedError, one_line, quoted
from galaxy_core.maps.cells import coarse_in_words, fine_enough
from galaxy_core.metrics.resample import Estimate
from galaxy_core.numerals import NOTHING, written
from galaxy_core.results.cross_validation import is_fold
from galaxy_core.results.pooled_table import as_table_rows, pooled_table
from galaxy_core.results.records import VERSIONS, Kept, weights_sha256
from galaxy_core.results.setting import NO_SOURCE, recipe_of, told_apart
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.runs.run import Run

if TYPE_CHECKING:
    from pandas import DataFrame

    from galaxy_core.studies.shown import OpenLineup

Progress = Callable[[int, int], None]
Figure = dict[str, Any]
"""A Plotly figure as plain values: `data` and `layout`."""
Option = int | bool | str
DIFFERENCE, HEAT, TRUST = "is the difference real", "is the heat on the galaxy", "can the answer be trusted"


class Row(NamedTuple):
    """A number of a run or pair with its 95 % interval, None where there is none, and the command that shows it.

    `at` is where on the first axis of its chart it belongs, of a point of a curve; None of a number that stands alone.
    """

    of: str
    score: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    command: str = ""
    at: float | None = None


COLUMNS = (*Row._fields, "percent", "curve")
"""Of a frame: those of a row, and of a run the share it took over and what else tells it from the others."""


@dataclass(frozen=True, eq=False)
class Asked:
    """Finished runs, by the names a user gave them, their galaxies where a file was given, and the name of that file.

    `seed` is of the bootstrap, the sky and the split wherever a study draws. `is_anew`: what earlier calls have stored
    with the runs is not used. `told` is filled with a sentence for each run of which the question cannot be asked.
    """

    runs: tuple[Run, ...]
    names: tuple[str, ...]
    given: Galaxies | None = None
    data: str = ""
    seed: int = 0
    options: Mapping[str, Option] = field(default_factory=dict)
    is_anew: bool = False
    lineup_of: OpenLineup | None = None
    told: list[str] = field(default_factory=list)

    @property
    def galaxies(self) -> Galaxies:
        """Those of the file; BadValueError where none was given."""
        if self.given is None:
            raise BadValueError(
                "this question is asked of galaxies, got none; name their file with --data FILE"
            )
        return self.given

    def run(self, name: str) -> Run:
        """The run of that name among those asked."""
        return next(run for run in self.runs if run.name == name)

    def drawing(self, progress: Progress) -> dict[str, Any]:
        """Seed, progress and line-up as the keywords of what measures."""
        return {"seed": self.seed, "progress": progress, **self.serving}

    @property
    def serving(self) -> dict[str, Any]:
        """How studies open the runs, as their keyword; by default as they would."""
        return {} if self.lineup_of is None else {"lineup_of": self.lineup_of}

    def mark(self, study: Study) -> dict[str, Any] | None:
        """What an answer depends on; None where a run's weights have no mark: it is made anew every time."""
        weights = {run.name: weights_sha256(run) for run in self.runs}
        if not all(weights.values()):
            return None
        mark: dict[str, Any] = {"galaxy_core": __version__, "weights_sha256": weights}
        mark |= {"data_sha256": self.galaxies.sha256, "seed": self.seed}
        # tables of before there were any are of the first
        version = VERSIONS.get(f"{study.name}.json", study.version)
        mark |= {"version": version} if version > 1 else {}
        return mark | {name: self.options[name] for name in study.options if name in self.options}


@dataclass(frozen=True)
class Study:
    """A question, how its rows are measured, what they say in a sentence and as a chart.

    `place` is that among the studies, the cheap ones first. `options` are what a user may set, with their usual values.
    One `of_maps` is asked of runs alone whose maps are fine enough. `version` is raised where a number changes for the
    same runs; where records are kept in run folders it is that of the record. `kept` reads what run folders hold of it,
    and `tell` makes rows of that; `note` stands below the numbers, `bars` says what their intervals are, `cited` are
    the keys of the sources they rest on. `choices` are the values of an option that make sense for these runs: of a
    text several, between commas. `beside` adds to the runs of a page those among all that belong into the same picture.
    """

    name: str
    place: int
    belongs_to: str
    question: str
    rows: Callable[[Asked, Progress], Iterable[Row]]
    sentence: Callable[[DataFrame], str]
    chart: Callable[[DataFrame], Figure]
    options: Mapping[str, Option] = field(default_factory=dict)
    needs_galaxies: bool = True
    of_maps: bool = False
    version: int = 1
    kept: Callable[[Sequence[tuple[Run, TableRow]]], Kept[Any]] | None = None
    tell: Callable[[Sequence[Any]], Iterable[Row]] = tuple
    note: str = ""
    bars: str = "95 % interval over galaxies (studentised bootstrap, Efron 1982; of a share Wilson's)"
    cited: tuple[str, ...] = ()
    choices: Callable[[Sequence[Run]], Mapping[str, Sequence[Option]]] = lambda runs: {}
    beside: Callable[[Sequence[Run], Sequence[Run]], Sequence[Run]] = lambda runs, others: runs

    @property
    def is_at_once(self) -> bool:
        """Whether run folders have all it takes, so that it is measured wherever it is shown and kept nowhere."""
        return self.kept is None and not self.needs_galaxies

    @property
    def is_shown(self) -> bool:
        """Whether a page and a report, which measure nothing that takes long, may have something of it."""
        return self.is_at_once or self.kept is not None

    def measure(self, asked: Asked, progress: Progress = lambda done, total: None) -> DataFrame:
        """The rows as a table with COLUMNS; empty where the question can be asked of none of the runs."""
        chosen = {name: asked.options.get(name, usual) for name, usual in self.options.items()}
        own = replace(asked, options=chosen)
        if self.of_maps:
            asked.told.extend(coarse_in_words(asked.runs))
            own = replace(own, runs=tuple(fine_enough(asked.runs)))
        rows = list(self.rows(own, progress)) if own.runs else []
        return framed(rows, asked, lambda names: self.command(asked, names))

    def known_frame(
        self, runs: Sequence[Run], options: Mapping[str, Option] | None = None
    ) -> tuple[DataFrame, list[str]]:
        """What the folders of the runs hold, as a table, and in sentences on what it rests and what is no use."""
        asked = Asked(tuple(runs), tuple(run.name for run in runs), data="FILE", options=options or {})
        if self.is_at_once:
            frame = framed([], asked, lambda names: "")
            with refused_in_words(asked.told):
                frame = self.measure(asked)
            return frame, asked.told
        told = coarse_in_words(runs) if self.of_maps else []
        own = fine_enough(runs) if self.of_maps else list(runs)
        by_name = {run.name: run for run in own}
        found = self.kept([(by_name[row.run], row) for row in table_rows(own)]) if self.kept else Kept({})
        frame = framed(
            list(self.tell(list(found.found.values()))), asked, lambda names: self.command(asked, names)
        )
        beyond = [
            f"{name} was measured on all galaxies of a file, perhaps on those it learned from"
            for name in found.beyond_test
        ]
        return frame, [*told, *found.unusable, *found.origins, *beyond]

    def command(self, asked: Asked, names: Sequence[str]) -> str:
        """The command line that measures this alone, of runs by these names."""
        words: list[object] = ["galaxy", "study", self.name, *names]
        words += ["--data", asked.data] if self.needs_galaxies else []
        for name, usual in self.options.items():
            if asked.options.get(name, usual) != usual:
                words += ["--set", f"{name}={asked.options[name]}"]
        words += ["--seed", asked.seed] if asked.seed else []
        return shlex.join(map(str, words))

    def with_options(self, given: Iterable[str]) -> dict[str, Option]:
        """Options as typed, `name=value` each; BadValueError for one the study has not, or of another kind."""
        return dict(_option(self, text) for text in given)


def framed(rows: Sequence[Row], asked: Asked, command: Callable[[Sequence[str]], str]) -> DataFrame:
    """The rows as a table with COLUMNS; a row of a run has the command of that run, others that of all."""
    from pandas import DataFrame

    settings, own = {row.run: row for row in table_rows(asked.runs)}, {run.name for run in asked.runs}
    folds = {run.name: run.config.fold for run in asked.runs if is_fold(run)}
    if folds and any(row.of not in own for row in rows):
        settings |= {row.run: row for row in as_table_rows(pooled_table(asked.runs).rows)}
    curves = curves_of(list(settings.values()), folds)
    lines = []
    for row in rows:
        names = [row.of] if row.of in own else asked.names
        percent = settings[row.of].imagenet_percent if row.of in settings else None
        texts = map(encodable, (row.of, row.score, row.command or command(names), curves.get(row.of, "")))
        of, score, shown_by, curve = texts
        lines.append((of, score, *row[2:5], shown_by, row.at, percent, curve))
    numbers = ("value", "low", "high", "at", "percent")
    return DataFrame(lines, columns=list(COLUMNS)).astype(dict.fromkeys(numbers, "float64"))


def encodable(text: str) -> str:
    """Half a surrogate pair, which the JSON of a card may hold, is in no table."""
    return text.encode("utf-8", "replace").decode("utf-8")


def rows_from(of: str, plain: Iterable[Sequence[Any]]) -> list[Row]:
    """Rows as a record keeps them, score and three numbers each; raises what Python raises for anything else."""
    found = []
    for score, *numbers in plain:
        value, low, high = (None if one is None else float(one) for one in numbers)
        found.append(Row(of, str(score), value, low, high))
    return found


def rows_of(frame: DataFrame) -> list[Row]:
    """The rows of a table; None where it has no number."""
    texts = zip(frame.of, frame.score, strict=True)
    numbers = (map(_known, column) for column in (frame.value, frame.low, frame.high))
    places = map(_known, frame["at"])
    return [Row(*text, *more) for text, *more in zip(texts, *numbers, frame.command, places, strict=True)]


def without_points(frame: DataFrame) -> DataFrame:
    """The table without the points of curves, which say something in a chart alone."""
    return frame[frame["at"].isna()]


def _known(number: float) -> float | None:
    return None if math.isnan(number) else float(number)


def crosswise(frame: DataFrame) -> tuple[list[str], dict[str, list[Row | None]]]:
    """The numbers that stand alone as a table: the heads of its columns, and its lines by their heads.

    Runs (or pairs) and scores, whichever are fewer across; None where the one has not the other.
    """
    rows = [row for row in rows_of(without_points(frame)) if row.value is not None]
    of, scores = (
        list(dict.fromkeys(names)) for names in ((row.of for row in rows), (row.score for row in rows))
    )
    cells = {(row.of, row.score): row for row in rows}
    if len(of) > len(scores):
        return scores, {one: [cells.get((one, score)) for score in scores] for one in of}
    return of, {score: [cells.get((one, score)) for one in of] for score in scores}


def curves_of(rows: Sequence[TableRow], folds: Mapping[str, int | None]) -> dict[str, str]:
    """By the name of each run what tells its curve from others: policy, source, seed, fold, and the recipe where it
    must. A row without a seed is of pooled folds.
    """
    recipes = {row.run: recipe_of(row.setting) for row in rows}
    unlike = list(dict.fromkeys(recipes.values()))
    told = dict(zip(unlike, told_apart(unlike), strict=True)) if unlike else {}
    # what took nothing over belongs to the curve of the source that the others of its policy have
    sources = {row.policy: row.source for row in rows if row.source != NO_SOURCE}
    found = {}
    for row in rows:
        source = sources.get(row.policy, NO_SOURCE) if row.source == NO_SOURCE else row.source
        drawn = "folds pooled" if row.seed is None else f"seed {row.seed}"
        drawn += f", fold {folds[row.run]}" if row.run in folds else ""
        words = (row.policy, "" if source == NO_SOURCE else f"from {source}", drawn)
        found[row.run] = ", ".join(filter(None, (*words, told[recipes[row.run]])))
    return found


def measured(of: str, score: str, estimate: Estimate) -> Row:
    """The row of an estimate; NaN becomes None."""
    value = estimate.to_json()
    return Row(of, score, value["value"], value["low"], value["high"])


def span_in_words(frame: DataFrame, score: str, spec: str = ".2f", name: str = "") -> str:
    """`Test accuracy: from 0.41 (0.35 to 0.47) of a to 0.60 (0.54 to 0.66) of b`; that there is none where it is so."""
    known = frame[(frame.score == score) & frame.value.notna()].sort_values("value")
    if known.empty:
        return f"There is no {score} of these runs."
    name = name or score
    name = f"{name[0].upper()}{name[1:]}"
    lowest, highest = (known.iloc[place] for place in (0, -1))
    if len(known) == 1:
        return f"{name} of {lowest.of}: {in_words(lowest, spec)}."
    return (
        f"{name}: from {in_words(lowest, spec)} of {lowest.of} to {in_words(highest, spec)} of {highest.of}."
    )


def in_words(row: Any, spec: str = ".2f") -> str:
    """`0.43 (0.40 to 0.46)`, without brackets where there is no interval, a dash where there is no number."""
    if row.value is None or math.isnan(row.value):
        return NOTHING
    bounds = (row.low, row.high)
    if any(one is None or math.isnan(one) for one in bounds):
        return written(row.value, spec)
    value, low, high = (written(one, spec) for one in (row.value, *bounds))
    return f"{value} ({low} to {high})"


def line_of(row: Row) -> str:
    """`a: test accuracy 0.43 (0.40 to 0.46)`."""
    return f"{row.of}: {row.score}" + ("" if row.value is None else f" {in_words(row, '.4g')}")


@contextmanager
def refused_in_words(sentences: list[str]) -> Iterator[None]:
    """An error that a user may meet becomes a sentence of the list; a full disk and a stop end everything."""
    try:
        yield
    except (DiskFullError, StoppedError):
        raise
    except GalaxyError as error:
        sentences.append(one_line(error))


def share_of(progress: Progress, place: int, n_places: int) -> Progress:
    """Progress of one of so many pieces that take about as long, as progress of them all."""

    def move(done: int, total: int) -> None:
        progress(place * total + done, n_places * total)

    return move


def _option(study: Study, text: str) -> tuple[str, Option]:
    name, equals, value = text.partition("=")
    there = ", ".join(f"{one}={usual}" for one, usual in study.options.items()) or "none"
    if not equals or name not in study.options:
        raise BadValueError(f"{study.name} has no option {quoted(text)}; it has {there}")
    usual = study.options[name]
    if isinstance(usual, str):
        return name, value
    if isinstance(usual, bool) and value in ("True", "False"):
        return name, value == "True"
    if isinstance(usual, bool) or not value.isascii() or not value.isdigit() or len(value) > 9:
        kind = "True or False" if isinstance(usual, bool) else "a whole number from 0 on"
        raise BadValueError(f"{name} of {study.name} must be {kind}, got {quoted(value)}; usual is {usual}")
    return name, int(value)
