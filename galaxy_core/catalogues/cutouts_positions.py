"""Where the objects of a list are: any table with right ascension and declination, and whatever else it carries."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from galaxy_core.catalogues.catalogue import Catalogue
from galaxy_core.catalogues.columns import find_columns, in_words
from galaxy_core.catalogues.csv_table import texts
from galaxy_core.catalogues.cutouts import around
from galaxy_core.catalogues.formats import open_catalogue
from galaxy_core.data.labels_csv import NOTHING
from galaxy_core.errors import BadFileError, quoted


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
    """All rows of a table (CSV, Parquet, FITS, VOTable, ECSV) with places in degrees, in their usual spellings.

    Raises MissingError for no file, BadFileError naming the row for what is no place, or no radius.
    """
    catalogue = open_catalogue(path, keeps_text=True)
    found = find_columns(catalogue.schema)
    if found.ra is None or found.dec is None:
        raise BadFileError(
            f"{path} needs the columns ra and dec, in degrees; its columns are {in_words(catalogue.names)}"
        )
    if radius_column is not None and radius_column not in catalogue.names:
        raise BadFileError(f"{path} has no column {quoted(radius_column)} for the radius; name one it has")
    kept = [field for field in catalogue.schema if not pa.types.is_nested(field.type)]
    names = [field.name for field in kept]
    ra, dec = names.index(found.ra), names.index(found.dec)
    radius = None if radius_column is None else names.index(radius_column)
    return Positions(tuple(names), list(_rows(catalogue, kept, ra, dec, radius)))


def _rows(
    catalogue: Catalogue, fields: list[pa.Field], ra: int, dec: int, radius: int | None
) -> Iterator[Position]:
    number = 0
    for batch in catalogue.batches([field.name for field in fields]):
        columns = [texts(batch.column(i), field) for i, field in enumerate(fields)]
        for row in zip(*columns, strict=True):
            number += 1
            if row[0].startswith("#"):
                continue
            where = f"{catalogue.path} row {number}"
            east, north = _number(row[ra], "ra", where), _number(row[dec], "dec", where)
            if not -180 <= east <= 360 or not -90 <= north <= 90:
                raise BadFileError(f"{where} has the place {east:g}, {north:g}, which is none in degrees")
            size = None if radius is None else _number(row[radius], fields[radius].name, where)
            if size is not None and not 0 < size < 3600:
                raise BadFileError(f"{where} has the radius {size:g}, which must lie in (0, 3600) arcsec")
            yield Position(around(east), north, size, row)


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
