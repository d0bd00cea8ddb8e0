"""The shipped models where there is no checkout: which files they are, by their digests, and how they are fetched.

The list `shipped.csv` travels with the package, so that whatever address or folder they come from, they are the ones
that belong to it. It must not know how they were made.
"""

import csv
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from galaxy_core.errors import BadValueError, MissingError, quoted
from galaxy_core.files.atomic import write_text_atomically
from galaxy_core.files.download import Say, Wanted, copy_checked, download, file_digest
from galaxy_core.files.http_part import Report

LIST = Path(__file__).with_name("shipped.csv")
CARD = "card.json"
ADDRESS = "GALAXY_MODELS_URL"
WAY_OUT = "try again later, or name a folder that has them: `galaxy models fetch --from FOLDER`"


@dataclass(frozen=True)
class ShippedFile:
    """One file of the shipped models: its place below their folder, size and sha256."""

    name: str
    n_bytes: int
    sha256: str


def list_shipped() -> list[ShippedFile]:
    """The files of the shipped models; of each run its card last, whose presence means that it is whole."""
    with LIST.open(encoding="utf-8", newline="") as file:
        found = [ShippedFile(row["file"], int(row["bytes"]), row["sha256"]) for row in csv.DictReader(file)]
    return sorted(found, key=lambda one: (one.name.endswith(CARD), one.name))


def write_shipped_list(folder: Path, path: Path = LIST) -> None:
    """Write the list of what `folder` holds now."""
    files = sorted(found for found in folder.rglob("*") if found.is_file() and not found.name.startswith("."))
    rows = [
        f"{found.relative_to(folder).as_posix()},{found.stat().st_size},{file_digest(found, 'sha256')}\n"
        for found in files
    ]
    write_text_atomically(path, "file,bytes,sha256\n" + "".join(rows))


def fetch_shipped(
    folder: Path,
    *,
    address: str | None = None,
    from_folder: Path | None = None,
    progress: Report | None = None,
    say: Say | None = None,
) -> list[ShippedFile]:
    """Put the shipped models into `folder`, each file checked by its sha256; returns the files that were missing.

    They come from below `address` (default: `$GALAXY_MODELS_URL`), or are copied from `from_folder`. What is there and
    right is left as it is, an interrupted file is carried on with. `progress(done, total)` counts bytes of all files.

    Raises BadValueError (no address), MissingError (no network, no such file or folder), BadFileError (other bytes),
    DiskFullError.
    """
    shipped = list_shipped()
    missing = [one for one in shipped if not _is_right(folder / one.name, one)]
    if from_folder is not None and not from_folder.is_dir():
        raise MissingError(f"there is no folder {from_folder}; name one that has the shipped models")
    base = _checked(address or os.environ.get(ADDRESS)) if missing and from_folder is None else ""
    total = sum(one.n_bytes for one in shipped)
    done = total - sum(one.n_bytes for one in missing)
    for one in missing:
        path, wanted = folder / one.name, Wanted(one.name, "sha256", one.sha256, one.n_bytes, WAY_OUT)
        path.parent.mkdir(parents=True, exist_ok=True)
        if from_folder is not None:
            copy_checked(from_folder / one.name, path, wanted, _of_all(progress, done, total))
        else:
            download(f"{base}/{one.name}", path, wanted, progress=_of_all(progress, done, total), say=say)
        done += one.n_bytes
    return missing


def _is_right(path: Path, one: ShippedFile) -> bool:
    return path.is_file() and file_digest(path, "sha256") == one.sha256


def _of_all(progress: Report | None, before: int, total: int) -> Report | None:
    return (lambda done, _: progress(before + done, total)) if progress else None


def _checked(address: str | None) -> str:
    if not address:
        raise BadValueError(
            f"no address of the shipped models is set; set {ADDRESS} or --url to where the folder models/ of a release "
            "lies on the web, or name a folder that has them: `galaxy models fetch --from FOLDER`"
        )
    if urlsplit(address).scheme not in ("http", "https"):
        raise BadValueError(f"{ADDRESS} must start with http:// or https://, got {quoted(address)}")
    return address.rstrip("/")


if __name__ == "__main__":  # `make models-list`, when models/ has changed
    write_shipped_list(LIST.parents[2] / "models")
