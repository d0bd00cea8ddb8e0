"""What is known of a column beside its values, and which columns of a stranger's table are the ones that are used.

A column is an Arrow field; unit, description, UCD and the number that stands for nothing travel in its metadata, under
the same four keys whatever the format. It knows no format and no picture.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from galaxy_core.data.labels_csv import ALSO_CALLED
from galaxy_core.errors import BadFileError, quoted

UNIT, DESCRIPTION, UCD, NULL, SHAPE, TEXT = "unit", "description", "ucd", "null", "shape", "text"
"""Keys: SHAPE of an array in a cell ("3,2", FITS order), TEXT of bytes that are text in no known encoding."""
IMAGE_NAMES = ("image", "file", "path")
"""Where the picture of a row is, if no other column is named; the first that is there."""
IDENTIFIERS = tuple(
    "id objid obj_id object_id objectid targetid source_id galaxy_id iauname dr8_id dr7objid name".split()  # noqa: SIM905
)
_UCDS = {"ra": "pos.eq.ra;meta.main", "dec": "pos.eq.dec;meta.main", "id": "meta.id;meta.main"}


@dataclass(frozen=True)
class Found:
    """The names of the columns that are used, None for what is not there."""

    image: str | None
    ra: str | None
    dec: str | None
    identifier: str | None


def described(name: str, kind: pa.DataType, **said: str | int | None) -> pa.Field:
    """A field with what is said of it: `unit`, `description`, `ucd`, `null`, `shape`, `text`; nothing where empty."""
    return said_of(pa.field(name, kind), said)


def said_of(field: pa.Field, said: Mapping[str, str | int | None]) -> pa.Field:
    """The field with more said of it; what is None or empty is left out."""
    more = {key.encode(): str(value).encode() for key, value in said.items() if value not in (None, "")}
    known = {**(field.metadata or {}), **more}
    return field.with_metadata(known) if known else field


def said(field: pa.Field, key: str) -> str:
    """What is said of the field under the key; "" where nothing is."""
    return (field.metadata or {}).get(key.encode(), b"").decode("utf-8", "replace")


def null_of(field: pa.Field) -> int | None:
    """The number that stands for nothing, where one of the field's type is said to."""
    told = said(field, NULL)
    if not pa.types.is_integer(field.type) or not re.fullmatch(r"-?\d{1,19}", told):
        return None
    limits = np.iinfo(field.type.to_pandas_dtype())
    return int(told) if limits.min <= int(told) <= limits.max else None


def shape_of(field: pa.Field) -> tuple[int, ...]:
    """The sides of an array in a cell as FITS has them, the first the quickest; () where it has but one."""
    sides = [int(one) for one in said(field, SHAPE).split(",") if re.fullmatch(r"\d{1,9}", one)]
    is_array = pa.types.is_fixed_size_list(field.type) and math.prod(sides) == field.type.list_size
    return tuple(sides) if is_array and len(sides) > 1 else ()


def is_text(field: pa.Field) -> bool:
    """Whether its values are text, in UTF-8 or in bytes of an encoding that nobody told."""
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or bool(said(field, TEXT))


def find_columns(schema: pa.Schema, image: str | None = None) -> Found:
    """The columns of a table that are used, by their usual names, in capitals or not.

    image: the name of the column with the pictures, where it has another. Errors: BadFileError where it is not there.
    """
    if image is not None and image not in schema.names:
        raise BadFileError(f"there is no column {quoted(image)}; there are: {in_words(schema.names)}")
    by_name = {name.strip().lower(): name for name in reversed(schema.names)}
    holds_pictures = next((f.name for f in schema if f.name.lower() in IMAGE_NAMES and not is_text(f)), None)
    usual = {key: (key, *ALSO_CALLED[key]) for key in ("ra", "dec")}
    return Found(
        image or holds_pictures or _first(IMAGE_NAMES, by_name),
        _first(usual["ra"], by_name),
        _first(usual["dec"], by_name),
        _first(IDENTIFIERS, by_name),
    )


def _first(names: Iterable[str], by_name: Mapping[str, str]) -> str | None:
    return next((by_name[name] for name in names if name in by_name), None)


def with_usual_ucds(schema: pa.Schema) -> pa.Schema:
    """The schema with the UCDs of position and identifier where the columns have none."""
    found = find_columns(schema)
    usual = {found.ra: _UCDS["ra"], found.dec: _UCDS["dec"], found.identifier: _UCDS["id"]}
    return pa.schema(
        [said_of(f, {UCD: usual.get(f.name)}) if not said(f, UCD) else f for f in schema], schema.metadata
    )


def check_names(names: Sequence[str], where: object) -> None:
    """BadFileError for a name that is there twice: which of the two a column is could not be said."""
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise BadFileError(f"{where} has the column {quoted(twice)} twice; give each a name of its own")


def in_words(names: Sequence[str], most: int = 12) -> str:
    """Some names for a sentence."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(quoted(name) for name in names[:most]) + more
