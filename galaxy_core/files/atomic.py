"""Files and folders that are either whole or not there: temporary name, flush to disk, then one rename.

It knows the file system and nothing about galaxies; every room that writes a file writes it through here. A temporary
name says which process writes it: the next process that writes in that folder removes what killed ones left.
"""

import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from galaxy_core.errors import DiskFullError
from galaxy_core.files.destination import folder_to_work_in, require_folder, settle
from galaxy_core.files.owner import Owner, this_process

DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
TEMPORARY = r"\.([0-9a-f]{8})-([0-9a-f]+)-([0-9a-f]+)-[0-9a-f]{8}\.tmp"
"""The end of a temporary name: machine, process number and its start (see `owner.Owner`), and a random number."""
OLD_TEMPORARY = r"\.[0-9a-f]{12}\.tmp"
"""That of versions that did not say who writes."""
SECONDS_OF_A_STRANGER = 86400.0
"""What a process of another machine (or an older version) has not written to for so long was left by a killed one."""
SECONDS_BETWEEN_CLEARINGS = 60.0
_cleared: dict[Path, float] = {}


@contextmanager
def atomic_path(path: str | os.PathLike[str], *, overwrite: bool = True) -> Iterator[Path]:
    """A temporary name beside `path`, for writers that want a name; renamed to `path` at the end.

    A device or a pipe is written to. Without `overwrite`, what came under the name meanwhile stays, and a
    BadValueError says so. Whatever goes wrong inside, the temporary file is gone and `path` is as it was. A full
    disk (or quota) becomes a DiskFullError; every other error passes as it is.
    """
    path = Path(path)
    require_folder(path)
    folder = folder_to_work_in(path)
    clear_now_and_then(folder)
    temporary = temporary_name(folder / path.name)
    try:
        with disk_full_named(path):
            yield temporary
            flush_to_disk(temporary)
            settle(temporary, path, overwrite=overwrite)
            _flush_folder(path.parent)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


@contextmanager
def atomic_file(path: str | os.PathLike[str], *, overwrite: bool = True) -> Iterator[BinaryIO]:
    """A binary file to write into (seekable, readable too); it becomes `path` when the block ends well."""
    with atomic_path(path, overwrite=overwrite) as temporary, temporary.open("x+b") as file:
        yield file
        file.flush()


@contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A hidden folder beside `path` to fill; it becomes `path` by one rename when the block ends well.

    Of two processes that make the same folder one wins, the other gets FileExistsError and leaves nothing; only
    an empty folder is replaced. Whatever goes wrong inside, nothing is left behind.
    """
    path = Path(path)
    clear_now_and_then(path.parent)
    temporary = temporary_name(path)
    try:
        with disk_full_named(path):
            temporary.mkdir()
            yield temporary
            _become(temporary, path)
            _flush_folder(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _become(temporary: Path, path: Path) -> None:
    try:
        temporary.rename(path)
    except OSError as error:
        if path.exists() or path.is_symlink():  # not empty (ENOTEMPTY, EEXIST), or no folder (ENOTDIR)
            raise FileExistsError(errno.EEXIST, "exists already", str(path)) from error
        raise


def write_bytes_atomically(path: str | os.PathLike[str], data: bytes, *, overwrite: bool = True) -> None:
    """Replace `path` by `data` in one step: a reader sees the old bytes or the new, never a part."""
    with atomic_file(path, overwrite=overwrite) as file:
        file.write(data)


def write_text_atomically(path: str | os.PathLike[str], text: str, *, overwrite: bool = True) -> None:
    """Replace `path` by `text` (UTF-8, line ends as given) in one step."""
    write_bytes_atomically(path, text.encode("utf-8"), overwrite=overwrite)


def temporary_name(path: Path) -> Path:
    """A hidden name beside `path` that nobody else uses, and that tells who does."""
    owner = this_process()
    start = os.fsdecode(os.fsencode(path.name)[:100])
    mine = f"{owner.place}-{owner.pid:x}-{owner.start:x}-{secrets.token_hex(4)}"
    return path.with_name(f".{start}.{mine}.tmp")


def is_left(path: Path, seconds: float = SECONDS_OF_A_STRANGER) -> bool:
    """Whether a temporary file or folder (by its name) was left by a process that is gone.

    One of another machine or an older version counts as left when nobody has written to it for `seconds`.
    """
    name = re.fullmatch(rf"\..+?(?:{TEMPORARY}|{OLD_TEMPORARY})", path.name, re.DOTALL)
    if name is None:
        return False
    is_alive = Owner(name[1], int(name[2], 16), int(name[3], 16)).is_alive() if name[1] else None
    try:
        return abs(time.time() - path.lstat().st_mtime) > seconds if is_alive is None else not is_alive
    except OSError:
        return False  # it is finished, or another process removed it


def clear_left(folder: str | os.PathLike[str], seconds: float = SECONDS_OF_A_STRANGER) -> None:
    """Remove the temporary files and folders in `folder` that killed processes left, never what somebody writes."""
    with suppress(OSError), os.scandir(folder) as entries:
        for name in [entry.name for entry in entries if entry.name.endswith(".tmp")]:
            if is_left(path := Path(folder, name), seconds):
                _remove(path)


def remove_unfinished(folder: str | os.PathLike[str]) -> None:
    """Remove all temporary files in `folder`, which need not exist, whoever made them.

    Only for who knows that nobody is writing there now.
    """
    for path in Path(folder).glob(".*.tmp"):
        if re.fullmatch(rf"\..+(?:{TEMPORARY}|{OLD_TEMPORARY})", path.name, re.DOTALL) and path.is_file():
            path.unlink(missing_ok=True)


def clear_now_and_then(folder: Path) -> None:
    """`clear_left`, at most once a minute: a folder of a hundred thousand heat maps takes a while to look through."""
    now = time.monotonic()
    if now - _cleared.get(folder, -SECONDS_BETWEEN_CLEARINGS) >= SECONDS_BETWEEN_CLEARINGS:
        _cleared[folder] = now
        clear_left(folder)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


@contextmanager
def disk_full_named(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn "no space left" and "file too large" inside the block into a DiskFullError: `path`, and the way out."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        if _says_disk_full(error):
            raise DiskFullError(
                f"the disk has no room left to write {os.fspath(path)}; free some space in "
                f"{Path(path).parent} or choose a folder on another disk (nothing was changed)"
            ) from error
        if (
            getattr(error, "errno", None) == errno.EFBIG
        ):  # `ulimit -f`, or a disk in the format of a memory stick
            raise DiskFullError(
                f"{os.fspath(path)} would be larger than any file may be there; raise the limit "
                "(`ulimit -f unlimited`) or choose a folder on another disk (nothing was changed)"
            ) from error
        _name_what_was_asked_for(error, path)
        raise


def _name_what_was_asked_for(error: Exception, path: str | os.PathLike[str]) -> None:
    """An error about the temporary file is one about `path`: nobody was told the hidden name."""
    if isinstance(error, OSError) and os.fsdecode(error.filename or "").endswith(".tmp"):
        error.filename, error.filename2 = os.fspath(path), None


def _says_disk_full(error: Exception) -> bool:
    # HDF5 may lose the error number (and even the kind of error) on its way up and keep only the words
    return getattr(error, "errno", None) in DISK_FULL or "No space left on device" in str(error)


def flush_to_disk(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the rename itself durable; where a folder cannot be opened (Windows) the system must do."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
