"""A training that is killed ten or fifty times, and carried on each time, ends as if nothing had happened."""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from trainings import HELD, Hold, Training, Trainings, files_of, linear_probe, outcome

from galaxy_core.runs.checkpoint import read_tensors
from galaxy_core.runs.run import Run
from galaxy_core.training.state import NOTE

pytestmark = pytest.mark.slow

N_EPOCHS = 24
FIRST_HISTORY, STATE = "become history.jsonl", "resume/state.safetensors"
THE_END = "open .weights.safetensors.tmp"
N_CHANGES_TO_AN_EPOCH, N_CHANGES_AT_THE_END = 16, 19  # the last of these says that it is done


@dataclass(frozen=True)
class Moment:
    """When to kill: at a change of the folder, or after some seconds where those have passed before."""

    kind: str
    hold: Hold
    seconds: float = 120.0


def random_moments(rng: np.random.Generator, n: int, seconds_to_three_epochs: float) -> Iterator[Moment]:
    """n moments: at any time, at any change while it starts, trains, and ends, and last when it is done."""
    late = (FIRST_HISTORY, 3 * N_CHANGES_TO_AN_EPOCH)
    n_timed, n_starts, n_ends = round(0.28 * n), round(0.22 * n), round(0.18 * n)
    n_epochs = n - 1 - n_timed - n_starts - n_ends
    for kind in rng.permutation(["time"] * n_timed + ["start"] * n_starts + ["epoch"] * n_epochs):
        if kind == "time":
            yield Moment(kind, late, rng.uniform(0, seconds_to_three_epochs))
        elif kind == "start":
            yield Moment(kind, ("", int(rng.integers(1, 20))))
        else:
            yield Moment(kind, (FIRST_HISTORY, int(rng.integers(1, 2.5 * N_CHANGES_TO_AN_EPOCH))))
    for n in rng.choice(N_CHANGES_AT_THE_END, n_ends, replace=False):
        yield Moment("end", (THE_END, int(n)))
    yield Moment("done", ("clear resume", 0))


def kill_at(trainings: Trainings, run: Run, moment: Moment, rng: np.random.Generator) -> Training:
    """One attempt that is killed: never later than at the end, so that it is alive then."""
    before_it_is_done = (THE_END, int(rng.integers(N_CHANGES_AT_THE_END)))
    holds = [moment.hold] if moment.kind == "done" else [moment.hold, before_it_is_done]
    training = trainings.start(run, holds)
    assert training.wait(moment.seconds) in (HELD, None)
    training.kill()
    return training


def n_kept(run: Run) -> int:
    """How many epochs its state holds; a state is whole or not there."""
    path = run.path / STATE
    return len(json.loads(read_tensors(path)[NOTE].tobytes())["history"]) if path.exists() else 0


def check_folder(run: Run, is_done: bool) -> None:
    """What anybody who looks finds: the run is stopped, and no file is half."""
    status = run.status()
    assert status.state == ("done" if is_done else "stopped")
    assert (
        is_done or "carry on with `galaxy train --run" in status.sentence or "not started" in status.sentence
    )
    n_lines = len(run.history())
    assert [row["epoch"] for row in run.history()] == list(range(1, n_lines + 1))
    assert n_lines in (n_kept(run) - 1, n_kept(run))
    for name, read in (
        ("predictions.csv", run.predictions),
        ("metrics.json", run.metrics),
        ("split.json", run.split),
    ):
        if (run.path / name).exists():
            read()
    if run.is_whole:
        weights = (run.path / "weights.safetensors").read_bytes()
        assert run.card()["weights_sha256"] == hashlib.sha256(weights).hexdigest()


def n_whole_epochs(training: Training) -> int:
    """Epochs that this attempt had kept for certain: something was changed after their state."""
    return sum(change == f"become {STATE}" for change in training.changes[:-1])


def seconds_to_three_epochs(trainings: Trainings, data: Path) -> float:
    started = time.monotonic()
    trainings.carry_out(linear_probe(data, "three", epochs=3))
    return time.monotonic() - started


@pytest.mark.parametrize("n_kills", [10, pytest.param(50, marks=pytest.mark.long)])
def test_a_training_killed_many_times_ends_in_the_same_bits(
    trainings: Trainings, coloured_galaxies: Path, n_kills: int
) -> None:
    undisturbed, run = (
        linear_probe(coloured_galaxies, name, epochs=N_EPOCHS) for name in ("undisturbed", "killed")
    )
    assert trainings.carry_out(undisturbed).exit_code == 0
    rng = np.random.default_rng(0)
    killed: list[Training] = []
    n_unfinished = 0
    for moment in random_moments(rng, n_kills, seconds_to_three_epochs(trainings, coloured_galaxies)):
        before = n_kept(run)
        killed.append(kill_at(trainings, run, moment, rng))
        check_folder(run, is_done=moment.kind == "done")
        # nothing is lost but the epoch under way
        whole = before + n_whole_epochs(killed[-1])
        assert whole <= n_kept(run) <= whole + 1
        n_unfinished += any(name.endswith(".tmp") for name in files_of(run))
    assert len({training.pid for training in killed}) == n_kills
    assert n_unfinished > n_kills / 10
    assert trainings.carry_out(run).exit_code == 0
    assert run.status().sentence == undisturbed.status().sentence
    assert outcome(run) == outcome(undisturbed)
    assert files_of(run) == files_of(undisturbed) - {"heartbeat"}  # the last process trained no batch
