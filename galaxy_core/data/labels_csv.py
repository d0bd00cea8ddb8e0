"""The labels.csv beside a folder of images: read whole, checked line by line, files found inside the folder."""

import math
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from galaxy_core.data.classes import GALAXY10, Classes, UnnamedError, plain_name
from galaxy_core.data.labels_text import TextTable, read_text_table
from galaxy_core.data.published import LOWEST_REDSHIFT
from galaxy_core.errors import BadFileError, MissingError

NUMBERS = {  # optional columns: lowest and highest value
    "ra": (0.0, 360.0),
    "dec": (-90.0, 90.0),
    "redshift": (-math.inf, math.inf),
    "pxscale": (0.0, math.inf),
}
ALSO_CALLED = {  # by Legacy Surveys, VizieR, Pan-STARRS, Gaia, SExtractor
    "ra": "ra_deg radeg raj2000 _raj2000 ra_j2000 ra2000 ramean ra_icrs alpha_j2000 right_ascension".split(),  # noqa: SIM905
    "dec": "dec_deg decdeg de_deg dedeg dej2000 _dej2000 decj2000 dec_j2000 de2000 dec2000 decmean "  # noqa: SIM905
    "de_icrs dec_icrs delta_j2000 declination".split(),
}
NOTHING = frozenset({"", "-", "--", "nan", "null", "none", "na", "n/a", "masked"})
SENTINELS = frozenset({-99.0, -999.0, -9999.0})  # no position, redshift or pixel scale is one of these
_DECIMAL_COMMA = re.compile(r"([+-]?\d*),(\d+)")
_CLASS_NUMBER = re.compile(r"([0-9]{1,3})([.,]0*)?")
_NUMBER = re.compile(r"[+-]?[.,]?\d")


@dataclass(frozen=True)
class Labels:
    """Every line of a labels.csv, the classes that its labels are numbers into, and whether they are so in the file."""

    files: list["LabelledFile"]
    classes: Classes
    are_numbers: bool = False
    left_out: tuple[str, ...] = ()  # names of what lies beside the pictures


@dataclass(frozen=True)
class LabelledFile:
    """One line (0 where there is none): an image that exists, its class, and what is known of the galaxy, else NaN."""

    line: int
    path: Path
    label: int
    ra: float
    dec: float
    redshift: float
    pixel_scale: float


def read_labels(labels_csv: Path, folder: Path, classes: Classes | None = None) -> Labels:
    """Every line of a CSV with columns file, label and maybe ra, dec, redshift, pxscale; others are ignored.

    `file` is relative to `folder` or to its subfolder `images`, and must not lead out of it; `label` is the number or
    the name of one of the `classes`. Where those are not given they are Galaxy10's, but for labels that are two names
    or more and none of Galaxy10's: then they are these names, sorted. Labels that are numbers alone do not say what of:
    unless all ten of Galaxy10's are there, `classes` must be given.

    Separators, encodings, comments and other names of ra and dec are taken where they can mean one thing only.
    A masked value, a redshift of -1 or less and a -99, -999 or -9999 are unknown (NaN); any other number outside its
    range is an error, which names the line.
    """
    if not labels_csv.is_file():
        raise MissingError(f"{labels_csv} does not exist; it should have the columns file and label")
    if not folder.is_dir():
        raise MissingError(f"the folder of images {folder} does not exist")
    table = read_text_table(labels_csv, lambda names: {"file", "label"} <= {name.lower() for name in names})
    place, inside = _columns(table, labels_csv), folder.resolve()
    rows = []
    for line, values in table.rows:
        row = {name: values[i] for name, i in place.items() if i < len(values)}
        where = f"{labels_csv} line {line}"
        if values[0].startswith("#") and not _found(inside, row.get("file", ""), where):
            continue  # a comment, and no file whose name begins so
        rows.append((line, where, row))
    if not rows:
        raise BadFileError(f"{labels_csv} has no line below its header; add a line for each image")
    found = {row.get("label", "") for _, _, row in rows}
    known, are_numbers = classes or _named(found), all(_CLASS_NUMBER.fullmatch(label) for label in found)
    decimal_commas = table.separator != ","
    files = [_labelled_file(row, where, line, inside, known, decimal_commas) for line, where, row in rows]
    _check_once(files, labels_csv)
    if are_numbers and classes is None:
        require_names({file.label for file in files}, labels_csv)
    return Labels(files, known, are_numbers)


def require_names(numbers: set[int], where: Path) -> None:
    """Numbers without names are taken as Galaxy10's only where all of those are there; else UnnamedError."""
    if numbers != set(range(len(GALAXY10))):
        listed = ", ".join(map(str, sorted(numbers)))
        raise UnnamedError(
            f"{where} has the labels {listed} and does not say what they are; name the classes in order, from 0 "
            f"on, with --classes A,B,C, or say --classes galaxy10 where they are Galaxy10's (0 {GALAXY10[0]}, "
            f"1 {GALAXY10[1]}, …)",
            numbers,
        )


def _columns(table: TextTable, labels_csv: Path) -> dict[str, int]:
    """Where the columns that are used stand."""
    header = [name.lower() for name in table.header]
    for name in ("file", "label"):
        if name not in header:
            raise BadFileError(
                f"{labels_csv} has no column {name!r} in its first line ({', '.join(table.header)!r:.80}); columns "
                "file and label are needed, ra, dec, redshift and pxscale are used where given"
            )
    place = {}
    for name in ("file", "label", *NUMBERS):
        called = name if name in header else _other_name(name, header, labels_csv)
        if header.count(called) > 1:
            raise BadFileError(
                f"{labels_csv} has the column {called!r} {header.count(called)} times; keep one"
            )
        if called in header:
            place[name] = header.index(called)
    _check_units(table, place, labels_csv)
    return place


def _other_name(name: str, header: Sequence[str], labels_csv: Path) -> str:
    """The other name by which the header has the column, or its own where it has none."""
    known = [other for other in ALSO_CALLED.get(name, ()) if other in header]
    if len(known) > 1:
        raise BadFileError(
            f"{labels_csv} has the columns {' and '.join(map(repr, known))}; name the one to use {name!r}"
        )
    return known[0] if known else name


def _check_units(table: TextTable, place: dict[str, int], labels_csv: Path) -> None:
    for name in ("ra", "dec"):
        called = table.header[place[name]] if name in place else name
        unit = table.units.get(called, "deg")
        if not unit.strip("'\"").lower().startswith("deg"):
            raise BadFileError(f"{labels_csv} has its column {called!r} in {unit:.20}; give it in degrees")


def _labelled_file(
    row: dict[str, str], where: str, line: int, folder: Path, classes: Classes, has_decimal_commas: bool
) -> LabelledFile:
    ra, dec, redshift, pixel_scale = (
        _number(row.get(name, ""), name, where, has_decimal_commas) for name in NUMBERS
    )
    path = _path_inside(folder, row.get("file", ""), where)
    label = class_number(row.get("label", ""), classes, where)
    return LabelledFile(line, path, label, ra, dec, redshift, pixel_scale)


def _named(labels: Iterable[str]) -> Classes:
    """The classes of labels that are two names or more, none a number or one of Galaxy10's; else Galaxy10's."""
    found = {_plain(text): text for text in sorted(labels)}
    of_galaxy10 = {_plain(name) for name in GALAXY10}
    if len(found) < 2 or any(name in of_galaxy10 or _NUMBER.match(name) for name in found) or "" in found:
        return GALAXY10
    return Classes(sorted(found.values(), key=_plain))


def class_number(text: str, classes: Classes, where: str) -> int:
    """The number of the class that is named so, or has that number; BadFileError, which begins with `where`."""
    names = [_plain(name) for name in classes]
    if _plain(text) in names:
        return names.index(_plain(text))
    number = _CLASS_NUMBER.fullmatch(text)
    if number and int(number[1]) < len(classes):
        return int(number[1])
    otherwise = "; name other classes in order with --classes A,B,C" if classes is GALAXY10 else ""
    listed = str(classes) if len(classes) < 20 else f"{', '.join(classes[:20])} …"
    raise BadFileError(
        f"{where}: label {text!r:.40} is no class; give 0 to {len(classes) - 1} or one of {listed}{otherwise}"
    )


def _plain(name: str) -> str:
    """As names of classes compare, and without the word galaxies that the published list adds."""
    words = plain_name(name).split()
    return " ".join(word for word in words if word not in ("galaxy", "galaxies")) or " ".join(words)


def _number(text: str, name: str, where: str, has_decimal_commas: bool) -> float:
    low, high = NUMBERS[name]
    if text.lower() in NOTHING:
        return math.nan
    try:
        value = float(_DECIMAL_COMMA.sub(r"\1.\2", text) if has_decimal_commas else text)
    except ValueError as error:
        degrees = " in degrees" if name in ("ra", "dec") else ""
        raise BadFileError(
            f"{where}: {name} {text!r:.40} is no number{degrees}; leave it empty if unknown"
        ) from error
    if value in SENTINELS or (name == "redshift" and -math.inf < value <= LOWEST_REDSHIFT):
        return math.nan
    if math.isinf(value) or value < low or value > high or (name == "pxscale" and value == 0):
        rule = "above 0" if name == "pxscale" else f"a finite number in [{low:g}, {high:g}]"
        raise BadFileError(f"{where}: {name} must be {rule}, got {value:g}; leave it empty if unknown")
    return value


def _path_inside(folder: Path, name: str, where: str) -> Path:
    if not name or "\0" in name:
        raise BadFileError(f"{where}: the file name {name!r:.40} is no name; give one relative to the folder")
    found = _found(folder, name, where)
    if found is None:
        raise MissingError(f"{where}: file {name!r:.80} is neither in {folder} nor in its subfolder images")
    return found


def _found(folder: Path, name: str, where: str) -> Path | None:
    """The file of that name, its separators those of this system or of Windows; BadFileError where it leads out."""
    for written in dict.fromkeys((name, name.replace("\\", "/"))):
        for base in (folder, folder / "images"):
            with suppress(OSError, RuntimeError):  # a name longer than the system knows, a ring of links
                path = (base / written).resolve()
                if not path.is_relative_to(folder):
                    raise BadFileError(
                        f"{where}: file {name!r:.80} leads out of {folder}; give a name inside it"
                    )
                if path.is_file():
                    return path
    return None


def _check_once(files: list[LabelledFile], labels_csv: Path) -> None:
    line_of: dict[Path, int] = {}
    for file in files:
        first = line_of.setdefault(file.path, file.line)
        if first != file.line:
            raise BadFileError(
                f"{labels_csv} line {file.line}: file {file.path.name!r} was labelled in line {first} already; "
                "keep one of the two"
            )
