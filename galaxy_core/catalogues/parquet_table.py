"""Parquet in and out, a row group at a time; units and descriptions as TOPCAT reads them from it (VOParquet 1.0)."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from galaxy_core.catalogues.catalogue import Catalogue, from_row
from galaxy_core.catalogues.columns import check_names, is_text, said_of
from galaxy_core.catalogues.votable_fields import fields_said, table_of_fields
from galaxy_core.errors import BadFileError, brief

OURS = b"galaxy"
HUGGING_FACE = b"huggingface"
_VOTABLE, _VOTABLE_VERSION = b"IVOA.VOTable-Parquet.content", b"IVOA.VOTable-Parquet.version"
BUFFER_BYTES = 2**20
"""Read at once of a column: else all of a row group's would be in memory."""


def open_parquet(path: Path) -> Catalogue:
    """A Parquet file; a column keeps the very type it has there."""
    try:
        with pq.ParquetFile(path) as file:
            schema, n_rows = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise BadFileError(f"{path} is no whole Parquet file: {brief(error)}; get it again") from error
    check_names(schema.names, path)
    about = schema.metadata or {}
    told = fields_said(about.get(_VOTABLE, b""))
    schema = pa.schema([said_of(f, told.get(f.name, {})) for f in schema], about)

    def read(columns: Sequence[str], size: int, first: int) -> Iterator[pa.RecordBatch]:
        wanted = pa.schema([schema.field(name) for name in columns])
        try:
            with pq.ParquetFile(path, pre_buffer=False, buffer_size=BUFFER_BYTES) as file:
                groups, first = _groups_from(file.metadata, first)
                batches = file.iter_batches(size, groups, columns=list(columns), use_threads=False)
                for batch in from_row(batches, first):
                    # in the order that was asked for, with what is said of each column
                    yield pa.RecordBatch.from_arrays([batch.column(n) for n in columns], schema=wanted)
        except (pa.ArrowException, OSError) as error:
            raise BadFileError(f"{path} is damaged: {brief(error)}; get it again") from error

    return Catalogue(path, schema, n_rows, read, _ours(about.get(OURS, b"{}")), is_seekable=True)


def write_parquet(
    target: Any, schema: pa.Schema, batches: Iterable[pa.RecordBatch], metadata: Mapping[str, str]
) -> None:
    """The rows as Parquet into a binary file."""
    about = {
        OURS: json.dumps(dict(metadata)).encode(),
        _VOTABLE_VERSION: b"1.0",
        _VOTABLE: table_of_fields(schema, metadata).encode(),
    }
    # numbers hardly ever occur twice, and looking for those that do takes three times as long as writing them
    words = [field.name for field in schema if is_text(field)]
    with pq.ParquetWriter(
        target, schema.with_metadata(about), compression="zstd", use_dictionary=words
    ) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _groups_from(about: pq.FileMetaData, first: int) -> tuple[list[int], int]:
    """The row groups from the one that holds row `first`, and which of its rows that is."""
    for group in range(about.num_row_groups):
        n_rows = about.row_group(group).num_rows
        if first < n_rows:
            return list(range(group, about.num_row_groups)), first
        first -= n_rows
    return [], 0


def _ours(text: bytes) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}
