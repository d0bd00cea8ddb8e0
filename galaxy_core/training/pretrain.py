"""A source of weights: a backbone trained on labelled photographs; stopped or killed, it carries on.

The story of one such training. It holds the run's lock, waits for this machine's turn, and leaves a run folder of
kind `source`. Every step sees the same images however often the training was interrupted.
"""

import math
import os
import time
from contextlib import closing
from typing import Any

from galaxy_core.data.photographs.listing import open_photographs
from galaxy_core.errors import BadValueError, GalaxyError, LockedError, StoppedError, one_line
from galaxy_core.files.atomic import remove_unfinished
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.results.render import digits
from galaxy_core.runs.device import likely_device
from galaxy_core.runs.log import log
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.pretrain_config import PretrainConfig
from galaxy_core.runs.run import RESUME, Run, create_run, known_numbers
from galaxy_core.runs.status import Status, clear_stop, held_for_training, write_status
from galaxy_core.runs.turn import training_turn
from galaxy_core.training.ahead import made_ahead
from galaxy_core.training.feed import n_threads
from galaxy_core.training.photograph_material import PhotographMaterial, prepare_photographs
from galaxy_core.training.progress import BatchWatch, Watcher
from galaxy_core.training.source_network import SourceNetwork
from galaxy_core.training.source_outcome import keep_source, look, store_source
from galaxy_core.training.source_state import (
    Tally,
    append_line,
    begin_history,
    forget_state,
    keep_state,
    resume_state,
)

SECONDS_BETWEEN_STATES = 120.0
IMAGES_A_LINE = 4096


def plan_source(images: str, name: str, **asked: Any) -> Run:
    """The run folder of a source, made where it does not exist; what is not asked for is as suits this device.

    A folder that exists is carried on with if it asks for the same, refused otherwise.
    """
    config = PretrainConfig.for_device(images, likely_device(), **asked)
    folder = runs_folder() / name
    if not folder.exists():
        # a folder that will not do is refused before anything is made
        open_photographs(config.images).divide(config.held_out)
        return create_run(name, config)
    run = Run(folder)
    if not run.is_source or run.asked != config:
        raise BadValueError(
            f"run {name} exists and was asked for something else; carry on with `galaxy train --run {name}` "
            "or choose another --name"
        )
    return run


def pretrain_run(run: Run, *, progress: Watcher | None = None, network: SourceNetwork | None = None) -> None:
    """Carry out, or carry on with, the run folder of a source.

    A `network` that was compiled for the same settings saves compiling it again. The run's status ends as done,
    stopped or failed. Errors: StoppedError when stopped on request, GalaxyError for what a user can mend.
    """
    if run.is_whole and run.status().state == "done":
        if (run.path / RESUME).exists():  # killed in the moment before it was forgotten
            with held_for_training(run.path):
                forget_state(run)
        return
    with held_for_training(run.path):
        _take_turn(run, progress, network)


def _take_turn(run: Run, progress: Watcher | None, network: SourceNetwork | None) -> None:
    def on_wait(sentence: str) -> None:
        _say(run, "queued", sentence)
        BatchWatch(run, 1, 1, None).raise_if_stopped()

    try:
        with training_turn(run.name, on_wait):
            _say(run, "running", "listing the photographs")
            _pretrain(run, progress, network)
    except (StoppedError, KeyboardInterrupt) as stop:
        again = f"`galaxy train --run {run.name}`"
        _say(run, "stopped", f"stopped {_how_far(run)}; carry on with {again}")
        raise StoppedError(f"{run.name} stopped {_how_far(run)}; {again} carries on") from stop
    except LockedError:
        raise  # what lies there is another's by now
    except Exception as error:
        _say_failure(run, error)
        raise
    finally:
        clear_stop(run.path)


def _pretrain(run: Run, progress: Watcher | None, network: SourceNetwork | None) -> None:
    for folder in (run.path, run.path / RESUME):
        remove_unfinished(folder)  # of an earlier process that was killed; we hold the run's lock
    material = prepare_photographs(run.pretrain_config)
    _say(run, "running", "compiling the network")
    n_classes = len(material.photographs.classes)
    network = network or SourceNetwork(material.config, n_classes, material.n_steps)
    tally = resume_state(run, network, material.photographs.sha256)
    if tally is None:
        network.start(
            initial_tensors(material.config.network, n_classes, "scratch", 0.0, material.config.seed, None)
        )
        begin_history(run)
    _Training(run, material, network, tally or Tally(), progress).carry_out()
    _say(run, "running", "testing")
    store_source(run, material, network)
    _say(run, "done", f"trained for {material.config.epochs:g} passes")
    forget_state(run)


class _Training:
    """The loop over steps, and what happens between two of them."""

    def __init__(
        self,
        run: Run,
        material: PhotographMaterial,
        network: SourceNetwork,
        tally: Tally,
        progress: Watcher | None,
    ) -> None:
        self._run, self._material, self._network, self._tally = run, material, network, tally
        self._pass_steps = material.training.steps_a_pass
        self._n_passes = math.ceil(material.n_steps / self._pass_steps)
        self._line_steps = math.ceil(IMAGES_A_LINE / material.config.batch_size)
        self._keep_at = {max(1, round(share * material.n_steps)): share for share in material.config.keep_at}
        self._watch = BatchWatch(run, self._n_passes, self._pass_steps, progress)
        self._stored_at = time.monotonic()

    def carry_out(self) -> None:
        """From the step that is next to the last; when stopped, what was learned is kept first."""
        start = self._network.n_steps_done
        self._tell(start)
        try:
            with closing(made_ahead(self._material.training, start, n_threads())) as batches:
                for done, (images, labels) in enumerate(batches, start + 1):
                    logs = self._network.train(images, labels)
                    self._tally.add(logs, len(labels))
                    so_far = self._tally.means()  # a line of history begins a new tally
                    self._after(done)
                    self._watch.after_batch(*divmod(done - 1, self._pass_steps), so_far)
        except (StoppedError, KeyboardInterrupt):
            self._keep_state()
            raise

    def _after(self, done: int) -> None:
        ends_pass = done % self._pass_steps == 0 or done == self._material.n_steps
        if ends_pass or done % self._line_steps == 0:
            self._write_line(done, ends_pass)
        if done in self._keep_at:
            keep_source(self._run, self._keep_at[done], self._material, self._network)
        if time.monotonic() - self._stored_at >= SECONDS_BETWEEN_STATES:
            self._keep_state()

    def _write_line(self, done: int, ends_pass: bool) -> None:
        row = {
            "epoch": math.ceil(done / self._pass_steps),
            "step": done,
            "images": done * self._material.config.batch_size,
            **self._tally.means(),
            "images_per_second": round(self._tally.n / max(self._tally.elapsed(), 1e-9), 1),
        }
        if ends_pass:
            row |= look(self._material, self._network)
        row = known_numbers({**row, "seconds": round(self._tally.elapsed(), 2)})
        append_line(self._run, row)
        if ends_pass:
            log(self._run.path, self._in_words(row))
        self._tell(done, row["images_per_second"])
        self._tally = Tally()

    def _in_words(self, row: dict[str, Any]) -> str:
        numbers = {name: digits(row[name]) for name in ("loss", "accuracy", "val_loss", "val_accuracy")}
        return (
            "pass {epoch} of {n_passes}: loss {loss}, accuracy {accuracy}; "
            "held-out loss {val_loss}, accuracy {val_accuracy}"
        ).format(n_passes=self._n_passes, **{**row, **numbers})

    def _tell(self, done: int, images_per_second: float = 0.0) -> None:
        sentence = f"pass {min(done // self._pass_steps + 1, self._n_passes)} of {self._n_passes}"
        if images_per_second:
            n_left = (self._material.n_steps - done) * self._material.config.batch_size
            minutes = n_left / images_per_second / 60
            sentence += f", {images_per_second:.0f} images/s, {minutes:.0f} min left"
        _say(self._run, "running", sentence)

    def _keep_state(self) -> None:
        keep_state(self._run, self._network, self._tally, self._material.photographs.sha256)
        self._stored_at = time.monotonic()


def _how_far(run: Run) -> str:
    n_images = (run.history()[-1:] or [{"images": 0}])[0]["images"]
    return f"after {n_images} images"


def _say(run: Run, state: str, sentence: str) -> None:
    write_status(run.path, Status(state, sentence, os.getpid()))
    log(run.path, sentence)


def _say_failure(run: Run, error: Exception) -> None:
    known = isinstance(error, GalaxyError)
    reason = one_line(error) if known else f"{type(error).__name__}: {one_line(error)}"
    try:
        _say(run, "failed", reason)
    except OSError:
        # a full disk may refuse even this; the run then shows as stopped, its last state unharmed
        return
