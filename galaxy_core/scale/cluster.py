"""Workers of a Dask cluster, one that runs or one of SLURM jobs: a task is sent there, and starts its command there.

A worker that dies gives its task back to the scheduler, which hands it to another; a job that SLURM has ended is asked
for anew. The folders of a task must lie on a file system that all machines share.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from galaxy_core.errors import BadValueError, GalaxyError, MissingError, one_line, printable
from galaxy_core.runs.turn import TURN
from galaxy_core.scale.settings import ClusterSettings
from galaxy_core.scale.task import MOST_TRIES, STOPPED, Done, Task, run_task

if TYPE_CHECKING:
    from distributed import Client, Future

Say = Callable[[str], None]
SECONDS_TO_ANSWER = 20
MOST_JOBS_OF_A_TASK = 100
"""A training may need as many, one after the other, where each has an hour or is preempted; Dask allows three."""
SECONDS_BETWEEN_LOOKS = 10.0
NEEDS = 'a cluster needs Dask, which is not installed; pip install "galaxy-transfer-explorer[cluster]"'


class LostSchedulerError(GalaxyError):
    """The scheduler of a cluster is gone, or its jobs do not live; what was done is in its files."""


class ClusterWorkers:
    """The workers behind a client of Dask."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._has_come = False
        self._reason = (
            "the scheduler of the cluster is gone; the same command carries on once it is there again"
        )

    def has_come(self) -> bool:
        """Whether there has been a worker at any time, be it gone by now."""
        told = () if self._has_come else self._client.get_events("all")
        self._has_come |= any(event.get("action") == "add-worker" for _, event in told)
        return self._has_come

    def give_up(self, reason: str) -> None:
        """End whoever waits for tasks with a LostSchedulerError of these words."""
        self._reason = reason
        self._client.close()

    def run(self, tasks: Sequence[Task]) -> Iterator[Done]:
        """See `workers.Workers`; LostSchedulerError where nobody answers any more.

        What does not end well is tried by other workers, if there are any: the disk of one may be full.
        """
        from distributed import CancelledError, as_completed

        tried = {self._client.submit(_at_a_worker, task, pure=False): _Tried(task) for task in tasks}
        ended = as_completed(tried)
        try:
            for future in ended:
                mine = tried.pop(future)
                done = self._told(future, mine)
                others = self._others(mine.at) if _is_worth_another_try(done, mine) else []
                if others:
                    again = self._client.submit(
                        _at_a_worker, mine.task, pure=False, workers=others, allow_other_workers=True
                    )
                    tried[again] = mine
                    ended.add(again)
                else:
                    yield done
        except (CancelledError, TimeoutError) as error:
            raise LostSchedulerError(self._reason) from error
        finally:
            with suppress(Exception):
                self._client.cancel(list(tried), force=True)

    def _told(self, future: Future, mine: _Tried) -> Done:
        """How it ended; `mine` learns where."""
        from distributed import CancelledError, KilledWorker

        try:
            done, where = future.result()
        except (CancelledError, TimeoutError):
            raise
        except KilledWorker as error:
            return Done(mine.task.name, None, one_line(error))
        except Exception as error:  # whatever happens where the task cannot even be understood
            words = (
                f"scheduler or worker cannot begin, is this very package installed there? {one_line(error)}"
            )
            return Done(mine.task.name, None, words)
        mine.at.append(where)
        return done

    def _others(self, at: Sequence[str]) -> list[str]:
        return [where for where in self._client.scheduler_info(n_workers=-1)["workers"] if where not in at]


@dataclass
class _Tried:
    """A task, and the workers at which it has ended."""

    task: Task
    at: list[str] = field(default_factory=list)


def _is_worth_another_try(done: Done, mine: _Tried) -> bool:
    """Not what is done, was stopped on request, or was lost with one worker after the other."""
    return done.exit_code not in (0, STOPPED) and 0 < len(mine.at) < MOST_TRIES


def _at_a_worker(task: Task) -> tuple[Done, str]:
    """Carry out the task here, at a worker, for as long as somebody wants it; and the address of the worker."""
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()

    def is_unwanted() -> bool:
        known = worker.state.tasks.get(key)
        return known is None or known.state not in ("executing", "long-running")

    # of several workers on a machine each trains, as whoever started them wanted
    own = replace(task, environment={TURN: worker.address.rpartition(":")[2], **task.environment})
    try:
        return run_task(own, is_unwanted), worker.address
    except OSError as error:
        words = f"the worker on {socket.gethostname()} cannot begin: {one_line(error)}"
        return Done(task.name, None, words), worker.address


@contextmanager
def dask_workers(address: str, say: Say) -> Iterator[ClusterWorkers]:
    """Those of the scheduler at `tcp://HOST:PORT`."""
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingError(NEEDS) from error
    try:
        client = Client(address, timeout=SECONDS_TO_ANSWER)
    except (OSError, TimeoutError, ValueError) as error:
        raise MissingError(
            f"no scheduler of Dask answers at {address}; start one with `dask scheduler`, or check host and port"
        ) from error
    with client:
        if not client.scheduler_info()["workers"]:
            say(f"{address} has no workers yet; start some: dask worker {address} --nthreads 1")
        yield ClusterWorkers(client)


@contextmanager
def slurm_workers(settings: ClusterSettings, logs: str, say: Say) -> Iterator[ClusterWorkers]:
    """Workers that are jobs of SLURM, as many as the settings say, from now until the end of the block."""
    before = signal.getsignal(signal.SIGINT)
    try:
        import dask
        from dask_jobqueue import SLURMCluster
        from distributed import Client
    except ImportError as error:
        raise MissingError(NEEDS) from error
    signal.signal(
        signal.SIGINT, before or signal.SIG_DFL
    )  # importing dask-jobqueue makes an interruption a success
    try:
        with dask.config.set({"distributed.scheduler.allowed-failures": MOST_JOBS_OF_A_TASK}):
            cluster = SLURMCluster(**_job(settings), log_directory=logs)
    except (OSError, ValueError, RuntimeError) as error:
        raise MissingError(f"no cluster can be made of these settings: {one_line(error)}") from error
    ended = threading.Event()
    with cluster, Client(cluster) as client:
        _ask(cluster, settings.jobs)
        say(f"asked SLURM for {settings.jobs} jobs; what they say is in {logs}")
        workers = ClusterWorkers(client)
        keeper = threading.Thread(
            target=_keep, args=(cluster, settings.jobs, workers, logs, ended), daemon=True
        )
        keeper.start()
        try:
            yield workers
        finally:
            ended.set()
            keeper.join(SECONDS_TO_ANSWER)


def _ask(cluster: Any, n_jobs: int) -> None:
    """Ask for so many jobs, once SLURM has said that it would take one."""
    try:
        said = subprocess.run(
            ["sbatch", "--test-only"], input=cluster.job_script(), capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingError(
            f"SLURM cannot be asked ({one_line(error)}); is `sbatch` on this machine?"
        ) from error
    if said.returncode:
        words = "; ".join(line.removeprefix("sbatch: error: ") for line in said.stderr.splitlines() if line)
        raise BadValueError(
            f"SLURM takes no such job: {printable(words)[:600]}; change queue, memory, time or cores"
        )
    cluster.scale(jobs=n_jobs)


def _job(settings: ClusterSettings) -> dict[str, Any]:
    """The settings by the names that dask-jobqueue has for them; a worker carries out one task at a time."""
    gpus = [f"--gres=gpu:{settings.gpus}"] if settings.gpus else []
    return {
        "queue": settings.queue or None,
        "account": settings.account or None,
        "cores": 1,
        "job_cpu": settings.cores,
        "processes": 1,
        "memory": settings.memory,
        "walltime": settings.walltime,
        "interface": settings.interface or None,
        "job_extra_directives": ["--requeue", *gpus, *settings.directives],
        "job_script_prologue": list(settings.prologue),
        "python": sys.executable,
    }


def _keep(cluster: Any, n_jobs: int, workers: ClusterWorkers, logs: str, ended: threading.Event) -> None:
    """Ask for another job in the place of each that SLURM knows no longer: its time was up, or its node died.

    Where one after the other is lost before a worker has come of any, that is given up.
    """
    asked, known = set[str](), set[str]()
    while not ended.wait(SECONDS_BETWEEN_LOOKS):
        with suppress(Exception):  # a look that fails is made again; the work itself tells what is wrong
            n_lost = len(asked - known)
            if not workers.has_come() and n_lost >= MOST_TRIES * n_jobs:
                workers.give_up(
                    f"{n_lost} jobs of SLURM ended one after the other before one came to work; what they said is "
                    f"in {logs}, the settings of a job (memory, interface, prologue) may be wrong"
                )
                return
            numbers = {name: str(job.job_id) for name, job in cluster.workers.items()}
            asked |= set(numbers.values())
            known = _known_jobs(asked)
            for name in (name for name, number in numbers.items() if number not in known):
                cluster.workers.pop(name, None)
                cluster.worker_spec.pop(name, None)
            # also where none is lost here: Dask forgets by itself a worker that is silent while its job still ends
            cluster.scale(jobs=n_jobs)


def _known_jobs(numbers: set[str]) -> set[str]:
    """Those of these jobs that wait or run."""
    shown = subprocess.run(
        ["squeue", "-h", "-o", "%i"], capture_output=True, text=True, check=True, timeout=60
    )
    return set(shown.stdout.split()) & numbers
