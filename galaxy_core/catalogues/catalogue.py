"""A table of objects, whatever file it lies in: its columns, how many rows, and the rows a batch at a time.

It knows no format; those that read one make a `Catalogue` of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

ROWS_AT_ONCE = 4096
"""Rows that are read or written together: a few MB of a usual catalogue."""

Read = Callable[[Sequence[str], int, int], Iterator[pa.RecordBatch]]
"""Of columns, rows at a time, and the row to begin with."""


@dataclass(frozen=True, eq=False)
class Catalogue:
    """An ordered table that is streamed: never more than a batch of its rows is in memory (VOTable and ECSV: all).

    schema: name and type of each column, with unit, description, UCD and null where the file tells them
    (`catalogues.columns`); `metadata` what the file says of itself under `galaxy` (`write_table`), else nothing.
    is_seekable: any row is found without reading those before it.
    """

    path: Path
    schema: pa.Schema
    n_rows: int
    read: Read = field(repr=False)
    metadata: Mapping[str, str] = field(default_factory=dict)
    is_seekable: bool = False

    @property
    def names(self) -> list[str]:
        """The columns in order."""
        return list(self.schema.names)

    def batches(
        self,
        columns: Sequence[str] | None = None,
        n_rows: int = ROWS_AT_ONCE,
        start: int = 0,
        stop: int | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """The rows in the order of the file, at most `n_rows` at a time; of `columns` alone where they are given.

        From row `start`, counted from 0, and to before row `stop`.
        """
        left = (self.n_rows if stop is None else stop) - start
        for batch in self.read(self.names if columns is None else list(columns), n_rows, start):
            if left <= 0:
                return
            yield batch.slice(0, left)
            left -= batch.num_rows


def from_row(batches: Iterable[pa.RecordBatch], start: int) -> Iterator[pa.RecordBatch]:
    """The same without the first `start` rows."""
    for batch in batches:
        if batch.num_rows > start:
            yield batch.slice(start)
        start = max(0, start - batch.num_rows)


def of_size(batches: Iterable[pa.RecordBatch], schema: pa.Schema, n_rows: int) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of about `n_rows`; none is empty."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(one.num_rows for one in waiting) >= n_rows:
            yield _joined(waiting, schema)
            waiting = []
    if any(one.num_rows for one in waiting):
        yield _joined(waiting, schema)


def _joined(batches: Sequence[pa.RecordBatch], schema: pa.Schema) -> pa.RecordBatch:
    return pa.Table.from_batches(batches, schema).combine_chunks().to_batches()[0]
