"""What a training tells whoever watches it, and the watcher inside Keras' own training loop."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from galaxy_core.errors import StoppedError
from galaxy_core.runs.run import Run
from galaxy_core.runs.status import beat, is_stop_requested

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

    def raise_if_stopped(self) -> None:
        """StoppedError when somebody asked the run to stop."""
        if is_stop_requested(self._run.path):
            raise StoppedError(f"stopped on request; carry on with `galaxy train --run {self._run.name}`")

    def after_batch(self, epoch: int, batch: int, logs: dict[str, float]) -> None:
        """`epoch` and `batch` count from 0."""
        self.raise_if_stopped()
        if time.monotonic() - self._last_beat < SECONDS_BETWEEN_BEATS and batch + 1 < self._n_batches:
            return
        self._last_beat = time.monotonic()
        beat(self._run.path)
        if self._watcher is not None:
            loss, accuracy = float(logs.get("loss", 0.0)), float(logs.get("accuracy", 0.0))
            sentence = f"{self._run.name}: epoch {epoch + 1} of {self._n_epochs}"
            n_batches = self._n_batches
            self._watcher(
                Progress(
                    self._run.name, epoch + 1, self._n_epochs, batch + 1, n_batches, loss, accuracy, sentence
                )
            )

    def keras_callback(self, epoch: int) -> Any:
        """The watch as a Keras callback for the epoch that is about to start."""
        from galaxy_core.transfer.classifier import import_keras

        watch = self

        class Callback(import_keras().callbacks.Callback):  # type: ignore[misc]
            def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
                watch.after_batch(epoch, batch, logs or {})

        return Callback()
