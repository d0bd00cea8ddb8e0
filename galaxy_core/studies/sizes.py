"""Does it hold on galaxies larger than those it learned from: a linear probe that learned from the smaller half of each
class, asked of the larger half, and the other way round; and whether it helps to have seen the smaller ones enlarged.

As the study of fields it is asked of the sources that runs took layers from, in the view of these runs. The halves are
made within each class, so that large does not mean of another class; sizes are those of the outlines that
`maps.galaxy_mask` finds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.data.sky import sky_groups
from galaxy_core.data.split import SEPARATION_ARCSEC
from galaxy_core.errors import BadValueError
from galaxy_core.maps.galaxy_mask import find_galaxy
from galaxy_core.metrics.resample import Estimate
from galaxy_core.metrics.statistics import grouped_intervals
from galaxy_core.numerals import number, points
from galaxy_core.results.records import SIZES
from galaxy_core.studies.charts import intervals
from galaxy_core.studies.sources.probing import (
    ACCURACY,
    change,
    cost_in_words,
    kept_of_sources,
    not_too_many,
    of_each_source,
    probe_right,
    tell,
    tell_left_out,
)
from galaxy_core.studies.study import TRUST, Asked, Figure, Progress, Row, Study, measured, share_of

if TYPE_CHECKING:
    from pandas import DataFrame

HALVES = ("smaller", "larger")
ALIKE = "as many of both halves"
MINUS = f"minus learned from {ALIKE}"
ZOOMS = (1.0, 1.3, 1.7)
"""The last about as much as the larger halves are larger."""
ENLARGED, WON = "the smaller half, also enlarged 1.3 and 1.7 times", "minus not enlarged"
SHARE_HELD_OUT = 1 / 7
"""Of what a probe learns from: the galaxies its penalty is chosen on."""
FEWEST = 8
"""Galaxies of a class: four in a half, of which one is held out."""


@dataclass(frozen=True, eq=False)
class Halves:
    """Galaxies int (N,) `rows` of their file, with `radii` in `unit`, in two halves of each class by radius.

    `groups` int (N,): equal where galaxies are neighbours on the sky. Everything is made once for each of the seeds.
    """

    rows: np.ndarray
    labels: np.ndarray
    radii: np.ndarray
    unit: str
    groups: np.ndarray
    seeds: range

    @cached_property
    def is_larger(self) -> np.ndarray:
        """Bool (N,): the upper half of each class."""
        return _upper_half(self.labels, self.radii)

    def tests(self, half: int, is_apart: bool, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """What is learned from and what is asked, as rows: every galaxy of the half (0, the smaller; 1) is asked once.

        Where it is apart all of the other half is learned from; else halves of each class drawn by chance, in turn.
        """
        asked = self.is_larger == bool(half)
        if is_apart:
            yield np.flatnonzero(~asked), np.flatnonzero(asked)
            return
        drawn = _upper_half(self.labels, np.random.default_rng(seed).random(len(self.labels)))
        for part in (drawn, ~drawn):
            yield np.flatnonzero(part), np.flatnonzero(asked & ~part)


def learned(half: int, from_what: str) -> str:
    """The name of a score: `balanced accuracy of the larger half, learned from the smaller half`."""
    return f"{ACCURACY} of the {HALVES[half]} half, learned from {from_what}"


def other(half: int) -> str:
    """`the smaller half` of the larger."""
    return f"the {HALVES[1 - half]} half"


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """How large the halves are, and of each source its probe on the half that it did not learn from."""
    halves = _halves_of(asked, share_of(progress, 0, 2))
    lie = list(_lie(asked.galaxies.path.name, halves))

    def probe(name: str, features: np.ndarray, progress: Progress) -> Iterator[Row]:
        return probed(name, features, halves, progress)

    head = {"shufflings": len(halves.seeds)}
    part = share_of(progress, 1, 2)
    yield from of_each_source(asked, part, SIZES, halves.rows, lie, head, probe, ZOOMS)


def probed(
    of: str, features: np.ndarray, halves: Halves, progress: Progress = lambda done, total: None
) -> Iterator[Row]:
    """Balanced accuracy of a probe on features float (zooms, N, D) in each half, and what it costs to learn from the
    other.

    The cost is against as many galaxies of each class, drawn from both halves. Each is a mean over the seeds.
    """
    for half in range(2):
        yield from _of_half(of, features, halves, half, share_of(progress, half, 2))


def _of_half(of: str, features: np.ndarray, halves: Halves, half: int, progress: Progress) -> Iterator[Row]:
    """The rows of the smaller half (0) or the larger (1), which a probe that saw others enlarged is asked of too."""
    is_asked = halves.is_larger == bool(half)
    labels, groups = halves.labels[is_asked], halves.groups[is_asked]

    def score(zooms: np.ndarray, is_apart: bool, k: int) -> np.ndarray:
        return _score(zooms, halves, half, is_apart, share_of(progress, k, 2 + half))[is_asked]

    def told(scores: np.ndarray, name: str) -> Row:
        return measured(of, name, _balanced(labels, scores, groups))

    def won(changes: np.ndarray, name: str) -> Row:
        return change(of, name, labels, changes, groups, halves.seeds.start)

    apart, both = score(features[:1], True, 0), score(features[:1], False, 1)
    yield told(apart, learned(half, other(half)))
    yield told(both, learned(half, ALIKE))
    yield won(apart - both, f"{learned(half, other(half))} {MINUS}")
    if half:
        enlarged = score(features, True, 2)
        yield told(enlarged, learned(half, ENLARGED))
        yield won(enlarged - apart, f"{learned(half, ENLARGED)} {WON}")


def _score(features: np.ndarray, halves: Halves, half: int, is_apart: bool, progress: Progress) -> np.ndarray:
    """How often a probe is right of each galaxy of the half over the seeds, float (N,); 0 in the other half.

    It learns from its galaxies at every zoom of the features (zooms, N, D), and is asked of them at the first.
    """
    n_zooms, n = features.shape[:2]
    score, labels = np.zeros(n), np.tile(halves.labels, n_zooms)
    every = n * np.arange(n_zooms)[:, None]
    for done, seed in enumerate(halves.seeds, start=1):
        for taken, tested in halves.tests(half, is_apart, seed):
            held_out = _held_out(halves.labels[taken], seed)
            train, chosen_on = ((every + part).ravel() for part in (taken[~held_out], taken[held_out]))
            right = probe_right(features.reshape(n_zooms * n, -1), labels, train, chosen_on, tested)
            score[tested] += right / len(halves.seeds)
        progress(done, len(halves.seeds))
    return score


def _balanced(labels: np.ndarray, score: np.ndarray, groups: np.ndarray) -> Estimate:
    bounds = grouped_intervals(labels, np.clip(score, 0, 1), groups)[1]
    of_class = [float(score[labels == one].mean()) for one in np.unique(labels)]
    return Estimate(float(np.mean(of_class)), *bounds, len(score))


def _held_out(labels: np.ndarray, seed: int) -> np.ndarray:
    """Bool (N,): of each class a share by chance, one galaxy at least."""
    found, rng = np.zeros(len(labels), bool), np.random.default_rng(seed)
    for one in np.unique(labels):
        own = rng.permutation(np.flatnonzero(labels == one))
        found[own[: max(1, round(SHARE_HELD_OUT * len(own)))]] = True
    return found


def _upper_half(labels: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Bool (N,): of each class the half with the larger values, the galaxy in the middle among them."""
    upper = np.zeros(len(labels), bool)
    for one in np.unique(labels):
        own = np.flatnonzero(labels == one)
        upper[own[np.argsort(values[own], kind="stable")[len(own) // 2 :]]] = True
    return upper


def _halves_of(asked: Asked, progress: Progress) -> Halves:
    """The galaxies whose outline is found, not too many of them; what is left out is told."""
    galaxies = asked.galaxies
    drawn = not_too_many(np.arange(len(galaxies.labels)), asked)
    radii, unit = _radii(galaxies, drawn, progress)
    known = np.isfinite(radii)
    tell_left_out(int((~known).sum()), "an outline" if unit == "px" else "an outline or a pixel scale", asked)
    labels = galaxies.labels[drawn[known]]
    few = [galaxies.classes[one] for one in np.unique(labels) if (labels == one).sum() < FEWEST]
    if few or len(np.unique(labels)) < 2:
        raise BadValueError(
            f"halves by size take two classes and {FEWEST} galaxies of each with an outline; {galaxies.path.name} has "
            f"fewer{f' of {few[0]}' if few else ' classes'}"
        )
    rows = drawn[known]
    groups = sky_groups(galaxies.ra[rows], galaxies.dec[rows], SEPARATION_ARCSEC)
    seeds = range(asked.seed, asked.seed + max(1, int(asked.options["shufflings"])))
    return Halves(rows, labels, radii[known], unit, groups, seeds)


def _radii(galaxies: Galaxies, rows: np.ndarray, progress: Progress) -> tuple[np.ndarray, str]:
    """Radius of each galaxy, float (N,), NaN where no outline is found, and its unit: arcsec where the file has scales,
    else pixels.
    """
    scales = galaxies.pixel_scale[rows]
    is_known = bool(np.isfinite(scales).any())
    radii = np.full(len(rows), np.nan)
    for k, row in enumerate(rows):
        mask = find_galaxy(np.asarray(galaxies.images[row]))
        if mask.is_detected:
            radii[k] = mask.radius * (scales[k] if is_known else 1)
        progress(k + 1, len(rows))
    return radii, "arcsec" if is_known else "px"


def _lie(file: str, halves: Halves) -> Iterator[Row]:
    """How large the galaxies of both halves are."""
    for half, name in enumerate(HALVES):
        radii = halves.radii[halves.is_larger == bool(half)]
        yield Row(file, f"median radius of the {name} halves, {halves.unit}", float(np.median(radii)))


def sentence(frame: DataFrame) -> str:
    """What it costs each source to have learned from galaxies of another size, or that no cost can be told; and what
    enlarging is worth.
    """
    names = {f"{learned(half, other(half))} {MINUS}": half for half in (1, 0)}
    said = []
    for row in frame[frame.score.isin(names)].itertuples():
        what = f"{HALVES[names[row.score]]} galaxies than those learned from"
        said.append(cost_in_words(what, row.of, (row.value, row.low, row.high)))
    for row in frame[frame.score == f"{learned(1, ENLARGED)} {WON}"].itertuples():
        ends = " to ".join(number(100 * one, 0, "+") for one in (row.low, row.high))
        worth = f"{points(row.value)} ({ends}) to the larger ones of {row.of}"
        said.append(f"To have seen the smaller ones enlarged too is worth {worth}.")
    return " ".join(said)


def chart(frame: DataFrame) -> Figure:
    """Balanced accuracy of the probe in each half by what it learned from, a colour a source."""
    known = frame[frame.score.str.startswith(ACCURACY) & ~frame.score.str.endswith((MINUS, WON))]
    told = known.assign(of=known.score.str.removeprefix(f"{ACCURACY} of "), score=known.of)
    return intervals(told, list(dict.fromkeys(known.of)), ACCURACY, ".0%")


STUDY = Study(
    *(
        "sizes",
        106,
        TRUST,
        "Does it hold on galaxies larger than those it learned from?",
        rows,
        sentence,
        chart,
    ),
    options={"shufflings": 5},
    kept=lambda asked: kept_of_sources(asked, SIZES),
    tell=tell,
    note="A linear probe on the last features of the source, which learned from none of these galaxies. Halves by the "
    "radius of the outline, within each class. What another size costs is told against as many galaxies of each class "
    "drawn from both halves.",
    bars="95 % interval over the galaxies asked, neighbours on the sky taken as one (Wilson's at Kish's effective "
    "number; of the difference the sign-flip test's); the choice of those learned from is not in it",
)
