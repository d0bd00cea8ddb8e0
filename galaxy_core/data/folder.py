"""A folder of labelled pictures, or a zip of one, becomes a file in the Galaxy10 layout.

It knows pictures, their labels (by a CSV or by subfolders) and the layout. It must not guess: what is not
said stays NaN.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from galaxy_core.data.cache import Progress
from galaxy_core.data.class_folders import read_folder
from galaxy_core.data.classes import Classes
from galaxy_core.data.labels_csv import LabelledFile, Labels
from galaxy_core.data.pixel_scale import scale_counts
from galaxy_core.data.published import IMAGE_SIZE
from galaxy_core.data.zipped_folder import is_zip, unpacked
from galaxy_core.errors import BadFileError, GalaxyError
from galaxy_core.files.destination import check_destination
from galaxy_core.images.folder import counted
from galaxy_core.images.read import open_image, to_square


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
    pixel_scales: Mapping[str, int]  # by `pixel_scale.scale_counts`
    left_out: tuple[str, ...] = ()  # names of what lies beside the pictures

    @property
    def left_out_in_words(self) -> str:
        """How many, and the first of them by name; "" where nothing was left out."""
        return left_out_in_words(self.left_out)


def left_out_in_words(names: tuple[str, ...]) -> str:
    """The sentence about what became of no galaxy; "" where there is none."""
    return f"left out as no image, or without a class: {counted(names)}" if names else ""


def import_folder(
    folder: str | os.PathLike[str],
    labels_csv: str | os.PathLike[str] | None,
    out: str | os.PathLike[str],
    *,
    classes: Classes | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
) -> ImportSummary:
    """Write `out` from the pictures in a folder, or a zip of one, with the labels that `labels_csv` gives them or,
    without it, the folder itself (`class_folders.read_folder`; `labels_csv.read_labels` has the columns, and which
    classes they are where `classes` are not given).

    Pictures of another shape are cropped to their central square, of another size resized to 256 pixels, and
    the summary says how many; a pixel scale given for the picture is carried over to the new size. Where none
    is given it is that of the header of a FITS image, else unknown (NaN): Galaxy10 has two scales at one size. All
    lines are checked before the first picture is decoded; any error names the line and leaves nothing behind.
    `progress(done, total)` counts pictures.
    """
    out = Path(out)
    inputs = [folder] if labels_csv is None else [folder, labels_csv]
    check_destination(out, overwrite=overwrite, inputs=inputs)
    csv = None if labels_csv is None else Path(labels_csv)
    with labelled_folder(Path(folder), out, csv, classes) as labels:
        return _write(labels, out, progress, overwrite)


@contextmanager
def labelled_folder(
    source: Path,
    beside: Path,
    labels_csv: Path | None = None,
    classes: Classes | None = None,
    *,
    with_pictures: bool = True,
) -> Iterator[Labels]:
    """The labelled pictures of a folder or of a zip, which is unpacked beside a file for as long as the block lasts.

    Without `with_pictures` those of a zip stay in it, and their files are empty. Errors name the zip, not the folder.
    """
    if not is_zip(source):
        yield read_folder(source, labels_csv, classes)
        return
    with unpacked(source, str(source), beside, with_pictures=with_pictures) as (folder, left_out):
        try:
            labels = read_folder(folder, labels_csv, classes)
            yield replace(labels, left_out=(*labels.left_out, *left_out))
        except GalaxyError as error:
            error.args = (str(error).replace(str(folder), str(source)), *error.args[1:])
            raise


def _write(labels: Labels, out: Path, progress: Progress | None, overwrite: bool) -> ImportSummary:
    from galaxy_core.data.layout import write_galaxy10

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
    summary = summary_of(
        out, numbers, labels.classes, sizes, is_placed, pixel_scale, are_numbers=labels.are_numbers
    )
    return replace(summary, left_out=labels.left_out)


def _squares(
    files: list[LabelledFile], sizes: np.ndarray, pixel_scale: np.ndarray, progress: Progress | None
) -> Iterator[np.ndarray]:
    """Every picture as 256 x 256, its original size noted, and its pixel scale brought to that size."""
    for row, file in enumerate(files):
        try:
            read = open_image(file.path)
        except BadFileError as error:
            where = f"line {file.line} of the labels: " if file.line else ""
            raise BadFileError(f"{where}{error}") from error
        sizes[row] = read.pixels.shape[:2]
        if read.pixel_scale_arcsec is not None:  # that of a FITS image is of the pixels it was brought to
            pixel_scale[row] = read.pixel_scale_arcsec
        pixel_scale[row] *= sizes[row].min() / IMAGE_SIZE
        yield to_square(read.pixels, IMAGE_SIZE)
        if progress is not None:
            progress(row + 1, len(files))


def summary_of(
    out: Path,
    labels: np.ndarray,
    classes: Classes,
    sizes: np.ndarray,
    is_placed: np.ndarray,
    pixel_scale: np.ndarray,
    *,
    are_numbers: bool = False,
) -> ImportSummary:
    """What became of pictures of these labels int (N,) and sizes int (N, 2), some with a position, bool (N,), and a
    scale, float (N,).
    """
    return ImportSummary(
        path=out,
        n_images=len(labels),
        classes=classes,
        class_counts=tuple(np.bincount(labels, minlength=len(classes)).tolist()),
        are_numbers=are_numbers,
        n_cropped=int((sizes[:, 0] != sizes[:, 1]).sum()),
        n_resized=int((sizes.min(1) != IMAGE_SIZE).sum()),
        n_without_position=int((~is_placed).sum()),
        pixel_scales=scale_counts(pixel_scale),
    )
