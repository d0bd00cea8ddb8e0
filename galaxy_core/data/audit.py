"""What could leak from training into test in a file of galaxies: copies, neighbours on the sky, oversampling.

It counts and compares; whether a leak matters is for a classifier to show (`studies.inflation`). It knows
nothing of networks or runs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from galaxy_core.data.alike import Fingerprints, fingerprints, identical_pairs, near_identical_pairs
from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.data.overview import class_counts
from galaxy_core.data.published import PUBLISHED_COUNTS
from galaxy_core.data.sky import sky_pairs
from galaxy_core.data.split import PARTS, Split, oversample, split_galaxies

Progress = Callable[[int, int], None]

SEPARATIONS_ARCSEC = (3.0, 33.5, 67.0)
"""One object twice; half a Galaxy10 image; a whole one."""
N_NAIVE_SPLITS = 20
TRAIN_SHARE, TEST_SHARE = 0.7, 0.2


@dataclass(frozen=True)
class PairCount:
    """One kind of pair: how many, how many of them with two labels, and how many with one galaxy in training and
    one in test, by the split of this project and, on average, by one that deals rows out at random.
    """

    kind: str
    n_pairs: int
    n_two_labels: int
    apart_by_split: int
    apart_by_chance: float


@dataclass(frozen=True)
class CopyShare:
    """Oversampling before the split: the share of test rows whose own copy is in training, for some class counts."""

    frequencies: str
    counts: list[int]
    share_copied: float


@dataclass(frozen=True, eq=False)
class Audit:
    """Everything that was counted; `prints` holds the images in small for who wants to classify them."""

    n: int
    counts: list[int]
    n_without_position: int
    pairs: list[PairCount]
    copies: list[CopyShare]
    split: Split
    prints: Fingerprints
    classes: Classes = GALAXY10

    def to_json(self) -> dict[str, Any]:
        """Plain values, without the fingerprints; of the split its seed, hash and sizes."""
        return {
            "n": self.n,
            "counts": self.counts,
            "n_without_position": self.n_without_position,
            "pairs": [vars(one) for one in self.pairs],
            "oversampled_before_split": [vars(one) for one in self.copies],
            "split": {
                "seed": self.split.seed,
                "hash": self.split.hash,
                **{part: len(getattr(self.split, part)) for part in PARTS},
            },
        }


def audit_galaxies(galaxies: Galaxies, *, seed: int = 0, progress: Progress | None = None) -> Audit:
    """Read every image once and count what could leak; memory does not grow with the images' size.

    `seed` is that of the split. Near-identical pictures are found up to brightness and compression, not where
    they are moved or turned: those are neighbours on the sky if anything.
    """
    labels, classes = galaxies.labels, galaxies.classes
    prints = fingerprints(galaxies.images, progress)
    split = split_galaxies(labels, galaxies.ra, galaxies.dec, seed=seed)
    kinds = {
        f"within {arcsec:g} arcsec": sky_pairs(galaxies.ra, galaxies.dec, arcsec)
        for arcsec in SEPARATIONS_ARCSEC
    }
    kinds["identical images"] = identical_pairs(prints)
    kinds["nearly identical images"] = near_identical_pairs(prints)
    return Audit(
        n=len(labels),
        counts=class_counts(labels, len(classes)),
        n_without_position=int(np.sum(~(np.isfinite(galaxies.ra) & np.isfinite(galaxies.dec)))),
        pairs=[_count(kind, pairs, labels, split, seed) for kind, pairs in kinds.items()],
        copies=[
            _copies(kind, labels, rows, seed, len(classes))
            for kind, rows in frequencies(labels, seed, classes).items()
        ],
        split=split,
        prints=prints,
        classes=classes,
    )


def frequencies(labels: np.ndarray, seed: int, classes: Classes = GALAXY10) -> dict[str, np.ndarray]:
    """Rows with the file's own class counts, with equal ones, and with those of the survey, as many as there are.

    How often the survey has a class is known of Galaxy10's alone.
    """
    counts = np.array(class_counts(labels, len(classes)))
    is_there = counts > 0
    equal = np.where(is_there, counts[is_there].min(), 0)
    found = {"as in the file": np.arange(len(labels)), "balanced": _drawn(labels, equal, seed)}
    if classes != GALAXY10:
        return found
    published = np.where(is_there, PUBLISHED_COUNTS, 0)
    scale = np.min(counts[is_there] / published[is_there])
    survey = np.where(is_there, np.maximum(1, np.floor(published * scale + 1e-9)), 0).astype(int)
    return {**found, "as in the survey": _drawn(labels, survey, seed)}


def oversampled_split(
    labels: np.ndarray, rows: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """What some notebooks do: repeat rare classes first, divide afterwards. Rows of training and of test, with copies.

    rows int (M,) into labels; 70 % of the repeated rows are trained on and 20 % tested.
    """
    repeated = rng.permutation(oversample(labels, rows, seed=int(rng.integers(2**31))))
    n_train, n_test = round(TRAIN_SHARE * len(repeated)), round(TEST_SHARE * len(repeated))
    return repeated[:n_train], repeated[len(repeated) - n_test :]


def apart(pairs: np.ndarray, train: np.ndarray, test: np.ndarray, n: int) -> int:
    """How many pairs of rows (P, 2) have one in training and the other in test, of `n` rows in all."""
    part_of = np.zeros(n, np.int8)
    part_of[train], part_of[test] = 1, 2
    return int(np.sum(part_of[pairs].sum(axis=1) == 3)) if len(pairs) else 0


def _count(kind: str, pairs: np.ndarray, labels: np.ndarray, split: Split, seed: int) -> PairCount:
    rng, n = np.random.default_rng(seed), len(labels)
    n_train, n_test = round(TRAIN_SHARE * n), round(TEST_SHARE * n)
    dealt = (rng.permutation(n) for _ in range(N_NAIVE_SPLITS))
    by_chance = [apart(pairs, rows[:n_train], rows[n - n_test :], n) for rows in dealt]
    return PairCount(
        kind,
        len(pairs),
        int(np.sum(labels[pairs[:, 0]] != labels[pairs[:, 1]])),
        apart(pairs, split.train, split.test, n),
        float(np.mean(by_chance)),
    )


def _copies(kind: str, labels: np.ndarray, rows: np.ndarray, seed: int, n_classes: int) -> CopyShare:
    rng = np.random.default_rng(seed)
    splits = (oversampled_split(labels, rows, rng) for _ in range(N_NAIVE_SPLITS))
    share = float(np.mean([np.mean(np.isin(test, train)) for train, test in splits]))
    return CopyShare(kind, class_counts(labels[rows], n_classes), share)


def _drawn(labels: np.ndarray, counts: np.ndarray, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    chosen = [rng.permutation(np.flatnonzero(labels == c))[:n] for c, n in enumerate(counts)]
    return np.sort(np.concatenate(chosen))
