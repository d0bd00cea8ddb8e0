"""The labels.csv beside a folder of images: read whole, checked line by line, files found inside the folder."""

import csv
import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from galaxy_core.data.published import CLASS_NAMES
from galaxy_core.errors import BadFileError, MissingError

NUMBERS = {  # optional columns: lowest and highest value
    "ra": (0.0, 360.0),
    "dec": (-90.0, 90.0),
    "redshift": (-math.inf, math.inf),
    "pxscale": (0.0, math.inf),
}


@dataclass(frozen=True)
class LabelledFile:
    """One line: an image that exists, its class, and what is known of the galaxy (NaN where nothing is)."""

    line: int
    path: Path
    label: int
    ra: float
    dec: float
    redshift: float
    pixel_scale: float


def read_labels(labels_csv: Path, folder: Path) -> list[LabelledFile]:
    """Every line of a CSV with columns file, label and maybe ra, dec, redshift, pxscale; others are ignored.

    `file` is relative to `folder` or to its subfolder `images`, and must not lead out of it; `label` is 0 to
    9 or the name of a class. Errors name the line.
    """
    if not labels_csv.is_file():
        raise MissingError(f"{labels_csv} does not exist; it should have the columns file and label")
    if not folder.is_dir():
        raise MissingError(f"the folder of images {folder} does not exist")
    files = [_labelled_file(row, labels_csv, line, folder.resolve()) for line, row in _rows(labels_csv)]
    if not files:
        raise BadFileError(f"{labels_csv} has no line below its header; add a line for each image")
    _check_once(files, labels_csv)
    return files


def _rows(labels_csv: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and values of every line that is not blank."""
    with labels_csv.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            header = [name.strip().lower() for name in next(reader, [])]
            _check_header(header, labels_csv)
            for values in reader:
                if len(values) > len(header):
                    raise BadFileError(f"{labels_csv} line {reader.line_num} has more values than the header")
                if values:
                    yield reader.line_num, dict(zip(header, map(str.strip, values), strict=False))
        except UnicodeDecodeError as error:
            raise BadFileError(f"{labels_csv} is not text in UTF-8; save it as CSV in UTF-8") from error
        except csv.Error as error:
            raise BadFileError(f"{labels_csv} line {reader.line_num} is no CSV: {error}") from error


def _check_header(header: list[str], labels_csv: Path) -> None:
    for name in ("file", "label"):
        if name not in header:
            raise BadFileError(
                f"{labels_csv} has no column {name!r} in its first line; columns file and label are needed, "
                "ra, dec, redshift and pxscale are used where given"
            )
    for name in ("file", "label", *NUMBERS):
        if header.count(name) > 1:
            raise BadFileError(f"{labels_csv} has the column {name!r} {header.count(name)} times; keep one")


def _labelled_file(row: dict[str, str], labels_csv: Path, line: int, folder: Path) -> LabelledFile:
    where = f"{labels_csv} line {line}"
    ra, dec, redshift, pixel_scale = (_number(row.get(name, ""), name, where) for name in NUMBERS)
    path = _path_inside(folder, row.get("file", ""), where)
    return LabelledFile(line, path, _class(row.get("label", ""), where), ra, dec, redshift, pixel_scale)


def _class(text: str, where: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 3 and int(text) < len(CLASS_NAMES):
        return int(text)
    names = [_plain(name) for name in CLASS_NAMES]
    if _plain(text) in names:
        return names.index(_plain(text))
    raise BadFileError(
        f"{where}: label {text!r:.40} is no class; give 0 to 9 or one of {', '.join(CLASS_NAMES)}"
    )


def _plain(name: str) -> str:
    """Names compare without case, hyphens, and the word galaxies that the published list adds."""
    words = name.lower().replace("-", " ").replace("_", " ").split()
    return " ".join(word for word in words if word not in ("galaxy", "galaxies"))


def _number(text: str, name: str, where: str) -> float:
    low, high = NUMBERS[name]
    try:
        value = float(text or "nan")
    except ValueError as error:
        raise BadFileError(f"{where}: {name} {text!r:.40} is no number; leave it empty if unknown") from error
    if math.isinf(value) or value < low or value > high or (name == "pxscale" and value == 0):
        rule = "above 0" if name == "pxscale" else f"a finite number in [{low:g}, {high:g}]"
        raise BadFileError(f"{where}: {name} must be {rule}, got {value:g}; leave it empty if unknown")
    return value


def _path_inside(folder: Path, name: str, where: str) -> Path:
    if not name or "\0" in name:
        raise BadFileError(f"{where}: the file name {name!r:.40} is no name; give one relative to the folder")
    for base in (folder, folder / "images"):
        with suppress(OSError, RuntimeError):  # a name longer than the system knows, a ring of links
            path = (base / name).resolve()
            if not path.is_relative_to(folder):
                raise BadFileError(f"{where}: file {name!r:.80} leads out of {folder}; give a name inside it")
            if path.is_file():
                return path
    raise MissingError(f"{where}: file {name!r:.80} is neither in {folder} nor in its subfolder images")


def _check_once(files: list[LabelledFile], labels_csv: Path) -> None:
    line_of: dict[Path, int] = {}
    for file in files:
        first = line_of.setdefault(file.path, file.line)
        if first != file.line:
            raise BadFileError(
                f"{labels_csv} line {file.line}: file {file.path.name!r} was labelled in line {first} already; "
                "keep one of the two"
            )
