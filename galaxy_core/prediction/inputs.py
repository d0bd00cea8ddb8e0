"""What is asked about: the pictures of a folder or the rows of a catalogue, all of them or those of a shard.

Names of a folder lie on the disk, not in memory. It knows no network.
"""

import hashlib
import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import pyarrow as pa

from galaxy_core.catalogues.catalogue import Catalogue
from galaxy_core.catalogues.columns import described
from galaxy_core.catalogues.formats import open_catalogue
from galaxy_core.catalogues.pictures import Picture, Pictures
from galaxy_core.data.cache import file_sha256
from galaxy_core.errors import BadFileError, MissingError
from galaxy_core.images.folder import N_NAMED, counted, list_images, walk_images

ROWS_OF_NAMES = 256
BYTES_IN_MEMORY = 2**20
"""Of names: some ten thousand."""
END = b"\0"
"""Of a name: the one byte that none holds."""

Carried = Iterable[tuple[pa.RecordBatch, list[Picture]]]


class Inputs(Protocol):
    """Pictures in their order, with the columns that are carried along."""

    what: str
    """Of a number of them: "files" or "rows"."""

    @property
    def path(self) -> Path: ...
    @property
    def n(self) -> int: ...
    @property
    def schema(self) -> pa.Schema: ...
    def batches(self, start: int = 0, stop: int | None = None) -> Carried:
        """Some rows at a time of those from `start` to before `stop`, and the picture of each."""
        ...

    def sha256(self) -> str:
        """What tells these inputs from others."""
        ...


@dataclass
class FolderInputs:
    """The pictures of a folder; `left_out` says what else lies there. `places`: where in `file` a name begins."""

    root: Path
    path: Path
    file: BinaryIO = field(repr=False)
    n: int = 0
    is_text: bool = True
    left_out: str = ""
    places: dict[int, int] = field(default_factory=lambda: {0: 0})
    what = "files"

    def __post_init__(self) -> None:
        weakref.finalize(self, self.file.close)

    @property
    def schema(self) -> pa.Schema:
        """One column, `file`, as it is found on disk: text, or bytes if one of the names is none."""
        kind = described("file", pa.string()) if self.is_text else described("file", pa.binary(), text=1)
        return pa.schema([kind])

    def names(self, start: int = 0, stop: int | None = None) -> Iterator[str]:
        """Relative to `root`, byte for byte (`os.fsencode` gives the bytes), sorted."""
        near = max(one for one in self.places if one <= start)
        self.file.seek(self.places[near])
        names = islice(_ended(self.file), start - near, (self.n if stop is None else stop) - near)
        return map(os.fsdecode, names)

    def batches(self, start: int = 0, stop: int | None = None) -> Carried:
        """See `Inputs`."""
        schema, names = self.schema, self.names(start, stop)
        while some := list(islice(names, ROWS_OF_NAMES)):
            values = some if self.is_text else list(map(os.fsencode, some))
            pictures = [Picture(name, partial(self.root.__truediv__, name)) for name in some]
            yield pa.RecordBatch.from_arrays([pa.array(values, schema.types[0])], schema=schema), pictures

    def sha256(self) -> str:
        """Of all names and sizes."""
        found = hashlib.sha256()
        for name in self.names():
            size = -1
            with suppress(OSError):
                size = (self.root / name).stat().st_size
            found.update(os.fsencode(name) + b"\0%d\0" % size)
        return found.hexdigest()

    def odd_names_in_words(self, out: Path) -> list[str]:
        """What must be said of a CSV with names that are not UTF-8; nothing where there is none."""
        n_odd = 0 if self.is_text else sum(not _is_utf8(os.fsencode(name)) for name in self.names())
        if not n_odd:
            return []
        return [f"names that are not UTF-8: {n_odd}, byte for byte; read {out} with errors='surrogateescape'"]

    def keep(self, path: Path, every: int) -> dict[int, int]:
        """Write the names to `path`, to be read by others; where each `every`th of them begins there."""
        places, place = {}, 0
        with path.open("wb") as file:
            for number, name in enumerate(self.names()):
                if number % every == 0:
                    places[number] = place
                place += file.write(os.fsencode(name) + END)
        return places


@dataclass
class CatalogueInputs:
    """The rows of a catalogue, or of a copy of it that lies elsewhere."""

    path: Path
    table: Catalogue
    pictures: Pictures
    what = "rows"

    @property
    def n(self) -> int:
        """Rows."""
        return self.table.n_rows

    @property
    def schema(self) -> pa.Schema:
        """The columns that are carried."""
        return self.pictures.schema

    def batches(self, start: int = 0, stop: int | None = None) -> Carried:
        """See `Inputs`."""
        return self.pictures.batches(start, stop)

    def sha256(self) -> str:
        """Of the file, remembered while it stays the same."""
        return file_sha256(self.path.absolute())


def folder_inputs(path: Path) -> FolderInputs:
    """The pictures below a folder, or the one that `path` is. Errors: as `list_images`."""
    root = path if path.is_dir() else path.parent
    # named for a reader to come: it lives as long as the inputs do
    file = cast(BinaryIO, tempfile.SpooledTemporaryFile(BYTES_IN_MEMORY))  # noqa: SIM115
    found = FolderInputs(root, path, file)
    if not path.is_dir():
        return _filled(found, ((name, True) for name in list_images(path).names))
    found = _filled(found, walk_images(path))
    if not found.n:
        list_images(path)  # which says that there is none
    return found


def _filled(found: FolderInputs, names: Iterable[tuple[str, bool]]) -> FolderInputs:
    left_out: list[str] = []
    n_left_out = 0
    for name, is_image in names:
        if is_image:
            written = os.fsencode(name)
            found.file.write(written + END)
            found.n += 1
            found.is_text = found.is_text and _is_utf8(written)
        else:
            n_left_out += 1
            left_out.append(name)
            left_out = sorted(left_out, key=lambda one: (one.split("/")[-1].startswith("."), one))[:N_NAMED]
    if n_left_out:
        found.left_out = f"left out as no image: {counted(left_out, n_left_out)}"
    return found


def kept_names(
    root: Path, path: Path, names: Path, n: int, is_text: bool, places: dict[int, int]
) -> FolderInputs:
    """The pictures whose names `FolderInputs.keep` wrote."""
    try:
        file = names.open("rb")
    except OSError as error:
        raise MissingError(f"{names} is gone, which holds the names of the pictures; begin anew") from error
    return FolderInputs(root, path, file, n, is_text, places=places)


def catalogue_inputs(
    path: Path, folder: Path | None, image: str | None, *, keeps_text: bool, copy: Path | None = None
) -> CatalogueInputs:
    """The rows of the catalogue; of a `copy` where there is one. Errors: as `open_catalogue` and `Pictures`."""
    table = open_catalogue(copy or path, keeps_text=keeps_text and copy is None)
    return CatalogueInputs(path, table, Pictures(table, folder=folder or path.parent, image=image))


def _is_utf8(name: bytes) -> bool:
    with suppress(UnicodeDecodeError):
        return bool(name.decode() or True)
    return False


def _ended(file: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while block := file.read(2**16):
        *whole, rest = (rest + block).split(END)
        yield from whole
    if rest:
        raise BadFileError("the list of names is cut short; begin anew")
