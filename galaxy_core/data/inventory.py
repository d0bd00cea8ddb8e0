"""What the cache folder holds, and how to empty it: only files this package makes, known by their names.

All of it can be made, or fetched, again. A folder that was named as the cache by mistake keeps everything else in it.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from galaxy_core.data.cache import default_cache_folder
from galaxy_core.data.published import FILE_NAME
from galaxy_core.errors import BadValueError
from galaxy_core.files.atomic import OLD_TEMPORARY, TEMPORARY, is_left
from galaxy_core.files.lock import holder

IMAGES, FEATURES, MOCK, HASHES, FETCHED = "images", "features", "mock", "hashes", "fetched"
CUTOUTS = "cutouts"
KINDS = {
    IMAGES: "images of a galaxy file, unpacked so that they can be read at random",
    FEATURES: "what frozen layers make of images, kept for the next epoch and the next run",
    MOCK: "rendered galaxies to try things on",
    HASHES: "notes of the sha256 of galaxy files",
    CUTOUTS: "pictures of places that were asked for on a page",
    FETCHED: "the published file that was fetched here, or what has come of it",
}
MOCK_VERSION = 1
"""Of the pixels that `data.mock` draws for n and seed, from the recipes to JPEG; to be raised where any changes.

It stands here because a page asks for the name of the file and must not wait for what draws it.
"""
_UNFINISHED = f"(?:{TEMPORARY}|{OLD_TEMPORARY})"
_MOCK = r"mock-\d+-\d+(-jpeg)?(-v\d+)?\.h5"
_NAMES = {
    IMAGES: re.compile(r"[0-9a-f]{64}\.(uint8|json)|\.[0-9a-f]{64}\.uint8" + _UNFINISHED),
    FEATURES: re.compile(r"[0-9a-f]{64}\.f16|\.[0-9a-f]{64}\.f16" + _UNFINISHED),
    MOCK: re.compile(rf"{_MOCK}|\.{_MOCK}{_UNFINISHED}"),
    HASHES: re.compile(r"hash-[0-9a-f]{24}\.json"),
    CUTOUTS: re.compile(rf"\.?[\d.+-]+_[a-z\d._-]+_\d+px_[\d._a-z]+\.(jpg|fits)(?:{_UNFINISHED})?"),
    FETCHED: re.compile(rf"{re.escape(FILE_NAME)}(\.part(\.json)?)?"),
}
SECONDS_OF_A_WRITER = 600.0  # where its name does not tell: nobody writes so slowly into the cache
_SUBFOLDERS = {FEATURES: "features", CUTOUTS: "cutouts"}


@dataclass(frozen=True)
class Cached:
    """One file of the cache: its kind (a key of KINDS), and its size."""

    kind: str
    path: Path
    n_bytes: int


def mock_file_name(n: int, seed: int, as_jpeg: bool = False) -> str:
    """What mock galaxies are called in the cache: all that their pixels depend on, the code that draws them too."""
    return f"mock-{n}-{seed}{'-jpeg' if as_jpeg else ''}-v{MOCK_VERSION}.h5"


def list_cache(folder: Path | None = None) -> list[Cached]:
    """Every file this package keeps in its cache folder, by kind and name; empty where there is no folder."""
    return [one for kind in KINDS for one in sorted(_found(kind, folder), key=lambda one: one.path.name)]


def cache_sizes(folder: Path | None = None) -> dict[str, tuple[int, int]]:
    """For each kind: how many files, and how many bytes."""
    found = list_cache(folder)
    sizes = {kind: [one.n_bytes for one in found if one.kind == kind] for kind in KINDS}
    return {kind: (len(each), sum(each)) for kind, each in sizes.items()}


def clear_cache(kinds: Collection[str], folder: Path | None = None) -> int:
    """Delete everything of those kinds; returns the bytes that were freed.

    What another process is making or (where the system says so) using is left. BadValueError for an unknown
    kind.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise BadValueError(f"there is no {kind!r} in the cache; choose of {', '.join(KINDS)}")
    freed = 0
    for one in list_cache(folder):
        if one.kind in kinds and not _is_being_made(one):
            with suppress(OSError):  # in use (Windows), or gone already
                one.path.unlink()
                freed += one.n_bytes
    return freed


def _found(kind: str, folder: Path | None) -> Iterator[Cached]:
    place = (folder or default_cache_folder()) / _SUBFOLDERS.get(kind, "")
    if not place.is_dir():
        return
    for path in place.iterdir():
        # a link may lead anywhere
        if _NAMES[kind].fullmatch(path.name) and path.is_file() and not path.is_symlink():
            with suppress(FileNotFoundError):
                state = path.stat()
                yield Cached(kind, path, state.st_size)


def _is_being_made(one: Cached) -> bool:
    """Whether somebody is writing it: the lock of its memory map or of its download is held, or its writer lives."""
    if one.path.suffix == ".tmp" and not is_left(one.path, SECONDS_OF_A_WRITER):
        return True
    if one.kind == FETCHED:
        return holder(one.path.with_name(f".{FILE_NAME}.lock")) is not None
    match = re.match(r"\.?([0-9a-f]{64})\.(uint8|json)", one.path.name)
    return match is not None and holder(one.path.with_name(f"{match[1]}.lock")) is not None
