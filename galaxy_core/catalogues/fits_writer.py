"""FITS tables out. Their columns have a width, and a null is a number that does not occur: both are known at the end.

So the rows go to the disk as they come and are written once more from there; memory holds a batch of them.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from galaxy_core.catalogues.columns import DESCRIPTION, UCD, UNIT, said
from galaxy_core.catalogues.fits_columns import Heap, Seen, Stored, stored
from galaxy_core.catalogues.fits_table import OURS
from galaxy_core.errors import BadValueError

MOST_COLUMNS = 999
BLOCK = 2880


def write_fits(
    target: BinaryIO,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    metadata: Mapping[str, str],
    folder: Path,
) -> bool:
    """The rows as a FITS table into a binary file; what is worked with lies in `folder` meanwhile.

    Text is UTF-8, which is ASCII, as FITS asks, where it can be; whether it is is given back. Errors: BadValueError for
    more columns than FITS numbers.
    """
    if len(schema) > MOST_COLUMNS:
        raise BadValueError(
            f"a FITS table has at most {MOST_COLUMNS} columns, got {len(schema)}; write Parquet"
        )
    with tempfile.TemporaryFile(dir=folder) as spool, tempfile.TemporaryFile(dir=folder) as heap_file:
        seen = [Seen(one) for one in schema]
        n_rows = _spool(spool, schema, batches, seen)
        heap = Heap(heap_file)
        columns = [stored(one, heap) for one in seen]
        dtype = np.dtype([(f"f{i}", column.dtype) for i, column in enumerate(columns)])
        place = target.tell()
        target.write(_header(schema, columns, n_rows, dtype.itemsize, 0, metadata))
        for batch in _spooled(spool):
            rows = np.zeros(batch.num_rows, dtype)
            for i, column in enumerate(columns):
                rows[f"f{i}"] = column.values(batch.column(i))
            target.write(rows.tobytes())
        _pour(heap_file, target)
        target.write(bytes(-(n_rows * dtype.itemsize + heap.n_bytes) % BLOCK))
        # how large the heap became stands before the rows
        target.seek(place)
        target.write(_header(schema, columns, n_rows, dtype.itemsize, heap.n_bytes, metadata))
        target.seek(0, 2)
    return all(one.is_ascii for one in seen)


def _spool(
    spool: BinaryIO, schema: pa.Schema, batches: Iterable[pa.RecordBatch], seen: Sequence[Seen]
) -> int:
    n_rows = 0
    with pa.ipc.new_stream(spool, schema) as stream:
        for batch in batches:
            n_rows += batch.num_rows
            for i, column in enumerate(seen):
                column.look_at(batch.column(i))
            stream.write_batch(batch)
    return n_rows


def _spooled(spool: BinaryIO) -> Iterator[pa.RecordBatch]:
    spool.seek(0)
    with pa.ipc.open_stream(spool) as stream:
        yield from stream


def _pour(source: BinaryIO, target: BinaryIO) -> None:
    source.seek(0)
    for block in iter(lambda: source.read(2**20), b""):
        target.write(block)


def _header(
    schema: pa.Schema,
    columns: Sequence[Stored],
    n_rows: int,
    n_row_bytes: int,
    n_heap_bytes: int,
    metadata: Mapping[str, str],
) -> bytes:
    from astropy.io.fits import Header

    first = Header([("SIMPLE", True), ("BITPIX", 8), ("NAXIS", 0), ("EXTEND", True)])
    table = Header(
        [
            ("XTENSION", "BINTABLE"),
            ("BITPIX", 8),
            ("NAXIS", 2),
            ("NAXIS1", n_row_bytes),
            ("NAXIS2", n_rows),
            ("PCOUNT", n_heap_bytes),
            ("GCOUNT", 1),
            ("TFIELDS", len(columns)),
        ]
    )
    for i, (field, column) in enumerate(zip(schema, columns, strict=True), 1):
        table.extend([(f"{key}{i}", value) for key, value in _cards(field, column, i)])
    table.extend(
        (f"{OURS}{i}", _ascii(f"{name} = {text}")) for i, (name, text) in enumerate(metadata.items(), 1)
    )
    return bytes(first.tostring().encode("ascii") + table.tostring().encode("ascii"))


def _cards(field: pa.Field, column: Stored, number: int) -> list[tuple[str, Any]]:
    """What the header says of a column; nothing of what is not known."""
    cards = {
        "TTYPE": _ascii(field.name) or f"col{number}",
        "TFORM": column.form,
        "TUNIT": _ascii(said(field, UNIT)),
        "TNULL": column.null,
        "TZERO": column.zero,
        "TDIM": f"({column.shape})" if column.shape else "",
        "TUCD": _ascii(said(field, UCD)),
        "TCOMM": _ascii(said(field, DESCRIPTION)),
    }
    return [(key, value) for key, value in cards.items() if value not in (None, "")]


def _ascii(text: str) -> str:
    """As a header may hold it: other letters as in Python."""
    return "".join(c if " " <= c <= "~" else c.encode("unicode_escape").decode() for c in text)
