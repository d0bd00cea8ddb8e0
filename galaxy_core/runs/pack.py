"""A run as one file to hand on: a flat zip of its config, card, weights and results; and a stranger's zip as a run.

Packing knows what to leave out (log, status, resume state, whatever else lies there). Unpacking believes nothing:
names and sizes are checked before a byte is read, contents before the run gets its name.
"""

import io
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

from galaxy_core.errors import (
    BadFileError,
    BadValueError,
    MissingError,
    printable,
    quoted,
)
from galaxy_core.files.atomic import atomic_file, atomic_folder
from galaxy_core.files.destination import check_destination, is_stream
from galaxy_core.files.zips import BLOCK_BYTES, Zip, ZipRules
from galaxy_core.runs.borrowed import KEY as BORROWED
from galaxy_core.runs.borrowed import borrowed_notice, read_borrowed
from galaxy_core.runs.checkpoint import tensor_bytes
from galaxy_core.runs.received import CheckWeights, check_received, name_in_card
from galaxy_core.runs.run import (
    CARD,
    CONFIG,
    HISTORY,
    METRICS,
    NOTICE,
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
    WEIGHTS: 128 * MB,  # in single precision DenseNet-121 has 28 MB, EfficientNetV2-S 82 MB
    HISTORY: 4 * MB,
    METRICS: MB,
    PREDICTIONS: 64 * MB,
    SPLIT: 16 * MB,
    NOTICE: MB // 16,
}
"""The files of a packed run, flat, and the most each may hold."""
NEEDED = (CARD, WEIGHTS)
MOST_DIRECTORY_BYTES = 4096  # seven entries of a packed run take 500
PACK_AGAIN = "pack the run again with `galaxy runs pack`"


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
    made = _made_to_hand_on(run)
    with (
        atomic_file(out, overwrite=overwrite) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in MOST_BYTES:
            if name in made:
                _add(archive, name, io.BytesIO(made[name]))
            elif (run.path / name).is_file():
                with (run.path / name).open("rb") as content:
                    _add(archive, name, content)
    return out


def unpack_run(
    source: str | os.PathLike[str] | BinaryIO,
    *,
    name: str | None = None,
    check_weights: CheckWeights | None = None,
) -> Run:
    """Make a run of a zip that `pack_run` wrote, or that a stranger says it did; under its own name or `name`.

    Only the known files are taken, flat; every one is checked. `check_weights(tensors, kind)` may refuse weights
    that do not fit the network, which this room does not know. On refusal nothing is left behind.

    Raises MissingError (no such file), BadFileError (in one sentence that names the file in the zip),
    BadValueError (the name is taken, or no name), DiskFullError.
    """
    with _opened(source) as (file, called):
        packed = _packed_run(file, called)
        wanted = name or name_in_card(packed.read(CARD), called)
        folder = free_folder(wanted)
        _refuse_taken(folder)
        try:
            with atomic_folder(folder) as making:
                for member in packed.members:
                    _extract(packed, member, making / member)
                check_received(making, called, check_weights)
                write_status(making, Status("done", f"unpacked from {Path(called).name}"))
        except FileExistsError:
            _refuse_taken(folder)
            raise
    return Run(folder)


def _made_to_hand_on(run: Run) -> dict[str, bytes]:
    """The files that are not handed on as they lie there.

    Card and config, under the name the run has now, with nothing in them that whoever unpacks it would refuse; where
    tensors were taken over, a checkpoint that holds all of them, and the notice of the source.
    """
    card, made = {**run.card(), "name": run.name}, {}
    texts = {CARD: card}
    if (run.path / CONFIG).is_file():
        texts[CONFIG] = run.asked.to_json()
    if borrowed := read_borrowed(run.path / WEIGHTS):
        made[WEIGHTS], sha256 = tensor_bytes(run.stored_tensors())
        made[NOTICE] = borrowed_notice(borrowed, run.network, card.get("licence")).encode()
        card.pop(BORROWED, None)
        card["weights_sha256"] = sha256
    return made | {name: json.dumps(_shown(values), indent=1).encode() for name, values in texts.items()}


def _shown(value: Any) -> Any:
    """Plain JSON in which a file name that is no UTF-8 is spelt out, as it is to a terminal."""
    if isinstance(value, dict):
        return {key: _shown(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(inner) for inner in value]
    return printable(value) if isinstance(value, str) else value


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


def _packed_run(file: BinaryIO | IO[bytes], called: str) -> Zip:
    """The zip, all its files known, small enough and plain; nothing has been read but the directory."""
    rules = ZipRules(
        lambda name: _is_known(name, called),
        MOST_BYTES.__getitem__,
        len(MOST_BYTES),
        MOST_DIRECTORY_BYTES,
        PACK_AGAIN,
    )
    packed = Zip(file, called, rules)
    for needed in NEEDED:
        if needed not in packed.members:
            raise BadFileError(f"{called} lacks {needed}; {PACK_AGAIN}")
    return packed


def _is_known(name: str, called: str) -> bool:
    if name not in MOST_BYTES:
        raise BadFileError(
            f"{called} holds {quoted(name)}, and only {', '.join(MOST_BYTES)} are taken, without folders; {PACK_AGAIN}"
        )
    return True


def _extract(packed: Zip, member: str, path: Path) -> None:
    with path.open("xb") as file:
        for block in packed.blocks(member):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())


def _refuse_taken(folder: Path) -> None:
    if folder.exists() or folder.is_symlink():
        raise BadValueError(f"a run named {folder.name} exists; give this one another with --name NAME")
