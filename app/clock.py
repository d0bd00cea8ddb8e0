"""How long a training will still take, as far as its past epochs can tell."""

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
    """Seconds until the active runs of one sweep are done, or None while no epoch of any has been timed."""
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
    return f"about {round(seconds / 60)} min left"


def share_done(entry: Entry) -> float:
    """Share of the epochs that are done, in [0, 1]."""
    return 1.0 if entry.run.is_whole else min(1.0, len(entry.run.history()) / entry.config.epochs)


def _epochs_left(entry: Entry) -> int:
    return max(0, entry.config.epochs - len(entry.run.history()))


def _pace(entry: Entry) -> float | None:
    """Seconds of the last epoch."""
    seconds = (entry.run.history()[-1:] or [{}])[0].get("seconds")
    return float(seconds) if isinstance(seconds, int | float) else None
