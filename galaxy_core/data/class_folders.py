"""A folder whose subfolders are the classes of the pictures in them (`spiral/…jpg`), or that has a labels CSV.

It finds out which of the two it is, decodes nothing, and passes nothing over unsaid.
"""

import math
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from galaxy_core.data.classes import GALAXY10, Classes, plain_name
from galaxy_core.data.labels_csv import LabelledFile, Labels, class_number, read_labels, require_names
from galaxy_core.errors import BadFileError, GalaxyError, quoted
from galaxy_core.images.folder import ImageList, list_images

LABELS = "labels.csv"
LAYOUTS = "put each class into a subfolder of its name (`spiral/a.jpg`), or say with --labels which CSV has the labels"


def read_folder(folder: Path, labels_csv: Path | None = None, classes: Classes | None = None) -> Labels:
    """The labelled pictures of a folder, and what in it is left out.

    By `labels_csv` (what it does not name is not told of), else by the labels.csv in the folder, else by its
    subfolders, else by the only CSV in it (`labels_csv.read_labels` has the rules of those). A single subfolder around
    all of this is looked through.
    """
    if labels_csv is not None:
        return read_labels(labels_csv, folder, classes)
    root = _inmost(folder)
    tables = sorted(one for one in root.iterdir() if one.suffix.lower() == ".csv" and one.is_file())
    named = next((one for one in tables if one.name.lower() == LABELS), None)
    if named is None and len(tables) == 1 and not any("/" in name for name in list_images(root).names):
        named = tables[0]
    if named is None:
        return read_class_folders(root, classes)
    labels = read_labels(named, root, classes)
    return replace(labels, left_out=_unlabelled(root, labels, named.name))


def read_class_folders(folder: Path, classes: Classes | None = None) -> Labels:
    """Every picture below the subfolders of `folder`, whose names are the classes.

    In the order of `classes`, of which each subfolder must be one (by name, or all of them by number), else by
    alphabet; subfolders that are Galaxy10's ten classes are in its order. What is no picture, or lies in no subfolder,
    is left out. BadFileError for fewer than two classes, and for a subfolder that is no class; UnnamedError for
    numbers alone where `classes` are not given; MissingError where there is no picture.
    """
    found = list_images(folder)
    inside = [name for name in found.names if "/" in name]
    folders = sorted({name.split("/")[0] for name in inside}, key=lambda one: (plain_name(one), one))
    are_numbers = bool(folders) and all(one.isdecimal() for one in folders)
    if len(folders) < 2:
        only = (
            f"the only class in {folder} is {quoted(folders[0])}" if folders else f"{folder} has no classes"
        )
        raise BadFileError(f"{only}, and two are the least; {LAYOUTS}")
    if are_numbers and classes is None:
        require_names(set(map(int, folders)), folder)
        classes = GALAXY10
    known = classes or _named(folders, folder)
    number = {one: class_number(one, known, f"the subfolder {quoted(one)}") for one in folders}
    files = [_labelled(folder, name, number[name.split("/")[0]]) for name in inside]
    return Labels(files, known, are_numbers, _left_out(found))


def _named(folders: Sequence[str], where: Path) -> Classes:
    if set(map(plain_name, folders)) == set(map(plain_name, GALAXY10)):
        return GALAXY10
    try:
        return Classes(folders)
    except GalaxyError as error:
        raise BadFileError(f"the subfolders of {where} are its classes, and {error}; rename them") from error


def _labelled(folder: Path, name: str, label: int) -> LabelledFile:
    return LabelledFile(0, folder / name, label, math.nan, math.nan, math.nan, math.nan)


def _unlabelled(folder: Path, labels: Labels, table: str) -> tuple[str, ...]:
    """Names of what else lies in a folder whose pictures a table names."""
    found = list_images(folder)
    labelled = {file.path for file in labels.files}
    others = [name for name in found.names if (folder / name).resolve() not in labelled]
    return (*others, *(name for name in found.left_out if name != table))


def _left_out(found: ImageList) -> tuple[str, ...]:
    loose = [name for name in found.names if "/" not in name]
    return (*loose, *found.left_out)


def _inmost(folder: Path) -> Path:
    """The folder itself, or the one that is all there is in it and has folders or a table, as zips often have one."""
    while True:
        names = [one for one in os.scandir(folder) if not one.name.startswith((".", "__MACOSX"))]
        if len(names) != 1 or not names[0].is_dir(follow_symlinks=False):
            return folder
        within = [one for one in os.scandir(names[0].path) if not one.name.startswith(".")]
        if not any(one.is_dir(follow_symlinks=False) or one.name.lower().endswith(".csv") for one in within):
            return folder
        folder = Path(names[0].path)
