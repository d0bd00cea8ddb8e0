"""Trainings carried out by workers: each a command of its own that carries on with its run folder, wherever it runs."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.shell.sentences import say
from galaxy_core.errors import GalaxyError, StoppedError

if TYPE_CHECKING:
    from galaxy_core.runs.run import Run
    from galaxy_core.scale.settings import ClusterSettings
    from galaxy_core.scale.task import Done


def _checked_where(where: str | None) -> str | None:
    """What names no workers is refused before anything is made for them."""
    from galaxy_core.scale.workers import check_workers

    if where is not None:
        check_workers(where)
    return where


def _checked_file(file: Path | None) -> Path | None:
    settings_of(file)
    return file


Where = Annotated[
    str | None,
    typer.Option(
        "--workers",
        callback=_checked_where,
        help="Who works: a number of processes here, dask://HOST:PORT, or slurm. On a cluster the folders of runs, "
        "cache and galaxies must be shared.",
    ),
]
Cluster = Annotated[
    Path | None,
    typer.Option(
        "--cluster",
        callback=_checked_file,
        help="A TOML file for --workers slurm: queue, account, jobs, cores, memory, walltime, gpus, interface, "
        "directives, prologue; each has a default.",
    ),
]
HANDED = ("KERAS_BACKEND", "TF_CPP_MIN_LOG_LEVEL", "GALAXY_MODELS")


def train_apart(runs: "Sequence[Run]", where: str, cluster: Path | None) -> None:
    """Train what is not done, each by a worker; GalaxyError names what did not end well, StoppedError what was stopped.

    An interruption asks all to stop, which keeps what they have learned; a second one ends them.
    """
    from galaxy_core.files.lock import SECONDS_OF_SILENCE
    from galaxy_core.runs.names import runs_folder
    from galaxy_core.runs.run import LOG
    from galaxy_core.runs.status import PATIENCE
    from galaxy_core.runs.waiting import waiting_for_workers
    from galaxy_core.scale.task import STOPPED, Task
    from galaxy_core.scale.workers import open_workers

    left = [run for run in runs if run.status().state != "done"]
    if not left:
        return
    environment = {**handed_environment(), PATIENCE: str(round(2 * SECONDS_OF_SILENCE))}
    tasks = [
        Task(
            *(run.name, "galaxy_core", ("train", "--run", run.name), str(Path.cwd())),
            *(str(run.path.absolute() / LOG), environment),
        )
        for run in left
    ]
    bad, stopped = list[str](), list[str]()
    logs = str(runs_folder().absolute() / "jobs")
    with (
        open_workers(where, settings_of(cluster), logs=logs, say=say) as workers,
        _stopped_gently(left),
        waiting_for_workers(left) as waiting,
    ):
        for number, done in enumerate(workers.run(tasks), 1):
            waiting.difference_update(run for run in left if run.name == done.name)
            say(f"{number} of {len(tasks)}: {done.name} {in_words(done)}")
            if done.exit_code != 0:
                (stopped if done.exit_code == STOPPED else bad).append(done.name)
    if bad:
        raise GalaxyError(f"{', '.join(bad)} did not end well; the same command carries on with them")
    if stopped:
        raise StoppedError(f"stopped {', '.join(stopped)}; the same command carries on with them")


def handed_environment() -> dict[str, str]:
    """What a worker on another machine must be told: where runs, models and caches lie, and the engine."""
    from galaxy_core.data.cache import default_cache_folder
    from galaxy_core.runs.names import runs_folder

    folders = {"GALAXY_RUNS": runs_folder(), "GALAXY_CACHE": default_cache_folder()}
    told = {name: os.environ[name] for name in HANDED if name in os.environ}
    return {**told, **{name: str(folder.absolute()) for name, folder in folders.items()}}


def settings_of(cluster: Path | None) -> "ClusterSettings | None":
    """What the file says; None where none was given."""
    from galaxy_core.scale.settings import ClusterSettings

    return None if cluster is None else ClusterSettings.read(cluster)


def in_words(done: "Done") -> str:
    """How a task ended."""
    if done.exit_code == 0:
        return f"is done, in {done.seconds:.0f} s"
    if done.exit_code is None:
        return f"lost its worker again and again: {done.last_words}"
    return f"ended with exit code {done.exit_code}: {done.last_words}"


@contextmanager
def _stopped_gently(runs: "Sequence[Run]") -> Iterator[None]:
    from galaxy_core.runs.status import request_stop

    def ask(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, before)
        say("asking all trainings to stop; interrupt again to end them at once")
        for run in runs:
            if run.status().is_active:
                request_stop(run.path)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
