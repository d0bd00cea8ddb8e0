"""Does it hold on fields that training never saw: a linear probe tested on other parts of the sky than it learned from.

Asked of the sources that runs took layers from, in the view of these runs: their features have seen none of these
galaxies, so that what is lost far away is lost to a narrow sample and not to what a run remembers of its training.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from galaxy_core.data.sky import MOST_SEPARATION_ARCSEC, sky_groups
from galaxy_core.data.split import SEPARATION_ARCSEC, Split, folds
from galaxy_core.errors import BadValueError, quoted
from galaxy_core.metrics.resample import Estimate
from galaxy_core.metrics.sign_flips import judged_difference
from galaxy_core.metrics.statistics import grouped_intervals
from galaxy_core.metrics.transferability import linear_probe
from galaxy_core.numerals import counted, number, points
from galaxy_core.results.provenance import data_of
from galaxy_core.results.records import FIELDS, Kept, Record, keep, kept_of, made_of
from galaxy_core.results.table import NO_SOURCE, TableRow, table_rows
from galaxy_core.runs.run import Run
from galaxy_core.serving.depths import Depths
from galaxy_core.studies.charts import intervals
from galaxy_core.studies.sources.forecast import MOST_GALAXIES, features_at
from galaxy_core.studies.sources.named import NONE_TAKEN, mark_of_source, source_taken, sources_of, view_of
from galaxy_core.studies.study import (
    TRUST,
    Asked,
    Figure,
    Progress,
    Row,
    Study,
    measured,
    refused_in_words,
    rows_from,
    share_of,
)

if TYPE_CHECKING:
    from pandas import DataFrame

N_FOLDS = 5
ACCURACY, MINUS = "balanced accuracy", "minus the same folds regardless of the sky"
REGARDLESS, NEIGHBOURS = f"{ACCURACY}, regardless of the sky", f"{ACCURACY}, neighbours on an image together"


@dataclass(frozen=True, eq=False)
class Sky:
    """Galaxies with a position, int (N,) `rows` of their file, and how they are shared out: once for each of the seeds.

    `fields` int (N,): equal where galaxies nearer than `degrees`, also through others in between, link the two.
    """

    rows: np.ndarray
    labels: np.ndarray
    ra: np.ndarray
    dec: np.ndarray
    degrees: float
    seeds: range

    @property
    def apart(self) -> str:
        """`fields 1 degree apart`."""
        return f"fields {self.degrees:g} {'degree' if self.degrees == 1 else 'degrees'} apart"

    @cached_property
    def fields(self) -> np.ndarray:
        """Which are linked."""
        return sky_groups(self.ra, self.dec, 3600 * self.degrees)

    @property
    def n_scarce(self) -> int:
        """How many classes lie in fewer fields than there are folds."""
        of_class = (np.unique(self.fields[self.labels == one]).size for one in np.unique(self.labels))
        return sum(n < N_FOLDS for n in of_class)

    @cached_property
    def hindrance(self) -> str:
        """Why whole fields cannot be shared out among the folds; empty where they can."""
        if n := self.n_scarce:
            return f"{n} of the classes {'lies' if n == 1 else 'lie'} in fewer than {N_FOLDS} of them"
        try:
            for seed in self.seeds:
                self.splits(3600 * self.degrees, seed)
        except BadValueError:
            return f"they are too few or too large for {N_FOLDS} folds"
        return ""

    @property
    def largest(self) -> float:
        """The share of galaxies that lie in the largest field."""
        return float(np.bincount(self.fields).max() / len(self.rows))

    def splits(self, separation_arcsec: float, seed: int) -> list[Split]:
        """Five folds alike in classes, galaxies nearer than that on one side; with 0 regardless of the sky."""
        ra, dec = (one if separation_arcsec else np.full(len(one), np.nan) for one in (self.ra, self.dec))
        how = {"n_folds": N_FOLDS, "seed": seed, "separation_arcsec": separation_arcsec}
        return folds(self.labels, ra, dec, **how)  # type: ignore[arg-type]


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """How the galaxies lie on the sky, and of each source its probe on galaxies near and far from those it learned."""
    settings = table_rows(asked.runs)
    sources_of(settings)
    sky = _sky_of(asked)
    lie = list(_lie(asked.galaxies.path.name, sky))
    yield from lie
    alike: dict[str, list[tuple[str, Run]]] = {}
    for row in (one for one in settings if one.source != NO_SOURCE):
        run = asked.run(row.run)
        crop, size = view_of(run)
        name = f"{row.source} ({run.config.backbone}, {crop} px at {size})"
        alike.setdefault(name, []).append((row.source, run))
    for k, (name, taken) in enumerate(alike.items()):
        with refused_in_words(asked.told):
            features = _features(*taken[0], asked, sky, share_of(progress, 2 * k, 2 * len(alike)))
            part = share_of(progress, 2 * k + 1, 2 * len(alike))
            made = list(probed(name, features, sky, part))
            head = {"data_sha256": asked.galaxies.sha256, "seed": asked.seed, "degrees": sky.degrees}
            head |= {"shufflings": len(sky.seeds), "rows": [row[:5] for row in (*lie, *made)]}
            for _, run in taken:
                source = {"source_sha256": mark_of_source(run)}
                keep(run, FIELDS, {**made_of(run), **source, **head}, ("data_sha256",))
            yield from made


def probed(
    of: str,
    features: np.ndarray,
    sky: Sky,
    progress: Progress = lambda done, total: None,
) -> Iterator[Row]:
    """Balanced accuracy of a probe on features float (N, D), whatever is held out together, and what far fields cost.

    The cost is against folds of as many galaxies of each class, those of one class exchanged by chance: a large field
    leaves fewer to learn from, which is no matter of the sky. Each is a mean over the ways to make folds. Where
    there is a hindrance, these are not asked.
    """
    separations = {REGARDLESS: 0.0, NEIGHBOURS: SEPARATION_ARCSEC}
    far, alike = f"{ACCURACY}, {sky.apart}", f"{ACCURACY}, folds as of {sky.apart}, regardless of the sky"
    separations |= {} if sky.hindrance else {far: 3600 * sky.degrees, alike: 3600 * sky.degrees}
    scores, fields = {name: np.zeros(len(sky.rows)) for name in separations}, sky.fields
    for draw, seed in enumerate(sky.seeds):
        for k, (name, separation) in enumerate(separations.items()):
            order = np.arange(len(sky.rows))
            if name == alike:
                order = _exchanged(sky.labels, np.random.default_rng(seed))
            splits = sky.splits(separation, seed)
            scores[name] += _right(features, sky.labels, splits, order) / len(sky.seeds)
            progress(draw * len(separations) + k + 1, len(sky.seeds) * len(separations))
    weights = _balancing(sky.labels)
    for name, score in scores.items():
        bounds = grouped_intervals(sky.labels, np.clip(score, 0, 1), fields)[1]
        yield measured(of, name, Estimate(float(np.mean(weights * score)), *bounds, len(score)))
    if far in scores:
        lost, most = weights * (scores[far] - scores[alike]), float(weights.max())
        (low, high), _ = judged_difference(lost / most, np.random.default_rng(sky.seeds.start), fields)
        estimate = Estimate(float(lost.mean()), most * low, most * high, len(lost))
        yield measured(of, f"{sky.apart} {MINUS}", estimate)


def _right(
    features: np.ndarray, labels: np.ndarray, splits: Sequence[Split], order: np.ndarray
) -> np.ndarray:
    """Whether a probe is right of each galaxy when its fold is held out, float (N,); `order`: who has whose place."""
    from threadpoolctl import threadpool_limits

    right = np.zeros(len(labels))
    # the matrices are small: threads of BLAS that wait for each other cost ten times the work on a busy machine
    with threadpool_limits(1, user_api="blas"):
        for split in splits:
            train, held_out, test = (order[part] for part in (split.train, split.validation, split.test))
            learned = (features[train], labels[train], features[held_out], labels[held_out])
            right[test] = linear_probe(*learned, features[test]) == labels[test]
    return right


def _exchanged(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows (N,) in which every galaxy has given its place to one of its class."""
    order = np.arange(len(labels))
    for one in np.unique(labels):
        order[labels == one] = rng.permutation(order[labels == one])
    return order


def _balancing(labels: np.ndarray) -> np.ndarray:
    """Weights (N,) under which a mean over galaxies is the mean over classes of their means."""
    _, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return np.asarray(len(labels) / (len(counts) * counts[places]), np.float64)


def _features(source: str, run: Run, asked: Asked, sky: Sky, progress: Progress) -> np.ndarray:
    """The last features of the source in the view of the run, float64 (N, D)."""
    taken = source_taken(source, run)
    last = taken.backbone.feature_layer
    depths = Depths(taken.backbone, taken.tensors, [last])
    found = features_at(depths, asked.galaxies.images, sky.rows, view_of(run), progress)
    return np.asarray(found[last], np.float64)


def _sky_of(asked: Asked) -> Sky:
    """The galaxies with a position, MOST_GALAXIES of them drawn by chance; what is left out is told."""
    galaxies, degrees = asked.galaxies, _degrees(str(asked.options["degrees"]))
    seeds = range(asked.seed, asked.seed + max(1, int(asked.options["shufflings"])))
    known = np.flatnonzero(np.isfinite(galaxies.ra) & np.isfinite(galaxies.dec))
    if not len(known):
        raise BadValueError(
            f"{galaxies.path.name} gives no galaxy a position, so it has no fields to hold out; it takes ra and dec "
            "in degrees beside the labels"
        )
    if n_unknown := len(galaxies.ra) - len(known):
        are = "is" if n_unknown == 1 else "are"
        asked.told.append(f"{counted(n_unknown, 'galaxy', 'galaxies')} without a position {are} left out")
    if len(known) > MOST_GALAXIES:
        asked.told.append(f"asked of {MOST_GALAXIES:,} of {len(known):,} galaxies, drawn by chance")
        known = np.sort(np.random.default_rng(asked.seed).permutation(known)[:MOST_GALAXIES])
    labels, ra, dec = (one[known] for one in (galaxies.labels, galaxies.ra, galaxies.dec))
    return Sky(known, labels, ra, dec, degrees, seeds)


def _degrees(text: str) -> float:
    most = MOST_SEPARATION_ARCSEC / 3600
    try:
        degrees = float(text)
    except ValueError:
        degrees = 0.0
    if not 0 < degrees <= most:
        raise BadValueError(
            f"degrees of fields must be a number above 0 and up to {most:g}, got {quoted(text)}; usual is 1"
        )
    return degrees


def _lie(file: str, sky: Sky) -> Iterator[Row]:
    """How many fields there are, how large the largest is, and in words that too few were found for some class."""
    yield Row(file, f"{sky.apart}: how many", float(len(np.unique(sky.fields))))
    yield Row(file, f"{sky.apart}: share of galaxies in the largest", sky.largest)
    yield Row(file, f"classes in fewer than {N_FOLDS} {sky.apart}", float(sky.n_scarce))
    if sky.hindrance:
        way_out = f"ask of nearer ones, --set degrees={sky.degrees / 2:g}, or of more galaxies"
        yield Row(file, f"{sky.apart.capitalize()} cannot be asked of {file}: {sky.hindrance}; {way_out}")


def kept_fields(asked: Sequence[tuple[Run, TableRow]]) -> Kept[tuple[Row, ...]]:
    """What was kept with each run of its source and of the galaxies it learned from."""

    def read(row: TableRow, record: Record) -> tuple[Row, ...]:
        return tuple(row for of, *plain in record["rows"] for row in rows_from(str(of), [plain]))

    def wanted(run: Run) -> Record:
        return {"data_sha256": data_of(run).get("sha256"), "source_sha256": mark_of_source(run)}

    taken = [(run, row) for run, row in asked if row.source != NO_SOURCE]
    return kept_of(taken, FIELDS, read, wanted) if taken else Kept({}, unusable=(NONE_TAKEN,))


def tell(found: Iterable[tuple[Row, ...]]) -> Iterator[Row]:
    """The rows of each source once, of however many runs took it over."""
    return iter(dict.fromkeys(chain.from_iterable(found)))


def sentence(frame: DataFrame) -> str:
    """What far fields cost each source, that no cost can be told, or that they cannot be asked."""
    costs = frame[frame.score.str.endswith(MINUS) & frame.value.notna()]
    said = [_in_words(row.of, row.score, (row.value, row.low, row.high)) for row in costs.itertuples()]
    return " ".join([*said, *(f"{one}." for one in dict.fromkeys(frame.score[frame.value.isna()]))])


def _in_words(of: str, score: str, estimate: tuple[float, float, float]) -> str:
    apart, whose = score.removesuffix(f" {MINUS}"), f"the features of {of}"
    # a cost is what is lost
    value, high, low = (-one for one in estimate)
    if low > 0 or high < 0:
        does, sign = ("cost", 1) if value > 0 else ("gain", -1)
        ends = " to ".join(number(100 * sign * one, 0) for one in ((low, high) if sign > 0 else (high, low)))
        return f"{apart.capitalize()} {does} {whose} {points(abs(value))} ({ends})."
    ends = " to ".join(number(100 * one, 0, "+") for one in (low, high))
    return f"No cost of {apart} can be told for {whose}: {points(value)} ({ends})."


def chart(frame: DataFrame) -> Figure:
    """Balanced accuracy of the probe by what was held out together, a colour a source."""
    known = frame[frame.score.str.startswith(ACCURACY)]
    told = known.assign(of=known.score.str.removeprefix(f"{ACCURACY}, "), score=known.of)
    return intervals(told, list(dict.fromkeys(known.of)), ACCURACY, ".0%")


STUDY = Study(
    *("fields", 105, TRUST, "Does it hold on fields that training never saw?", rows, sentence, chart),
    options={"degrees": "1", "shufflings": 5},
    kept=kept_fields,
    tell=tell,
    note="A linear probe on the last features of the source, which learned from none of these galaxies, in five folds: "
    "regardless of the sky, galaxies on one image together, whole fields together. What far fields cost is told "
    "against folds of as many galaxies of each class, since a large field also leaves fewer to learn from.",
    bars="95 % interval over the galaxies tested, those of a field taken as one (Wilson's at Kish's effective number; "
    "of the difference the sign-flip test's); the choice of those learned from is not in it",
)
