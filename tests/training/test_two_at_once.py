"""Two trainings at once on one machine, in processes of their own: one waits, none harms the other."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from trainings import ENDED, HELD, Training, Trainings, files_of, linear_probe, outcome

from galaxy_core.runs.run import Run
from galaxy_core.runs.status import request_stop

IN_THE_SECOND_EPOCH = ("become resume/state.safetensors", 10)  # at its last batch


def hold_in_the_second_epoch(trainings: Trainings, run: Run) -> Training:
    training = trainings.start(run, [IN_THE_SECOND_EPOCH])
    assert training.wait() == HELD
    return training


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_waiting(run: Run) -> bool:
    return "waiting for" in run.status().sentence and run.status().state == "queued"


def test_the_second_says_what_it_waits_for_and_both_end_well(
    trainings: Trainings, coloured_galaxies: Path
) -> None:
    first, second = (linear_probe(coloured_galaxies, name) for name in ("first", "second"))
    training = hold_in_the_second_epoch(trainings, first)
    waiting = trainings.start(second)
    wait_until(lambda: is_waiting(second))
    assert second.status().sentence == "waiting for first to finish; one training at a time on this machine"
    assert first.status().state == "running"
    assert second.history() == []
    training.go_on()
    assert (training.wait(), waiting.wait()) == (ENDED, ENDED)
    assert (training.exit_code, waiting.exit_code) == (0, 0)
    assert outcome(first) == outcome(second)


def test_when_the_first_is_killed_the_second_has_its_turn(
    trainings: Trainings, coloured_galaxies: Path
) -> None:
    first, second = (linear_probe(coloured_galaxies, name) for name in ("first", "second"))
    training = hold_in_the_second_epoch(trainings, first)
    waiting = trainings.start(second)
    wait_until(lambda: is_waiting(second))
    training.kill()
    assert first.status().state == "stopped"
    assert waiting.wait() == ENDED
    assert second.status().state == "done"
    trainings.carry_out(first)
    assert outcome(first) == outcome(second)


def test_one_that_is_killed_or_stopped_while_it_waits_leaves_the_other_alone(
    trainings: Trainings, coloured_galaxies: Path
) -> None:
    first, second = (linear_probe(coloured_galaxies, name) for name in ("first", "second"))
    training = hold_in_the_second_epoch(trainings, first)
    for _ in range(2):
        waiting = trainings.start(second)
        wait_until(lambda: is_waiting(second))
        waiting.kill()
        # at once, though its own last words are that it waits
        assert second.status().state == "stopped"
    waiting = trainings.start(second)
    wait_until(lambda: is_waiting(second))
    request_stop(second.path)
    assert waiting.wait() == ENDED
    assert waiting.words == ["second stopped after 0 of 4 epochs; `galaxy train --run second` carries on"]
    assert second.status().state == "stopped"
    assert first.status().state == "running"
    training.go_on()
    assert training.wait() == ENDED
    assert first.status().state == "done"


def test_a_second_process_on_the_same_run_is_refused_in_one_sentence_and_harms_nothing(
    trainings: Trainings, coloured_galaxies: Path
) -> None:
    run, alone = (linear_probe(coloured_galaxies, name) for name in ("mine", "alone"))
    training = hold_in_the_second_epoch(trainings, run)
    before = {name: (run.path / name).stat().st_mtime_ns for name in files_of(run) if name != "lock"}
    command = [sys.executable, "-m", "galaxy_core", "train", "--run", "mine"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.splitlines()[1:] == [  # behind what happens before a first batch
        "galaxy: run mine is being trained by another process; watch it or stop it"
    ]
    assert {name: (run.path / name).stat().st_mtime_ns for name in files_of(run) if name != "lock"} == before
    assert run.status().pid == training.pid
    training.go_on()
    assert training.wait() == ENDED
    trainings.carry_out(alone)
    assert outcome(run) == outcome(alone)
