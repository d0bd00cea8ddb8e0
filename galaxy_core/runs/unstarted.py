"""What becomes of run folders whose training never began: a failed start leaves none behind."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from galaxy_core.errors import GalaxyError, StoppedError
from galaxy_core.runs.run import RESUME, Run, delete_run
from galaxy_core.runs.status import Status, is_held, write_status


@contextmanager
def removed_unless_begun(runs: Sequence[Run]) -> Iterator[None]:
    """Where the work inside is refused before any of `runs` learned something, those that were waiting are removed.

    A stop is no failure, and what is no user's mistake is left to be looked at.
    """
    new = [run for run in runs if run.status().state == "queued"]
    try:
        yield
    except StoppedError:
        raise
    except GalaxyError:
        if not any(_has_begun(run) for run in runs):
            for run in new:
                _remove(run)
        raise


def say_that_it_waits(run: Run) -> None:
    """Of a run that this process holds and will come to: it may have been stopped before."""
    write_status(run.path, Status("queued", "waiting for its turn"))


def _has_begun(run: Run) -> bool:
    return bool(run.history()) or run.is_whole or (run.path / RESUME).exists()


def _remove(run: Run) -> None:
    if run.path.is_dir() and not is_held(run.path):
        delete_run(run.name)
