"""Which process made a file or holds a lock, and whether that process is still there.

A process number alone is given to another sooner or later, and means nothing on another machine: an owner is the
machine (with its boot and its space of process numbers, since containers have their own), number and start time.
"""

import hashlib
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ENDED = 0  # the start of a process that has ended and is only remembered by its parent
TOLERANCE = (
    200  # hundredths of a second, where the start is told by the clock and not in ticks since the boot
)


@dataclass(frozen=True)
class Owner:
    """One process: `place` names its machine in 8 hex digits, `start` is when it began, in the system's own count."""

    place: str
    pid: int
    start: int

    def is_alive(self) -> bool | None:
        """Whether the process is there; None where that cannot be told, as of another machine or container."""
        if self.place != this_process().place:
            return None
        start = _start_of(self.pid)
        if start is None:
            return None if _is_hidden(self.pid) else False
        return abs(start - self.start) <= (0 if Path("/proc/self/stat").exists() else TOLERANCE)


def this_process() -> Owner:
    """The process that asks."""
    return _remembered(os.getpid())


@cache
def _remembered(pid: int) -> Owner:
    return owner_of(pid)


def owner_of(pid: int) -> Owner:
    """The process of that number on this machine; one that has ended already is an owner that is not alive."""
    start = _start_of(pid)
    return Owner(_place(), pid, ENDED if start is None else start)


@cache
def _place() -> str:
    words = [socket.gethostname()]
    with suppress(OSError):  # Linux only; elsewhere a machine has one space of numbers
        words.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        words.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:8]


def _start_of(pid: int) -> int | None:
    """When a process began: ticks since the boot where the system tells, which no clock that is set can change."""
    with suppress(OSError, ValueError, IndexError):
        words = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return ENDED if words[0] in (b"Z", b"X") else int(words[19])
    import psutil

    try:
        process = psutil.Process(pid)
        is_ended = process.status() == psutil.STATUS_ZOMBIE
        return ENDED if is_ended else round(100 * process.create_time())
    except psutil.Error:
        return None


def _is_hidden(pid: int) -> bool:
    """Whether there is a process of that number of which the system tells this user nothing else."""
    if os.name != "posix":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return False
