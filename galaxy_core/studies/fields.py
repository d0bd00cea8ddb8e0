"""Does it hold on fields that training never saw: a linear probe tested on other parts of the sky than it learned from.

Asked of the sources that runs took layers from, in the view of these runs: their features have seen none of these
galaxies, so that what is lost far away is lost to a narrow sample and not to what a run remembers of its training.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from galaxy_core.data.sky import MOST_SEPARATION_ARCSEC, sky_groups
from galaxy_core.data.split import SEPARATION_ARCSEC, Split, folds
from galaxy_core.errors import BadValueError, quoted
from galaxy_core.metrics.resample import Estimate
from galaxy_core.metrics.statistics import grouped_intervals
from galaxy_core.results.records import FIELDS
from galaxy_core.studies.charts import intervals
from galaxy_core.studies.sources.probing import (
    ACCURACY,
    balancing,
    change,
    cost_in_words,
    kept_of_sources,
    not_too_many,
    of_each_source,
    probe_right,
    tell,
    tell_left_out,
)
from galaxy_core.studies.study import TRUST, Asked, Figure, Progress, Row, Study, measured

if TYPE_CHECKING:
    from pandas import DataFrame

N_FOLDS = 5
MINUS = "minus the same folds regardless of the sky"
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
    sky = _sky_of(asked)
    lie = list(_lie(asked.galaxies.path.name, sky))
    head = {"degrees": sky.degrees, "shufflings": len(sky.seeds)}

    def probe(name: str, features: np.ndarray, progress: Progress) -> Iterator[Row]:
        return probed(name, features[0], sky, progress)

    yield from of_each_source(asked, progress, FIELDS, sky.rows, lie, head, probe)


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
    weights = balancing(sky.labels)
    for name, score in scores.items():
        bounds = grouped_intervals(sky.labels, np.clip(score, 0, 1), fields)[1]
        yield measured(of, name, Estimate(float(np.mean(weights * score)), *bounds, len(score)))
    if far in scores:
        changes = scores[far] - scores[alike]
        yield change(of, f"{sky.apart} {MINUS}", sky.labels, changes, fields, sky.seeds.start)


def _right(
    features: np.ndarray, labels: np.ndarray, splits: Sequence[Split], order: np.ndarray
) -> np.ndarray:
    """Whether a probe is right of each galaxy when its fold is held out, float (N,); `order`: who has whose place."""
    right = np.zeros(len(labels))
    for split in splits:
        train, held_out, test = (order[part] for part in (split.train, split.validation, split.test))
        right[test] = probe_right(features, labels, train, held_out, test)
    return right


def _exchanged(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows (N,) in which every galaxy has given its place to one of its class."""
    order = np.arange(len(labels))
    for one in np.unique(labels):
        order[labels == one] = rng.permutation(order[labels == one])
    return order


def _sky_of(asked: Asked) -> Sky:
    """The galaxies with a position, not too many of them; what is left out is told."""
    galaxies, degrees = asked.galaxies, _degrees(str(asked.options["degrees"]))
    seeds = range(asked.seed, asked.seed + max(1, int(asked.options["shufflings"])))
    known = np.flatnonzero(np.isfinite(galaxies.ra) & np.isfinite(galaxies.dec))
    if not len(known):
        raise BadValueError(
            f"{galaxies.path.name} gives no galaxy a position, so it has no fields to hold out; it takes ra and dec "
            "in degrees beside the labels"
        )
    tell_left_out(len(galaxies.ra) - len(known), "a position", asked)
    known = not_too_many(known, asked)
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


def sentence(frame: DataFrame) -> str:
    """What far fields cost each source, that no cost can be told, or that they cannot be asked."""
    costs = frame[frame.score.str.endswith(MINUS) & frame.value.notna()]
    said = [
        cost_in_words(row.score.removesuffix(f" {MINUS}"), row.of, (row.value, row.low, row.high))
        for row in costs.itertuples()
    ]
    return " ".join([*said, *(f"{one}." for one in dict.fromkeys(frame.score[frame.value.isna()]))])


def chart(frame: DataFrame) -> Figure:
    """Balanced accuracy of the probe by what was held out together, a colour a source."""
    known = frame[frame.score.str.startswith(ACCURACY)]
    told = known.assign(of=known.score.str.removeprefix(f"{ACCURACY}, "), score=known.of)
    return intervals(told, list(dict.fromkeys(known.of)), ACCURACY, ".0%")


STUDY = Study(
    *("fields", 105, TRUST, "Does it hold on fields that training never saw?", rows, sentence, chart),
    options={"degrees": "1", "shufflings": 5},
    kept=lambda asked: kept_of_sources(asked, FIELDS),
    tell=tell,
    note="A linear probe on the last features of the source, which learned from none of these galaxies, in five folds: "
    "regardless of the sky, galaxies on one image together, whole fields together. What far fields cost is told "
    "against folds of as many galaxies of each class, since a large field also leaves fewer to learn from.",
    bars="95 % interval over the galaxies tested, those of a field taken as one (Wilson's at Kish's effective number; "
    "of the difference the sign-flip test's); the choice of those learned from is not in it",
)
