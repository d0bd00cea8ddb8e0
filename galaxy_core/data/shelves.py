"""Where labelled pictures lie: a folder of folders by class, or a zip file of `class/name.jpg`.

Names and sizes are checked before a byte is read, and nothing is ever unpacked to disk. It must not know what a
picture shows, nor decode one.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from galaxy_core.data.image_kinds import has_image_name
from galaxy_core.errors import BadFileError, GalaxyError, MissingError, one_line

MOST_BYTES = 64 * 2**20  # of one picture; a JPEG of 50 million pixels has some 30 MB
LONGEST_NAME = 200
APPLE = "__MACOSX"  # what macOS puts beside the files in its zips


@dataclass(frozen=True)
class Picture:
    """One file: the name of its class's folder, its own name, and a text that changes when its content does."""

    folder: str
    name: str
    mark: str

    @property
    def called(self) -> str:
        """`class/name`, the same from a folder and from a zip file."""
        return f"{self.folder}/{self.name}"


class Shelf(Protocol):
    """A place with pictures."""

    path: Path

    def pictures(self) -> Sequence[Picture]:
        """All of them, in any order."""
        ...

    def read(self, picture: Picture) -> bytes:
        """The file as it is; safe to ask for from several threads."""
        ...


class PictureFolder:
    """Pictures in folders by class; other files, and hidden ones, are passed over."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def pictures(self) -> list[Picture]:
        """All of them; BadFileError for a name that cannot be shown."""
        folders = [one for one in self.path.iterdir() if one.is_dir() and not one.name.startswith(".")]
        return [
            self._picture(file) for folder in folders for file in folder.iterdir() if is_picture(file.name)
        ]

    def read(self, picture: Picture) -> bytes:
        """The file as it is; MissingError where it has gone."""
        path = self.path / picture.folder / picture.name
        if not path.is_file():
            raise MissingError(f"{path} is no longer there; put it back or start anew")
        _check_size(path.stat().st_size, str(path))
        return path.read_bytes()

    def _picture(self, file: Path) -> Picture:
        check_name(file.parent.name, str(self.path))
        check_name(file.name, str(self.path))
        return Picture(file.parent.name, file.name, f"{file.stat().st_size} bytes")


class ZippedPictures:
    """Pictures in a zip file, members `class/name`, stored or deflated; the file stays open.

    BadFileError in one sentence for what is no zip, and for links, encrypted members, members of too many
    bytes, and pictures that lie anywhere but in a folder of a class.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with _zip_errors_named(str(path)):
            self._archive = zipfile.ZipFile(path)
        entries = [entry for entry in self._archive.infolist() if _is_wanted(entry)]
        for entry in entries:
            _check_entry(entry, str(path))
        self._entries = {entry.filename: entry for entry in entries}
        if len(self._entries) < len(entries):
            raise BadFileError(f"{path} holds a picture twice under one name; make the zip anew")

    def pictures(self) -> list[Picture]:
        """All of them; the mark is the size and checksum that the zip gives."""
        return [
            Picture(folder, name, f"{entry.file_size} bytes crc {entry.CRC:08x}")
            for entry in self._entries.values()
            for folder, name in [entry.filename.split("/")]
        ]

    def read(self, picture: Picture) -> bytes:
        """The member as it is, checked against its checksum, never more than it claims."""
        entry = self._entries[picture.called]
        called = f"{picture.called} in {self.path}"
        with _zip_errors_named(called), self._archive.open(entry) as packed:
            data = packed.read(entry.file_size + 1)
        if len(data) != entry.file_size:
            raise BadFileError(
                f"{called} has {len(data)} bytes where the zip says {entry.file_size}; get it again"
            )
        return data


def check_name(name: str, where: str) -> None:
    """BadFileError for the name of a folder or file that a terminal or another machine could not take."""
    if not name.isprintable() or len(name) > LONGEST_NAME or "\\" in name:
        raise BadFileError(
            f"{where} holds the name {name[:60]!r}, which is too long or cannot be shown; rename it"
        )


def is_picture(name: str) -> bool:
    """Whether a file of that name is taken for a picture: by its suffix, hidden ones left out."""
    return not name.startswith(".") and has_image_name(name)


def _is_wanted(entry: zipfile.ZipInfo) -> bool:
    return not entry.is_dir() and APPLE not in entry.filename and is_picture(entry.filename.split("/")[-1])


def _check_entry(entry: zipfile.ZipInfo, called: str) -> None:
    parts = entry.orig_filename.split("/")
    for part in parts:
        check_name(part, called)
    if len(parts) != 2 or entry.filename != entry.orig_filename or parts[0] in ("", ".", ".."):
        raise BadFileError(
            f"{called} holds {entry.filename[:80]!r}, and pictures are taken from `class/name.jpg` only; "
            "make the zip inside the folder that holds the classes"
        )
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or entry.flag_bits & 1:
        raise BadFileError(f"{entry.filename} in {called} is a link or encrypted; make the zip anew")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadFileError(
            f"{entry.filename} in {called} is packed in a way that is not read; make the zip anew"
        )
    _check_size(entry.file_size, f"{entry.filename} in {called}")


def _check_size(n_bytes: int, called: str) -> None:
    if n_bytes > MOST_BYTES:
        raise BadFileError(
            f"{called} has {n_bytes} bytes, and a picture may have at most {MOST_BYTES}; shrink it"
        )


@contextmanager
def _zip_errors_named(called: str) -> Iterator[None]:
    """What zipfile and zlib raise on a hostile file becomes one sentence."""
    try:
        yield
    except GalaxyError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, NotImplementedError) as error:
        raise BadFileError(f"{called} is no whole zip ({one_line(error)}); get it again") from error
