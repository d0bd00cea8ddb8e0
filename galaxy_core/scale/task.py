"""A task is a command of this package: started by whatever worker takes it, watched, and told by its exit code.

The same everywhere: a thread of this process, a worker of Dask on another machine, a job of SLURM. What a command does
lies in files; nothing but its exit code and its last words comes back.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

LEASH = "GALAXY_LEASH"
"""Environment variable with the number of the process that a task ends with, see `end_with_parent`."""
MOST_TRIES = 3
"""Of a task whose process was killed, or that did not end well on a worker of a cluster."""
STOPPED = 3
"""The exit code of a command that was stopped on request."""
SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_TO_END = 30.0
_LAST_BYTES = 4000


@dataclass(frozen=True)
class Task:
    """`python -m module arguments…` in `folder`, its output at the end of `log`.

    `environment` comes on top of the worker's own.
    """

    name: str
    module: str
    arguments: tuple[str, ...]
    folder: str
    log: str
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """How a task ended: its exit code, that of a signal negative; None where its worker was lost again and again."""

    name: str
    exit_code: int | None
    last_words: str
    seconds: float = 0.0


def run_task(task: Task, is_unwanted: Callable[[], bool] = lambda: False) -> Done:
    """Carry out one task here and wait for its end, or end it once `is_unwanted` says so.

    FileNotFoundError where this machine does not see its folder.
    """
    begun = time.monotonic()
    Path(task.log).parent.mkdir(parents=True, exist_ok=True)
    with Path(task.log).open("ab") as output:
        place = output.tell()
        child = subprocess.Popen(
            [sys.executable, "-m", task.module, *task.arguments],
            cwd=task.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **task.environment, LEASH: str(os.getpid()), "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        with child:
            code = _watched(child, is_unwanted)
    return Done(task.name, code, _last_words(Path(task.log), place), time.monotonic() - begun)


def _watched(child: subprocess.Popen[bytes], is_unwanted: Callable[[], bool]) -> int:
    """The exit code; a child whose end is asked for is told, and ended where it does not listen."""
    try:
        while True:
            with suppress(subprocess.TimeoutExpired):
                return child.wait(SECONDS_BETWEEN_LOOKS)
            if is_unwanted():
                return _ended(child)
    except BaseException:
        _ended(child)
        raise


def _ended(child: subprocess.Popen[bytes]) -> int:
    child.terminate()
    with suppress(subprocess.TimeoutExpired):
        return child.wait(SECONDS_TO_END)
    child.kill()
    return child.wait()


def _last_words(log: Path, place: int) -> str:
    """The last line that was written after `place`."""
    with log.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(place, size - _LAST_BYTES))
        lines = file.read().decode("utf-8", errors="replace").splitlines()
    return next((line.strip()[-400:] for line in reversed(lines) if line.strip()), "")


def end_with_parent() -> None:
    """Where this process is a task: end soon after the worker that started it, however that ended.

    A worker that is killed cannot end its child, and the task is given to another worker, in whose way it would be.
    """
    parent = os.environ.pop(LEASH, "")
    if parent.isdigit() and hasattr(os, "getppid"):
        threading.Thread(target=_watch, args=(int(parent),), name="leash", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os.kill(os.getpid(), 15)  # SIGTERM
    time.sleep(SECONDS_TO_END)
    os._exit(143)
