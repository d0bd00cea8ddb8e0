"""ECSV in and out, by astropy, which holds all of it in memory."""

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from galaxy_core.catalogues.astropy_tables import (
    MOST_ROWS,
    astropy_table,
    catalogue_of,
    needs_astropy,
    too_many_rows,
)
from galaxy_core.catalogues.catalogue import Catalogue
from galaxy_core.errors import BadFileError, brief

OURS = "galaxy"
MOST_BYTES = 2**30


def open_ecsv(path: Path) -> Catalogue:
    """An ECSV table. Errors: BadFileError for more rows than MOST_ROWS."""
    needs_astropy(path)
    if path.stat().st_size > MOST_BYTES or _n_lines(path) > 2 * MOST_ROWS:
        raise too_many_rows(path)
    from astropy.table import Table

    try:
        table = Table.read(io.BytesIO(path.read_bytes()), format="ascii.ecsv")
        return catalogue_of(path, table, dict(table.meta.get(OURS) or {}))
    except BadFileError:
        raise
    except Exception as error:  # a parser of a stranger's YAML raises anything
        raise BadFileError(f"{path} is no ECSV that can be read: {brief(error)}") from error


def write_ecsv(
    target: Any, schema: pa.Schema, batches: Iterable[pa.RecordBatch], metadata: Mapping[str, str]
) -> None:
    """The rows as ECSV into a binary file, all of them in memory at once."""
    table = astropy_table(schema, batches)
    table.meta[OURS] = dict(metadata)
    text = io.StringIO()
    table.write(text, format="ascii.ecsv")
    target.write(text.getvalue().encode())


def _n_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(2**20), b""))
