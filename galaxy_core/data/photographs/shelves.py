"""Where labelled pictures lie: a folder of folders by class, or a zip file of `class/name.jpg`.

Names and sizes are checked before a byte is read, and nothing is ever unpacked to disk. It must not know what a
picture shows, nor decode one.
"""

from dataclasses import dataclass
from pathlib import Path

from galaxy_core.errors import BadFileError, MissingError, quoted
from galaxy_core.files.image_kinds import has_image_name
from galaxy_core.files.zips import Zip, ZipRules

MOST_BYTES = 64 * 2**20  # of one picture; a JPEG of 50 million pixels has some 30 MB
MOST_MEMBERS = 2 * 10**6  # all of ImageNet has 1.3 million
MOST_DIRECTORY_BYTES = 2**28
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

    BadFileError in one sentence for what `Zip` refuses, and for pictures that lie anywhere but in a folder of a class.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        rules = ZipRules(
            lambda name: _is_taken(name, str(path)),
            lambda name: MOST_BYTES,
            MOST_MEMBERS,
            MOST_DIRECTORY_BYTES,
            "make the zip anew",
        )
        self._zip = Zip(path, str(path), rules)

    def pictures(self) -> list[Picture]:
        """All of them; the mark is the size and checksum that the zip gives."""
        return [
            Picture(folder, name, f"{entry.file_size} bytes crc {entry.CRC:08x}")
            for entry in self._zip.members.values()
            for folder, name in [entry.filename.split("/")]
        ]

    def read(self, picture: Picture) -> bytes:
        """The member as it is, checked against its checksum, never more than it claims."""
        return self._zip.read(picture.called)


Shelf = PictureFolder | ZippedPictures


def check_name(name: str, where: str) -> None:
    """BadFileError for the name of a folder or file that a terminal or another machine could not take."""
    if not name.isprintable() or len(name) > LONGEST_NAME or "\\" in name:
        raise BadFileError(
            f"{where} holds the name {quoted(name)}, which is too long or cannot be shown; rename it"
        )


def is_picture(name: str) -> bool:
    """Whether a file of that name is taken for a picture: by its suffix, hidden ones left out."""
    return not name.startswith(".") and has_image_name(name)


def _is_taken(name: str, where: str) -> bool:
    """Whether a member is a picture; BadFileError for one that lies anywhere but in the folder of a class."""
    parts = name.split("/")
    if APPLE in name or not is_picture(parts[-1]):
        return False
    for part in parts:
        check_name(part, where)
    if len(parts) != 2 or parts[0] in ("", ".", ".."):
        raise BadFileError(
            f"{where} holds {quoted(name)}, and pictures are taken from `class/name.jpg` only; "
            "make the zip inside the folder that holds the classes"
        )
    return True


def _check_size(n_bytes: int, called: str) -> None:
    if n_bytes > MOST_BYTES:
        raise BadFileError(
            f"{called} has {n_bytes} bytes, and a picture may have at most {MOST_BYTES}; shrink it"
        )
