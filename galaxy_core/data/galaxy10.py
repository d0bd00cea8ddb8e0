"""A file in the layout of Galaxy10 DECaLS, and one way to open it, checked, as a uint8 memory map.

It knows the layout of the file. It must not know what the galaxies are used for: no split, no network.
h5py is imported when a file is opened, since many pages want only the names of the classes.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from galaxy_core.data.cache import Progress, file_sha256, mapped_images
from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.data.published import PUBLISHED_SHA256
from galaxy_core.errors import BadFileError

ORIGINS = ("mock", "survey", "imported")


@dataclass(frozen=True, eq=False)
class Galaxies:
    """Labelled galaxies, row by row; positions in degrees, pixel scale in arcsec/pixel, NaN where unknown."""

    images: np.ndarray  # uint8 (N, 256, 256, 3), a read-only memory map
    labels: np.ndarray  # int64 (N,), numbers into `classes`
    ra: np.ndarray  # float64 (N,), as the three below
    dec: np.ndarray
    redshift: np.ndarray
    pixel_scale: np.ndarray
    sha256: str  # of the file
    origin: str  # one of ORIGINS
    path: Path
    classes: Classes = GALAXY10

    def __len__(self) -> int:
        return len(self.labels)


def open_galaxies(
    path: str | os.PathLike[str],
    *,
    cache_folder: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Galaxies:
    """Open a Galaxy10 file: every dataset checked, the images as a read-only uint8 memory map.

    The first opening hashes the file and unpacks its images once into `cache_folder` (or $GALAXY_CACHE, or
    the user's cache folder); later openings map that at once. `progress(done, total)` counts bytes of both.

    Raises MissingError (no such file), BadFileError (named dataset, value, rule and way out) or
    DiskFullError (no room for the memory map).
    """
    from galaxy_core.data import hdf5_checks

    path = Path(path).absolute()
    with hdf5_checks.opened(path) as file:
        found = _fingerprint(path)
        classes = hdf5_checks.read_classes(file, path)
        columns = hdf5_checks.read_columns(file, path, len(classes))
        origin = hdf5_checks.short_text_attribute(file, "origin")
        sha256 = file_sha256(path, cache_folder, _part(progress, 0, file["images"].nbytes))
        after_hash = _part(progress, path.stat().st_size, 0)
        images = mapped_images(file["images"], sha256, cache_folder, after_hash)
        if _fingerprint(path) != found:
            raise BadFileError(
                f"{path} changed while it was read; wait until it is complete and open it again"
            )
    return _galaxies(images, columns, sha256, origin, path, classes)


def classes_of(path: str | os.PathLike[str]) -> Classes:
    """The classes that a file of galaxies names; Galaxy10's where it names none, or is not there (yet)."""
    from galaxy_core.data import hdf5_checks

    path = Path(path).absolute()
    if not path.is_file():
        return GALAXY10
    with hdf5_checks.opened(path) as file:
        return hdf5_checks.read_classes(file, path)


def _galaxies(
    images: np.ndarray,
    columns: Mapping[str, np.ndarray],
    sha256: str,
    origin: str | None,
    path: Path,
    classes: Classes,
) -> Galaxies:
    by_hash = "survey" if sha256 == PUBLISHED_SHA256 else "imported"
    return Galaxies(
        images=images,
        labels=columns["ans"],
        ra=columns["ra"],
        dec=columns["dec"],
        redshift=columns["redshift"],
        pixel_scale=columns["pxscale"],
        sha256=sha256,
        origin=origin if origin in ORIGINS else by_hash,
        path=path,
        classes=classes,
    )


def _fingerprint(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_size, state.st_mtime_ns


def _part(progress: Progress | None, before: int, after: int) -> Progress | None:
    """`progress` for one of two steps: `before` bytes are done already, `after` bytes are still to come."""
    if progress is None:
        return None

    def report(done: int, total: int) -> Any:
        progress(before + done, before + total + after)

    return report
