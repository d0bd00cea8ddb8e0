"""Where the objects of a list are: a CSV with right ascension and declination, and whatever else it carries."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from galaxy_core.catalogues.cutouts import around
from galaxy_core.data.labels_csv import ALSO_CALLED, NOTHING
from galaxy_core.data.labels_text import TextTable, read_text_table
from galaxy_core.errors import BadFileError, MissingError, quoted


@dataclass(frozen=True)
class Position:
    """A place in degrees, the half-light radius in arcseconds where it was asked for, and the row as it is."""

    ra: float
    dec: float
    radius_arcsec: float | None
    row: tuple[str, ...]


@dataclass(frozen=True)
class Positions:
    """The header of a list and its rows."""

    header: tuple[str, ...]
    rows: list[Position]


def read_positions(path: Path, radius_column: str | None = None) -> Positions:
    """All rows of a CSV with the columns ra and dec, in degrees, in their usual spellings.

    Raises MissingError for no file, BadFileError naming the line for what is no place, or no radius.
    """
    if not path.is_file():
        raise MissingError(f"there is no file {path}; name a CSV with the columns ra and dec")
    table = read_text_table(path, lambda names: all(_place(names, one) is not None for one in ("ra", "dec")))
    ra, dec = _place(table.header, "ra"), _place(table.header, "dec")
    if ra is None or dec is None:
        found = ", ".join(table.header[:12])
        raise BadFileError(f"{path} needs the columns ra and dec, in degrees; its header has {quoted(found)}")
    radius = None
    if radius_column is not None:
        if radius_column not in table.header:
            raise BadFileError(
                f"{path} has no column {quoted(radius_column)} for the radius; name one it has"
            )
        radius = table.header.index(radius_column)
    return Positions(tuple(table.header), list(_rows(table, ra, dec, radius, path)))


def _rows(table: TextTable, ra: int, dec: int, radius: int | None, path: Path) -> Iterator[Position]:
    for line, values in table.rows:
        if values[0].startswith("#"):
            continue
        row = (*values, *[""] * (len(table.header) - len(values)))
        where = f"{path} line {line}"
        east, north = _number(row[ra], "ra", where), _number(row[dec], "dec", where)
        if not -180 <= east <= 360 or not -90 <= north <= 90:
            raise BadFileError(f"{where} has the place {east:g}, {north:g}, which is none in degrees")
        size = None if radius is None else _number(row[radius], table.header[radius], where)
        if size is not None and not 0 < size < 3600:
            raise BadFileError(f"{where} has the radius {size:g}, which must lie in (0, 3600) arcsec")
        yield Position(around(east), north, size, row)


def _place(names: Sequence[str], wanted: str) -> int | None:
    """Which column it is."""
    lower = [name.lower() for name in names]
    return next((lower.index(name) for name in (wanted, *ALSO_CALLED[wanted]) if name in lower), None)


def _number(text: str, name: str, where: str) -> float:
    try:
        value = math.nan if text.lower() in NOTHING else float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadFileError(
            f"{where} has {quoted(text)} for {name}, and a number in degrees or arcsec is needed"
        )
    return value
