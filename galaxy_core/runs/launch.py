"""Training that outlives whoever started it: a child process in a group of its own that writes run folders.

The one who starts it only reads files afterwards, so a reload, a second window or a restarted server see the
same thing.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from galaxy_core.errors import BadValueError
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import check_name, runs_folder
from galaxy_core.runs.run import LOG, Run, create_run
from galaxy_core.runs.status import Status, clear_stop, is_held, read_status, request_stop, write_status

SECONDS_TO_END_A_BATCH = 20.0
SECONDS_TO_TERMINATE = 10.0
_children: list[subprocess.Popen[bytes]] = []


def launch(config: TrainConfig, name: str) -> Run:
    """Make the run folder and start training it in a process of its own; returns at once."""
    run = create_run(name, config)
    relaunch(run)
    return run


def relaunch(run: Run) -> None:
    """Start or carry on with the training of an existing run folder; BadValueError while it is training."""
    if is_held(run.path):
        raise BadValueError(f"run {run.name} is being trained already; watch it or stop it")
    clear_stop(run.path)
    write_status(run.path, Status("queued", "starting"))
    pid = _start(["train", "--run", run.name], run.path / LOG)
    # it needs seconds to import its engine before it writes anything itself
    write_status(run.path, Status("queued", "starting", pid))


def launch_sweep(name: str, *, preset: str, data: str) -> None:
    """Start `galaxy reproduce` in a process of its own; does nothing while one of that name is alive."""
    folder = runs_folder()
    folder.mkdir(parents=True, exist_ok=True)
    if not is_sweep_alive(name):
        arguments = ["reproduce", "--data", data, "--preset", preset, "--name", check_name(name)]
        _start(arguments, folder / f"{name}.log")


def stop(run: Run) -> None:
    """Ask the training to stop; where it does not within half a minute, end its process.

    Nothing is lost but the epoch under way. A run whose process has gone is left as it is.
    """
    status = read_status(run.path)
    if not is_held(run.path):
        _stop_before_it_began(run, status)
        return
    request_stop(run.path)
    if not _is_free_within(run, SECONDS_TO_END_A_BATCH):
        _end_process(run)


def stop_all(runs: Sequence[Run]) -> None:
    """`stop` for runs that one process may hold: all are asked before any is waited for, and waited for together."""
    held = [run for run in runs if is_held(run.path)]
    for run in held:
        request_stop(run.path)
    deadline = time.monotonic() + SECONDS_TO_END_A_BATCH
    for run in held:
        _is_free_within(run, deadline - time.monotonic())
    for run in held:
        _end_process(run)
    for run in set(runs) - set(held):
        stop(run)  # its process does not hold it yet


def _end_process(run: Run) -> None:
    """End the process that holds the run, where its status says which that is."""
    pid = read_status(run.path).pid
    if pid is None or not is_held(run.path):
        return
    _signal(pid, "terminate")
    if not _is_free_within(run, SECONDS_TO_TERMINATE):
        _signal(pid, "kill")


def _stop_before_it_began(run: Run, status: Status) -> None:
    """A process that does not hold the run's lock yet would forget a request when it takes it: end it instead."""
    if status.state != "queued":
        return
    if status.pid is not None:
        _signal(status.pid, "terminate", run.name)
    again = f"stopped before it began; carry on with `galaxy train --run {run.name}`"
    write_status(run.path, Status("stopped", again))


def sweep_log(name: str) -> Path:
    """Where the output of a launched sweep goes."""
    return runs_folder() / f"{check_name(name)}.log"


def sweep_lock(name: str) -> FileLock:
    """The lock that the process of a sweep holds from beginning to end."""
    return FileLock(runs_folder() / f".{check_name(name)}.lock", is_singleton=True)


def is_sweep_alive(name: str) -> bool:
    """Whether the process of a sweep of that name is there (or was started within the last seconds)."""
    lock = sweep_lock(name)
    # asking must not make a file where nothing is
    if Path(lock.lock_file).exists():
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        lock.release()
    return _was_started_just_now(sweep_log(name))


def _was_started_just_now(log: Path, seconds: float = 15.0) -> bool:
    try:
        return log.stat().st_size == 0 and abs(time.time() - log.stat().st_mtime) < seconds
    except OSError:
        return False


def _start(arguments: Sequence[str], log: Path) -> int:
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "galaxy_core", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    # kept so that the system's note of its end is taken in when the next one is started
    _children[:] = [one for one in _children if one.poll() is None] + [child]
    return child.pid


def _is_free_within(run: Run, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not is_held(run.path):
            return True
        time.sleep(0.2)
    return False


def _signal(pid: int, what: str, run_name: str | None = None) -> None:
    """Signal the process if it is ours: the system may have given its number to another since."""
    try:
        process = psutil.Process(pid)
        words = process.cmdline()
        if any("galaxy_core" in word for word in words) and (run_name is None or run_name in words):
            getattr(process, what)()
    except psutil.Error:
        return
