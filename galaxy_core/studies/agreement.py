"""How far the maps of several runs agree, and how much of a difference is mere noise.

Two runs of one setting that differ by their seed alone do not draw the same maps either. Only what the maps of
different fractions differ by beyond that can be laid to the fraction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadValueError
from galaxy_core.images.view import View
from galaxy_core.maps.agreement import on_one_grid, paired_rank_correlations
from galaxy_core.maps.cells import refuse_coarse
from galaxy_core.metrics.resample import CONFIRMED, Estimate, mean_estimates, verdict_below
from galaxy_core.numerals import number
from galaxy_core.results.records import (
    AGREEMENT,
    Kept,
    Record,
    estimate_from,
    keep,
    kept_of,
    origin_of,
)
from galaxy_core.results.setting import unlike
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.runs.run import Run
from galaxy_core.studies.charts import intervals
from galaxy_core.studies.shown import OpenLineup, Progress, open_lineup, show, test_parts
from galaxy_core.studies.study import HEAT, Asked, Figure, Row, Study, measured, span_in_words

if TYPE_CHECKING:
    from pandas import DataFrame

COLUMNS = (
    "first",
    "second",
    "first_percent",
    "second_percent",
    "is_same_setting",
    "n",
    "value",
    "low",
    "high",
)


@dataclass(frozen=True)
class Pair:
    """Two runs and the mean rank correlation of their maps over the galaxies they share."""

    first: TableRow
    second: TableRow
    correlation: Estimate

    @property
    def is_same_setting(self) -> bool:
        """Whether the two differ by their seed alone."""
        return self.first.setting == self.second.setting

    @property
    def unlike(self) -> str:
        """What the two differ in beside policy and share, in words: then it may be that which moves the maps."""
        return unlike(self.first.setting, self.second.setting)


@dataclass(frozen=True)
class Agreement:
    """All pairs of runs; between settings minus between seeds, with its interval over galaxies.

    `noise` is the mean correlation between seeds of one setting, `between` that between settings that differ in
    policy and share alone, `difference` the second minus the first: near 0 all disagreement is noise. None without
    two seeds, or two such settings. These
    three are of all runs that were compared, `n_further` of which are not among `runs`.
    """

    runs: tuple[str, ...]
    pairs: tuple[Pair, ...]
    n_galaxies: int
    noise: Estimate | None
    between: Estimate | None
    difference: Estimate | None
    n_further: int = 0

    def matrix(self) -> np.ndarray:
        """Mean correlation of each run with each, float64 (R, R), in the order of `runs`; 1 on the diagonal."""
        place = {name: k for k, name in enumerate(self.runs)}
        table = np.eye(len(self.runs))
        for pair in self.pairs:
            i, j = place[pair.first.run], place[pair.second.run]
            table[i, j] = table[j, i] = pair.correlation.value
        return table

    @property
    def of_seeds(self) -> tuple[Pair, ...]:
        """The pairs that differ by their seed alone: what they disagree in is noise."""
        return tuple(pair for pair in self.pairs if pair.is_same_setting)

    @property
    def sentence(self) -> str:
        """The answer in words."""
        return self._answer() + self._together_with()

    def _answer(self) -> str:
        if self.noise is None or self.between is None or self.difference is None:
            reason = next((f"; these differ in {pair.unlike} too" for pair in self.pairs if pair.unlike), "")
            return f"How much of it is noise cannot be told: that takes two shares, and two seeds of one{reason}."
        is_real = verdict_below(self.difference, 0.0) == CONFIRMED
        so_far = f"no more than the seeds disagree, as far as {self.difference.n} galaxies tell"
        verdict = "the setting moves the maps beyond noise" if is_real else so_far
        low, high = (number(one, 2, "+") for one in (self.difference.low, self.difference.high))
        return (
            f"Maps of one setting and two seeds correlate at {number(self.noise.value, 2)}, of two settings at "
            f"{number(self.between.value, 2)}: "
            f"{number(self.difference.value, 2, '+')} ({low} to {high}), {verdict}."
        )

    def _together_with(self) -> str:
        if not self.n_further or self.noise is None:
            return ""
        others = "one further run" if self.n_further == 1 else f"{self.n_further} further runs"
        return f" Measured together with {others}."

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """One tuple of COLUMNS a pair."""
        for pair in self.pairs:
            value = pair.correlation.to_json()
            percents = (pair.first.imagenet_percent, pair.second.imagenet_percent)
            numbers = (value[name] for name in ("n", "value", "low", "high"))
            yield (pair.first.run, pair.second.run, *percents, int(pair.is_same_setting), *numbers)


def study_agreement(
    runs: Sequence[Run],
    galaxies: Galaxies,
    *,
    seed: int = 0,
    lineup_of: OpenLineup = open_lineup,
    progress: Progress | None = None,
) -> Agreement:
    """Spearman's correlation of the class-centred maps of each two runs, averaged over shared test galaxies.

    The maps are of the galaxy's true class, so that all runs explain the same thing. The interval is a
    bootstrap over galaxies; a pair of flat maps is left out. Kept in every run's folder, with its own pairs. Runs that
    see different parts of an image are compared where both see. Raises BadValueError for fewer than two runs, maps that
    are too coarse, or where no galaxy is in all their test parts.
    """
    if len(runs) < 2:
        raise BadValueError(f"agreement takes two runs or more, got {len(runs)}; name a sweep")
    refuse_coarse(runs)
    settings = table_rows(runs)
    rows = _shared(runs, galaxies)
    maps: dict[str, list[np.ndarray]] = {row.run: [] for row in settings}
    for shown in show(lineup_of(runs), galaxies.images, galaxies.labels, rows, progress):
        for name, parts in maps.items():
            parts.append(shown.maps_of(name, shown.labels, centred=True))
    views = {run.name: run.config.view for run in runs}
    agreement = _agreement(
        settings, {name: np.concatenate(parts) for name, parts in maps.items()}, views, seed
    )
    _keep(agreement, runs, galaxies, seed)
    return agreement


def kept_agreement(asked: Sequence[tuple[Run, TableRow]]) -> Kept[Agreement]:
    """One comparison that all of these runs were in with the weights they have now, from their records: the same for
    each run, or for none where one lacks. What it says of noise is of all that were compared.
    """
    records = kept_of(asked, AGREEMENT, _told)
    weights = {run.name: run.card().get("weights_sha256") for run, _ in asked}
    told = records.found
    if len(asked) < 2 or records.missing or not _is_one_comparison(weights, list(told.values())):
        return Kept({}, tuple(weights), records.unusable)
    pairs = tuple(Pair(a, b, told[a.run].others[b.run]) for (_, a), (_, b) in combinations(asked, 2))
    one = told[asked[0][0].name]
    overall = (one.n_galaxies, one.noise, one.between, one.difference, len(one.weights) - len(asked))
    agreement = Agreement(tuple(told), pairs, *overall)
    return Kept(dict.fromkeys(told, agreement), beyond_test=records.beyond_test)


@dataclass(frozen=True)
class _Told:
    """What the record of one run says: the weights of all that were compared, and how far it agrees with each."""

    weights: dict[str, str | None]
    others: dict[str, Estimate]
    n_galaxies: int
    noise: Estimate | None
    between: Estimate | None
    difference: Estimate | None


def _is_one_comparison(weights: dict[str, str | None], told: Sequence[_Told]) -> bool:
    """Whether all records are of one comparison, in which each of these runs had these weights."""
    return all(one.weights == told[0].weights for one in told) and weights.items() <= told[0].weights.items()


def _told(setting: TableRow, record: Record) -> _Told:
    """Errors as of `records.estimate_from`; KeyError too where a run that was compared is not among the others."""
    weights = dict(record["runs"])
    others = {name: estimate_from(record["with"][name]) for name in weights if name != setting.run}
    three = (record[name] and estimate_from(record[name]) for name in ("noise", "between", "difference"))
    return _Told(weights, others, int(record["n"]), *three)


def _shared(runs: Sequence[Run], galaxies: Galaxies) -> np.ndarray:
    shared = reduce(np.intersect1d, [part.indices for part in test_parts(runs, galaxies)])
    if not len(shared):
        raise BadValueError("these runs have no test galaxy in common; compare runs of one split")
    return np.asarray(shared)


def _agreement(
    settings: Sequence[TableRow], maps: dict[str, np.ndarray], views: dict[str, View], seed: int
) -> Agreement:
    pairs = list(combinations(settings, 2))
    alike = [on_one_grid([maps[a.run], maps[b.run]], [views[a.run], views[b.run]]) for a, b in pairs]
    table = np.stack([paired_rank_correlations(*both) for both in alike], axis=1)
    rng = np.random.default_rng(seed)
    found = tuple(Pair(a, b, value) for (a, b), value in zip(pairs, mean_estimates(table, rng), strict=True))
    is_same = np.array([pair.is_same_setting for pair in found])
    is_other = np.array([not pair.is_same_setting and not pair.unlike for pair in found])
    noise = between = difference = None
    if is_same.any() and is_other.any():
        of_seeds, of_settings = _mean_known(table[:, is_same]), _mean_known(table[:, is_other])
        columns = np.stack([of_seeds, of_settings, of_settings - of_seeds], axis=1)
        noise, between, difference = mean_estimates(columns, rng)
    names = tuple(row.run for row in settings)
    return Agreement(names, found, len(table), noise, between, difference)


def _mean_known(values: np.ndarray) -> np.ndarray:
    """Mean over columns without NaN, (N,); NaN where a row has nothing else."""
    known = np.isfinite(values)
    n_known = known.sum(axis=1)
    total = np.where(known, values, 0).sum(axis=1)
    return np.divide(total, n_known, out=np.full(len(values), np.nan), where=n_known > 0)


def _keep(agreement: Agreement, runs: Sequence[Run], galaxies: Galaxies, seed: int) -> None:
    by_name = {part_run.name: part.part for part in test_parts(runs, galaxies) for part_run in part.runs}
    weights = {run.name: run.card().get("weights_sha256") for run in runs}
    values = {"noise": agreement.noise, "between": agreement.between, "difference": agreement.difference}
    overall = {name: value and value.to_json() for name, value in values.items()}
    for run in runs:
        others = {
            (pair.second if pair.first.run == run.name else pair.first).run: pair.correlation.to_json()
            for pair in agreement.pairs
            if run.name in (pair.first.run, pair.second.run)
        }
        summary = {"n": agreement.n_galaxies, "seed": seed, "sentence": agreement.sentence, "with": others}
        head = origin_of(run, galaxies, by_name[run.name])
        keep(run, AGREEMENT, {**head, "runs": weights, **summary, **overall})


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """Rank correlation of the maps of each two runs, and how much of what differs is the seed."""
    found = study_agreement(asked.runs, asked.galaxies, **asked.drawing(progress))
    if not found.noise:
        asked.told.append(found.sentence)
    return tell([found])


def tell(every: Sequence[Agreement]) -> Iterator[Row]:
    """The rows of the one comparison that all runs were in."""
    if not every:
        return
    found = every[0]
    for pair in found.pairs:
        kind = "of one setting" if pair.is_same_setting else "of two settings"
        of = f"{pair.first.run} and {pair.second.run}"
        yield measured(of, f"{CORRELATION} {kind}", pair.correlation)
    overall = {
        f"{CORRELATION} between seeds of one setting": found.noise,
        f"{CORRELATION} between settings": found.between,
        BEYOND_NOISE: found.difference,
    }
    for score, value in overall.items():
        if value:
            yield measured("all runs", score, value)


def sentence(frame: DataFrame) -> str:
    """How much of the disagreement is noise, where that can be told."""
    return span_in_words(frame, BEYOND_NOISE, "+.2f")


def chart(frame: DataFrame) -> Figure:
    """Each pair of runs, those that differ by their seed alone in their own colour."""
    kinds = [f"{CORRELATION} {kind}" for kind in ("of two settings", "of one setting")]
    return intervals(frame, kinds, CORRELATION)


CORRELATION = "rank correlation of maps"
BEYOND_NOISE = "rank correlation between settings minus between seeds"
STUDY = Study(
    *("agreement", 70, HEAT, "Do the maps of two runs agree, and how much of a difference is noise?"),
    *(rows, sentence, chart),
    of_maps=True,
    kept=kept_agreement,
    tell=tell,
    cited=("efron",),
)
