"""Work that outlives whoever started it: a child process in a group of its own that writes run folders or files.

The one who starts it says with which arguments of the command line, and only reads files afterwards, so a reload, a
second window or a restarted server see the same thing.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import psutil

from galaxy_core.errors import LockedError
from galaxy_core.files.lock import HANDED, Holder, Lock, holder, locked
from galaxy_core.runs.names import check_name, runs_folder
from galaxy_core.runs.run import LOG, Run
from galaxy_core.runs.status import Status, held_for_training, is_held, request_stop, run_holder, write_status

SECONDS_TO_END_A_BATCH = 20.0
SECONDS_TO_TERMINATE = 10.0
_children: list[subprocess.Popen[bytes]] = []


def launch(run: Run, arguments: Sequence[str]) -> None:
    """Start or carry on with the training of a run folder; returns at once. BadValueError while it is training.

    From here on the run is held: by this process, and then by the child, which takes over the lock.
    """
    with held_for_training(run.path, is_asked_anew=True) as lock:
        write_status(run.path, Status("queued", "starting"))
        lock.hand_over(start_command(arguments, run.path / LOG, lock.token))


def launch_sweep(name: str, arguments: Sequence[str]) -> None:
    """Start the training of a sweep in a process of its own; does nothing while one of that name is alive."""
    runs_folder().mkdir(parents=True, exist_ok=True)
    with suppress(LockedError), sweep_lock(name, patience=0) as lock:
        sweep_log(name).unlink(missing_ok=True)  # its last words are those of this attempt
        lock.hand_over(start_command(arguments, sweep_log(name), lock.token))


def stop(run: Run) -> None:
    """Ask the training to stop; where it does not within half a minute, end its process.

    Nothing is lost but the last two minutes at most. A run whose process has gone is left as it is.
    """
    stop_all([run])


def stop_all(runs: Sequence[Run]) -> None:
    """`stop` for runs that one process may hold: all are asked before any is waited for, and waited for together."""
    asked = [run for run in runs if run.status().is_active or is_held(run.path)]
    for run in asked:
        request_stop(run.path)
    deadline = time.monotonic() + SECONDS_TO_END_A_BATCH
    for run in asked:
        _is_free_within(run, deadline - time.monotonic())
    for run in asked:
        _end_process(run)


def _end_process(run: Run) -> None:
    """End the process that holds the run."""
    _signal(run_holder(run.path), "terminate")
    if not _is_free_within(run, SECONDS_TO_TERMINATE):
        _signal(run_holder(run.path), "kill")


def sweep_log(name: str) -> Path:
    """Where the output of a launched sweep goes."""
    return runs_folder() / f"{check_name(name)}.log"


def sweep_lock(name: str, patience: float | None = None) -> AbstractContextManager[Lock]:
    """The lock that the process of a sweep holds from beginning to end."""
    return locked(_sweep_lock_file(name), what=f"the sweep {name}", patience=patience)


def is_sweep_alive(name: str) -> bool:
    """Whether the process of a sweep of that name is there, be it only starting."""
    return holder(_sweep_lock_file(name)) is not None


def end_sweep(name: str) -> None:
    """End the process of a sweep, and its workers with it; what they have kept so far stays."""
    _signal(holder(_sweep_lock_file(name)), "terminate")


def launch_work(arguments: Sequence[str], place: Path) -> bool:
    """Run `galaxy` with these arguments in a process of its own, its output in `place`; False while one works there."""
    place.mkdir(parents=True, exist_ok=True)
    try:
        with locked(_work_lock(place), what=arguments[0], patience=0) as lock:
            (place / LOG).unlink(missing_ok=True)
            lock.hand_over(start_command(arguments, place / LOG, lock.token))
    except LockedError:
        return False
    return True


def is_at_work(place: Path) -> bool:
    """Whether the process that was started there is alive."""
    return holder(_work_lock(place)) is not None


def last_words(log: Path, most: int = 400) -> str:
    """The last line of a log that says anything, at most so many letters; empty where there is none."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip()[-most:] for line in reversed(lines) if line.strip()), "")


def end_work(place: Path) -> None:
    """End that process; what it has kept so far stays."""
    _signal(holder(_work_lock(place)), "terminate")


def _work_lock(place: Path) -> Path:
    return place / ".lock"


def _sweep_lock_file(name: str) -> Path:
    return runs_folder() / f".{check_name(name)}.lock"


def start_command(arguments: Sequence[str], log: Path, token: str) -> int:
    """Start `galaxy ARGUMENTS` in a process of its own, which is handed the lock of that token; returns its number."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "galaxy_core", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", HANDED: token},
        )
    # kept so that the system's note of its end is taken in when the next one is started
    _children[:] = [one for one in _children if one.poll() is None] + [child]
    return child.pid


def _is_free_within(run: Run, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_held(run.path):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.2)
    return True


def _signal(found: Holder | None, what: str) -> None:
    """Signal the process that holds a lock, where it is one of this machine."""
    if found is not None and found.owner.is_alive():
        with suppress(psutil.Error):
            getattr(psutil.Process(found.owner.pid), what)()
