"""What a training tells whoever watches it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from galaxy_core.errors import LockedError, StoppedError
from galaxy_core.runs.run import Run
from galaxy_core.runs.status import Heartbeat, beat, is_stop_requested, is_taken_over

SECONDS_BETWEEN_BEATS = 1.0


@dataclass(frozen=True)
class Progress:
    """Where a training is: `batch` of `n_batches` in `epoch` (from 1) of `n_epochs`, and one sentence."""

    run: str
    epoch: int
    n_epochs: int
    batch: int
    n_batches: int
    loss: float
    accuracy: float
    sentence: str


Watcher = Callable[[Progress], None]


class BatchWatch:
    """Called after every batch: leaves a sign of life, tells the watcher, and ends the training when asked to."""

    def __init__(self, run: Run, n_epochs: int, n_batches: int, watcher: Watcher | None) -> None:
        self._run, self._n_epochs, self._n_batches, self._watcher = run, n_epochs, n_batches, watcher
        self._last_beat = 0.0
        self._first = (-1, 0, 0.0)  # epoch, its first batch seen here, and when that was done

    def raise_if_stopped(self) -> None:
        """StoppedError when somebody asked the run to stop; LockedError when another process trains it by now."""
        if is_taken_over(self._run.path):
            raise LockedError(
                f"run {self._run.name} was taken over by another process while this one was asleep; watch that one"
            )
        if is_stop_requested(self._run.path):
            raise StoppedError(f"stopped on request; carry on with `galaxy train --run {self._run.name}`")

    def after_batch(self, epoch: int, batch: int, logs: dict[str, float]) -> None:
        """`epoch` and `batch` count from 0."""
        self.raise_if_stopped()
        now = time.monotonic()
        if epoch != self._first[0]:
            self._first = (epoch, batch, now)
        if now - self._last_beat < SECONDS_BETWEEN_BEATS and batch + 1 < self._n_batches:
            return
        self._last_beat = now
        loss, accuracy = float(logs.get("loss", 0.0)), float(logs.get("accuracy", 0.0))
        _, first_batch, then = self._first
        pace = (now - then) / (batch - first_batch) if batch > first_batch else None
        beat(self._run.path, Heartbeat(epoch + 1, batch + 1, self._n_batches, loss, accuracy, pace))
        if self._watcher is not None:
            self._watcher(self._progress(epoch, batch, loss, accuracy))

    def _progress(self, epoch: int, batch: int, loss: float, accuracy: float) -> Progress:
        name, n_epochs, n_batches = self._run.name, self._n_epochs, self._n_batches
        sentence = f"{name}: epoch {epoch + 1} of {n_epochs}"
        return Progress(name, epoch + 1, n_epochs, batch + 1, n_batches, loss, accuracy, sentence)
