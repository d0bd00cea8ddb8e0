"""What a column is in a FITS table: its TFORM, the number that stands for nothing, and its values as they are stored.

The width of a text and a number that does not occur are known when all rows were seen: first `Seen`, then `stored`. It
knows one column; the table is `fits_writer`'s.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from galaxy_core.catalogues.columns import null_of, shape_of
from galaxy_core.catalogues.csv_table import texts

LETTERS = {"b": "L", "u1": "B", "i2": "I", "i4": "J", "i8": "K", "f4": "E", "f8": "D"}
_PLAIN = {
    pa.bool_(): "b",
    pa.uint8(): "u1",
    pa.int8(): "i2",
    pa.int16(): "i2",
    pa.int32(): "i4",
    pa.int64(): "i8",
    pa.float16(): "f4",
    pa.float32(): "f4",
    pa.float64(): "f8",
}
_UNSIGNED = {pa.uint16(): "i2", pa.uint32(): "i4", pa.uint64(): "i8"}
"""Stored as FITS has it: signed, and TZERO says by how much less."""
_WITH_NULLS = {pa.uint8(): "i2", pa.uint16(): "i4", pa.uint32(): "i8"}
"""The next larger type with a sign, since readers disagree whether TNULL is meant before TZERO or after."""


@dataclass(frozen=True)
class Stored:
    """A column as it is stored: `values` makes of some rows an array of `dtype`, which is big-endian."""

    form: str
    dtype: Any
    values: Callable[[pa.Array], np.ndarray]
    null: int | None = None
    zero: int | None = None
    shape: str = ""


@dataclass
class Seen:
    """What the rows of a column have shown so far."""

    field: pa.Field
    width: int = 0  # bytes of its longest text, numbers of its longest list
    has_nulls: bool = False
    low: int | None = None
    high: int | None = None
    is_ascii: bool = True

    def look_at(self, array: pa.Array) -> None:
        """Some more rows."""
        self.has_nulls = self.has_nulls or array.null_count > 0
        kind = self.field.type
        if pa.types.is_integer(kind):
            self._look_at_numbers(array)
        elif is_of_any_length(kind):
            self.width = max(self.width, pc.max(pc.list_value_length(array)).as_py() or 0)
        elif kind not in _PLAIN and not _is_list(kind):
            encoded = _encoded(array, self.field)
            self.width = max([self.width, *map(len, encoded)])
            self.is_ascii = self.is_ascii and all(one.isascii() for one in encoded)

    def _look_at_numbers(self, array: pa.Array) -> None:
        found = pc.min_max(array)
        low, high = found["min"].as_py(), found["max"].as_py()
        if low is not None:
            self.low = low if self.low is None else min(low, self.low)
            self.high = high if self.high is None else max(high, self.high)
            self.width = max(len(str(self.low)), len(str(self.high)))


class Heap:
    """Where cells of any length lie, behind the rows."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.n_bytes = file, 0

    def put(self, array: pa.Array, kind: str) -> np.ndarray:
        """Write the cells; how many numbers each has, and where it begins, int64 (N, 2)."""
        places = np.zeros((len(array), 2), np.int64)
        for i, cell in enumerate(array.to_pylist()):
            data = _numbers(pa.array(cell or [], array.type.value_type), kind).astype(_big(kind)).tobytes()
            places[i] = len(cell or []), self.n_bytes
            self.file.write(data)
            self.n_bytes += len(data)
        return places


def stored(seen: Seen, heap: Heap) -> Stored:
    """What the column is stored as; what FITS has no type for is text."""
    kind = seen.field.type
    if is_of_any_length(kind):
        code = _PLAIN[kind.value_type]
        return Stored(f"1Q{LETTERS[code]}({seen.width})", (">i8", (2,)), lambda array: heap.put(array, code))
    if _is_list(kind):
        return _array(seen.field)
    if pa.types.is_integer(kind):
        return _whole(seen) or _text(seen)
    if kind in _PLAIN:
        code = _PLAIN[kind]
        return Stored(LETTERS[code], _big(code), lambda array: _numbers(array, code))
    return _text(seen)


def is_of_any_length(kind: pa.DataType) -> bool:
    """Whether its cells are lists of as many numbers as each likes."""
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind)) and kind.value_type in _PLAIN


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_fixed_size_list(kind)) and kind.value_type in _PLAIN


def _array(field: pa.Field) -> Stored:
    code, size = _PLAIN[field.type.value_type], field.type.list_size

    def values(array: pa.Array) -> np.ndarray:
        cells = [[None] * size if cell is None else cell for cell in array.to_pylist()]
        flat = pa.array([one for cell in cells for one in cell], field.type.value_type)
        return _numbers(flat, code).reshape(-1, size)

    return Stored(
        f"{size}{LETTERS[code]}", (_big(code), (size,)), values, shape=",".join(map(str, shape_of(field)))
    )


def _whole(seen: Seen) -> Stored | None:
    """A whole number; None where it needs a null and every number may occur."""
    kind, null = seen.field.type, null_of(seen.field)
    if kind in _UNSIGNED and not seen.has_nulls:
        code = _UNSIGNED[kind]
        zero = 2 ** (8 * int(code[1]) - 1)

        def moved(array: pa.Array) -> np.ndarray:
            unsigned = np.asarray(array).astype(f"u{code[1]}")
            return (unsigned ^ unsigned.dtype.type(zero)).view(code)

        return Stored(LETTERS[code], _big(code), moved, zero=zero)
    own = _PLAIN.get(kind)
    code = (_WITH_NULLS.get(kind) or own or "") if seen.has_nulls else own or ""
    if not code:
        return None
    if seen.has_nulls and (null is None or kind in _UNSIGNED):
        null = _free(seen, code)
        if null is None:
            return None
    return Stored(LETTERS[code], _big(code), lambda array: _numbers(array, code, null), null=null)


def _free(seen: Seen, code: str) -> int | None:
    """A number of the type that does not occur: its least, else its largest."""
    info = np.iinfo(code)
    if seen.low is None or seen.low > info.min:
        return int(info.min)
    return int(info.max) if seen.high is not None and seen.high < info.max else None


def _text(seen: Seen) -> Stored:
    width = max(seen.width, 1)

    def values(array: pa.Array) -> np.ndarray:
        return np.array(_encoded(array, seen.field) or [b""], f"S{width}")[: len(array)]

    return Stored(f"{width}A", f"S{width}", values)


def _big(code: str) -> str:
    return "i1" if code == "b" else f">{code}"


def _numbers(array: pa.Array, code: str, null: int | None = None) -> np.ndarray:
    """Numbers as they are stored, but for the order of bytes: a null is NaN, `null`, or for yes and no a zero byte."""
    if code == "b":
        known = np.where(np.asarray(array.fill_null(False)), ord("T"), ord("F"))
        return np.where(np.asarray(array.is_null()), 0, known).astype("i1")
    array = pc.cast(array, pa.from_numpy_dtype(np.dtype(code)))
    return np.asarray(array.fill_null(np.nan if code.startswith("f") else null or 0))


def _encoded(array: pa.Array, field: pa.Field) -> list[bytes]:
    return [text.encode("utf-8", "surrogateescape") for text in texts(array, field)]
