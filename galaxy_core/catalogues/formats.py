"""The formats by name: a table is opened by what its file begins with, and written by what its name ends in."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa

from galaxy_core.catalogues.astropy_tables import MOST_ROWS, needs_astropy, too_many_rows
from galaxy_core.catalogues.catalogue import ROWS_AT_ONCE, Catalogue, of_size
from galaxy_core.catalogues.columns import with_usual_ucds
from galaxy_core.errors import BadFileError, BadValueError, MissingError
from galaxy_core.files.atomic import atomic_file, write_text_atomically
from galaxy_core.files.destination import folder_to_work_in, is_stream

CSV, PARQUET, FITS, VOTABLE, ECSV = "csv", "parquet", "fits", "votable", "ecsv"
SUFFIXES = {
    ".csv": CSV,
    ".parquet": PARQUET,
    ".fits": FITS,
    ".fit": FITS,
    ".vot": VOTABLE,
    ".votable": VOTABLE,
    ".ecsv": ECSV,
}
_HEAD_BYTES = 64
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}


def format_of(path: Path) -> str:
    """What is written under that name. Errors: BadValueError for another suffix, MissingError without astropy."""
    known = SUFFIXES.get(path.suffix.lower(), CSV if is_stream(path) else None)
    if known is None:
        raise BadValueError(
            f"a table must end in {', '.join(SUFFIXES)}, got {path.name}; the suffix says what is written"
        )
    if known in (FITS, ECSV):
        needs_astropy(path)
    return known


def open_catalogue(path: str | os.PathLike[str], *, keeps_text: bool = False) -> Catalogue:
    """A table of objects: CSV, Parquet, FITS, VOTable or ECSV, told by how it begins, not by its name.

    keeps_text: fields of a CSV stay the bytes they are. Errors: MissingError for no file or a library that is not
    installed, BadFileError for what is no whole table.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingError(
            f"there is no catalogue {path}; name a file of CSV, Parquet, FITS, VOTable or ECSV"
        )
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    packed = next((name for mark, name in _PACKED.items() if head.startswith(mark)), None)
    if packed:
        raise BadFileError(f"{path} is packed by {packed}; unpack it first, a table is read as it lies there")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith(b"PAR1"):
        from galaxy_core.catalogues.parquet_table import open_parquet

        return open_parquet(path)
    if head.startswith(b"SIMPLE  ="):
        from galaxy_core.catalogues.fits_table import open_fits_table

        return open_fits_table(path)
    if text.startswith((b"<?xml", b"<votable", b"<!--")):
        from galaxy_core.catalogues.votable import open_votable

        return open_votable(path)
    if text.startswith(b"# %ecsv"):
        from galaxy_core.catalogues.ecsv import open_ecsv

        return open_ecsv(path)
    from galaxy_core.catalogues.csv_table import open_csv

    return open_csv(path, keeps_text=keeps_text)


def check_length(path: Path, n_rows: int) -> None:
    """BadFileError where so many rows cannot be written in the format of that name."""
    if format_of(path) == ECSV and n_rows > MOST_ROWS:
        raise too_many_rows(path)


def write_table(
    path: Path,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    metadata: Mapping[str, str],
    *,
    overwrite: bool = False,
    spreadsheet_safe: bool = False,
) -> list[str]:
    """The rows as a table of the format that the suffix names; the file appears when it is whole.

    metadata: what the file is to say of itself, texts by name: in the schema of Parquet, cards of FITS, INFO of
    VOTable, meta of ECSV and, beside a CSV, a file of that name and `-metadata.json`. One file of several shards is
    this, given the batches of one after the other. Gives back what must be said of it, a sentence each.
    """
    kind, notes = format_of(path), []
    if kind != PARQUET:
        schema, batches = _spelt_out(schema, batches)
    rows = of_size(batches, schema, ROWS_AT_ONCE)
    with atomic_file(path, overwrite=overwrite) as target:
        if kind == CSV:
            from galaxy_core.catalogues.csv_table import write_csv

            write_csv(target, schema, rows, spreadsheet_safe=spreadsheet_safe)
        elif kind == PARQUET:
            from galaxy_core.catalogues.parquet_table import write_parquet

            write_parquet(target, with_usual_ucds(schema), rows, metadata)
        elif kind == FITS:
            from galaxy_core.catalogues.fits_writer import write_fits

            if not write_fits(target, with_usual_ucds(schema), rows, metadata, folder_to_work_in(path)):
                notes.append(
                    f"{path.name} holds text beyond ASCII, which FITS has no letters for; it is in UTF-8"
                )
        elif kind == VOTABLE:
            from galaxy_core.catalogues.votable import write_votable

            write_votable(target, with_usual_ucds(schema), rows, metadata)
        else:
            from galaxy_core.catalogues.ecsv import write_ecsv

            write_ecsv(target, with_usual_ucds(schema), rows, metadata)
    if kind == CSV:
        write_beside(path, schema, metadata)
    return notes


def _spelt_out(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch]
) -> tuple[pa.Schema, Iterable[pa.RecordBatch]]:
    """The same where a value that occurs often is stored once (categories): such columns as what they stand for."""
    places = [i for i, field in enumerate(schema) if pa.types.is_dictionary(field.type)]
    if not places:
        return schema, batches
    plain = schema
    for i in places:
        plain = plain.set(i, schema.field(i).with_type(schema.field(i).type.value_type))

    def decoded(batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = [one.dictionary_decode() if i in places else one for i, one in enumerate(batch.columns)]
        return pa.RecordBatch.from_arrays(columns, schema=plain)

    return plain, map(decoded, batches)


def write_beside(path: Path, schema: pa.Schema, metadata: Mapping[str, str]) -> None:
    """What is said of a CSV, beside it; nothing where it went into a device or a pipe."""
    if not is_stream(path):
        from galaxy_core.catalogues.csv_table import side_file_of, side_text

        write_text_atomically(side_file_of(path), side_text(path, schema, metadata))
