"""Labelled photographs of anything: folders or zip files of `class/name.jpg`, for training a source of weights.

It knows where pictures lie and what they are called. Every picture is a stranger's: it is read by `images` and by
nothing else. It must not know galaxies, nor what a network is shown.
"""

import csv
import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from galaxy_core.data.photographs.shelves import PictureFolder, Shelf, ZippedPictures, check_name
from galaxy_core.errors import BadFileError, BadValueError, MissingError, brief
from galaxy_core.images.read import read_image

CLASSES_CSV = "classes.csv"
MOST_CSV_BYTES = 2**20
FEWEST_CLASSES = 2
_WORDNET = re.compile(r"n\d{8}\Z")
IMAGENET_TERMS = "research and education, not for commercial use (photographs of ImageNet)"


class Photographs:
    """All pictures of a folder, sorted by class and name; each is read and checked when it is asked for.

    `labels` int64 (N,) into `classes`, names for people; `folders` are the names of their folders, in the same
    order; `files` the zip files, or the folder, they lie in. `sha256` marks which pictures these are, `terms` says
    what they may be used for where that is known.
    """

    def __init__(self, path: Path, shelves: Sequence[Shelf], names: dict[str, str]) -> None:
        self.path, self._shelves = path, shelves
        found = [(picture, shelf) for shelf in shelves for picture in shelf.pictures()]
        found.sort(key=lambda one: one[0].called)
        _refuse_twice([picture.called for picture, _ in found], path)
        self._found = found
        self.folders = tuple(sorted({picture.folder for picture, _ in found}))
        if len(self.folders) < FEWEST_CLASSES:
            raise BadValueError(
                f"{path} holds pictures of {len(self.folders)} classes, and at least {FEWEST_CLASSES} are needed; "
                "put each class into a folder of its own"
            )
        self.classes = tuple(names.get(folder, folder) for folder in self.folders)
        number = {folder: i for i, folder in enumerate(self.folders)}
        self.labels = np.array([number[picture.folder] for picture, _ in found], np.int64)
        self.sha256 = _digest(f"{picture.called} {picture.mark}" for picture, _ in found)
        self.files = tuple(shelf.path for shelf in shelves if shelf.pictures())
        self.terms = IMAGENET_TERMS if all(map(_WORDNET.match, self.folders)) else None

    def __len__(self) -> int:
        return len(self._found)

    def name(self, index: int) -> str:
        """`class/name` of one picture."""
        return self._found[index][0].called

    def read(self, index: int) -> np.ndarray:
        """One picture, uint8 (H, W, 3) of any size. BadFileError where it is damaged; safe from several threads."""
        picture, shelf = self._found[index]
        return read_image(shelf.read(picture), name=picture.called)

    def divide(self, held_out: float) -> tuple[np.ndarray, np.ndarray]:
        """(training, held-out) as sorted indices int64: that share of every class, at least one picture, is held out.

        Which ones follows from the digests of their names alone: neither the order of a listing nor what else
        is there moves a picture from one part to the other by more than the rounding of the share.
        BadValueError for a class of one picture.
        """
        parts = [self._held_out(label, held_out) for label in range(len(self.classes))]
        held = np.sort(np.concatenate(parts))
        return np.setdiff1d(np.arange(len(self)), held), held

    def _held_out(self, label: int, share: float) -> np.ndarray:
        members = np.flatnonzero(self.labels == label)
        if len(members) < 2:
            raise BadValueError(
                f"class {self.folders[label]} of {self.path} has one picture, and two are needed: "
                "one to train on and one held out; add one or take the class away"
            )
        digests = [hashlib.sha256(self.name(i).encode()).digest() for i in members.tolist()]
        n_held = min(len(members) - 1, max(1, round(share * len(members))))
        order = sorted(range(len(members)), key=digests.__getitem__)
        return members[order[:n_held]]


def open_photographs(path: str | os.PathLike[str]) -> Photographs:
    """The pictures of a folder of folders by class, of a folder of zip files of such, or of one zip file.

    Beside them may lie a `classes.csv` of two columns, folder and name. Hidden files are left out. MissingError
    where there is nothing, BadFileError in one sentence for a zip file or names that are refused, BadValueError
    for fewer than two classes.
    """
    path = Path(path)
    if path.is_file():
        return Photographs(path, [ZippedPictures(path)], _class_names(path.with_name(CLASSES_CSV)))
    if not path.is_dir():
        raise MissingError(f"{path} does not exist; name a folder of pictures, of zip files, or a zip file")
    shelves: list[Shelf] = [ZippedPictures(zip_file) for zip_file in sorted(path.glob("*.zip"))]
    shelves.append(PictureFolder(path))
    return Photographs(path, shelves, _class_names(path / CLASSES_CSV))


def _class_names(path: Path) -> dict[str, str]:
    """Folder to name, from the first two columns of a CSV with a heading; empty where there is no such file."""
    if not path.is_file():
        return {}
    if path.stat().st_size > MOST_CSV_BYTES:
        raise BadFileError(f"{path} has more than {MOST_CSV_BYTES} bytes; leave only folder and name in it")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in list(csv.reader(file))[1:] if len(row) >= 2]
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadFileError(f"{path} is no CSV in UTF-8 ({brief(error)}); save it as one") from error
    for folder, name in ((row[0], row[1]) for row in rows):
        check_name(f"{folder}{name}", str(path))
    return {row[0].strip(): row[1].strip() for row in rows if row[1].strip()}


def _refuse_twice(names: Sequence[str], path: Path) -> None:
    """`names` are sorted."""
    for before, name in pairwise(names):
        if before == name:
            raise BadFileError(f"{path} holds {name} twice; take one of them away")


def _digest(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()
