"""A file of galaxies at a glance: labels, positions and a few images, without unpacking or hashing the whole.

It reads the columns and single images of the HDF5 file itself, checked as `open_galaxies` checks them, so that a
page shows the published 2.7 GB file at once. It must not know runs nor networks.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from galaxy_core.data import hdf5_checks
from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.data.galaxy10 import ORIGINS
from galaxy_core.data.published import PUBLISHED_COUNTS
from galaxy_core.data.sky import sky_groups
from galaxy_core.data.split import PARTS, Split
from galaxy_core.errors import BadValueError


@dataclass(frozen=True, eq=False)
class Overview:
    """What a file says of itself: labels int64 (N,), ra and dec float64 (N,) in degrees, NaN where unknown."""

    path: Path
    labels: np.ndarray
    ra: np.ndarray
    dec: np.ndarray
    origin: str  # one of ORIGINS
    classes: Classes = GALAXY10

    @property
    def counts(self) -> list[int]:
        """Galaxies of each class."""
        return class_counts(self.labels, len(self.classes))

    @property
    def has_position(self) -> np.ndarray:
        """Which galaxies have a place on the sky, bool (N,)."""
        return np.isfinite(self.ra) & np.isfinite(self.dec)

    def place(self, row: int) -> tuple[float, float] | None:
        """Where this galaxy is seen on the sky; None where that is not known, or it is rendered."""
        is_seen = self.origin != "mock" and bool(self.has_position[row])
        return (float(self.ra[row]), float(self.dec[row])) if is_seen else None


@dataclass(frozen=True)
class SkyGroup:
    """Galaxies that lie within the separation of each other: their rows and class names."""

    rows: tuple[int, ...]
    classes: tuple[str, ...]
    ra: float
    dec: float

    @property
    def has_several_labels(self) -> bool:
        """Whether the same piece of sky was labelled in more than one way."""
        return len(set(self.classes)) > 1


def read_overview(path: str | os.PathLike[str]) -> Overview:
    """The columns of a Galaxy10 file. MissingError or BadFileError as `open_galaxies`; no image is read."""
    path = Path(path).absolute()
    with hdf5_checks.opened(path) as file:
        classes = hdf5_checks.read_classes(file, path)
        columns = hdf5_checks.read_columns(file, path, len(classes))
        origin = hdf5_checks.short_text_attribute(file, "origin")
    if origin not in ORIGINS:
        # the published file says nothing of itself; hashing it takes seconds, its counts are known
        counts = tuple(class_counts(columns["ans"], len(classes)))
        origin = "survey" if counts == PUBLISHED_COUNTS and classes == GALAXY10 else "imported"
    return Overview(path, columns["ans"], columns["ra"], columns["dec"], origin, classes)


def read_examples(path: str | os.PathLike[str], rows: Sequence[int]) -> np.ndarray:
    """The images of these rows, uint8 (n, 256, 256, 3), read one by one: 0.1 s each from compressed chunks."""
    path = Path(path).absolute()
    with hdf5_checks.opened(path) as file:
        n_galaxies = len(file["images"])
        if any(not 0 <= row < n_galaxies for row in rows):
            raise BadValueError(f"rows must lie in 0 to {n_galaxies - 1}, got {list(rows)[:10]}")
        return np.stack([file["images"][row] for row in rows])


def example_rows(labels: np.ndarray, number: int) -> list[int]:
    """The `number`-th row (from 0) of each class that the labels hold, beginning anew where a class has fewer."""
    found = (np.flatnonzero(labels == label) for label in np.unique(labels))
    return [int(rows[number % len(rows)]) for rows in found]


def class_counts(labels: np.ndarray, n_classes: int) -> list[int]:
    """How many of the labels are of each class."""
    return [int(n) for n in np.bincount(labels, minlength=n_classes)]


def oversampled_counts(counts: Sequence[int]) -> list[int]:
    """What `oversample` makes of these counts: every class that is there as often as the commonest."""
    return [max(counts) if n else 0 for n in counts]


def counts_by_part(labels: np.ndarray, split: Split, n_classes: int) -> dict[str, list[int]]:
    """Galaxies of each class in train, validation and test. BadValueError where the split is of other data."""
    rows = {part: getattr(split, part) for part in PARTS}
    largest = max(int(part[-1]) for part in rows.values())
    if largest >= len(labels):
        raise BadValueError(
            f"the split names galaxy {largest} and the file holds {len(labels)}: it was made for another file"
        )
    return {part: class_counts(labels[some], n_classes) for part, some in rows.items()}


def sky_duplicates(overview: Overview, separation_arcsec: float) -> list[SkyGroup]:
    """Groups of more than one galaxy within `separation_arcsec` of each other, the largest first."""
    group_of = sky_groups(overview.ra, overview.dec, separation_arcsec)
    sizes = np.bincount(group_of)
    groups = [np.flatnonzero(group_of == group) for group in np.flatnonzero(sizes > 1)]
    return [_sky_group(overview, rows) for rows in sorted(groups, key=len, reverse=True)]


def _sky_group(overview: Overview, rows: np.ndarray) -> SkyGroup:
    names = tuple(overview.classes[label] for label in overview.labels[rows])
    first = int(rows[0])
    return SkyGroup(tuple(map(int, rows)), names, float(overview.ra[first]), float(overview.dec[first]))
