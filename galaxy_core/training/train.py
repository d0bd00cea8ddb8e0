"""One training from its config to its run folder: of a classifier, or of a source; stopped or killed, it carries on.

Every step sees the same images however often the training was interrupted,
and a state is kept at the end of each pass, every two minutes, and when a stop is asked for.
"""

import math
import os
import shutil
import time
from contextlib import closing
from typing import Any

from galaxy_core.errors import GalaxyError, LockedError, StoppedError, one_line
from galaxy_core.files.atomic import remove_unfinished
from galaxy_core.metrics.statistics import accuracy, cross_entropy
from galaxy_core.results.render import digits
from galaxy_core.runs.log import log
from galaxy_core.runs.run import RESUME, Run, known_numbers
from galaxy_core.runs.status import Status, clear_heartbeat, clear_stop, held_for_training, write_status
from galaxy_core.runs.turn import training_turn
from galaxy_core.serving.lineup import probabilities
from galaxy_core.training.ahead import made_ahead
from galaxy_core.training.classifier import ClassifierTask
from galaxy_core.training.feed import n_threads
from galaxy_core.training.network import Network
from galaxy_core.training.networks import Networks
from galaxy_core.training.progress import BatchWatch, Watcher
from galaxy_core.training.source import SourceTask
from galaxy_core.training.state import Rows, Tally, keep_state, resume_state, write_history

SECONDS_BETWEEN_STATES = 120.0


Task = ClassifierTask | SourceTask
"""What is trained, on what, and how it ends.

`n_steps` in passes of `pass_steps` (the last may be a part), each called a `unit`; a line of history every
`line_steps` and after each pass, when a look is taken at the images that are `unseen`. `began_with` is the sha256 of
what must not change under a training, or "", and what to say of it when it has.
"""


def train_run(run: Run, *, progress: Watcher | None = None, networks: Networks | None = None) -> None:
    """Carry out, or carry on with, a run folder that has a config.

    Holds the run's lock throughout and waits for this machine's turn. Its status ends as done, stopped or
    failed. Errors: StoppedError when stopped on request, GalaxyError for what a user can mend.
    """
    if run.is_whole and run.status().state == "done":
        if (run.path / RESUME).exists():  # killed in the moment before it was forgotten
            with held_for_training(run.path):
                _forget_resume(run)
        return
    with held_for_training(run.path):
        _take_turn(run, progress, networks or Networks())


def _take_turn(run: Run, progress: Watcher | None, networks: Networks) -> None:
    watch = BatchWatch(run, 1, 1, None)

    def on_wait(sentence: str) -> None:
        _say(run, "queued", sentence.replace(f" in {run.path.parent} to", " to"))  # another folder is named
        watch.raise_if_stopped()

    try:
        with training_turn(f"{run.name} in {run.path.parent}", on_wait):
            watch.raise_if_stopped()
            _train(run, progress, networks)
    except (StoppedError, KeyboardInterrupt) as stop:
        so_far, again = _how_far(run), f"`galaxy train --run {run.name}`"
        _say(run, "stopped", f"stopped {so_far}; carry on with {again}")
        raise StoppedError(f"{run.name} stopped {so_far}; {again} carries on") from stop
    except LockedError:
        raise  # what lies there is another's by now
    except Exception as error:
        _say_failure(run, error)
        raise
    finally:
        clear_stop(run.path)


def _train(run: Run, progress: Watcher | None, networks: Networks) -> None:
    _say(run, "running", "listing the photographs" if run.is_source else "reading the galaxies")
    for folder in (run.path, run.path / RESUME):
        remove_unfinished(folder)  # of an earlier process that was killed; we hold the run's lock
    clear_heartbeat(run.path)
    task = _task(run)
    _say(run, "running", "compiling the network")
    network = task.network(networks)
    rows, tally = resume_state(run, network, *task.began_with) or ([], None)
    if tally is None:
        task.begin(network)
    write_history(run, rows)
    task.make_ready(network, networks)
    _Training(run, task, network, rows, tally or Tally(), progress).carry_out()
    _say(run, "running", "testing")
    task.finish(run, network)
    _say(
        run,
        "done",
        f"trained for {run.asked.epochs:g} {task.units if run.asked.epochs != 1 else task.units.removesuffix('s')}",
    )
    _forget_resume(run)


def _task(run: Run) -> Task:
    if run.is_source:
        return SourceTask(run.pretrain_config)
    return ClassifierTask(run, lambda sentence: _say(run, "running", sentence))


class _Training:
    """The loop over steps, and what happens between two of them."""

    def __init__(
        self, run: Run, task: Task, network: Network, rows: Rows, tally: Tally, progress: Watcher | None
    ) -> None:
        self._run, self._task, self._network, self._rows, self._tally = run, task, network, rows, tally
        self._n_passes = math.ceil(task.n_steps / task.pass_steps)
        self._watch = BatchWatch(run, self._n_passes, task.pass_steps, progress)
        self._kept_at = time.monotonic()

    def carry_out(self) -> None:
        """From the step that is next to the last; when stopped, what was learned is kept first."""
        try:
            for number in range(self._network.n_steps_done // self._task.pass_steps, self._n_passes):
                self._one_pass(number)
        except StoppedError:
            self._keep()
            raise

    def _one_pass(self, number: int) -> None:
        first = self._network.n_steps_done - number * self._task.pass_steps
        batches, which = self._task.batches(number)
        self._tell(number)
        with closing(made_ahead(batches, which[first:], n_threads())) as ready:
            for place, (images, labels) in enumerate(ready, first):
                self._tally.add(self._network.train(images, labels), len(labels))
                so_far = self._tally.means()  # a line of history begins a new tally
                self._after(number, number * self._task.pass_steps + place + 1)
                self._watch.after_batch(number, place, so_far)

    def _after(self, number: int, done: int) -> None:
        ends_pass = done % self._task.pass_steps == 0 or done == self._task.n_steps
        ends_line = ends_pass or done % self._task.line_steps == 0
        if ends_line:
            look = self._look(number) if ends_pass else {}
            row = {"epoch": number + 1, "step": done, **self._tally.means(), **look}
            self._rows.append(known_numbers({**row, "seconds": round(self._tally.elapsed(), 2)}))
            if not ends_pass:
                self._tell(number, done)
            self._tally = Tally()
        self._task.after_step(self._run, done, self._network, self._rows)
        # the state holds the lines too: killed in between, the last one is written again
        if ends_pass or time.monotonic() - self._kept_at >= SECONDS_BETWEEN_STATES:
            self._keep()
        if ends_line:
            write_history(self._run, self._rows)
        if ends_pass:
            log(self._run.path, self._in_words(self._rows[-1]))

    def _look(self, number: int) -> dict[str, float]:
        """Loss and accuracy on images that are not trained on."""
        running = self._network.moving_statistics()
        statistics = self._task.statistics(number)
        if statistics is not None:
            self._network.reestimate(statistics)
        batches, labels = self._task.unseen
        answers = probabilities(self._network.logits(batches))
        # training goes on from Keras' own statistics, so that both ways can be told apart at the end
        self._network.set_moving_statistics(running)
        return {
            "val_loss": cross_entropy(labels, answers),
            "val_accuracy": accuracy(labels, answers.argmax(1)),
        }

    def _in_words(self, row: dict[str, Any]) -> str:
        loss, share, val_loss, val_share = (
            digits(row[name]) for name in ("loss", "accuracy", "val_loss", "val_accuracy")
        )
        return (
            f"{self._task.unit} {row['epoch']} of {self._n_passes}: loss {loss}, accuracy {share}; "
            f"{self._task.looked_at} loss {val_loss}, accuracy {val_share}; {row['seconds']:.0f} s"
        )

    def _tell(self, number: int, done: int | None = None) -> None:
        """In the status alone: the log has a line with numbers when the pass is done."""
        sentence = f"{self._task.unit} {number + 1} of {self._n_passes}"
        if done is not None:
            images_a_second = self._tally.n / max(self._tally.elapsed(), 1e-9)
            seconds = (self._task.n_steps - done) * self._network.settings.batch_size / images_a_second
            sentence += f", {images_a_second:.0f} images/s, {seconds / 60:.0f} min left"
        write_status(self._run.path, Status("running", sentence, os.getpid()))

    def _keep(self) -> None:
        keep_state(self._run, self._network, self._rows, self._tally, self._task.began_with[0])
        self._kept_at = time.monotonic()


def _how_far(run: Run) -> str:
    rows = run.history()
    if run.is_source:
        return f"after {rows[-1]['step'] * run.asked.batch_size if rows else 0} images"
    return f"after {len(rows)} of {run.asked.epochs} {'epoch' if run.asked.epochs == 1 else 'epochs'}"


def _forget_resume(run: Run) -> None:
    shutil.rmtree(run.path / RESUME, ignore_errors=True)


def _say(run: Run, state: str, sentence: str) -> None:
    write_status(run.path, Status(state, sentence, os.getpid()))
    log(run.path, sentence)


def _say_failure(run: Run, error: Exception) -> None:
    known = isinstance(error, GalaxyError)
    reason = one_line(error) if known else f"{type(error).__name__}: {one_line(error)}"
    try:
        _say(run, "failed", reason)
    except OSError:
        # a full disk may refuse even this; the run then shows as stopped, its last checkpoint unharmed
        return
