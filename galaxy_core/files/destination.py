"""Where a result goes: one rule for every file that is written because somebody named it.

What is there is replaced only when that is asked for; an input, or a file inside one, never is, and nothing new becomes
one; a device or a pipe is written to and stays what it is. It knows names and the file system, and must not know what
is written.
"""

import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from galaxy_core.errors import BadValueError, MissingError
from galaxy_core.files.image_kinds import has_image_name

_STANDARD = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR = re.compile(r"/(?:dev|proc/(?:self|thread-self))/fd/(\d+)")


def check_destination(
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    inputs: Iterable[str | os.PathLike[str]] = (),
    closed: Iterable[str | os.PathLike[str]] = (),
) -> None:
    """Refuse a file that cannot or must not be written, before any work is done for it.

    Raises BadValueError for no name, a folder, a disk, what is one of the `inputs`, lies inside one already or would
    be read as an image there, whatever lies inside of `closed`, and what exists while `overwrite` is False;
    MissingError where the folder of the file does not exist.
    """
    path = Path(path)
    if not path.name:
        raise BadValueError("an empty name, or one that is only '.' or '/', names no file to write; give one")
    if path.is_dir():
        raise BadValueError(f"{path} is a folder; name a file to write")
    if is_stream(path):
        return
    for given in inputs:
        _check_no_input(path, Path(given))
    for folder in closed:
        check_outside(path, Path(folder))
    if os.path.lexists(path):
        if path.exists() and not path.is_file():
            raise BadValueError(f"{path} is a disk or a socket; name a file to write")
        if not overwrite:
            raise taken(path)
    else:
        require_folder(path)
    if not os.access(path.absolute().parent, os.W_OK):
        raise BadValueError(
            f"nothing can be written in the folder {path.parent}; choose another for {path.name}"
        )


def require_folder(path: Path) -> None:
    """MissingError where the folder that a file is to be written in is not there."""
    if not path.absolute().parent.is_dir():
        raise MissingError(f"the folder {path.parent} to write {path.name} in does not exist; make it first")


def taken(path: Path) -> BadValueError:
    """The sentence for a name that is in use."""
    return BadValueError(f"{path} exists already; choose another name, or say --overwrite to replace it")


def is_stream(path: str | os.PathLike[str]) -> bool:
    """Whether `path` is a device, a pipe or an open file of this process, whose name is to stay what it is."""
    if _descriptor(path) is not None:
        return True
    with suppress(OSError):
        mode = Path(path).stat().st_mode
        return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)
    return False


def folder_to_work_in(path: Path) -> Path:
    """Where what becomes `path` is made: beside it, but not among devices."""
    return Path(tempfile.gettempdir()) if is_stream(path) else path.parent


def settle(made: Path, path: Path, *, overwrite: bool) -> None:
    """Let the finished file `made` become `path` in one step, or pour it into the device or pipe that `path` is.

    Without `overwrite` one of several that finish at once wins; for the others the name is taken (BadValueError).
    """
    if is_stream(path):
        with made.open("rb") as source, _opened(path) as target:
            shutil.copyfileobj(source, target)
    elif overwrite:
        made.replace(path)
    else:
        _take(made, path)


def _take(made: Path, path: Path) -> None:
    """By a hard link, which only one of several can make; where there are none, by an empty file of that name."""
    try:
        try:
            os.link(made, path)
        except FileExistsError:
            raise
        except OSError:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            made.replace(path)
    except FileExistsError as error:
        raise taken(path) from error


def check_outside(path: Path, given: Path) -> None:
    """BadValueError where `path` is the input `given`, by whatever name, or lies inside it."""
    _check_other(path, given)
    if _is_inside(path, given):
        raise BadValueError(f"{path} lies inside {given}, which is read here; write it to another folder")


def _check_no_input(path: Path, given: Path) -> None:
    """The same, but a new file may lie in a folder that is read, unless its name is that of an image."""
    _check_other(path, given)
    if _is_inside(path, given) and (os.path.lexists(path) or has_image_name(path.name)):
        raise BadValueError(
            f"{path} lies inside {given}, whose files are read here; choose a new name that is no image's"
        )


def _check_other(path: Path, given: Path) -> None:
    same = path.is_file() and given.is_file() and path.samefile(given)
    if same or Path(os.path.realpath(path)) == Path(os.path.realpath(given)):
        raise BadValueError(f"{path} is read here, and would be lost if it were written; choose another name")


def _is_inside(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _opened(path: Path) -> BinaryIO:
    number = _descriptor(path)
    if number is None:
        # neither made nor cut off: it is no file
        return os.fdopen(os.open(path, os.O_WRONLY), "wb")
    # through the descriptor itself, which knows where in a file it stands
    sys.stdout.flush()
    return os.fdopen(os.dup(number), "wb")


def _descriptor(path: str | os.PathLike[str]) -> int | None:
    text = str(Path(path).absolute())
    named = _DESCRIPTOR.fullmatch(text)
    return int(named[1]) if named else _STANDARD.get(text)
