"""CSV in and out. A CSV says nothing of its columns: what they hold is found by reading all of it once.

Whole numbers of 64 bits are numbers, longer ones and those with leading zeros text; nothing that loses a digit is made
a float. What a CSV cannot say of itself stands beside it as the W3C's "CSV on the Web" has it.
"""

import base64
import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from galaxy_core.catalogues.catalogue import Catalogue, from_row
from galaxy_core.catalogues.columns import DESCRIPTION, TEXT, UCD, UNIT, check_names, described, said, said_of
from galaxy_core.catalogues.csv_kinds import Seen
from galaxy_core.data.labels_text import ENCODINGS
from galaxy_core.errors import BadFileError, brief
from galaxy_core.files.spreadsheet import inert

SIDE_FILE = "-metadata.json"
"""Behind the name of a CSV: what is said of it (https://www.w3.org/TR/tabular-metadata)."""
MOST_SIDE_BYTES = 2**22
LONGEST_LINE = 2**20
BLOCK_BYTES = 2**20
_SAID = {UNIT: "unit", DESCRIPTION: "dc:description", UCD: "ucd"}


@dataclass(frozen=True)
class _Layout:
    """How a CSV is written: its encoding, what parts its fields, and the lines before its header."""

    encoding: str
    separator: str
    n_before: int
    names: list[str]


def open_csv(path: Path, *, keeps_text: bool = False) -> Catalogue:
    """A CSV, separated by commas, semicolons or tabs, with a header, below comments (`#`) where there are any.

    `keeps_text` leaves every field the bytes it is, for what becomes a CSV again; else an empty field is a null.
    """
    layout = _layout(path)
    kinds, n_rows = _kinds(path, layout)
    if keeps_text:
        kinds = dict.fromkeys(kinds, pa.binary())
    side = _said_in(side_file_of(path))
    fields = []
    for name, kind in kinds.items():
        fields.append(
            said_of(
                described(name, kind, text=1 if pa.types.is_binary(kind) else None),
                side.get("columns", {}).get(name, {}),
            )
        )

    def read(columns: Sequence[str], size: int, first: int) -> Iterator[pa.RecordBatch]:
        schema = pa.schema([fields[layout.names.index(name)] for name in columns])
        for batch in from_row(_bytes(path, layout, columns), first):
            arrays = [_as(batch.column(f.name), f.type, keeps_text=keeps_text) for f in schema]
            whole = pa.RecordBatch.from_arrays(arrays, schema=schema)
            for start in range(0, whole.num_rows, size):
                yield whole.slice(start, size)

    return Catalogue(path, pa.schema(fields), n_rows, read, side.get("galaxy", {}))


def write_csv(
    target: Any,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    *,
    spreadsheet_safe: bool = False,
) -> None:
    """The rows as CSV into a binary file: a null is empty, a number the shortest text that reads back as the same."""
    text = io.TextIOWrapper(target, encoding="utf-8", errors="surrogateescape", newline="")
    writer = csv.writer(text, lineterminator="\n")
    # a number runs nothing, and a declination with an apostrophe is none
    may_run = [spreadsheet_safe and not _is_number(field.type) for field in schema]
    writer.writerow([inert(name) if spreadsheet_safe else name for name in schema.names])
    for batch in batches:
        columns = [texts(batch.column(i), field) for i, field in enumerate(schema)]
        columns = [[*map(inert, column)] if may_run[i] else column for i, column in enumerate(columns)]
        writer.writerows(zip(*columns, strict=True))
    text.flush()
    text.detach()


def side_file_of(path: Path) -> Path:
    """Where what is said of a CSV stands."""
    return path.with_name(path.name + SIDE_FILE)


def is_side_file(path: Path) -> bool:
    """Whether the file is one that was written beside a CSV here."""
    return bool(_said_in(path).get("galaxy"))


def side_text(path: Path, schema: pa.Schema, metadata: Mapping[str, str]) -> str:
    """What is said of a CSV and its columns, as JSON."""
    columns = [
        {
            "name": field.name,
            **({} if said(field, TEXT) else {"datatype": _datatype(field.type)}),
            **{key: said(field, ours) for ours, key in _SAID.items() if said(field, ours)},
        }
        for field in schema
    ]
    values = {"@context": "http://www.w3.org/ns/csvw", "url": path.name, "tableSchema": {"columns": columns}}
    return json.dumps({**values, "galaxy": dict(metadata)}, indent=1) + "\n"


def texts(array: pa.Array, field: pa.Field) -> list[str]:
    """Each value of a column as text, "" for a null: lists and structures as JSON, bytes that are no text as base64."""
    kind = field.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        as_text = _as_it_is if said(field, TEXT) else _base64
        return [as_text(value or b"") for value in array.to_pylist()]
    if not pa.types.is_nested(kind):
        with suppress(pa.ArrowNotImplementedError):
            return [value or "" for value in pc.cast(array, pa.string()).to_pylist()]
    return ["" if v is None else json.dumps(v, default=_in_json) for v in array.to_pylist()]


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _as_it_is(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _in_json(value: object) -> str:
    return _base64(value) if isinstance(value, bytes) else str(value)


def _datatype(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer"
    return "double" if pa.types.is_floating(kind) else "string"


def _layout(path: Path) -> _Layout:
    with path.open("rb") as file:
        head = file.read(8)
    encoding = next((codec for mark, _, codec in ENCODINGS if head.startswith(mark)), "utf-8")
    n_before, header = 0, ""
    try:
        # below the header there may be names of files, which are bytes
        with path.open(encoding=encoding, errors="surrogateescape", newline="") as text:
            while line := text.readline(LONGEST_LINE):
                header = line.strip("\r\n")
                if (
                    header.strip()
                    and not header.lstrip().startswith("#")
                    and not header.lower().startswith("sep=")
                ):
                    break
                n_before, header = n_before + 1, ""
        header.encode()
        by_separator = {s: next(csv.reader([header], delimiter=s), []) for s in ",;\t"}
        is_header = bool(header) and len(line) < LONGEST_LINE and "\0" not in header
    except (UnicodeError, csv.Error):
        is_header = False
    if not is_header:
        raise BadFileError(f"{path} has no header with the names of its columns; save it as CSV in UTF-8")
    separator, names = max(by_separator.items(), key=lambda one: len(one[1]))
    check_names(names, path)
    return _Layout("utf-8" if encoding == "utf-8-sig" else encoding, separator, n_before, names)


def _bytes(path: Path, layout: _Layout, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The fields of the columns as bytes, a block of the file at a time."""
    try:
        with arrow_csv.open_csv(
            path,
            arrow_csv.ReadOptions(
                use_threads=False,
                block_size=BLOCK_BYTES,
                column_names=layout.names,
                skip_rows=layout.n_before + 1,
                encoding=layout.encoding,
            ),
            arrow_csv.ParseOptions(delimiter=layout.separator, newlines_in_values=True),
            arrow_csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(layout.names, pa.binary()),
                strings_can_be_null=False,
                include_columns=list(columns) if columns is not None else None,
            ),
        ) as reader:
            yield from reader
    except pa.ArrowInvalid as error:
        if "Empty CSV file" in str(error):
            return
        raise BadFileError(f"{path} is no whole CSV: {brief(error)}; mend or quote that line") from error
    except UnicodeError as error:
        raise BadFileError(f"{path} is not text in {layout.encoding}; save it as CSV in UTF-8") from error


def _kinds(path: Path, layout: _Layout) -> tuple[dict[str, pa.DataType], int]:
    """What each column holds, by all of its values, and how many rows there are."""
    seen = {name: Seen() for name in layout.names}
    n_rows = 0
    for batch in _bytes(path, layout):
        n_rows += batch.num_rows
        for name, one in seen.items():
            one.look_at(batch.column(name))
    return {name: one.kind for name, one in seen.items()}, n_rows


def _as(values: pa.Array, kind: pa.DataType, *, keeps_text: bool) -> pa.Array:
    if keeps_text or pa.types.is_binary(kind):
        return values
    text = pc.cast(values, pa.string())
    if not pa.types.is_string(kind):
        text = pc.utf8_trim_whitespace(text)
    return pc.cast(pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text), kind)


def _said_in(side: Path) -> dict[str, Any]:
    """`galaxy` and `columns` of a side file, by name; nothing where there is none, or it is not such a file."""
    with suppress(OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        if side.stat().st_size <= MOST_SIDE_BYTES:
            values = json.loads(side.read_text(encoding="utf-8"))
            columns = {
                str(one["name"]): {
                    ours: str(one[key])[:LONGEST_LINE] for ours, key in _SAID.items() if key in one
                }
                for one in values["tableSchema"]["columns"]
            }
            galaxy = values.get("galaxy")
            return {"columns": columns, "galaxy": galaxy if isinstance(galaxy, dict) else {}}
    return {}
