"""The images of an HDF5 file as a raw uint8 memory map, unpacked once and kept under the file's sha256.

A random image costs 80-180 ms from compressed chunks and 0.02 ms from the map. Unpacking is one pass over
the chunks in constant memory, written to a temporary name; two processes never build the same map at once.
It must not know what the images show.
"""

import hashlib
import json
import os
import shutil
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from galaxy_core.errors import BadValueError, DiskFullError
from galaxy_core.files.atomic import atomic_file, write_text_atomically
from galaxy_core.files.lock import locked

Progress = Callable[[int, int], Any]  # called with (done, total)

BLOCK_BYTES = 32 * 2**20  # one read of the pass, and one read of the hash
N_SAMPLES = 64  # images whose checksum tells a damaged map from a whole one
MAP_VERSION = 1
"""Of how a dataset is laid out as a raw map; to be raised where a byte changes, and all maps are built again."""
RACY_NS = 2 * 10**9  # a file changed less than two seconds ago may change again within its time stamp


def default_cache_folder() -> Path:
    """$GALAXY_CACHE, else the folder this system keeps caches in."""
    import platformdirs

    return Path(os.environ.get("GALAXY_CACHE") or platformdirs.user_cache_dir("galaxy-transfer-explorer"))


def file_sha256(
    path: Path, cache_folder: str | os.PathLike[str] | None = None, progress: Progress | None = None
) -> str:
    """The sha256 of a file, remembered while its path, size and times stay the same."""
    state = path.stat()
    now = {
        "path": str(path),
        "size": state.st_size,
        "mtime_ns": state.st_mtime_ns,
        "ctime_ns": state.st_ctime_ns,
    }
    folder = Path(cache_folder) if cache_folder is not None else default_cache_folder()
    note = folder / f"hash-{hashlib.sha256(os.fsencode(path)).hexdigest()[:24]}.json"
    known = _read_note(note)
    if {key: known.get(key) for key in now} == now and _is_sha256(known.get("sha256")):
        sha256 = str(known["sha256"])
    else:
        _make_writable(folder)
        sha256 = _hash_file(path, state.st_size, progress)
        if time.time_ns() - state.st_mtime_ns > RACY_NS:
            with suppress(DiskFullError):  # then it is hashed again next time
                write_text_atomically(note, json.dumps({**now, "sha256": sha256}))
    _report(progress, state.st_size, state.st_size)
    return sha256


def mapped_images(
    dataset: Any,
    sha256: str,
    cache_folder: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> np.memmap:
    """The uint8 dataset (N, H, W, C) of the file with that sha256 as a read-only memory map.

    A map that is missing, short or damaged is built again; a builder at work in another process is waited
    for. Raises DiskFullError, and then leaves nothing behind.
    """
    folder = Path(cache_folder) if cache_folder is not None else default_cache_folder()
    path = folder / f"{sha256}.uint8"
    if not _is_whole(path, dataset.shape):
        _make_writable(folder)
        with locked(path.with_suffix(".lock"), what="unpacking the images of a file"):
            if not _is_whole(path, dataset.shape):
                _build(dataset, path, progress)
    _report(progress, dataset.nbytes, dataset.nbytes)
    return np.memmap(path, np.uint8, "r", shape=dataset.shape)


def _make_writable(folder: Path) -> None:
    """Only for who has something to write: what is whole in the cache is read without."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise BadValueError(
            f"the cache folder {folder} cannot be made ({error.strerror}); "
            "set GALAXY_CACHE to a folder that can be written"
        ) from error
    if not os.access(folder, os.W_OK):
        raise BadValueError(f"the cache folder {folder} cannot be written; set GALAXY_CACHE to one that can")


def _hash_file(path: Path, size: int, progress: Progress | None) -> str:
    digest = hashlib.sha256()
    done = 0
    with path.open("rb", buffering=0) as file:
        while done < size and (block := file.read(min(4 * 2**20, size - done))):  # it may be growing
            digest.update(block)
            done += len(block)
            _report(progress, done, size)
    return digest.hexdigest()


def _build(dataset: Any, path: Path, progress: Progress | None) -> None:
    """Unpack the dataset into `path`; the note beside it is written last, its presence means whole."""
    note = path.with_suffix(".json")
    _clear(path, note)
    _check_room(path.parent, dataset.nbytes)
    with atomic_file(path) as file:
        for done in _unpack(dataset, file):
            _report(progress, done, dataset.nbytes)
    write_text_atomically(note, json.dumps(_describe(path, dataset.shape)))


def _clear(path: Path, note: Path) -> None:
    """Remove a damaged map and what a killed builder left; we hold the lock, so nobody is writing."""
    for old in [note, path, *path.parent.glob(f".{path.name}.*.tmp")]:
        with suppress(FileNotFoundError):
            old.unlink()


def _check_room(folder: Path, n_bytes: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < n_bytes:
        raise DiskFullError(
            f"unpacking the images takes {n_bytes / 1e9:.2f} GB and {folder} has {free / 1e9:.2f} GB free; "
            "free some space or set GALAXY_CACHE to a folder on another disk"
        )


def _unpack(dataset: Any, file: BinaryIO) -> Iterator[int]:
    """Write the dataset row by row in C order, every chunk decompressed once; yields the bytes done."""
    n_rows, height = dataset.shape[:2]
    row_bytes = dataset.nbytes // n_rows
    line_bytes = row_bytes // height
    rows, lines = _block_shape(dataset)
    done = 0
    for first in range(0, n_rows, rows):
        for top in range(0, height, lines):
            block = dataset[first : first + rows, top : top + lines]
            if lines >= height:
                file.write(block.data)
            else:
                _write_strips(file, block, first * row_bytes + top * line_bytes, row_bytes)
            done += block.nbytes
            yield done


def _block_shape(dataset: Any) -> tuple[int, int]:
    """How many images, and how many lines of each, are read at once: whole chunks of about BLOCK_BYTES."""
    n_rows, height = dataset.shape[:2]
    line_bytes = dataset.nbytes // (n_rows * height)
    chunk_rows, chunk_lines = (dataset.chunks or (1, height))[:2]
    n_chunks = BLOCK_BYTES // (chunk_rows * height * line_bytes)
    if n_chunks >= 1:
        return chunk_rows * n_chunks, height
    return chunk_rows, chunk_lines * max(1, BLOCK_BYTES // (chunk_rows * chunk_lines * line_bytes))


def _write_strips(file: BinaryIO, block: np.ndarray, offset: int, row_bytes: int) -> None:
    for i, strip in enumerate(block):
        file.seek(offset + i * row_bytes)
        file.write(strip.data)


def _is_whole(path: Path, shape: tuple[int, ...]) -> bool:
    try:
        return path.stat().st_size > 0 and _read_note(path.with_suffix(".json")) == _describe(path, shape)
    except (OSError, ValueError):
        return False


def _describe(path: Path, shape: tuple[int, ...]) -> dict[str, Any]:
    """What a whole map looks like: shape, size, time of writing, checksum of a sample of images, its version."""
    state = path.stat()
    images = np.memmap(path, np.uint8, "r", shape=shape)  # ValueError where the file is too short
    checksum = 0
    for row in np.linspace(0, len(images) - 1, min(N_SAMPLES, len(images))).astype(int):
        checksum = zlib.crc32(images[row].data, checksum)
    about = {"shape": list(shape), "size": state.st_size, "mtime_ns": state.st_mtime_ns, "checksum": checksum}
    return {**about, "version": MAP_VERSION}


def _read_note(path: Path) -> dict[str, Any]:
    """A small JSON object, or {} where there is none to be read: then the work is simply done again."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _is_sha256(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")


def _report(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)
