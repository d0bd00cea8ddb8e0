"""What a training leaves behind after a batch: how often, and what it says."""

from pathlib import Path

import pytest

from galaxy_core.errors import StoppedError
from galaxy_core.runs.run import Run
from galaxy_core.runs.status import read_heartbeat, request_stop
from galaxy_core.training import progress
from galaxy_core.training.progress import BatchWatch, Progress

LOGS = {"loss": 1.25, "accuracy": 0.5}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands at its only entry."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_watch_beats_at_most_once_a_second_and_at_the_end_of_an_epoch(
    tmp_path: Path, clock: list[float]
) -> None:
    told: list[Progress] = []
    watch = BatchWatch(Run(tmp_path), n_epochs=2, n_batches=10, watcher=told.append)
    for batch in range(10):
        watch.after_batch(1, batch, LOGS)
        clock[0] += 0.25
    assert [one.batch for one in told] == [1, 5, 9, 10]
    assert {one.sentence for one in told} == {f"{tmp_path.name}: epoch 2 of 2"}


def test_a_beat_says_the_place_and_the_pace_without_the_first_batch(
    tmp_path: Path, clock: list[float]
) -> None:
    watch = BatchWatch(Run(tmp_path), n_epochs=3, n_batches=10, watcher=None)
    clock[0] += 60  # the first batch waits for the compilation
    for batch in range(6):
        watch.after_batch(2, batch, LOGS)
        clock[0] += 0.5
    last = read_heartbeat(tmp_path)
    assert last is not None
    assert (last.epoch, last.batch, last.n_batches, last.loss, last.accuracy) == (3, 5, 10, 1.25, 0.5)
    assert last.seconds_a_batch == 0.5


def test_the_first_beat_knows_no_pace_and_a_loss_that_is_none_is_left_out(
    tmp_path: Path, clock: list[float]
) -> None:
    BatchWatch(Run(tmp_path), 1, 10, None).after_batch(0, 0, {"loss": float("nan"), "accuracy": 0.1})
    first = read_heartbeat(tmp_path)
    assert first is not None
    assert (first.loss, first.accuracy, first.seconds_a_batch) == (None, 0.1, None)


def test_a_request_to_stop_is_seen_after_the_batch_and_before_its_beat(
    tmp_path: Path, clock: list[float]
) -> None:
    watch = BatchWatch(Run(tmp_path), 1, 10, None)
    request_stop(tmp_path)
    with pytest.raises(StoppedError, match="stopped on request"):
        watch.after_batch(0, 0, LOGS)
    assert read_heartbeat(tmp_path) is None
