"""How a run is doing: a small file replaced atomically, and a lock that only a living process holds.

The lock says whether the process is there: it names the process that trains, and who asks only reads it. What a
killed process or a machine that was restarted left there is nobody's.
"""

import json
import math
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from galaxy_core.errors import BadValueError, LockedError
from galaxy_core.files.atomic import temporary_name, write_text_atomically
from galaxy_core.files.lock import Holder, Lock, holder, is_lost, locked
from galaxy_core.numerals import percent

STATES = ("queued", "running", "done", "stopped", "failed")
STATUS_FILE = "status.json"
LOCK_FILE = "lock"
HEARTBEAT_FILE = "heartbeat"
STOP_FILE = "stop"
LONGEST_HEARTBEAT = 1000
PATIENCE = "GALAXY_PATIENCE"
"""Environment variable: for how many seconds a training waits for another that holds its run, as a node that died does
until its silence is noticed."""
# from the folders of a sweep to its locks
SECONDS_TO_START = 60.0


@dataclass(frozen=True)
class Status:
    """`state` is one of STATES; `sentence` says it in words; `pid` is the process that wrote it."""

    state: str
    sentence: str
    pid: int | None = None

    @property
    def is_active(self) -> bool:
        """Whether something is still going to happen without anybody asking."""
        return self.state in ("queued", "running")


@dataclass(frozen=True)
class Heartbeat:
    """Where a training is: `batch` of `n_batches` in `epoch`, counted from 1.

    `loss` and `accuracy` are those of the epoch so far, None where they are no numbers. `seconds_a_batch` is the mean
    over the epoch's batches after the first, which may have waited for a compilation; None while there is only one.
    """

    epoch: int
    batch: int
    n_batches: int
    loss: float | None = None
    accuracy: float | None = None
    seconds_a_batch: float | None = None

    @property
    def share(self) -> float:
        """Share of the epoch's batches that are done, in (0, 1]."""
        return self.batch / self.n_batches

    @property
    def sentence(self) -> str:
        """`batch 5 of 20, so far loss 1.50 and accuracy 40%`, as far as it is known."""
        loss = "" if self.loss is None else f"loss {self.loss:.2f}"
        accuracy = "" if self.accuracy is None else f"accuracy {percent(self.accuracy)}"
        so_far = " and ".join(filter(None, (loss, accuracy)))
        return f"batch {self.batch:,} of {self.n_batches:,}" + (f", so far {so_far}" if so_far else "")


def write_status(folder: Path, status: Status) -> None:
    """Replace the status of the run in `folder`."""
    write_text_atomically(folder / STATUS_FILE, json.dumps(asdict(status), indent=1) + "\n")


def read_status(folder: Path) -> Status:
    """The status as it truly is: a run said to be running whose process is gone is reported as stopped."""
    status = _stored_status(folder)
    if not status.is_active or is_held(folder):
        return status
    again = f"carry on with `galaxy train --run {folder.name}`"
    if not _is_starting(folder, status):
        return Status("stopped", f"its process is gone; {again}", status.pid)
    return Status("stopped", f"stopped before it began; {again}") if is_stop_requested(folder) else status


def run_lock(folder: Path, patience: float | None = None) -> AbstractContextManager[Lock]:
    """The lock that the process training this run holds from beginning to end; see `files.lock.locked`.

    A process that holds it may take it again: a sweep holds those of all its runs, each training its own.
    """
    return locked(folder / LOCK_FILE, what=folder.name, patience=patience)


@contextmanager
def held_for_training(folder: Path, *, is_asked_anew: bool = False) -> Iterator[Lock]:
    """The run's lock, for whoever trains it, or (`is_asked_anew`) starts somebody who will.

    A request to stop from before, as a killed process leaves it, is forgotten; one made since the start was asked for
    counts, however early. BadValueError where another process trains the run.
    """
    is_expected = is_held(folder) or _is_starting(folder, _stored_status(folder))
    # looked at before: once the lock is held, the run looks alive, and somebody may ask it to stop
    left = None if is_expected and not is_asked_anew else _stop_stamp(folder)
    with ExitStack() as stack:
        try:
            lock = stack.enter_context(run_lock(folder, patience=0 if is_asked_anew else _patience()))
        except LockedError:
            raise BadValueError(
                f"run {folder.name} is being trained by another process; watch it or stop it"
            ) from None
        if left is not None and left == _stop_stamp(folder):
            clear_stop(folder)
        yield lock


def _patience() -> float:
    given = os.environ.get(PATIENCE, "")
    return float(given) if given.isascii() and given.isdigit() else 1.0


def run_holder(folder: Path) -> Holder | None:
    """The living process that holds the run's lock; None where there is none. Nothing is taken or changed."""
    return holder(folder / LOCK_FILE)


def is_held(folder: Path) -> bool:
    """Whether a living process, this one too, holds the run's lock."""
    return run_holder(folder) is not None


def is_taken_over(folder: Path) -> bool:
    """Whether this process held the run's lock and another has taken it since, because this one was asleep."""
    return is_lost(folder / LOCK_FILE)


def beat(folder: Path, heartbeat: Heartbeat) -> None:
    """Leave a sign of life that says where the training is; a reader sees the old one or the new, never a part.

    Not flushed to disk, unlike all else in the folder: after a power cut the run is resumed from its last epoch anyway.
    """
    temporary = temporary_name(folder / HEARTBEAT_FILE)
    # a training must not die of its progress report, for instance on a disk that is full for a moment
    with suppress(OSError):
        temporary.write_text(json.dumps(asdict(heartbeat)), encoding="utf-8")
        temporary.replace(folder / HEARTBEAT_FILE)


def read_heartbeat(folder: Path) -> Heartbeat | None:
    """The last sign of life; None where there is none that says where the training is, as in runs of older versions."""
    try:
        with (folder / HEARTBEAT_FILE).open("rb") as file:
            values = json.loads(file.read(LONGEST_HEARTBEAT))
        epoch, batch, n_batches = (_count(values[key]) for key in ("epoch", "batch", "n_batches"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    if not 1 <= batch <= n_batches or epoch < 1:
        return None
    floats = (_number(values.get(key)) for key in ("loss", "accuracy", "seconds_a_batch"))
    return Heartbeat(epoch, batch, n_batches, *floats)


def clear_heartbeat(folder: Path) -> None:
    """Forget where an earlier process was."""
    (folder / HEARTBEAT_FILE).unlink(missing_ok=True)


def request_stop(folder: Path) -> None:
    """Ask the training to stop at the end of its batch."""
    (folder / STOP_FILE).touch()


def is_stop_requested(folder: Path) -> bool:
    """Whether somebody asked this run to stop."""
    return (folder / STOP_FILE).exists()


def clear_stop(folder: Path) -> None:
    """Forget an earlier request to stop."""
    (folder / STOP_FILE).unlink(missing_ok=True)


def _stop_stamp(folder: Path) -> tuple[int, int] | None:
    """What tells one request to stop from a later one."""
    try:
        state = (folder / STOP_FILE).stat()
    except OSError:
        return None
    return state.st_ino, state.st_mtime_ns


def _stored_status(folder: Path) -> Status:
    try:
        values: dict[str, Any] = json.loads((folder / STATUS_FILE).read_text(encoding="utf-8"))
        status = Status(str(values["state"]), str(values["sentence"]), _pid(values.get("pid")))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return _status_without_file(folder)
    return status if status.state in STATES else _status_without_file(folder)


def _pid(value: object) -> int | None:
    return value if type(value) is int and 0 < value < 2**31 else None


def _count(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _number(value: object) -> float | None:
    """What a heartbeat may say: a finite number that is not negative."""
    try:
        number = float(value) if type(value) in (int, float) else math.nan  # type: ignore[arg-type]
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _status_without_file(folder: Path) -> Status:
    if (folder / "card.json").is_file():
        return Status("done", "a checkpoint")
    return Status("stopped", f"not started; start it with `galaxy train --run {folder.name}`")


def _is_starting(folder: Path, status: Status) -> bool:
    """Whether it was asked for a moment ago, as by a sweep that makes all its folders before it holds them."""
    try:
        age = time.time() - (folder / STATUS_FILE).stat().st_mtime
    except OSError:
        return False
    # a clock that was set back would otherwise keep the run waiting until it has caught up
    return status.state == "queued" and status.pid is None and abs(age) < SECONDS_TO_START
