"""A folder of labelled pictures becomes a file in the Galaxy10 layout.

It knows pictures, their labels.csv and the layout. It must not guess: what is not said stays NaN.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from galaxy_core.data.cache import Progress
from galaxy_core.data.classes import Classes
from galaxy_core.data.labels_csv import LabelledFile, read_labels
from galaxy_core.data.published import IMAGE_SIZE
from galaxy_core.errors import BadFileError
from galaxy_core.files.destination import check_destination
from galaxy_core.images.read import open_image, to_square

NATIVE_SCALE = 0.262  # arcsec/pixel of a Legacy Surveys image, as most of Galaxy10


@dataclass(frozen=True)
class ImportSummary:
    """What became of a folder: how many images of each class, and what had to be done to them."""

    path: Path
    n_images: int
    classes: Classes
    class_counts: tuple[int, ...]
    are_numbers: (
        bool  # the labels, so that the names of their classes are an answer of ours or of whoever asked
    )
    n_cropped: int  # were not square: their central square was taken
    n_resized: int  # were not 256 pixels a side
    n_without_position: int  # each will be its own group in a split


def import_folder(
    folder: str | os.PathLike[str],
    labels_csv: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    classes: Classes | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
) -> ImportSummary:
    """Write `out` from the pictures that `labels_csv` names (see `labels_csv.read_labels` for its columns, and for
    which classes they are where `classes` are not given).

    Pictures of another shape are cropped to their central square, of another size resized to 256 pixels, and
    the summary says how many; a pixel scale given for the picture is carried over to the new size. Where none
    is given it is that of the header of a FITS image, else 0.262 arcsec/pixel for pictures of 256 by 256 pixels and
    unknown (NaN) for others. All
    lines are checked before the first picture is decoded; any error names the line and leaves nothing behind.
    `progress(done, total)` counts pictures.
    """
    from galaxy_core.data.layout import write_galaxy10

    out = Path(out)
    check_destination(out, overwrite=overwrite, inputs=(folder, labels_csv))
    labels = read_labels(Path(labels_csv), Path(folder), classes)
    files = labels.files
    sizes = np.zeros((len(files), 2), np.int64)
    pixel_scale = np.array([file.pixel_scale for file in files])
    numbers = np.array([file.label for file in files])
    ra, dec = (np.array([getattr(file, name) for file in files]) for name in ("ra", "dec"))
    write_galaxy10(
        out,
        _squares(files, sizes, pixel_scale, progress),
        numbers,
        ra=ra,
        dec=dec,
        redshift=np.array([file.redshift for file in files]),
        pixel_scale=pixel_scale,
        classes=labels.classes,
        attributes={"origin": "imported"},
        overwrite=overwrite,
    )
    is_placed = np.isfinite(ra) & np.isfinite(dec)
    return summary_of(out, numbers, labels.classes, sizes, is_placed, are_numbers=labels.are_numbers)


def _squares(
    files: list[LabelledFile], sizes: np.ndarray, pixel_scale: np.ndarray, progress: Progress | None
) -> Iterator[np.ndarray]:
    """Every picture as 256 x 256, its original size noted, and its pixel scale where that tells it."""
    for row, file in enumerate(files):
        try:
            read = open_image(file.path)
        except BadFileError as error:
            raise BadFileError(f"line {file.line} of the labels: {error}") from error
        sizes[row] = read.pixels.shape[:2]
        if read.pixel_scale_arcsec is not None:  # that of a FITS image is of the pixels it was brought to
            pixel_scale[row] = read.pixel_scale_arcsec
        pixel_scale[row] = scale_after(pixel_scale[row], sizes[row])
        yield to_square(read.pixels, IMAGE_SIZE)
        if progress is not None:
            progress(row + 1, len(files))


def scale_after(given: float, size: np.ndarray) -> float:
    """The pixel scale of the 256-pixel square, from that of the picture or, for a native one, of the survey."""
    if np.isnan(given) and (size == IMAGE_SIZE).all():
        return NATIVE_SCALE
    return given * size.min() / IMAGE_SIZE


def summary_of(
    out: Path,
    labels: np.ndarray,
    classes: Classes,
    sizes: np.ndarray,
    is_placed: np.ndarray,
    *,
    are_numbers: bool = False,
) -> ImportSummary:
    """What became of pictures of these labels int (N,) and sizes int (N, 2), some with a position, bool (N,)."""
    return ImportSummary(
        path=out,
        n_images=len(labels),
        classes=classes,
        class_counts=tuple(np.bincount(labels, minlength=len(classes)).tolist()),
        are_numbers=are_numbers,
        n_cropped=int((sizes[:, 0] != sizes[:, 1]).sum()),
        n_resized=int((sizes.min(1) != IMAGE_SIZE).sum()),
        n_without_position=int((~is_placed).sum()),
    )
