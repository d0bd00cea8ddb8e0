"""One lock for the whole tree: a file that is made exclusively, and says who holds it, since when and for what.

It needs no help of the file system but that of two who make one file only one does, so it works where `flock` does
not (NFS, Lustre, FSx). Whether somebody holds it is asked by reading, never by taking. On this machine a holder is
judged by its process; on another by its heartbeat, the file's time of change against the file server's own clock.
What a dead holder left is nobody's and is removed by the next who wants it.
"""

import errno
import json
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from galaxy_core.errors import BadValueError, DiskFullError, GalaxyError, LockedError, MissingError
from galaxy_core.files.atomic import clear_now_and_then, disk_full_named, temporary_name
from galaxy_core.files.owner import Owner, owner_of, this_process

SECONDS_BETWEEN_BEATS = 10.0
SECONDS_OF_SILENCE = 90.0
"""A holder on another machine that has not touched its lock for so long is gone (or asleep, and will be told)."""
LONGEST_PAUSE = 1.0  # between two looks at a lock that somebody holds
MOST_BYTES = 2000
HANDED = "GALAXY_LOCK"
"""Environment variable with the token of a lock that whoever started this process took for it."""


@dataclass(frozen=True)
class Holder:
    """Who took a lock, when (Unix time, by its own clock) and for what; `token` is another for each taking."""

    owner: Owner
    host: str
    since: float
    what: str
    token: str

    def __str__(self) -> str:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.since))
        what = f" for {self.what}" if self.what else ""
        return f"process {self.owner.pid} on {self.host} since {since}{what}"


OnWait = Callable[[Holder], Any]


@dataclass
class _Held:
    """A lock of this process: taken again by the same thread it counts up."""

    holder: Holder
    thread: int
    beaten: float
    count: int = 1
    is_lost: bool = False


_held: dict[Path, _Held] = {}
_guard = threading.RLock()
_hearts: list[threading.Thread] = []


def _hold_nothing() -> None:
    global _guard
    _guard = threading.RLock()
    _held.clear()
    _hearts.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_hold_nothing)  # what a process holds its forked children do not


@dataclass(frozen=True)
class Lock:
    """A lock while it is held."""

    path: Path
    token: str

    def hand_over(self, pid: int) -> None:
        """Let the child `pid` hold it from now on; given the token in `$GALAXY_LOCK`, it can take it as its own."""
        with _guard:
            mine = _held.pop(self.path).holder
        _change(self.path, mine, replace(mine, owner=owner_of(pid)))


@contextmanager
def locked(
    path: Path, *, what: str = "", patience: float | None = None, on_wait: OnWait | None = None
) -> Iterator[Lock]:
    """Hold the lock file `path`; the thread that holds it may take it again.

    Somebody who has it is waited for, `patience` seconds or (None) for ever, and said on standard error, or else to
    `on_wait(holder)`, which is called at every look, once a second, and may raise.

    Raises LockedError (file and holder) when patience ends, BadValueError where no such file can be made.
    """
    path = path.parent.resolve() / path.name
    held = _take_again(path)
    if held is None:
        mine = Holder(this_process(), socket.gethostname(), time.time(), what, secrets.token_hex(6))
        clear_now_and_then(path.parent)
        taken = _take(path, mine, patience, on_wait or _said_once(path))
        _clear_guards(path, taken.token)
        with _guard:
            held = _held[path] = _Held(taken, threading.get_ident(), time.time())
        _start_beating()
    try:
        yield Lock(path, held.holder.token)
    finally:
        _release(path, held)


def holder(path: Path) -> Holder | None:
    """Who holds the lock file `path` now, None where nobody does: it is read, and nothing is taken or changed."""
    try:
        seen = _look(path)
    except OSError:
        return None
    return seen.holder if seen is not None and seen.is_alive(path.parent) else None


def is_lost(path: Path) -> bool:
    """Whether this process held the lock, was silent for too long (asleep), and another has taken it since."""
    held = _held.get(path.parent.resolve() / path.name)
    return held is not None and held.is_lost


@dataclass(frozen=True)
class _Seen:
    """What lies at the path: its holder (None of an empty file, as older versions left, or a damaged one), its beat."""

    holder: Holder | None
    beat: float

    @property
    def token(self) -> str:
        return self.holder.token if self.holder else "none"

    def is_alive(self, folder: Path) -> bool:
        if self.holder is None:
            return False
        by_process = self.holder.owner.is_alive()
        return (
            abs(_server_time(folder) - self.beat) < SECONDS_OF_SILENCE if by_process is None else by_process
        )


def _look(path: Path) -> _Seen | None:
    """None where there is no file. Opened anew each time: only then a network file system asks its server."""
    for _ in range(5):
        try:
            with path.open("rb") as file:
                text, beat = file.read(MOST_BYTES), os.fstat(file.fileno()).st_mtime
        except (FileNotFoundError, NotADirectoryError):
            if path.is_symlink():
                raise OSError(errno.ELOOP, "it is a link that leads nowhere") from None
            return None
        found = _parsed(text)
        if found is not None or abs(time.time() - beat) > 1:
            break
        time.sleep(0.02)  # where files have no second name, a lock is empty for a moment
    return _Seen(found, beat)


def _parsed(text: bytes) -> Holder | None:
    try:
        values = json.loads(text)
        owner = Owner(**values.pop("owner"))
        found = Holder(owner, **values)
        words = (found.host, found.what, found.token, owner.place)
        is_sound = all(isinstance(word, str) and len(word) < 300 and word.isprintable() for word in words)
        numbers = (type(owner.pid), type(owner.start), type(found.since))
        return found if is_sound and found.token.isalnum() and numbers == (int, int, float) else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _server_time(folder: Path) -> float:
    """Now, as the file server sees it: clocks of two machines differ."""
    mine = temporary_name(folder / "clock")
    try:
        mine.touch()
        return mine.stat().st_mtime
    except OSError:
        return time.time()
    finally:
        with suppress(OSError):
            mine.unlink()


def _take_again(path: Path) -> _Held | None:
    with _guard:
        held = _held.get(path)
        if held is None or held.thread != threading.get_ident():
            return None
        held.count += 1
        return held


def _take(path: Path, mine: Holder, patience: float | None, on_wait: OnWait) -> Holder:
    """Make the file, as soon as nobody else's is there; or adopt what was taken for this process."""
    deadline = None if patience is None else time.monotonic() + patience
    pause = 0.02
    while True:
        with _refusal_named(path):
            if _make(path, mine):
                return mine
            seen = _look(path)
            if seen is not None and not seen.is_alive(path.parent):
                _discard(path, seen.token)
                continue
        if seen is None or seen.holder is None:
            continue
        if seen.token == os.environ.get(HANDED):
            del os.environ[HANDED]
            adopted = replace(seen.holder, owner=mine.owner)
            _change(path, seen.holder, adopted)
            return adopted
        if deadline is not None and time.monotonic() >= deadline:
            raise LockedError(f"{path} is held by {seen.holder}; wait until it has finished, or end it")
        on_wait(seen.holder)
        left = pause if deadline is None else max(0.0, deadline - time.monotonic())
        time.sleep(min(pause, left))
        pause = min(2 * pause, LONGEST_PAUSE)


def _make(path: Path, mine: Holder) -> bool:
    """Make the lock file, whole from its first moment; False where one is there."""
    draft = _written(path, mine)
    try:
        os.link(draft, path)
        return True
    except FileExistsError:
        return draft.stat().st_nlink == 2  # NFS may have done it and lost the answer
    except OSError:
        return _make_without_link(
            path, draft.read_bytes(), mine
        )  # FAT, and some that are mounted by programs
    finally:
        draft.unlink(missing_ok=True)


def _make_without_link(path: Path, text: bytes, mine: Holder) -> bool:
    try:
        with path.open("xb") as file:
            file.write(text)
    except FileExistsError:
        return False
    seen = _look(path)  # whoever took the empty file for a left one may have removed it
    return seen is not None and seen.token == mine.token


def _written(path: Path, one: Holder) -> Path:
    draft = temporary_name(path)
    try:
        draft.write_text(json.dumps(asdict(one)), encoding="utf-8")
        draft.chmod(0o644)  # whoever shares the folder may read who holds it
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _discard(path: Path, token: str) -> None:
    """Remove the lock file if it is the one with this token."""
    with _alone_with(path, token):
        seen = _look(path)
        if seen is not None and seen.token == token:
            path.unlink(missing_ok=True)


def _change(path: Path, old: Holder, new: Holder) -> None:
    """Write another owner into the lock, if it is still as it was."""
    with _alone_with(path, old.token):
        seen = _look(path)
        if seen is not None and seen.holder == old:
            _written(path, new).replace(path)


@contextmanager
def _alone_with(path: Path, token: str) -> Iterator[None]:
    """Of all who want to remove or change the lock of that token, be the only one: by a lock of its own.

    Two who find one dead holder would otherwise remove it one after the other, and the second what the first had
    made in its place. A token comes once: whoever finds it gone, alone, has nothing left to do.
    """
    guard = path.with_name(f".{path.name[:80]}.{token}.break")
    mine = Holder(this_process(), socket.gethostname(), time.time(), "", secrets.token_hex(6))
    _take(guard, mine, None, _said_once(guard))
    try:
        yield
    finally:
        guard.unlink(missing_ok=True)


def _clear_guards(path: Path, token: str) -> None:
    """Remove what was left by those who died while they removed an earlier taking: that one is gone for good."""
    start = f".{path.name[:80]}."
    with suppress(OSError), os.scandir(path.parent) as entries:
        for name in [entry.name for entry in entries if entry.name.startswith(start)]:
            if name.endswith(".break") and name != f"{start}{token}.break":
                path.with_name(name).unlink(missing_ok=True)


def _release(path: Path, held: _Held) -> None:
    with _guard:
        if _held.get(path) is not held:
            return  # handed over
        held.count -= 1
        if held.count:
            return
        del _held[path]
    with suppress(OSError, GalaxyError):  # its folder was renamed or deleted
        if abs(time.time() - held.beaten) > SECONDS_OF_SILENCE / 2:
            _discard(path, held.holder.token)  # somebody may just be taking it for a dead one's
        elif (seen := _look(path)) is not None and seen.holder == held.holder:
            path.unlink()


def _start_beating() -> None:
    with _guard:
        if not any(heart.is_alive() for heart in _hearts):
            _hearts[:] = [threading.Thread(target=_beat, name="locks", daemon=True)]
            _hearts[0].start()


def _beat() -> None:
    while True:
        time.sleep(SECONDS_BETWEEN_BEATS)
        with _guard:
            if not _held:
                _hearts.clear()
                return
            for path, held in _held.items():
                _beat_once(path, held)


def _beat_once(path: Path, held: _Held) -> None:
    """Say that the holder lives; or learn that another has taken the lock of one who was silent."""
    with suppress(OSError):
        seen = _look(path)
        if seen is None or seen.token == held.holder.token:
            os.utime(path)  # by the clock of the server
            held.beaten = time.time()
        else:
            held.is_lost = True


def _said_once(path: Path) -> OnWait:
    """Say on standard error, after a second, what is waited for."""
    begun = time.monotonic()
    said = False

    def say(one: Holder) -> None:
        nonlocal said
        if not said and time.monotonic() - begun >= LONGEST_PAUSE:
            said = True
            print(f"galaxy: waiting for {path}, held by {one}", file=sys.stderr, flush=True)

    return say


@contextmanager
def _refusal_named(path: Path) -> Iterator[None]:
    try:
        with disk_full_named(path):
            yield
    except FileNotFoundError:
        raise MissingError(f"the folder {path.parent} of the lock {path.name} is not there") from None
    except DiskFullError:
        raise
    except OSError as error:
        raise BadValueError(
            f"the lock {path} cannot be made ({error.strerror or error}); nobody holds it: make {path.parent} a folder "
            "that can be written, or choose another"
        ) from error
