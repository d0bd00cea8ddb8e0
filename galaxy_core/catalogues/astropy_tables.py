"""Between astropy's tables and ours: a whole table in memory, for the formats that astropy reads in no other way."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from galaxy_core.catalogues.catalogue import Catalogue
from galaxy_core.catalogues.columns import (
    DESCRIPTION,
    UCD,
    UNIT,
    check_names,
    described,
    null_of,
    said,
    shape_of,
)
from galaxy_core.errors import BadFileError, MissingError

MOST_ROWS = 1_000_000
"""Of a table that is held in memory whole: VOTable and ECSV as read, ECSV as written."""


def needs_astropy(path: Path) -> None:
    """MissingError, with its line of pip, where astropy is not installed."""
    if find_spec("astropy") is None:
        raise MissingError(
            f"{path.name} is read and written by astropy, and that is not installed; get it with `pip install astropy` "
            "(or the extra `astro`); CSV and Parquet need nothing more"
        )


def too_many_rows(path: Path) -> BadFileError:
    """The sentence for a table that is too long for memory."""
    return BadFileError(
        f"{path} has more than {MOST_ROWS:,} rows, which this format holds in memory all at once; "
        "use Parquet, FITS or CSV, which are streamed"
    )


def catalogue_of(path: Path, table: Any, metadata: Mapping[str, str]) -> Catalogue:
    """An `astropy.table.Table` as a catalogue: masked values are nulls; positions and times fall into plain columns."""
    from astropy.table.serialize import represent_mixins_as_columns

    if len(table) > MOST_ROWS:
        raise too_many_rows(path)
    table = represent_mixins_as_columns(table)
    check_names(table.colnames, path)
    pairs = [_field_and_array(table[name]) for name in table.colnames]
    whole = pa.Table.from_arrays([a for _, a in pairs], schema=pa.schema([f for f, _ in pairs]))

    def read(columns: Sequence[str], size: int, first: int) -> Iterator[pa.RecordBatch]:
        yield from whole.slice(first).select(list(columns)).to_batches(max_chunksize=size)

    return Catalogue(path, whole.schema, whole.num_rows, read, metadata)


def astropy_table(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Any:
    """All rows as an `astropy.table.Table` with units, descriptions and UCDs; nulls are masked."""
    from astropy.table import Table

    whole = pa.Table.from_batches(batches, schema)
    return Table([_column(whole.column(i).combine_chunks(), field) for i, field in enumerate(schema)])


def array_of(values: np.ndarray, mask: np.ndarray | None = None) -> pa.Array:
    """A NumPy column, (N,) or (N, …), as Arrow; text in bytes is taken for UTF-8, else for Latin-1."""
    if values.dtype.kind == "S":
        values = _decoded(values)
    if values.dtype.kind == "c":
        parts = np.stack([values.real, values.imag], axis=-1)
        return array_of(parts)
    if values.dtype.byteorder == ">" or (values.dtype.kind in "iufb" and not values.dtype.isnative):
        values = values.astype(values.dtype.newbyteorder("="))
    if values.ndim == 1:
        return pa.array(list(values) if values.dtype.kind in "UO" else values, mask=mask, **_text(values))
    size = int(np.prod(values.shape[1:]))
    return pa.FixedSizeListArray.from_arrays(array_of(values.reshape(-1)), size)


def _text(values: np.ndarray) -> dict[str, Any]:
    return {"type": pa.string()} if values.dtype.kind == "U" else {}


def _decoded(values: np.ndarray) -> np.ndarray:
    try:
        return np.char.decode(values, "utf-8")
    except UnicodeDecodeError:
        return np.char.decode(values, "latin-1")


def _field_and_array(column: Any) -> tuple[pa.Field, pa.Array]:
    mask = getattr(column, "mask", None)
    mask = None if mask is None or not np.any(mask) else np.asarray(mask)
    values = np.asarray(column)
    array = _objects(values, mask) if values.dtype.kind == "O" else None
    if array is None:
        # which part of a cell is masked has no place here: a cell is known or not
        array = array_of(values, mask if values.ndim == 1 else None)
    shape = ",".join(map(str, values.shape[:0:-1])) if values.ndim > 2 else ""
    meta = column.info.meta or {}
    return described(
        column.info.name,
        array.type,
        unit=str(column.unit) if column.unit is not None else "",
        description=column.info.description,
        ucd=meta.get(UCD),
        shape=shape,
    ), array


def _objects(values: np.ndarray, mask: np.ndarray | None) -> pa.Array:
    """A column of objects: texts, or lists of numbers of any length."""
    plain = [v.tolist() if isinstance(v, np.ndarray) else v for v in values]
    plain = [None if mask is not None and mask[i] else v for i, v in enumerate(plain)]
    with suppress(pa.ArrowInvalid, pa.ArrowTypeError):
        first = next((v for v in values if isinstance(v, np.ndarray) and v.dtype.kind in "iufb"), None)
        kind = None if first is None else pa.list_(pa.from_numpy_dtype(first.dtype.newbyteorder("=")))
        found = pa.array(plain, kind)
        return found.cast(pa.string()) if pa.types.is_null(found.type) else found
    return pa.array([None if v is None else json.dumps(v, default=str) for v in plain], pa.string())


def _column(array: pa.Array, field: pa.Field) -> Any:
    from astropy import units
    from astropy.table import Column, MaskedColumn

    about = {
        "name": field.name,
        "description": said(field, DESCRIPTION) or None,
        "unit": units.Unit(said(field, UNIT), parse_strict="silent") if said(field, UNIT) else None,
        "meta": {UCD: said(field, UCD)} if said(field, UCD) else None,
    }
    values, mask = _numpy(array, field), np.asarray(array.is_null())
    if null_of(field) is not None:
        mask = mask | (values == null_of(field))
    if not mask.any():
        return Column(values, **about)
    return MaskedColumn(
        values, mask=mask.reshape(-1, *[1] * (values.ndim - 1)) | np.zeros(values.shape, bool), **about
    )


def _numpy(array: pa.Array, field: pa.Field) -> np.ndarray:
    from galaxy_core.catalogues.csv_table import texts

    kind = field.type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        fill = False if pa.types.is_boolean(kind) else 0
        return np.asarray(array.fill_null(fill) if not pa.types.is_floating(kind) else array)
    if pa.types.is_fixed_size_list(kind) and not pa.types.is_nested(kind.value_type):
        inner = _numpy(array.values, described("", kind.value_type))
        shape = shape_of(field)[::-1] or (kind.list_size,)
        return inner.reshape(len(array), *shape)
    return np.array(texts(array, field), dtype=str)
