"""How a run is doing: a small file replaced atomically, and a lock that only a living process holds.

The lock, not the clock or a process number, says whether the process is there: the system lets go of it when
the process ends, however it ends, and after a restart of the machine nobody holds it.
"""

import json
import math
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from galaxy_core.data.atomic import write_text_atomically

STATES = ("queued", "running", "done", "stopped", "failed")
STATUS_FILE = "status.json"
LOCK_FILE = "lock"
HEARTBEAT_FILE = "heartbeat"
STOP_FILE = "stop"
LONGEST_HEARTBEAT = 1000
# a child needs a few seconds to start before it can take the lock
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
        accuracy = "" if self.accuracy is None else f"accuracy {self.accuracy:.0%}"
        so_far = " and ".join(filter(None, (loss, accuracy)))
        return f"batch {self.batch:,} of {self.n_batches:,}" + (f", so far {so_far}" if so_far else "")


def write_status(folder: Path, status: Status) -> None:
    """Replace the status of the run in `folder`."""
    write_text_atomically(folder / STATUS_FILE, json.dumps(asdict(status), indent=1) + "\n")


def read_status(folder: Path) -> Status:
    """The status as it truly is: a run said to be running whose process is gone is reported as stopped."""
    status = _stored_status(folder)
    if not status.is_active or is_held(folder) or _is_starting(folder, status):
        return status
    again = f"carry on with `galaxy train --run {folder.name}`"
    return Status("stopped", f"its process is gone; {again}", status.pid)


def run_lock(folder: Path) -> FileLock:
    """The lock that the process training this run holds from beginning to end.

    A process that holds it may take it again: a sweep holds those of all its runs, each training its own.
    """
    return FileLock(folder / LOCK_FILE, is_singleton=True)


def is_held(folder: Path) -> bool:
    """Whether a living process holds the run's lock."""
    if not (folder / LOCK_FILE).exists():
        return False
    lock = run_lock(folder)
    if lock.is_locked:  # by this very process, which could take it again
        return True
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False  # a folder that cannot be written: nobody trains there
    lock.release()
    return False


def beat(folder: Path, heartbeat: Heartbeat) -> None:
    """Leave a sign of life that says where the training is; a reader sees the old one or the new, never a part.

    Not flushed to disk, unlike all else in the folder: after a power cut the run is resumed from its last epoch anyway.
    """
    # the name of an unfinished file as `remove_unfinished` knows it
    temporary = folder / f".{HEARTBEAT_FILE}.{os.getpid():012x}.tmp"
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
    try:
        age = time.time() - (folder / STATUS_FILE).stat().st_mtime
    except OSError:
        return False
    # a clock that was set back would otherwise keep the run waiting until it has caught up
    return status.state == "queued" and abs(age) < SECONDS_TO_START and not _is_gone(status.pid)


def _is_gone(pid: int | None) -> bool:
    """Whether there is no process of that number, which nobody's clock is needed to know."""
    import psutil

    return pid is not None and not psutil.pid_exists(pid)
