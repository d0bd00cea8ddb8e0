"""The picture of each row of a catalogue: a file below a folder, or bytes in the table itself.

It reads nothing before it is asked to, so that one picture after the other is in memory, and follows no name out of the
folder. It must not know what the pictures are for.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa

from galaxy_core.catalogues.catalogue import ROWS_AT_ONCE, Catalogue
from galaxy_core.catalogues.columns import described, find_columns, in_words, is_text
from galaxy_core.errors import BadFileError, MissingError, quoted

BYTES, PATH = "bytes", "path"
"""Of a picture as Hugging Face stores it: a column of structures with these two."""
ROWS_WITH_BYTES = 16
"""Rows that are read together where the pictures lie among them."""

Source = Path | bytes


@dataclass(frozen=True)
class Picture:
    """A row's picture: what it is called in the table ("" where it has no name), and how to get at it.

    `find` gives the path of a file that is there, or the bytes. Errors: BadFileError where the row names none, or one
    outside of the folder; MissingError where the file is not there.
    """

    name: str
    find: Callable[[], Source]


class Pictures:
    """Rows of a catalogue with their pictures, streamed together.

    folder: what the names are relative to, that of the catalogue unless given; image: the column that holds them, where
    it is none of `image`, `file` and `path`. Errors: BadFileError where no column holds pictures.
    """

    def __init__(self, catalogue: Catalogue, *, folder: Path | None = None, image: str | None = None) -> None:
        self._catalogue = catalogue
        self.folder = (folder or catalogue.path.parent).resolve()
        found = find_columns(catalogue.schema, image)
        if found.image is None:
            raise _without_pictures(catalogue, found.ra is not None and found.dec is not None)
        self.column = found.image
        field = catalogue.schema.field(self.column)
        self._has_bytes = not is_text(field)
        if self._has_bytes and not (_is_bytes(field.type) or _is_hugging_face(field.type)):
            raise BadFileError(
                f"the column {quoted(self.column)} of {catalogue.path.name} holds {field.type}, and neither names nor "
                "bytes of pictures; say which does with --image-column"
            )
        self.schema = pa.schema(
            [
                one
                for old in catalogue.schema
                for one in ([old] if old.name != self.column else self._carried(old))
            ]
        )
        """The columns that are carried: all but the bytes of the pictures."""

    def _carried(self, field: pa.Field) -> list[pa.Field]:
        if not self._has_bytes:
            return [field]
        name = f"{field.name}.{PATH}"
        if (
            not _is_hugging_face(field.type)
            or PATH not in _parts(field.type)
            or name in self._catalogue.names
        ):
            return []
        return [described(name, pa.string(), description="name of the picture")]

    def __iter__(self) -> Iterator[Picture]:
        """The picture of each row."""
        for _, of_batch in self.batches():
            yield from of_batch

    def batches(
        self, start: int = 0, stop: int | None = None
    ) -> Iterator[tuple[pa.RecordBatch, list[Picture]]]:
        """The carried columns of some rows, and the picture of each of them; all rows, or those before `stop`."""
        n_rows = ROWS_WITH_BYTES if self._has_bytes else ROWS_AT_ONCE // 16
        for batch in self._catalogue.batches(n_rows=n_rows, start=start, stop=stop):
            pictures = self._pictures(batch.column(self.column))
            columns = [
                batch.column(name)
                if name in batch.schema.names
                else pa.array([one.name or None for one in pictures], pa.string())
                for name in self.schema.names
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=self.schema), pictures

    def _pictures(self, column: pa.Array) -> list[Picture]:
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        values = column.to_pylist()
        if not self._has_bytes:
            return [self._named(_name(value)) for value in values]
        if _is_bytes(column.type):
            return [Picture("", partial(_given, value)) for value in values]
        return [self._either(value or {}) for value in values]

    def _either(self, value: dict[str, object]) -> Picture:
        data, name = value.get(BYTES), value.get(PATH)
        name = name if isinstance(name, str) else ""
        return Picture(name, partial(_given, data)) if isinstance(data, bytes) else self._named(name)

    def _named(self, name: str) -> Picture:
        return Picture(name, partial(file_inside, self.folder, name))


def file_inside(folder: Path, name: str) -> Path:
    """The file of that name below `folder` (resolved); BadFileError where it leads out, by `..` or by a link.

    MissingError where it is not there. No sentence says where the folder is.
    """
    if not name.strip():
        raise BadFileError("the row names no picture")
    for written in dict.fromkeys((name, name.strip(), name.replace("\\", "/"))):
        if (path := _real(folder / written, folder)) is not None:
            return path
    raise MissingError("there is no file of that name in the folder of the pictures")


def _real(path: Path, folder: Path) -> Path | None:
    """Where links lead; None where nothing is, or can be: too long a name, a ring of links, a zero byte."""
    try:
        real = Path(os.path.realpath(path))
        if real.is_relative_to(folder):
            return real if real.exists() else None
    except (OSError, RuntimeError, ValueError):
        return None
    raise BadFileError("the name leads out of the folder of the pictures; give one inside it")


def _given(data: bytes | None) -> bytes:
    if not data:
        raise BadFileError("the row holds no picture")
    return data


def _name(value: object) -> str:
    return os.fsdecode(value) if isinstance(value, bytes) else str(value or "")


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _is_hugging_face(kind: pa.DataType) -> bool:
    return bool(pa.types.is_struct(kind)) and BYTES in _parts(kind) and _is_bytes(kind.field(BYTES).type)


def _parts(kind: pa.DataType) -> list[str]:
    return [kind.field(i).name for i in range(kind.num_fields)]


def _without_pictures(catalogue: Catalogue, has_positions: bool) -> BadFileError:
    name = catalogue.path.name
    if has_positions:
        return BadFileError(
            f"{name} has positions and no column with pictures; `galaxy cutouts fetch {name} --to cutouts/` brings "
            "them, and a column file, path or image names them"
        )
    return BadFileError(
        f"{name} has no column file, path or image; say which names the pictures with --image-column: "
        f"{in_words(catalogue.names)}"
    )
