"""A zip of pictures, and of their labels, unpacked into a folder of a while: never anywhere else, never without end.

Names and sizes are checked before a byte is read (`files.zips`). It must not know what is in a picture or a table.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from galaxy_core.data import labels_text
from galaxy_core.data.photographs.shelves import APPLE, MOST_BYTES, MOST_DIRECTORY_BYTES, check_name
from galaxy_core.errors import BadFileError, DiskFullError, quoted
from galaxy_core.files.atomic import clear_now_and_then, disk_full_named, temporary_name
from galaxy_core.files.image_kinds import has_image_name
from galaxy_core.files.zips import Zip, ZipRules

MOST_PICTURES = 10**6
MOST_TOTAL_BYTES = 64 * 2**30
MOST_FOLDERS = 16
"""One in the other."""
ZIP_BEGINS = (b"PK\x03\x04", b"PK\x05\x06")


def is_zip(path: Path) -> bool:
    """Whether a file says that it is a zip, by its name or its first bytes."""
    if path.suffix.lower() == ".zip":
        return path.is_file()
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) in ZIP_BEGINS


@contextmanager
def unpacked(
    file: Path | BinaryIO | IO[bytes], called: str, beside: Path, *, with_pictures: bool = True
) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """A folder with the pictures and CSVs of the zip, gone after the block, and the names of what was left out.

    It is made beside the file `beside`, with a name that the next process clears where this one is killed. Without
    `with_pictures` they are empty files, which is enough to know their classes. BadFileError in one sentence for what
    `Zip` refuses, names that lead out of the zip or cannot be files, and more than the limits of this module;
    DiskFullError where there is no room for what it claims.
    """
    left_out: list[str] = []
    packed = Zip(file, called, _rules(called, left_out))
    sizes = {name: entry.file_size for name, entry in packed.members.items()}
    if sum(sizes.values()) > MOST_TOTAL_BYTES:
        raise BadFileError(
            f"{called} claims {sum(sizes.values())} bytes, and at most {MOST_TOTAL_BYTES} are taken; import a folder"
        )
    clear_now_and_then(beside.parent)
    folder = temporary_name(beside.with_name(f"{beside.name}.unpacked"))
    try:
        with disk_full_named(beside):
            folder.mkdir()
            if with_pictures and sum(sizes.values()) > shutil.disk_usage(folder).free:
                raise DiskFullError(
                    f"{called} needs {sum(sizes.values())} bytes to be unpacked, and {beside.parent} has no room for "
                    "them; free some, or write to another disk"
                )
            for name in sizes:
                _unpack(packed, name, folder, called, is_empty=not with_pictures and has_image_name(name))
        yield folder, tuple(sorted(left_out))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(packed: Zip, name: str, folder: Path, called: str, *, is_empty: bool) -> None:
    path = folder / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as out:
            for block in () if is_empty else packed.blocks(name):
                out.write(block)
    except (FileExistsError, NotADirectoryError) as error:
        raise BadFileError(
            f"{called} holds {quoted(name)} and another of that name; make the zip anew"
        ) from error


def _rules(called: str, left_out: list[str]) -> ZipRules:
    def takes(name: str) -> bool:
        path = PurePosixPath(name)
        if name.endswith("/") or APPLE in path.parts or _is_hidden(path):
            return False
        if not (has_image_name(path.name) or path.suffix.lower() == ".csv"):
            left_out.append(name)
            return False
        _check(name, called)
        return True

    return ZipRules(takes, _most_bytes, MOST_PICTURES, MOST_DIRECTORY_BYTES, "make the zip anew")


def _is_hidden(path: PurePosixPath) -> bool:
    return any(part.startswith(".") and part != ".." for part in path.parts)


def _check(name: str, called: str) -> None:
    parts = name.split("/")
    if len(parts) > MOST_FOLDERS or any(part in ("", ".", "..") or ":" in part for part in parts):
        raise BadFileError(
            f"{called} holds {quoted(name)}, which leads out of it or is no name of a file; make the zip anew"
        )
    for part in parts:
        check_name(part, called)


def _most_bytes(name: str) -> int:
    return MOST_BYTES if has_image_name(name) else labels_text.MOST_BYTES
