"""How far trainings are and how long they will still take, as far as their past epochs and batches can tell."""

from collections.abc import Mapping, Sequence

from galaxy_core.runs.run import Run


def time_left(sweeps: Mapping[str, Sequence[Run]]) -> str:
    """What is left of the active runs of these sweeps, in words; empty while nothing has been timed.

    A run that has not begun is taken to be as slow as the slowest of its own sweep: other sweeps may have other
    data. A sweep of which nothing has been timed is named instead of guessed.
    """
    active = {name: runs for name, runs in sweeps.items() if any(run.status().is_active for run in runs)}
    left = {name: seconds_left(runs) for name, runs in active.items()}
    known = [seconds for seconds in left.values() if seconds is not None]
    unknown = [name for name, seconds in left.items() if seconds is None]
    if not known:
        return ""
    return in_words(sum(known)) + (f", and then {' and '.join(unknown)}" if unknown else "")


def seconds_left(sweep: Sequence[Run]) -> float | None:
    """Seconds until the active runs of one sweep are done, or None while no batch of any has been timed."""
    paces = {run.name: pace for run in sweep if (pace := _pace(run)) is not None}
    if not paces:
        return None
    slowest = max(paces.values())
    return sum(_epochs_left(run) * paces.get(run.name, slowest) for run in sweep if run.status().is_active)


def in_words(seconds: float) -> str:
    """A rough duration: nobody believes the seconds of an hour."""
    if seconds < 90:
        return f"about {max(5, 5 * round(seconds / 5))} s left"
    if seconds < 2 * 3600:
        return f"about {round(seconds / 60)} min left"
    return f"about {round(seconds / 3600)} h left"


def share_done(run: Run) -> float:
    """Share of the whole training that is done, in [0, 1]: its epochs, and the batches of the one under way."""
    return 1.0 if run.is_whole else min(1.0, _epochs_done(run) / run.config.epochs)


def where(run: Run) -> str:
    """What a run is doing: its sentence, and the batch where one is under way."""
    status = run.status()
    heartbeat = run.under_way() if status.state == "running" else None
    return status.sentence + (f", {heartbeat.sentence}" if heartbeat else "")


def _epochs_left(run: Run) -> float:
    return max(0.0, run.config.epochs - _epochs_done(run))


def _epochs_done(run: Run) -> float:
    """Whole epochs, and the share of the one under way; a run that waits or was stopped has none under way."""
    heartbeat = run.under_way() if run.status().state == "running" else None
    return len(run.history()) + (heartbeat.share if heartbeat else 0.0)


def _pace(run: Run) -> float | None:
    """Seconds of the last epoch; in the first one, what its batches so far make of it."""
    seconds = (run.history()[-1:] or [{}])[0].get("seconds")
    if isinstance(seconds, int | float):
        return float(seconds)
    heartbeat = run.under_way() if run.status().state == "running" else None
    if heartbeat is None or heartbeat.seconds_a_batch is None:
        return None
    return heartbeat.seconds_a_batch * heartbeat.n_batches
