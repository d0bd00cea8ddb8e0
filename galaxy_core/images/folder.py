"""What in a folder is a picture, and what is left out: nothing vanishes unsaid.

A picture is what has the name of one, whatever it holds, and what begins as one, whatever it is called. It knows
names and first bytes; it must not decode anything.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from galaxy_core.errors import BadFileError, MissingError
from galaxy_core.files.image_kinds import FORMATS, HEAD_BYTES, begins_as_image, has_image_name

N_NAMED = 5


@dataclass(frozen=True)
class ImageList:
    """Names relative to the folder, byte for byte (`os.fsencode` gives the bytes), each list sorted."""

    names: list[str]
    left_out: list[str]

    @property
    def left_out_in_words(self) -> str:
        """How many, and the first of them by name; "" where nothing was left out."""
        if not self.left_out:
            return ""
        return f"left out as no image: {counted(self.left_out)}"


def counted(names: Sequence[str], n: int | None = None) -> str:
    """How many, and the first of them by name; `n` where `names` are but the first."""
    n = len(names) if n is None else n
    more = n - N_NAMED
    shown = ", ".join(names[:N_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"{n} ({shown})"


def list_images(path: str | os.PathLike[str]) -> ImageList:
    """The picture itself, or all pictures in a folder and its subfolders, and what else lies there.

    Only where the name does not say it, the first bytes of a file are read. Hidden files, whatever is in a hidden
    folder (named once), links to folders and folders that cannot be opened are left out. What has the name of a
    picture is one though it be a dangling link, a pipe or a folder (which is looked through too): reading it says
    why not. MissingError where there is no picture at all, or nothing of that name.
    """
    path = Path(path)
    if path.is_file():
        return ImageList([path.name], [])
    if not path.is_dir():
        if path.exists():
            raise BadFileError(f"{path} is neither a file nor a folder; name an image or a folder of images")
        raise MissingError(f"{path} does not exist; name an image or a folder of images")
    found = ImageList([], [])
    for name, is_image in walk_images(path):
        (found.names if is_image else found.left_out).append(name)
    found.left_out.sort(key=lambda name: (name.split("/")[-1].startswith("."), name))
    if not found.names:
        also = f"; {found.left_out_in_words}" if found.left_out else ""
        raise MissingError(f"{path} holds no image; {', '.join(FORMATS)} are read{also}")
    return found


def walk_images(folder: str | os.PathLike[str], before: str = "") -> Iterator[tuple[str, bool]]:
    """Each name below `folder`, sorted as whole names are, `before` put before it, and whether it is a picture.

    Holds the names of one folder and of those around it.
    """
    waiting = _entries(os.fspath(folder), before)[::-1]
    while waiting:
        name, path, is_image = waiting.pop()
        if path is None:
            yield name, is_image
        else:
            waiting += _entries(path, name)[::-1]


def _entries(folder: str, before: str) -> list[tuple[str, str | None, bool]]:
    """What lies in a folder, sorted: a name and whether it is a picture, or the path of a folder to look through.

    The name of a folder ends in a slash, so that what lies in it comes where its whole names belong.
    """
    found: list[tuple[str, str | None, bool]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = before + entry.name
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                    found.append((f"{name}/", entry.path, False))
                    if has_image_name(entry.name):
                        found.append((name, None, True))
                else:
                    found.append((name, None, _is_image(entry)))
    except OSError:  # no permission, or gone meanwhile
        return [(before or folder, None, False)]
    return sorted(found, key=itemgetter(0))


def _is_image(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith("."):
        return False
    if has_image_name(entry.name):
        return True
    # never a pipe, which would wait for its other end
    with suppress(OSError):
        if entry.is_file():
            with Path(entry.path).open("rb", buffering=0) as file:
                return begins_as_image(file.read(HEAD_BYTES) or b"")
    return False
