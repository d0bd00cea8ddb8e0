"""Who carries tasks out: some processes of this machine, a Dask cluster that runs, or jobs of SLURM."""

from __future__ import annotations

import queue
import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from galaxy_core.errors import BadValueError, quoted
from galaxy_core.runs.cores import CORES, n_cores
from galaxy_core.runs.turn import TURN
from galaxy_core.scale.settings import ClusterSettings
from galaxy_core.scale.task import MOST_TRIES, Done, Task, run_task

MOST_WORKERS = 10_000
SLURM = "slurm"
_DASK = re.compile(r"dask://[^\s/]+:\d+")


class Workers(Protocol):
    """Whoever carries tasks out."""

    def run(self, tasks: Sequence[Task]) -> Iterator[Done]:
        """Each task once, told as it ends, in any order; leaving the loop ends what is at work."""
        ...


def open_workers(
    where: str,
    settings: ClusterSettings | None = None,
    *,
    logs: str = "",
    say: Callable[[str], None] = lambda sentence: None,
) -> AbstractContextManager[Workers]:
    """The workers that `where` names: a number, `dask://HOST:PORT`, or `slurm` with its settings.

    `logs` is the folder for what jobs of SLURM say; `say` is told what is waited for. BadValueError for anything else,
    MissingError where the extra `[cluster]` is not installed or the scheduler does not answer.
    """
    check_workers(where)
    if where.isdigit():
        return nullcontext(LocalWorkers(int(where)))
    if _DASK.fullmatch(where):
        from galaxy_core.scale.cluster import dask_workers

        return dask_workers(f"tcp://{where.removeprefix('dask://')}", say)
    from galaxy_core.scale.cluster import slurm_workers

    return slurm_workers(settings or ClusterSettings(), logs or str(Path.cwd()), say)


def check_workers(where: str) -> None:
    """BadValueError for what names no workers."""
    is_number = where.isascii() and where.isdigit() and 1 <= int(where) <= MOST_WORKERS
    if not (is_number or _DASK.fullmatch(where) or where == SLURM):
        raise BadValueError(
            f"workers must be a number, dask://HOST:PORT or slurm, got {quoted(where)}; 2 are two processes here"
        )


class LocalWorkers:
    """So many processes at once on this machine, which share its cores."""

    def __init__(self, n: int) -> None:
        self._n = n

    def run(self, tasks: Sequence[Task]) -> Iterator[Done]:
        """See `Workers`; a command that was killed is begun again, three times in all."""
        ending = threading.Event()
        n = max(1, min(self._n, len(tasks)))
        places: queue.SimpleQueue[dict[str, str]] = queue.SimpleQueue()
        for place in _places(n):
            places.put(place)
        with ThreadPoolExecutor(n, "worker") as pool:
            at_work = [pool.submit(_at_a_place, task, places, ending) for task in tasks]
            try:
                for future in as_completed(at_work):
                    yield future.result()
            finally:
                ending.set()
                for future in at_work:
                    future.cancel()


def _places(n: int) -> Iterator[dict[str, str]]:
    """For each of `n` processes at once its environment: a share of the cores, a turn, a graphics card of its own."""
    cards = _n_cards()
    for number in range(n):
        card = {"CUDA_VISIBLE_DEVICES": str(number % cards)} if cards > 1 else {}
        yield {CORES: str(max(1, n_cores() // n)), TURN: str(number), **card}


def _n_cards() -> int:
    """Graphics cards that the driver lists; 0 where there is no driver."""
    try:
        shown = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return 0
    return len([line for line in shown.stdout.splitlines() if line.startswith("GPU ")])


def _at_a_place(task: Task, places: queue.SimpleQueue[dict[str, str]], ending: threading.Event) -> Done:
    place = places.get()
    try:
        return _until_not_killed(replace(task, environment={**place, **task.environment}), ending)
    finally:
        places.put(place)


def _until_not_killed(task: Task, ending: threading.Event) -> Done:
    done = run_task(task, ending.is_set)
    for _ in range(MOST_TRIES - 1):
        if ending.is_set() or done.exit_code is None or done.exit_code >= 0:
            break
        done = run_task(task, ending.is_set)
    return done
