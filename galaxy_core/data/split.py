"""Who is trained on, who is watched, who is tested: by sky position and class, from one seed.

Galaxies closer than `separation_arcsec`, also through others in between, form a group, and a group is never
on two sides: the published file shows 59 positions twice, each with two labels. The module knows labels and
coordinates; it must not know images.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from galaxy_core.data.sky import sky_groups
from galaxy_core.errors import BadFileError, BadValueError, quoted

PARTS = ("train", "validation", "test")
SEPARATION_ARCSEC = 67.0  # the side of a Galaxy10 image: nearer galaxies are on each other's images
MOST_INDEX = 2**31  # no file holds as many galaxies; a larger number in a split.json is a mistake


@dataclass(frozen=True)
class Split:
    """Three disjoint sets of rows (int64, sorted, read-only), the seed, and a hash that names them."""

    train: np.ndarray = field(compare=False)
    validation: np.ndarray = field(compare=False)
    test: np.ndarray = field(compare=False)
    seed: int
    hash: str

    @classmethod
    def of(cls, train: np.ndarray, validation: np.ndarray, test: np.ndarray, *, seed: int) -> "Split":
        """The split of these rows; BadValueError where a part is empty."""
        parts = [_sorted_rows(part) for part in (train, validation, test)]
        for name, part in zip(PARTS, parts, strict=True):
            if part.size == 0:
                raise BadValueError(
                    f"the {name} part would be empty; every part needs at least one group of galaxies: "
                    "take more galaxies, larger shares or a smaller separation"
                )
        return cls(parts[0], parts[1], parts[2], seed, _hash(parts))

    def to_json(self) -> dict[str, Any]:
        """Plain values for split.json."""
        rows = {name: getattr(self, name).tolist() for name in PARTS}
        return {"seed": self.seed, "hash": self.hash, **rows}

    @classmethod
    def from_json(cls, value: Any) -> "Split":
        """The split in a split.json nobody vouches for: BadFileError unless whole, disjoint and as hashed."""
        if not isinstance(value, Mapping) or not {"seed", "hash", *PARTS} <= set(value):
            raise BadFileError("a split must be an object with seed, hash, train, validation and test")
        if type(value["seed"]) is not int:
            raise BadFileError(f"the seed of a split must be a whole number, got {quoted(value['seed'])}")
        parts = [_checked_rows(value[name], name) for name in PARTS]
        joined = np.concatenate(parts)
        if np.unique(joined).size != joined.size:
            raise BadFileError("the parts of the split share galaxies; a galaxy may be in one part once")
        if value["hash"] != _hash(parts):
            raise BadFileError(
                f"the split does not match its hash {quoted(value['hash'])}; it was changed since"
            )
        return cls(parts[0], parts[1], parts[2], value["seed"], value["hash"])


def split_galaxies(
    labels: np.ndarray,
    ra: np.ndarray,
    dec: np.ndarray,
    *,
    seed: int = 0,
    validation: float = 0.1,
    test: float = 0.2,
    separation_arcsec: float = SEPARATION_ARCSEC,
) -> Split:
    """Divide galaxies so that no sky neighbours are on two sides and every class is shared out alike.

    labels (N,), ra and dec (N,) in degrees, NaN where unknown (such a galaxy is its own group). Groups are
    connected components under the linking length, taken in an order shuffled by `seed`; each class comes as
    near to its share in each part as whole groups allow. BadValueError where a part would be left empty.
    """
    _check_shares(validation, test)
    _check_seed(seed)
    group_of, counts = _groups_and_counts(labels, ra, dec, separation_arcsec)
    targets = _targets(counts.sum(0), (test, validation))
    part_of = assign_groups(counts, targets, np.random.default_rng(seed))[group_of]
    return Split.of(*(np.flatnonzero(part_of == part) for part in (2, 1, 0)), seed=seed)


def folds(
    labels: np.ndarray,
    ra: np.ndarray,
    dec: np.ndarray,
    *,
    n_folds: int,
    seed: int,
    validation: float = 0.1,
    separation_arcsec: float = SEPARATION_ARCSEC,
) -> list[Split]:
    """`n_folds` splits that test every galaxy once; the rest of each fold is training and `validation`."""
    if not 2 <= n_folds <= len(labels):
        raise BadValueError(f"n_folds must lie in [2, {len(labels)}] (the number of galaxies), got {n_folds}")
    _check_shares(validation, 1 / n_folds)
    _check_seed(seed)
    group_of, counts = _groups_and_counts(labels, ra, dec, separation_arcsec)
    targets = _targets(counts.sum(0), (1 / n_folds,) * (n_folds - 1))
    fold_of = assign_groups(counts, targets, np.random.default_rng(seed))
    return [_fold(fold_of == k, group_of, counts, validation, [seed, k]) for k in range(n_folds)]


def oversample(labels: np.ndarray, indices: np.ndarray, *, seed: int) -> np.ndarray:
    """Repeat rows of the rare classes at random until all classes are as frequent (int64 indices).

    imbalanced-learn's RandomOverSampler on the indices, not on the images: the given ones come first, the
    copies after them. With a single class there is nothing to balance.
    """
    from imblearn.over_sampling import RandomOverSampler

    _check_seed(seed)
    indices = np.asarray(indices, np.int64)
    classes = np.asarray(labels)[indices]
    if np.unique(classes).size < 2:
        return indices.copy()
    sampler = RandomOverSampler(random_state=seed % 2**32)
    return sampler.fit_resample(indices.reshape(-1, 1), classes)[0].ravel().astype(np.int64)


def assign_groups(counts: np.ndarray, targets: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The part of each group: 0 ... P-1 as `targets` (P, C) ask galaxies per class, P for the rest.

    counts (G, C) are the galaxies of each class in each group. In a shuffled order a group goes to the first
    part with room for all its galaxies; where room is left that only larger groups could fill, the one that
    comes nearest fills it, if that is nearer than leaving the room empty.
    """
    room = targets.copy()
    part_of = np.full(len(counts), len(targets))
    for group in rng.permutation(len(counts)):
        fits = (room >= counts[group]).all(1)
        if fits.any():
            part_of[group] = fits.argmax()
            room[part_of[group]] -= counts[group]
    for part in range(len(targets)):
        _fill_up(part, part_of, room, counts)
    return part_of


def _fill_up(part: int, part_of: np.ndarray, room: np.ndarray, counts: np.ndarray) -> None:
    """Fill what room is left in a part with groups too large for it, while that brings it nearer.

    A part that got nothing takes the nearest group in any case, if another is left over.
    """
    while (room[part] > 0).any():
        free = np.flatnonzero(part_of == len(room))
        misses = np.abs(room[part] - counts[free]).sum(1)
        must = len(free) > 1 and not (part_of == part).any()
        if misses.size == 0 or (misses.min() >= np.abs(room[part]).sum() and not must):
            return
        group = free[misses.argmin()]
        part_of[group] = part
        room[part] -= counts[group]


def _groups_and_counts(
    labels: np.ndarray, ra: np.ndarray, dec: np.ndarray, separation_arcsec: float
) -> tuple[np.ndarray, np.ndarray]:
    """The group of each galaxy (N,), and how many galaxies of each class each group holds (G, C)."""
    labels, ra, dec = np.asarray(labels), np.asarray(ra, float), np.asarray(dec, float)
    if labels.ndim != 1 or labels.size == 0 or not labels.shape == ra.shape == dec.shape:
        raise BadValueError(
            f"labels, ra and dec must be as long as each other and not empty, got shapes {labels.shape}, "
            f"{ra.shape} and {dec.shape}"
        )
    group_of = sky_groups(ra, dec, separation_arcsec)
    classes = np.unique(labels, return_inverse=True)[1]
    counts = np.zeros((group_of.max() + 1, classes.max() + 1), np.int64)
    np.add.at(counts, (group_of, classes), 1)
    return group_of, counts


def _targets(class_sizes: np.ndarray, shares: tuple[float, ...]) -> np.ndarray:
    """Galaxies asked per part and class (P, C): the nearest whole number to each share.

    Where that asks nothing at all of a part (many classes of one or two), its total is kept instead, rounded
    from class to class.
    """
    exact = np.outer(shares, class_sizes)
    nearest = np.floor(exact + 0.5).astype(np.int64)
    carried = np.diff(np.floor(exact.cumsum(1) + 0.5).astype(np.int64), axis=1, prepend=0)
    return np.where(nearest.sum(1, keepdims=True) > 0, nearest, carried)


def _fold(
    is_tested: np.ndarray, group_of: np.ndarray, counts: np.ndarray, validation: float, seed: list[int]
) -> Split:
    free = np.where(is_tested[:, None], 0, counts)
    targets = _targets(counts.sum(0), (validation,))
    part_of = np.where(is_tested, 2, assign_groups(free, targets, np.random.default_rng(seed)))
    train, watched, tested = (np.flatnonzero(part_of[group_of] == part) for part in (1, 0, 2))
    return Split.of(train, watched, tested, seed=seed[0])


def _check_shares(validation: float, test: float) -> None:
    for name, share in (("validation", validation), ("test", test)):
        if not 0 < share < 1:
            raise BadValueError(f"{name} must lie between 0 and 1, got {share}; 0.1 and 0.2 are usual")
    if validation + test >= 1:
        raise BadValueError(
            f"validation and test must leave something to train on, got {validation} + {test}"
        )


def _check_seed(seed: int) -> None:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise BadValueError(f"seed must be a whole number of 0 or more, got {quoted(seed)}")


def _checked_rows(value: Any, name: str) -> np.ndarray:
    """One part of an untrusted split as int64 rows."""
    if not isinstance(value, list) or not value:
        raise BadFileError(f"the {name} part of the split must be a list of row numbers with at least one")
    for row in value:
        if type(row) is not int or not 0 <= row < MOST_INDEX:
            raise BadFileError(
                f"the {name} part of the split holds {quoted(row)}; rows must be 0 to {MOST_INDEX - 1}"
            )
    return _sorted_rows(np.array(value, np.int64))


def _sorted_rows(rows: np.ndarray) -> np.ndarray:
    rows = np.sort(np.asarray(rows, np.int64))
    rows.flags.writeable = False
    return rows


def _hash(parts: list[np.ndarray]) -> str:
    """sha256 over the three arrays as int64 little endian, each after its length: where one ends matters."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(np.array([part.size], "<i8").tobytes())
        digest.update(part.astype("<i8").tobytes())
    return digest.hexdigest()
