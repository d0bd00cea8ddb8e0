"""What the texts of a column hold: whole numbers, numbers, text, or bytes that are none. Nothing may lose a digit."""

from contextlib import suppress
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

_WHOLE = r"^(0|-?[1-9][0-9]{0,18})$"
_LED_BY_ZEROS = r"^[+-]?0[0-9]"
_LONG_WHOLE = r"^[+-]?[0-9]{16,}$"
"""Beyond 2^53 a float has not all whole numbers."""


@dataclass
class Seen:
    """What the values of a column have been so far."""

    is_empty: bool = True
    is_whole: bool = True
    is_number: bool = True
    has_long: bool = False
    is_utf8: bool = True

    def look_at(self, values: pa.Array) -> None:
        """Some more values, as bytes."""
        if self.is_utf8:
            try:
                text = _trimmed(values)
            except pa.ArrowInvalid:
                self.is_utf8 = self.is_number = self.is_whole = False
                return
        if not self.is_number:
            return
        text = text.filter(pc.not_equal(text, ""))
        if not len(text):
            return
        self.is_empty = False
        self.is_whole = self.is_whole and _all(text, _WHOLE) and _can_be(text, pa.int64())
        self.is_number = _none(text, _LED_BY_ZEROS) and _can_be(text, pa.float64())
        self.has_long = self.has_long or not _none(text, _LONG_WHOLE)

    @property
    def kind(self) -> pa.DataType:
        """The type that loses nothing of them."""
        if not self.is_utf8:
            return pa.binary()
        if self.is_empty or not self.is_number:
            return pa.string()
        if self.is_whole:
            return pa.int64()
        return pa.string() if self.has_long else pa.float64()


def _trimmed(values: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(pc.cast(values, pa.string()))


def _all(text: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(text, pattern)).as_py())


def _none(text: pa.Array, pattern: str) -> bool:
    return not pc.any(pc.match_substring_regex(text, pattern)).as_py()


def _can_be(text: pa.Array, kind: pa.DataType) -> bool:
    with suppress(pa.ArrowInvalid):
        pc.cast(text, kind)
        return True
    return False
