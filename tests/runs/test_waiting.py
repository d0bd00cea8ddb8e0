"""Runs that were handed to workers, as who lists them sees them."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.files import lock
from galaxy_core.files.lock import Holder
from galaxy_core.files.owner import Owner
from galaxy_core.runs import status, waiting
from galaxy_core.runs.run import Run
from galaxy_core.runs.status import (
    PATIENCE,
    Status,
    held_for_training,
    request_stop,
    run_lock,
    write_status,
)
from galaxy_core.runs.waiting import waiting_for_workers


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """Three that begin within a third of a second or are given up."""
    monkeypatch.setattr(status, "SECONDS_TO_START", 0.3)
    monkeypatch.setattr(waiting, "SECONDS_BETWEEN_LOOKS", 0.05)
    made = [Run(tmp_path / "runs" / name) for name in ("a", "b", "c")]
    for run in made:
        run.path.mkdir(parents=True)
    return made


def states(runs: list[Run]) -> list[str]:
    return [run.status().state for run in runs]


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_who_waits_for_a_worker_is_queued_for_as_long_as_that_takes(runs: list[Run]) -> None:
    request_stop(runs[0].path)  # of an earlier training that was killed
    with waiting_for_workers(runs):
        time.sleep(0.6)
        assert states(runs) == ["queued"] * 3
        assert runs[0].status().sentence == "waiting for a worker"
    assert states(runs) == ["stopped"] * 3
    assert "its turn had not come; carry on with `galaxy train --run b`" in runs[1].status().sentence


def test_a_run_whose_worker_is_lost_waits_for_another_and_one_that_has_ended_does_not(
    runs: list[Run],
) -> None:
    with waiting_for_workers(runs) as left:
        for run in runs[:2]:
            write_status(run.path, Status("running", "training", 1))
        left.discard(runs[1])
        until(lambda: states(runs) == ["queued", "stopped", "queued"])
        time.sleep(0.2)
        assert states(runs) == ["queued", "stopped", "queued"]


def test_a_run_that_is_trained_or_was_asked_to_stop_is_let_be(runs: list[Run]) -> None:
    free, held = threading.Event(), threading.Event()

    def train() -> None:
        with run_lock(runs[0].path):
            write_status(runs[0].path, Status("running", "training", 1))
            held.set()
            free.wait(20)

    with waiting_for_workers(runs):
        request_stop(runs[1].path)
        trainer = threading.Thread(target=train)
        trainer.start()
        held.wait(20)
        time.sleep(0.3)
        assert states(runs) == ["running", "stopped", "queued"]
        # as soon as a worker takes it, it learns of the stop
        with held_for_training(runs[1].path):
            assert (runs[1].path / "stop").exists()
        free.set()
        trainer.join()


def test_the_next_worker_waits_until_one_that_died_with_its_machine_is_silent_for_long(
    runs: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = Holder(Owner("another!", 1, 1), "another", 1.0, "a", "0123456789ab")
    (runs[0].path / "lock").write_text(json.dumps(asdict(dead)))
    with (
        pytest.raises(BadValueError, match="is being trained by another process"),
        held_for_training(runs[0].path),
    ):
        pass
    monkeypatch.setattr(lock, "SECONDS_OF_SILENCE", 2.0)
    monkeypatch.setenv(PATIENCE, "20")
    with held_for_training(runs[0].path):
        pass
