"""FITS tables in: rows straight from the disk, as many at a time as are wanted.

astropy reads the headers and nothing else, of a whole path, which is never an address. What a header claims is held
against the size of the file, and a cell of any length against its heap, before a byte is read.
"""

import math
import os
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from galaxy_core.catalogues.astropy_tables import array_of, catalogue_of, needs_astropy
from galaxy_core.catalogues.catalogue import Catalogue
from galaxy_core.catalogues.columns import DESCRIPTION, NULL, SHAPE, UCD, UNIT, check_names, described
from galaxy_core.errors import BadFileError, brief

OURS = "GALAXY"
"""Keyword, with a number behind it, of what a file says of itself: `name = text`."""
MOST_BYTES_AT_ONCE = 2**26
_VARIABLE = re.compile(r"\d*[PQ]([A-Z])")
_IN_HEAP = {"L": "i1", "B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8"}


@dataclass(frozen=True)
class _Table:
    """Where the table lies in its file, and what its header says of the columns."""

    path: Path
    columns: dict[str, Any]
    dtype: np.dtype
    n_rows: int
    start: int
    heap: int
    end: int

    def rows(self, start: int, stop: int) -> np.ndarray:
        """Some rows as they lie there."""
        with self.path.open("rb") as file:
            file.seek(self.start + start * self.dtype.itemsize)
            data = file.read((stop - start) * self.dtype.itemsize)
        if len(data) < (stop - start) * self.dtype.itemsize:
            raise BadFileError(f"{self.path} became shorter while it was read; get it again")
        return np.frombuffer(data, self.dtype)


def open_fits_table(path: Path) -> Catalogue:
    """The first table of a FITS file: a number that TNULL names is a null, NaN stays NaN, an array a list.

    One of text (an ASCII table) is held in memory whole.
    """
    needs_astropy(path)
    with _first_table(path) as hdu:
        metadata = _ours(hdu.header)
        if hdu.header["XTENSION"].strip() == "TABLE":
            return _of_text(path, hdu, metadata)
        table = _table(path, hdu)
        of_none = table.rows(0, 0)
        schema = pa.schema(
            [
                described(name, _array(of_none[name], column, table).type, **_said(hdu.header, i, column))
                for i, (name, column) in enumerate(table.columns.items(), 1)
            ]
        )

    def read(names: Sequence[str], size: int, first: int) -> Iterator[pa.RecordBatch]:
        at_once = min(size, max(1, MOST_BYTES_AT_ONCE // max(table.dtype.itemsize, 1)))
        wanted = pa.schema([schema.field(name) for name in names])
        for start in range(first, table.n_rows, at_once):
            rows = table.rows(start, min(start + at_once, table.n_rows))
            arrays = [_array(rows[name], table.columns[name], table) for name in names]
            yield pa.RecordBatch.from_arrays(arrays, schema=wanted)

    return Catalogue(path, schema, table.n_rows, read, metadata, is_seekable=True)


@contextmanager
def _first_table(path: Path) -> Iterator[Any]:
    """The first table. Whatever astropy raises on a hostile file is a BadFileError in one sentence."""
    from astropy.io import fits

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with fits.open(os.fspath(path.absolute()), memmap=True, lazy_load_hdus=True) as found:
                hdu = next((one for one in found if isinstance(one, fits.BinTableHDU | fits.TableHDU)), None)
                if hdu is None:
                    raise BadFileError(f"{path} holds no table; FITS images are given as files, one a galaxy")
                yield hdu
    except BadFileError:
        raise
    except Exception as error:  # a header may claim anything, and astropy may raise anything of it
        raise BadFileError(f"{path} is no whole FITS table: {brief(error)}; get it again") from error


def _table(path: Path, hdu: Any) -> _Table:
    header, names = hdu.header, [column.name for column in hdu.columns]
    check_names(names, path)
    dtype = hdu.columns.dtype.newbyteorder(">")
    n_rows, width, n_behind = header["NAXIS2"], header["NAXIS1"], header.get("PCOUNT", 0)
    start = hdu.fileinfo()["datLoc"]
    end = start + width * n_rows + n_behind
    if dtype.itemsize != width or min(n_rows, n_behind) < 0:
        raise BadFileError(
            f"{path} tells of rows of {width} bytes and of columns of {dtype.itemsize}; get it again"
        )
    if end > path.stat().st_size:
        raise BadFileError(f"{path} is cut short: its header tells of {end} bytes; get it again")
    heap = start + header.get("THEAP", width * n_rows)
    return _Table(path, dict(zip(names, hdu.columns, strict=True)), dtype, n_rows, start, heap, end)


def _of_text(path: Path, hdu: Any, metadata: dict[str, str]) -> Catalogue:
    from astropy.table import Table

    n_rows, width = hdu.header["NAXIS2"], hdu.header["NAXIS1"]
    if hdu.fileinfo()["datLoc"] + n_rows * width > path.stat().st_size:
        raise BadFileError(f"{path} is cut short: its header tells of {n_rows} rows; get it again")
    return catalogue_of(path, Table.read(hdu), metadata)


def _array(raw: np.ndarray, column: Any, table: _Table) -> pa.Array:
    """Some rows of a column, from what lies in the file."""
    form = str(column.format)
    if letter := _VARIABLE.match(form):
        return _of_any_length(raw, letter[1], table)
    if raw.dtype.kind == "S":
        return array_of(np.strings.rstrip(raw))
    if form.endswith("L"):
        return array_of(raw == ord("T"), raw == 0 if raw.ndim == 1 else None)
    if form.endswith("X"):
        n_bits = int(form[:-1] or 1)
        return array_of(
            np.unpackbits(raw.reshape(len(raw), math.prod(raw.shape[1:])), axis=1)[:, :n_bits].astype(bool)
        )
    is_number = column.null is not None and raw.ndim == 1 and raw.dtype.kind in "iu"
    return array_of(_scaled(raw, column), raw == int(column.null) if is_number else None)


def _scaled(raw: np.ndarray, column: Any) -> np.ndarray:
    """TSCAL and TZERO: whole numbers of the other sign where they say just that, else float64."""
    scale, zero = column.bscale or 1, column.bzero or 0
    if (scale, zero) == (1, 0):
        return raw
    size = raw.dtype.itemsize
    middle = 2 ** (8 * size - 1)
    if (
        scale == 1
        and raw.dtype.kind in "iu"
        and abs(zero) == middle
        and (raw.dtype.kind == "i") == (zero > 0)
    ):
        other = "u" if zero > 0 else "i"
        bits = raw.astype(f"{raw.dtype.kind}{size}").view(f"u{size}")
        return np.asarray((bits ^ bits.dtype.type(middle)).view(f"{other}{size}"))
    return np.asarray(raw.astype(np.float64) * scale + zero)


def _of_any_length(descriptors: np.ndarray, letter: str, table: _Table) -> pa.Array:
    """Cells that lie in the heap: how many numbers, and where."""
    if letter not in _IN_HEAP:
        raise BadFileError(
            f"{table.path} has cells of any length of the kind {letter}, which is not read here"
        )
    kind = np.dtype(_IN_HEAP[letter])
    cells = []
    with table.path.open("rb") as file:
        for n, offset in descriptors.astype(np.int64).tolist():
            if n < 0 or offset < 0 or table.heap + offset + n * kind.itemsize > table.end:
                raise BadFileError(
                    f"{table.path} has a cell outside of its heap; it is damaged, get it again"
                )
            file.seek(table.heap + offset)
            cells.append(np.frombuffer(file.read(n * kind.itemsize), kind).astype(kind.newbyteorder("=")))
    if letter == "L":
        return pa.array([[v == ord("T") for v in cell] for cell in cells], pa.list_(pa.bool_()))
    return pa.array(cells, pa.list_(pa.from_numpy_dtype(kind.newbyteorder("="))))


def _said(header: Any, number: int, column: Any) -> dict[str, Any]:
    return {
        UNIT: str(column.unit or ""),
        DESCRIPTION: str(header.get(f"TCOMM{number}", "")),
        UCD: str(header.get(f"TUCD{number}", "")),
        NULL: None if column.null is None else str(column.null),
        SHAPE: _shape(column),
    }


def _shape(column: Any) -> str:
    """Of a cell that is an array of numbers in two or more directions, as TDIM has it: "3,2"."""
    sides = re.sub(r"[() ]", "", str(column.dim or ""))
    return sides if "," in sides and not str(column.format).endswith("A") else ""


def _ours(header: Any) -> dict[str, str]:
    pairs = (str(value).partition(" = ") for key, value in header.items() if re.fullmatch(rf"{OURS}\d+", key))
    return {name: text for name, _, text in pairs}
