"""How a run is doing: a small file replaced atomically, and a lock that only a living process holds.

The lock, not the clock or a process number, says whether the process is there: the system lets go of it when
the process ends, however it ends, and after a restart of the machine nobody holds it.
"""

import json
import time
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


def beat(folder: Path) -> None:
    """Leave a sign of life."""
    (folder / HEARTBEAT_FILE).touch()


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
    return status.state == "queued" and abs(age) < SECONDS_TO_START
