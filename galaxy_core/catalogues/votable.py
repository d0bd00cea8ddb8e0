"""VOTable in and out: written row by row, read by astropy, which holds all of it in memory.

A stranger's VOTable may name another file or an address to take its rows from, and may declare entities that grow: both
are refused before astropy sees it.
"""

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.compute as pc

from galaxy_core.catalogues.astropy_tables import MOST_ROWS, catalogue_of, needs_astropy, too_many_rows
from galaxy_core.catalogues.catalogue import Catalogue
from galaxy_core.catalogues.csv_table import texts
from galaxy_core.catalogues.votable_fields import datatype_of, head_and_tail, xml_text
from galaxy_core.errors import BadFileError, brief

MOST_BYTES = 2**30


def open_votable(path: Path) -> Catalogue:
    """The first table of a VOTable. Errors: BadFileError for more rows than MOST_ROWS, or data that lie elsewhere."""
    needs_astropy(path)
    _check(path)
    from astropy.io.votable import parse

    try:
        # the bytes: a name could be an address
        document = parse(io.BytesIO(path.read_bytes()), verify="ignore")
        table = document.get_first_table()
        infos = {info.name: info.value for one in document.resources for info in one.infos}
        return catalogue_of(path, table.to_table(use_names_over_ids=True), infos)
    except Exception as error:  # a parser of a stranger's XML raises anything
        raise BadFileError(f"{path} is no VOTable that can be read: {brief(error)}") from error


def write_votable(
    target: Any, schema: pa.Schema, batches: Iterable[pa.RecordBatch], metadata: Mapping[str, str]
) -> None:
    """The rows as a VOTable (TABLEDATA) into a binary file; a null is an empty cell."""
    head, tail = head_and_tail(schema, metadata)
    target.write(head.encode())
    for batch in batches:
        columns = [_cells(batch.column(i), field) for i, field in enumerate(schema)]
        for row in zip(*columns, strict=True):
            target.write(f"<TR>{''.join(f'<TD>{cell}</TD>' for cell in row)}</TR>\n".encode())
    target.write(tail.encode())


def _cells(array: pa.Array, field: pa.Field) -> list[str]:
    datatype, size = datatype_of(field.type)
    if datatype == "unicodeChar":
        return [escape(xml_text(text)) for text in texts(array, field)]
    if size is not None:
        return ["" if v is None else " ".join(map(_number, v)) for v in array.to_pylist()]
    if datatype in ("float", "double"):
        return [_number(value) for value in pc.cast(array, pa.string()).to_pylist()]
    return texts(array, field)


def _number(value: object) -> str:
    """As VOTable spells it: NaN, and infinities with a sign."""
    known = {None: "NaN", "nan": "NaN", "inf": "+Inf", "-inf": "-Inf", "True": "true", "False": "false"}
    return known.get(text := None if value is None else str(value), text or "")


def _check(path: Path) -> None:
    """BadFileError for what is not to be read at all: too large, of too many rows, or of data that lie elsewhere."""
    if path.stat().st_size > MOST_BYTES:
        raise BadFileError(
            f"{path} is larger than {MOST_BYTES / 1e9:.0f} GB, and a VOTable is read whole; save it as Parquet or FITS"
        )
    n_rows = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal n_rows
        name = tag.rpartition(":")[2]
        n_rows += name == "TR"
        if name == "STREAM" and "href" in attributes:
            raise BadFileError(
                f"{path} names another place for its rows, and nothing is followed out of a file; save it with its "
                "rows inside"
            )
        if n_rows > MOST_ROWS:
            raise too_many_rows(path)

    def refuse(*_: object) -> None:
        raise BadFileError(f"{path} declares entities, which no VOTable needs; save it anew")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EntityDeclHandler = start, refuse
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except BadFileError:
        raise
    except Exception as error:  # an encoding that is none, a name that is no text
        raise BadFileError(f"{path} is no whole VOTable: {brief(error)}; get it again") from error
