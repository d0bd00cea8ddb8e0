"""A large file fetched whole or not at all: it survives a kill, a restart, and servers that misbehave.

What has come lies in `FILE.part` and is carried on from; only a file whose digest is right gets the final
name. Two processes that want the same file take turns. It must not know what the file is for.
"""

import hashlib
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from galaxy_core.errors import BadFileError, DiskFullError, MissingError
from galaxy_core.files.atomic import atomic_file, flush_to_disk
from galaxy_core.files.destination import require_folder
from galaxy_core.files.http_answer import BrokenOffError, Say, UnreachableError
from galaxy_core.files.http_part import NoMoreError, Part, Report, fetch_rest
from galaxy_core.files.lock import Holder, locked

SECONDS_BEFORE_NEXT_TRY = 1.0  # doubled each time that nothing more came
MOST_SECONDS_BEFORE_NEXT_TRY = 300.0
"""A server that asks to be left alone for longer is not waited for."""
MOST_IDLE_TRIES = 3
MOST_TRIES = 200
COPY_BYTES = 4 * 2**20


@dataclass(frozen=True)
class Wanted:
    """A file known by its digest: what it is in words, and what to do where it cannot be had."""

    name: str
    algorithm: str  # "sha256" or "md5"
    digest: str
    most_bytes: int
    way_out: str


def download(
    url: str, path: Path, wanted: Wanted, *, progress: Report | None = None, say: Say | None = None
) -> None:
    """Fetch `url` to `path`, carrying on from what an earlier try left; at once if the file is there already.

    `progress(done, total)` counts bytes; `say` is told in a sentence when another process is at it, when
    the connection broke off and is tried again, and what is waited for. A wrong file at `path` is replaced.

    Raises MissingError (no network, no such file, a web page in its place), BadFileError (other bytes than
    wanted: they are removed), DiskFullError (what came is kept).
    """
    report, say = progress or _quiet, say or _quiet
    require_folder(path)
    with _one_at_a_time(path, say):
        if path.is_file() and file_digest(path, wanted.algorithm) == wanted.digest:
            report(path.stat().st_size, path.stat().st_size)
            return
        part = Part(path, wanted.digest)
        _complete(url, part, wanted, report, say)
        flush_to_disk(part.file)
        part.file.replace(path)
        part.forget()


def copy_checked(source: Path, path: Path, wanted: Wanted, progress: Report | None = None) -> None:
    """Copy a file that is on this machine, if its digest is right; `path` is written whole or not at all."""
    if not source.is_file():
        raise MissingError(f"there is no file {source}; name the copy of {wanted.name} that you have")
    size, digest = source.stat().st_size, hashlib.new(wanted.algorithm)
    if path.exists() and source.samefile(path):
        _check_digest(file_digest(path, wanted.algorithm), str(path), wanted)
        return
    if size > wanted.most_bytes:
        raise BadFileError(f"{source} has {size} bytes, more than {wanted.name}; {wanted.way_out}")
    _check_room(path, size)
    with source.open("rb") as original, atomic_file(path) as copy:
        while block := original.read(COPY_BYTES):
            digest.update(block)
            copy.write(block)
            (progress or _quiet)(copy.tell(), size)
        _check_digest(digest.hexdigest(), str(source), wanted)


def file_digest(path: Path, algorithm: str) -> str:
    """The digest (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _complete(url: str, part: Part, wanted: Wanted, report: Report, say: Say) -> None:
    """Fill the part until its digest is right; pieces that do not fit together are fetched once more as one."""
    try:
        is_pieced = _fill(url, part, wanted, report, say)
        if is_pieced and file_digest(part.file, wanted.algorithm) != wanted.digest:
            say(f"the pieces of {wanted.name} do not fit together; starting over")
            part.forget()
            _fill(url, part, wanted, report, say)
    except MissingError as error:
        raise MissingError(f"{wanted.name} could not be fetched: {error}; {wanted.way_out}") from error
    except BadFileError as error:
        part.forget()
        raise BadFileError(f"{error}; {wanted.way_out}") from error
    if file_digest(part.file, wanted.algorithm) != wanted.digest:
        part.forget()
        raise BadFileError(
            f"{url} did not send the file with {wanted.algorithm.upper()} {wanted.digest}; {wanted.way_out}"
        )


def _fill(url: str, part: Part, wanted: Wanted, report: Report, say: Say) -> bool:
    """Ask until the server has sent all of it; returns whether it came in pieces."""
    most, n_idle, at_start = part.size, 0, part.size
    for i in range(MOST_TRIES):
        if part.size and part.size == part.note().get("total"):
            return i > 0 or at_start > 0  # all had come when an earlier process was killed
        try:
            fetch_rest(url, part, wanted.most_bytes, report, say)
            return i > 0 or at_start > 0
        except BrokenOffError as error:
            n_idle = 0 if part.size > most else n_idle + 1
            never_answered = isinstance(error, UnreachableError) and most == at_start
            most = max(most, part.size)
            asks_for_long = error.seconds > MOST_SECONDS_BEFORE_NEXT_TRY
            if n_idle >= MOST_IDLE_TRIES or (never_answered and n_idle) or asks_for_long:
                return _give_up(part, wanted, error)
            if isinstance(error, NoMoreError):
                if file_digest(part.file, wanted.algorithm) == wanted.digest:
                    return True
                part.forget()
            say(f"{error}; trying again")
            time.sleep(max(error.seconds, SECONDS_BEFORE_NEXT_TRY * 2**n_idle))
    return _give_up(part, wanted, BrokenOffError(f"it broke off {MOST_TRIES} times"))


def _give_up(part: Part, wanted: Wanted, error: Exception) -> bool:
    """True where all is there although the server promised more; otherwise the MissingError to end with."""
    if part.size and file_digest(part.file, wanted.algorithm) == wanted.digest:
        return True
    kept = f" ({part.size} bytes are kept; run it again to carry on)" if part.size else ""
    raise MissingError(f"{error}{kept}") from error


@contextmanager
def _one_at_a_time(path: Path, say: Say) -> Iterator[None]:
    is_said = False

    def on_wait(holder: Holder) -> None:
        nonlocal is_said
        if not is_said:
            is_said = True
            say(f"another process is fetching {path.name}; waiting for it ({holder})")

    with locked(path.with_name(f".{path.name}.lock"), what=f"fetching {path.name}"[:200], on_wait=on_wait):
        yield


def _check_digest(found: str, where: str, wanted: Wanted) -> None:
    if found != wanted.digest:
        raise BadFileError(
            f"{where} is not {wanted.name}: its {wanted.algorithm} is {found}, expected {wanted.digest}; "
            f"{wanted.way_out}"
        )


def _check_room(path: Path, n_bytes: int) -> None:
    require_folder(path)
    free = shutil.disk_usage(path.parent).free
    if free < n_bytes:
        raise DiskFullError(
            f"{path} needs {n_bytes / 1e9:.2f} GB and {path.parent} has {free / 1e9:.2f} GB free; "
            "free some space or choose a folder on another disk"
        )


def _quiet(*_: object) -> None:
    return None
