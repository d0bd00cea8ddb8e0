"""One training from its config to its run folder; stopped or killed, it carries on where an epoch ended."""

import json
import os
import shutil
import time
from typing import Any

import numpy as np

from galaxy_core.errors import BadValueError, GalaxyError, LockedError, StoppedError, one_line
from galaxy_core.files.atomic import remove_unfinished, write_text_atomically
from galaxy_core.metrics.statistics import accuracy, cross_entropy
from galaxy_core.networks.policy import initial_tensors, needs_calibration, needs_source
from galaxy_core.results.render import digits
from galaxy_core.runs.checkpoint import read_tensors, write_tensors
from galaxy_core.runs.log import log
from galaxy_core.runs.run import HISTORY, RESUME, Run, known_numbers
from galaxy_core.runs.status import Status, clear_heartbeat, clear_stop, held_for_training, write_status
from galaxy_core.runs.turn import training_turn
from galaxy_core.serving.lineup import probabilities
from galaxy_core.training.material import N_BATCHES_AT_THE_END, N_BATCHES_FOR_A_LOOK, Material, prepare
from galaxy_core.training.network import Network
from galaxy_core.training.networks import Networks
from galaxy_core.training.outcome import finish
from galaxy_core.training.progress import BatchWatch, Watcher
from galaxy_core.training.stand_in import render_where_missing
from galaxy_core.transfer.source import Source, load_source

STATE = "state.safetensors"
EPOCH = "resume/epoch"
"""Tensor in the resume state: int64 (1,), epochs done."""
LINE, SOURCE = "resume/line", "resume/source"
"""Texts in it as uint8: the epoch's line of history, and the sha256 of the source's file, where there is one."""


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
        _train_locked(run, progress, networks or Networks())


def _train_locked(run: Run, progress: Watcher | None, networks: Networks) -> None:
    watch = BatchWatch(run, run.config.epochs, 0, None)

    def on_wait(sentence: str) -> None:
        _say(run, "queued", sentence)
        watch.raise_if_stopped()

    try:
        with training_turn(run.name, on_wait):
            watch.raise_if_stopped()
            _say(run, "running", "reading the galaxies")
            _train(run, progress, networks)
    except (StoppedError, KeyboardInterrupt) as stop:
        epochs = f"after {len(run.history())} of {run.config.epochs} epochs"
        _say(run, "stopped", f"stopped {epochs}; carry on with `galaxy train --run {run.name}`")
        raise StoppedError(
            f"{run.name} stopped {epochs}; `galaxy train --run {run.name}` carries on"
        ) from stop
    except LockedError:
        raise  # what lies there is another's by now
    except Exception as error:
        _say_failure(run, error)
        raise
    finally:
        clear_stop(run.path)


def _train(run: Run, progress: Watcher | None, networks: Networks) -> None:
    for folder in (run.path, run.path / RESUME):
        remove_unfinished(folder)  # of an earlier process that was killed; we hold the run's lock
    clear_heartbeat(run.path)
    render_where_missing(run.config.data, lambda sentence: _say(run, "running", sentence))
    material = prepare(run)
    config = material.config
    source = _source_of(run)
    _say(run, "running", "compiling the network")
    network = networks.network(material)
    n_done = _resume(run, network, source)
    if n_done == 0:
        _begin(run, material, network, source)
    material = networks.with_features(material, network, source)
    watch = BatchWatch(run, config.epochs, material.training.n_batches(), progress)
    for epoch in range(n_done, config.epochs):
        # the log has a line with numbers when the epoch is done
        write_status(run.path, Status("running", f"epoch {epoch + 1} of {config.epochs}", os.getpid()))
        row = _one_epoch(material, network, epoch, watch)
        _keep(run, network, source, row)
        log(run.path, _in_words(row, config.epochs))
    _say(run, "running", "testing")
    finish(run, material, network, source)
    _say(run, "done", f"trained for {config.epochs} epochs")
    _forget_resume(run)


def _source_of(run: Run) -> Source | None:
    """The weights to transfer; which those are that `auto` takes is said in status and log."""
    config = run.config
    if not needs_source(config.policy, config.cut):
        return None
    return load_source(config.source, config.network, lambda sentence: _say(run, "running", sentence))


def _begin(run: Run, material: Material, network: Network, source: Source | None) -> None:
    config = material.config
    tensors = source.tensors if source else None
    network.start(
        initial_tensors(config.network, material.n_classes, config.policy, config.cut, config.seed, tensors)
    )
    if needs_calibration(config.policy, config.cut):
        network.calibrate_frozen(material.statistics_batches(0, N_BATCHES_AT_THE_END))
    write_text_atomically(run.path / HISTORY, "")


def _one_epoch(material: Material, network: Network, epoch: int, watch: BatchWatch) -> dict[str, Any]:
    """Train for one epoch and look at the validation part: the epoch's line of history."""
    started = time.monotonic()
    logs = network.train_epoch(material.epoch(epoch), epoch, watch)
    running = network.moving_statistics()
    validation = _look(material, network, epoch)
    # the next epoch goes on from Keras' own statistics, so that both ways can be told apart at the end
    network.set_moving_statistics(running)
    seconds = round(time.monotonic() - started, 2)
    return known_numbers({"epoch": epoch + 1, **logs, **validation, "seconds": seconds})


def _look(material: Material, network: Network, epoch: int) -> dict[str, float]:
    """Loss and accuracy on the validation part, the statistics re-estimated first when the config says so."""
    if material.config.batch_norm == "re-estimated":
        network.reestimate(material.statistics_batches(epoch, N_BATCHES_FOR_A_LOOK))
    labels = material.galaxies.labels[material.split.validation]
    answers = probabilities(network.logits(material.part(material.split.validation)))
    return {"val_loss": cross_entropy(labels, answers), "val_accuracy": accuracy(labels, answers.argmax(1))}


def _in_words(row: dict[str, Any], n_epochs: int) -> str:
    numbers = {name: digits(row[name]) for name in ("loss", "accuracy", "val_loss", "val_accuracy")}
    return (
        "epoch {epoch} of {n_epochs}: loss {loss}, accuracy {accuracy}; "
        "validation loss {val_loss}, accuracy {val_accuracy}; {seconds:.0f} s"
    ).format(n_epochs=n_epochs, **{**row, **numbers})


def _keep(run: Run, network: Network, source: Source | None, row: dict[str, Any]) -> None:
    """First the state, then the line: killed in between, the epoch is counted and its line is written again."""
    folder = run.path / RESUME
    folder.mkdir(exist_ok=True)
    state = {**network.state(), EPOCH: np.array([row["epoch"]]), LINE: _as_tensor(json.dumps(row))}
    if source is not None and source.sha256:
        state[SOURCE] = _as_tensor(source.sha256)
    write_tensors(folder / STATE, state)
    _append_history(run, row)


def _append_history(run: Run, row: dict[str, Any]) -> None:
    rows = [old for old in run.history() if old["epoch"] < row["epoch"]] + [row]
    write_text_atomically(run.path / HISTORY, "".join(json.dumps(r) + "\n" for r in rows))


def _as_tensor(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _resume(run: Run, network: Network, source: Source | None) -> int:
    """Put back the state after the last whole epoch; returns how many epochs are done."""
    path = run.path / RESUME / STATE
    if not path.is_file():
        return 0
    state = read_tensors(path)
    n_done = int(state.pop(EPOCH)[0])
    row = known_numbers(json.loads(state.pop(LINE).tobytes()))
    _require_the_same_source(run, source, state.pop(SOURCE, None))
    network.restore(state)
    _append_history(run, row)
    return n_done


def _require_the_same_source(run: Run, source: Source | None, began_with: np.ndarray | None) -> None:
    """What is frozen is taken from the source again: from another one, the rest would go on with other features."""
    if source is None or began_with is None:
        return  # a state from before the source was noted in it is believed
    if source.sha256 != began_with.tobytes().decode():
        raise BadValueError(
            f"the source {source.name} no longer holds the weights that run {run.name} began with; "
            "put the old ones back or start a new run"
        )


def _forget_resume(run: Run) -> None:
    shutil.rmtree(run.path / RESUME, ignore_errors=True)


def _say(run: Run, state: str, sentence: str) -> None:
    write_status(run.path, Status(state, sentence, os.getpid()))
    log(run.path, sentence)


def _say_failure(run: Run, error: Exception) -> None:
    reason = (
        one_line(error) if isinstance(error, GalaxyError) else f"{type(error).__name__}: {one_line(error)}"
    )
    try:
        _say(run, "failed", reason)
    except OSError:
        # a full disk may refuse even this; the run then shows as stopped, its last checkpoint unharmed
        return
