"""A table of text that a stranger wrote, as Excel, astropy, TOPCAT or an editor leaves it: header, then line by line.

Encoding, separator, comments and head are found out where only one reading is possible, and a fault is named by its
line. It knows text; it must not know what the columns mean.
"""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from galaxy_core.errors import BadFileError

MOST_BYTES = 256 * 2**20  # ten million short lines
SEPARATORS = (",", ";", "\t", " ")
ENCODINGS = (  # the longer mark of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF8, "UTF-8", "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "UTF-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "UTF-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16"),
)
_UNIT = re.compile(r"\{name: *([^,}\s]+)[^}]*?unit: *([^,}\s]+)")  # of a column, in the head of an ECSV file
_SEPARATOR_LINE = re.compile(r"sep=.\s*", re.IGNORECASE)  # what Excel writes and reads before a header


@dataclass(frozen=True)
class TextTable:
    """`header` as written, `units` of columns where the head tells them, and every line that is not blank."""

    header: list[str]
    separator: str
    units: dict[str, str]
    rows: Iterator[tuple[int, list[str]]]


def read_text_table(path: Path, is_header: Callable[[Sequence[str]], bool]) -> TextTable:
    """The table in the file, whose separator is the first of SEPARATORS with which its header is one.

    The header is the first line that is neither blank nor a comment (`#`), or the last comment before it where that
    is one. Lines are counted from 1 and values stripped; a line may end in separators that end no value. Comments
    below the header are handed on as they are. BadFileError, with the line, for what is no text or no such table,
    here or while the rows are read.
    """
    lines = io.StringIO(_decoded(path), newline="")
    comments, first, n_before = [], "", -1
    for n_before, line in enumerate(lines):  # noqa: B007
        if line.lstrip().startswith("#"):
            comments.append(line)
        elif line.strip() and not _SEPARATOR_LINE.fullmatch(line):
            first = line
            break
    for header in (first, comments[-1].lstrip("# \t") if comments else ""):
        for separator in SEPARATORS:
            names = _fields(header, separator)
            if is_header(names):
                rest = itertools.chain([first] if header != first else [], lines)
                rows = _rows(rest, n_before + (header == first), separator, len(names), path)
                return TextTable(names, separator, dict(_UNIT.findall("".join(comments))), rows)
    names = max((_fields(first, separator) for separator in SEPARATORS[:-1]), key=len)
    return TextTable(names, ",", {}, iter(()))


def _decoded(path: Path) -> str:
    n_bytes = path.stat().st_size
    if n_bytes > MOST_BYTES:
        raise BadFileError(f"{path} has {n_bytes} bytes, and a table may have {MOST_BYTES}; split it")
    data = path.read_bytes()
    called, codec = next(
        ((called, codec) for mark, called, codec in ENCODINGS if data.startswith(mark)), ("UTF-8", "utf-8")
    )
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        where = f" line {line}" if called == "UTF-8" else ""
        raise BadFileError(f"{path}{where} is not text in {called}; save it as CSV in UTF-8") from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise BadFileError(
            f"{path} line {line} holds a zero byte, as in UTF-16 without its mark; save it as CSV in UTF-8"
        )
    return text


def _fields(line: str, separator: str) -> list[str]:
    try:
        return [name.strip() for name in next(_reader([line], separator), [])]
    except csv.Error:
        return []


def _reader(lines: Iterator[str] | list[str], separator: str) -> "csv._reader":  # type: ignore[name-defined]
    return csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)


def _rows(
    lines: Iterator[str], n_before: int, separator: str, n_columns: int, path: Path
) -> Iterator[tuple[int, list[str]]]:
    reader = _reader(lines, separator)
    try:
        for read in reader:
            values, line = [value.strip() for value in read], n_before + reader.line_num
            if not any(values):
                continue
            is_comment = values[0].startswith("#")
            if any(values[n_columns:]) and not is_comment:
                raise BadFileError(
                    f"{path} line {line} has more values than the header: {len(values)} for {n_columns}; "
                    'put what holds a separator between "quotes"'
                )
            yield line, values[:n_columns]
    except csv.Error as error:
        raise BadFileError(f"{path} line {n_before + reader.line_num} is no CSV: {error}") from error
