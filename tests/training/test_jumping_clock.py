"""A clock that jumps while a training is under way, or while the machine is down: nothing depends on it."""

import os
import time
from pathlib import Path

import pytest
from trainings import ENDED, HELD, Trainings, linear_probe, outcome

from galaxy_core.runs.run import Run

YEAR = 365 * 86400.0
IN_THE_SECOND_EPOCH = ("become resume/state.safetensors", 10)  # at its last batch


def assert_seconds_are_sane(run: Run) -> None:
    seconds = [row["seconds"] for row in run.history()]
    assert all(0 <= one < 120 for one in seconds)
    assert run.card()["seconds"] == pytest.approx(sum(seconds), abs=0.1)


def test_a_clock_that_jumps_by_a_year_during_an_epoch_changes_nothing(
    trainings: Trainings, coloured_galaxies: Path
) -> None:
    runs = {jump: linear_probe(coloured_galaxies, f"run-{i}") for i, jump in enumerate((0.0, -YEAR, YEAR))}
    for jump, run in runs.items():
        training = trainings.start(run, [IN_THE_SECOND_EPOCH], clock=jump)
        assert training.wait() == HELD
        assert run.status().state == "running"
        training.go_on()
        assert training.wait() == ENDED
        assert run.status().state == "done"
        assert_seconds_are_sane(run)
    assert outcome(runs[-YEAR]) == outcome(runs[YEAR]) == outcome(runs[0.0])


def shift_times(folder: Path, seconds: float) -> None:
    """All that lies there was written at another time, as seen by the clock of now."""
    when = time.time() + seconds
    for path in folder.rglob("*"):
        os.utime(path, (when, when))


@pytest.mark.parametrize("jump", [-YEAR, YEAR])
def test_a_machine_that_went_down_and_came_up_in_another_year_carries_on(
    trainings: Trainings, coloured_galaxies: Path, own_folders: Path, jump: float
) -> None:
    undisturbed, run = (linear_probe(coloured_galaxies, name) for name in ("undisturbed", "run"))
    trainings.carry_out(undisturbed)
    training = trainings.start(run, [IN_THE_SECOND_EPOCH])
    assert training.wait() == HELD
    training.kill()
    shift_times(own_folders, -jump)
    assert run.status().state == "stopped"
    assert len(run.history()) == 1
    assert trainings.carry_out(run).exit_code == 0
    assert_seconds_are_sane(run)
    assert outcome(run) == outcome(undisturbed)
