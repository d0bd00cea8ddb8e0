"""A run as one file to hand on: a flat zip of its config, card, weights and results; and a stranger's zip as a run.

Packing knows what to leave out (log, status, resume state, whatever else lies there). Unpacking believes nothing:
names and sizes are checked before a byte is read, contents before the run gets its name.
"""

import errno
import io
import json
import os
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from galaxy_core.data.atomic import atomic_file, atomic_folder
from galaxy_core.data.destination import check_destination, is_stream
from galaxy_core.errors import BadFileError, BadValueError, GalaxyError, MissingError, one_line
from galaxy_core.runs.checkpoint import Tensors
from galaxy_core.runs.received import check_received, name_in_card
from galaxy_core.runs.run import (
    CARD,
    CONFIG,
    HISTORY,
    METRICS,
    PREDICTIONS,
    SPLIT,
    WEIGHTS,
    Run,
    free_folder,
)
from galaxy_core.runs.status import Status, write_status

MB = 2**20
MOST_BYTES = {
    CONFIG: MB // 4,
    CARD: MB // 4,
    WEIGHTS: 64 * MB,  # DenseNet-121 has 28 MB in single precision
    HISTORY: 4 * MB,
    METRICS: MB,
    PREDICTIONS: 64 * MB,
    SPLIT: 16 * MB,
}
"""The files of a packed run, flat, and the most each may hold."""
NEEDED = (CARD, WEIGHTS)
MOST_DIRECTORY_BYTES = 4096  # seven entries of a packed run take 500
BLOCK_BYTES = MB
_END = struct.Struct("<4s4H2LH")  # the last 22 bytes of a zip without a comment (APPNOTE 4.3.16)


def pack_run(run: Run, out: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write a finished run to the zip `out`; the same run gives the same bytes. Returns the path.

    Raises MissingError where the run is not finished, BadValueError where `out` is no .zip, or exists and `overwrite`
    is False.
    """
    out = Path(out).absolute()
    check_destination(out, overwrite=overwrite, inputs=[run.path])
    if out.suffix.lower() != ".zip" and not is_stream(out):
        raise BadValueError(f"{out} must end in .zip; choose another name")
    if not run.is_whole:
        raise MissingError(
            f"{run.name} has no whole checkpoint yet; finish it with `galaxy train --run {run.name}`"
        )
    with (
        atomic_file(out, overwrite=overwrite) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        _add(archive, CARD, io.BytesIO(_card_under_its_name(run)))
        for name in MOST_BYTES:
            if name != CARD and (run.path / name).is_file():
                with (run.path / name).open("rb") as content:
                    _add(archive, name, content)
    return out


def unpack_run(
    source: str | os.PathLike[str] | BinaryIO,
    *,
    name: str | None = None,
    check_weights: Callable[[Tensors, str], None] | None = None,
) -> Run:
    """Make a run of a zip that `pack_run` wrote, or that a stranger says it did; under its own name or `name`.

    Only the known files are taken, flat; every one is checked. `check_weights(tensors, kind)` may refuse weights
    that do not fit the network, which this room does not know. On refusal nothing is left behind.

    Raises MissingError (no such file), BadFileError (in one sentence that names the file in the zip),
    BadValueError (the name is taken, or no name), DiskFullError.
    """
    with _opened(source) as (file, called), _zip_errors_named(called):
        entries = _checked_entries(file, called)
        with zipfile.ZipFile(file) as archive:
            wanted = name or name_in_card(_read(archive, entries[CARD], called), called)
            folder = free_folder(wanted)
            _refuse_taken(folder)
            try:
                with atomic_folder(folder) as making:
                    for entry in entries.values():
                        _extract(archive, entry, making / entry.filename, called)
                    check_received(making, called, check_weights)
                    write_status(making, Status("done", f"unpacked from {Path(called).name}"))
            except FileExistsError:
                _refuse_taken(folder)
                raise
    return Run(folder)


def _card_under_its_name(run: Run) -> bytes:
    """The card with the name the run has now: it may have been given another since."""
    return json.dumps({**run.card(), "name": run.name}, indent=1).encode()


def _add(archive: zipfile.ZipFile, name: str, content: BinaryIO) -> None:
    entry = zipfile.ZipInfo(name)  # dated 1980: the same run, the same bytes
    entry.compress_type = zipfile.ZIP_STORED if name == WEIGHTS else zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    with archive.open(entry, "w") as packed:
        shutil.copyfileobj(content, packed, BLOCK_BYTES)


@contextmanager
def _opened(source: str | os.PathLike[str] | BinaryIO) -> Iterator[tuple[BinaryIO | IO[bytes], str]]:
    """The zip as an open file, and what to call it."""
    if not isinstance(source, str | os.PathLike):
        yield source, str(getattr(source, "name", "the zip"))
        return
    if not Path(source).is_file():
        raise MissingError(f"there is no file {os.fspath(source)}; check the path")
    with Path(source).open("rb") as file:
        yield file, os.fspath(source)


@contextmanager
def _zip_errors_named(called: str) -> Iterator[None]:
    """What zipfile and zlib raise on a hostile file becomes one sentence."""
    try:
        yield
    except GalaxyError:
        raise
    except OSError as error:
        if error.errno != errno.EINVAL:  # that of a place before the beginning of the file
            raise
        raise BadFileError(f"{called} is no whole zip; get it again") from error
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError) as error:
        raise BadFileError(f"{called} is no whole zip ({one_line(error)}); get it again") from error


def _checked_entries(file: BinaryIO | IO[bytes], called: str) -> dict[str, zipfile.ZipInfo]:
    """The entries by name, all of them known, small enough and plain; nothing has been read but the directory."""
    _check_directory(file, called)
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
    for entry in entries:
        _check_entry(entry, called)
    by_name = {entry.filename: entry for entry in entries}
    if len(by_name) < len(entries):
        raise BadFileError(f"{called} holds a file twice; pack the run again with `galaxy runs pack`")
    for needed in NEEDED:
        if needed not in by_name:
            raise BadFileError(f"{called} lacks {needed}; pack the run again with `galaxy runs pack`")
    return by_name


def _check_directory(file: BinaryIO | IO[bytes], called: str) -> None:
    """Refuse a zip whose directory is long before zipfile takes memory for it."""
    size = file.seek(0, os.SEEK_END)
    if size > sum(MOST_BYTES.values()):
        raise BadFileError(f"{called} has {size} bytes, far more than a run; name a packed run")
    file.seek(max(0, size - _END.size - 20))
    tail = file.read(_END.size + 20)
    if len(tail) < _END.size or not tail[-_END.size :].startswith(b"PK\5\6"):
        raise BadFileError(f"{called} is no zip of a run; make one with `galaxy runs pack`")
    _, _, _, _, n_entries, n_bytes, _, n_comment = _END.unpack(tail[-_END.size :])
    # what comes before would be the locator of a 64-bit directory, which overrides this one
    is_large = tail[:4] == b"PK\6\7" or n_comment or n_bytes > MOST_DIRECTORY_BYTES
    if is_large or n_entries > len(MOST_BYTES):
        raise BadFileError(
            f"{called} holds more than the {len(MOST_BYTES)} files of a run; pack it again with `galaxy runs pack`"
        )


def _check_entry(entry: zipfile.ZipInfo, called: str) -> None:
    name = entry.orig_filename
    if name not in MOST_BYTES or name != entry.filename:
        raise BadFileError(
            f"{called} holds {name[:80]!r}, and only {', '.join(MOST_BYTES)} are taken, without folders; "
            "pack the run again with `galaxy runs pack`"
        )
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or entry.flag_bits & 1:
        raise BadFileError(
            f"{name} in {called} is a link or encrypted; pack the run again with `galaxy runs pack`"
        )
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadFileError(f"{name} in {called} is packed in a way that is not read; pack it again")
    if entry.file_size > MOST_BYTES[name]:
        raise BadFileError(
            f"{name} in {called} claims {entry.file_size} bytes, and at most {MOST_BYTES[name]} are taken"
        )


def _blocks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, called: str) -> Iterator[bytes]:
    """The contents of an entry, never more than it may hold, whatever it claims."""
    done = 0
    with archive.open(entry) as packed:
        while block := packed.read(BLOCK_BYTES):
            done += len(block)
            if done > MOST_BYTES[entry.filename]:
                raise BadFileError(f"{entry.filename} in {called} holds more than it may; pack it again")
            yield block


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, called: str) -> bytes:
    return b"".join(_blocks(archive, entry, called))


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, called: str) -> None:
    with path.open("xb") as file:
        for block in _blocks(archive, entry, called):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())


def _refuse_taken(folder: Path) -> None:
    if folder.exists() or folder.is_symlink():
        raise BadValueError(f"a run named {folder.name} exists; give this one another with --name NAME")
