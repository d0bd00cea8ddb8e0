"""Runs that wait for a worker, as everybody sees them who lists runs: queued, and not given up.

A worker may be a job that has not begun, on a machine that is not there yet, and one that was lost leaves its run to
the next. Whoever handed the runs out says so for them, as long as it is there itself.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from galaxy_core.errors import BadValueError, GalaxyError
from galaxy_core.runs.run import Run
from galaxy_core.runs.status import (
    SECONDS_TO_START,
    STATUS_FILE,
    Status,
    held_for_training,
    is_held,
    is_stop_requested,
    run_lock,
    write_status,
)

SECONDS_BETWEEN_LOOKS = SECONDS_TO_START / 4
WAITS = Status("queued", "waiting for a worker")


@contextmanager
def waiting_for_workers(runs: Sequence[Run]) -> Iterator[set[Run]]:
    """While the block runs, say of those in the set that they wait, unless somebody trains them.

    The block takes out whose task has ended. Those whose turn never came are said to be stopped at its end.
    """
    waiting, ended = set(runs), threading.Event()
    for run in runs:
        with suppress(BadValueError), held_for_training(run.path, is_asked_anew=True):
            write_status(run.path, WAITS)
    keeper = threading.Thread(target=_keep, args=(waiting, ended), name="waiting runs", daemon=True)
    keeper.start()
    try:
        yield waiting
    finally:
        ended.set()
        keeper.join()
        say_whose_turn_never_came(list(waiting))


def say_whose_turn_never_came(runs: Sequence[Run]) -> None:
    """Of those that still wait, where nobody will train them any more."""
    for run in runs:
        if run.status().state == "queued":
            again = f"its turn had not come; carry on with `galaxy train --run {run.name}`"
            _say(run, Status("stopped", again))


def _keep(waiting: set[Run], ended: threading.Event) -> None:
    lost = set[Run]()
    while not ended.wait(SECONDS_BETWEEN_LOOKS):
        idle = {run for run in waiting.copy() if not is_held(run.path)}
        gone = {run for run in idle if run.status().state == "stopped" and not is_stop_requested(run.path)}
        for run in gone & lost:  # seen twice: its task has not just ended
            _say(run, WAITS)
        lost = gone
        for run in idle:
            with suppress(OSError):
                os.utime(run.path / STATUS_FILE)  # what was asked for a moment ago is seen as waiting


def _say(run: Run, status: Status) -> None:
    """Unless somebody trains it, or its folder cannot be written."""
    with suppress(GalaxyError, OSError), run_lock(run.path, patience=0):
        write_status(run.path, status)
