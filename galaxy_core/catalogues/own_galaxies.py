"""The one door for galaxies of one's own to learn from: a folder, a zip of one, or a table; for page and command line.

It tells what it has understood before anything is written.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from galaxy_core.catalogues.formats import open_catalogue
from galaxy_core.catalogues.galaxies import import_catalogue, read_labelled
from galaxy_core.catalogues.pictures import Pictures
from galaxy_core.data.cache import Progress
from galaxy_core.data.classes import Classes
from galaxy_core.data.folder import ImportSummary, import_folder, labelled_folder, left_out_in_words
from galaxy_core.data.zipped_folder import is_zip
from galaxy_core.errors import BadValueError, MissingError


@dataclass(frozen=True)
class Understood:
    """What would become of galaxies: their classes, how many of each, and the names of what is left out."""

    classes: Classes
    class_counts: tuple[int, ...]
    are_numbers: bool
    left_out: tuple[str, ...] = ()

    @property
    def left_out_in_words(self) -> str:
        """How many, and the first of them by name; "" where nothing is left out."""
        return left_out_in_words(self.left_out)


def look_at(
    source: str | os.PathLike[str], beside: str | os.PathLike[str], *, classes: Classes | None = None
) -> Understood:
    """What `import_own` would make of it. No picture is decoded; names in a zip are laid out beside the file `beside`.

    Errors: those of `import_own`, but for the pictures; UnnamedError where numbers need names.
    """
    source = Path(source)
    if _is_table(source):
        table = open_catalogue(source)
        known = read_labelled(table, classes)
        Pictures(table)
        return _understood(known.labels, known.classes, are_numbers=known.are_numbers)
    with labelled_folder(source, Path(beside), None, classes, with_pictures=False) as labels:
        numbers = np.array([file.label for file in labels.files])
        return _understood(numbers, labels.classes, are_numbers=labels.are_numbers, left_out=labels.left_out)


def import_own(
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    labels: str | os.PathLike[str] | None = None,
    classes: Classes | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
) -> ImportSummary:
    """Write `out` from a folder, a zip (`data.folder.import_folder`) or a table (`galaxies.import_catalogue`).

    Errors: theirs; BadValueError for `labels` of a table, which has its own; MissingError where nothing is.
    """
    if not _is_table(Path(source)):
        return import_folder(source, labels, out, classes=classes, progress=progress, overwrite=overwrite)
    if labels is not None:
        raise BadValueError(f"{source} is a table, whose labels are in its column label; leave out --labels")
    return import_catalogue(source, out, classes=classes, progress=progress, overwrite=overwrite)


def _is_table(source: Path) -> bool:
    if not source.exists():
        raise MissingError(f"{source} does not exist; name a folder of pictures, a zip of one, or a table")
    return not source.is_dir() and not is_zip(source)


def _understood(
    labels: np.ndarray, classes: Classes, *, are_numbers: bool, left_out: tuple[str, ...] = ()
) -> Understood:
    counts = np.bincount(labels, minlength=len(classes)).tolist()
    return Understood(classes, tuple(counts), are_numbers, left_out)
