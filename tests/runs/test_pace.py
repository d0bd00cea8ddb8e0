"""How far trainings are and how long they will take, where past epochs and batches are known."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.pace import in_words, seconds_left, share_done, time_left, where
from galaxy_core.runs.run import Run, create_run
from galaxy_core.runs.status import Heartbeat, Status, beat, run_lock, write_status

N_EPOCHS = 5
A_BATCH = 0.25


@contextmanager
def training(name: str, n_done: int, state: str = "running", sentence: str = "") -> Iterator[Run]:
    """A run that is alive, some of its five epochs of 12.5 s behind it."""
    run = create_run(name, TrainConfig(data="galaxies.h5", epochs=N_EPOCHS))
    lines = [json.dumps({"epoch": epoch, "loss": 1.0, "seconds": 12.5}) for epoch in range(1, n_done + 1)]
    (run.path / "history.jsonl").write_text("".join(f"{line}\n" for line in lines))
    write_status(run.path, Status(state, sentence))
    with run_lock(run.path):
        yield run


def test_time_left_takes_the_slowest_of_the_sweep_for_runs_that_have_not_begun(own_folders: Path) -> None:
    with training("first-020-s0", 3) as at_work, training("first-040-s0", 0, "queued") as waiting:
        assert seconds_left([at_work, waiting]) == (2 + 5) * 12.5
        assert time_left({"first": [at_work, waiting]}) == "about 90 s left"
        assert time_left({"first": [waiting]}) == ""


def test_a_sweep_of_which_nothing_is_timed_is_named_and_not_guessed(own_folders: Path) -> None:
    with training("before-000-s0", 4) as at_work, training("later-000-s0", 0, "queued") as waiting:
        assert time_left({"before": [at_work], "later": [waiting]}) == "about 10 s left, and then later"


def test_what_was_stopped_takes_no_time(own_folders: Path) -> None:
    with training("before-000-s0", 4) as at_work:
        stopped = create_run("stopped-000-s0", at_work.config)
        write_status(stopped.path, Status("stopped", "stopped on request"))
        assert time_left({"before": [at_work], "stopped": [stopped]}) == "about 10 s left"


def test_durations_are_said_as_roughly_as_they_are_known() -> None:
    assert in_words(1) == "about 5 s left"
    assert in_words(600) == "about 10 min left"
    assert in_words(9000) == "about 2 h left"


def test_the_batches_of_the_epoch_under_way_count_as_done(own_folders: Path) -> None:
    with training("at-work", 3, sentence="epoch 4 of 5") as run:
        beat(run.path, Heartbeat(4, 5, 20, 1.5, 0.4, A_BATCH))
        assert share_done(run) == (3 + 0.25) / N_EPOCHS
        assert seconds_left([run]) == (2 - 0.25) * 12.5
        assert where(run) == "epoch 4 of 5, batch 5 of 20, so far loss 1.50 and accuracy 40 %"
        beat(run.path, Heartbeat(3, 20, 20))  # of an epoch that has its line already
        assert share_done(run) == 3 / N_EPOCHS
        assert where(run) == "epoch 4 of 5"


def test_in_the_first_epoch_the_batches_tell_the_time(own_folders: Path) -> None:
    with training("at-work", 0) as run:
        beat(run.path, Heartbeat(1, 1, 20))
        assert seconds_left([run]) is None
        beat(run.path, Heartbeat(1, 10, 20, seconds_a_batch=0.5))
        assert seconds_left([run]) == (N_EPOCHS - 0.5) * 20 * 0.5


def test_a_run_that_waits_to_carry_on_has_no_batch_under_way(own_folders: Path) -> None:
    with training("at-work", 2, "queued", "waiting for its turn") as run:
        beat(run.path, Heartbeat(3, 10, 20))
        assert (share_done(run), where(run)) == (2 / N_EPOCHS, "waiting for its turn")
