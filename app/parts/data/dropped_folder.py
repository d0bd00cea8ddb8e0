"""A folder that a visitor drops: its files, which a browser sends one by one, as the zip that they would be."""

import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from galaxy_core.errors import BadFileError


@dataclass(frozen=True)
class DroppedFolder:
    """The folder as a file is, when it is dropped: `file_id` another for whatever else is dropped."""

    name: str
    file_id: str
    files: tuple[Any, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    def getvalue(self) -> bytes:
        """A zip of the files, under their names below the folder."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as packed:
            for file in self.files:
                packed.writestr(_below(file.name, self.name), file.getvalue())
        return buffer.getvalue()

    getbuffer = getvalue


def dropped_folder(files: Sequence[Any], most_megabytes: int) -> DroppedFolder:
    """The folder of these files. BadFileError where they are larger together than is taken, or alike in name."""
    names = [file.name for file in files]
    size = sum(file.size for file in files)
    if size > most_megabytes * 2**20:
        raise BadFileError(
            f"these {len(files)} files have {size / 2**20:.0f} MB, and at most {most_megabytes} are taken here; "
            "type the path of the folder"
        )
    if len(set(names)) < len(names):
        raise BadFileError("two folders were dropped with files of one name; drop one folder at a time")
    roots = {PurePosixPath(name).parts[0] for name in names}
    root = roots.pop() if len(roots) == 1 and all("/" in name for name in names) else ""
    mark = hashlib.sha256("\n".join(file.file_id for file in files).encode()).hexdigest()
    return DroppedFolder(f"{root or 'folder'}.zip", mark, tuple(files))


def _below(name: str, folder: str) -> str:
    return name.removeprefix(f"{folder.removesuffix('.zip')}/")
