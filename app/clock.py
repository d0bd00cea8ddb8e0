"""How far a training is and how long it will still take, as far as its past epochs and batches can tell."""

from collections.abc import Sequence

from catalogue import Entry


def time_left(entries: Sequence[Entry]) -> str:
    """What is left of those of `entries` that are active, in words; empty while nothing has been timed.

    A run that has not begun is taken to be as slow as the slowest of its own sweep: other sweeps may have other
    data. A sweep of which nothing has been timed is named instead of guessed.
    """
    sweeps = dict.fromkeys(entry.sweep for entry in entries if entry.status.is_active)
    left = {sweep: seconds_left([e for e in entries if e.sweep == sweep]) for sweep in sweeps}
    known = [seconds for seconds in left.values() if seconds is not None]
    unknown = [sweep for sweep, seconds in left.items() if seconds is None]
    if not known:
        return ""
    return in_words(sum(known)) + (f", and then {' and '.join(unknown)}" if unknown else "")


def seconds_left(sweep: Sequence[Entry]) -> float | None:
    """Seconds until the active runs of one sweep are done, or None while no batch of any has been timed."""
    paces = {entry.name: pace for entry in sweep if (pace := _pace(entry)) is not None}
    if not paces:
        return None
    slowest = max(paces.values())
    return sum(
        _epochs_left(entry) * paces.get(entry.name, slowest) for entry in sweep if entry.status.is_active
    )


def in_words(seconds: float) -> str:
    """A rough duration: nobody believes the seconds of an hour."""
    if seconds < 90:
        return f"about {max(5, 5 * round(seconds / 5))} s left"
    if seconds < 2 * 3600:
        return f"about {round(seconds / 60)} min left"
    return f"about {round(seconds / 3600)} h left"


def share_done(entry: Entry) -> float:
    """Share of the whole training that is done, in [0, 1]: its epochs, and the batches of the one under way."""
    return 1.0 if entry.run.is_whole else min(1.0, _epochs_done(entry) / entry.config.epochs)


def where(entry: Entry) -> str:
    """What a run is doing: its sentence, and the batch where one is under way."""
    heartbeat = entry.run.under_way() if entry.status.state == "running" else None
    return entry.status.sentence + (f", {heartbeat.sentence}" if heartbeat else "")


def _epochs_left(entry: Entry) -> float:
    return max(0.0, entry.config.epochs - _epochs_done(entry))


def _epochs_done(entry: Entry) -> float:
    """Whole epochs, and the share of the one under way; a run that waits or was stopped has none under way."""
    heartbeat = entry.run.under_way() if entry.status.state == "running" else None
    return len(entry.run.history()) + (heartbeat.share if heartbeat else 0.0)


def _pace(entry: Entry) -> float | None:
    """Seconds of the last epoch; in the first one, what its batches so far make of it."""
    seconds = (entry.run.history()[-1:] or [{}])[0].get("seconds")
    if isinstance(seconds, int | float):
        return float(seconds)
    heartbeat = entry.run.under_way() if entry.status.state == "running" else None
    if heartbeat is None or heartbeat.seconds_a_batch is None:
        return None
    return heartbeat.seconds_a_batch * heartbeat.n_batches
