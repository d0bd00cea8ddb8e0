"""From the click that starts a training to its first batch: it can be watched, stopped and not started twice."""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from galaxy_core.errors import BadValueError, StoppedError
from galaxy_core.files.lock import HANDED, locked
from galaxy_core.runs import launch
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.run import Run, create_run, delete_run, rename_run
from galaxy_core.runs.status import (
    Status,
    held_for_training,
    is_held,
    is_stop_requested,
    request_stop,
    run_holder,
    run_lock,
    write_status,
)
from galaxy_core.training.sweep import run_sweep
from galaxy_core.training.train import train_run

CONFIG = TrainConfig(data="nowhere.h5", policy="scratch", source="none")


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def handed_to_me(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is the child that a page has just started to train the run."""
    monkeypatch.setenv(HANDED, "0")
    with held_for_training(run.path, is_asked_anew=True) as lock:
        monkeypatch.setenv(HANDED, lock.token)
        write_status(run.path, Status("queued", "starting"))
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stub:
            lock.hand_over(stub.pid)  # as where Python starts itself once more


def test_a_launched_run_is_held_from_the_click_on_and_ends_where_stop_was_pressed_at_once() -> None:
    run = create_run("one", CONFIG)
    launch.launch(run, ["train", "--run", "one"])
    child = launch._children[-1]
    assert run_holder(run.path).owner.pid == child.pid
    assert run.status() == Status("queued", "starting")
    with pytest.raises(BadValueError, match="being trained by another process"):
        launch.launch(run, ["train", "--run", "one"])  # a second click
    assert launch._children[-1] is child
    for change in (delete_run, lambda name: rename_run(name, "two")):
        with pytest.raises(BadValueError, match="one is training"):
            change("one")
    request_stop(run.path)
    assert child.wait(120) == 3
    assert run.status().state == "stopped"
    assert run.status().sentence.startswith("stopped after 0 of")
    assert not is_stop_requested(run.path)
    assert not is_held(run.path)
    assert rename_run("one", "two").status().state == "stopped"
    assert not (runs_folder() / "two" / "lock").exists()


def test_a_stop_while_the_child_starts_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    run = create_run("one", CONFIG)
    handed_to_me(run, monkeypatch)
    request_stop(run.path)
    with pytest.raises(StoppedError, match="one stopped after 0 of"):
        train_run(run)
    assert run.status().state == "stopped"


def test_a_stop_between_the_folders_of_a_sweep_and_its_first_run_counts() -> None:
    runs = [create_run(name, CONFIG) for name in ("one", "two")]
    launch.stop(runs[0])
    assert runs[0].status().sentence.startswith("stopped before it began")
    with pytest.raises(StoppedError):
        run_sweep(runs)
    assert {run.status().state for run in runs} == {"stopped"}


@pytest.mark.parametrize("is_asked_anew", [True, False])
def test_a_stop_that_a_killed_process_left_is_forgotten_and_one_that_comes_at_the_lock_is_not(
    is_asked_anew: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = create_run("one", CONFIG)
    write_status(run.path, Status("running", "epoch 1 of 10", 4_000_000))
    request_stop(run.path)
    with held_for_training(run.path, is_asked_anew=is_asked_anew):
        assert not is_stop_requested(run.path)
    # a page sees the run alive at the moment its lock is there, whatever the process does next
    with ExitStack() as held:
        take = run_lock

        def take_and_be_seen(folder: Path, patience: float | None = None) -> ExitStack:
            held.enter_context(take(folder, patience))
            assert run.status().state == "running"
            request_stop(folder)
            return take(folder, patience)

        monkeypatch.setattr("galaxy_core.runs.status.run_lock", take_and_be_seen)
        with held_for_training(run.path, is_asked_anew=is_asked_anew):
            assert is_stop_requested(run.path)


def test_a_child_that_dies_while_it_starts_leaves_the_run_stopped_at_once() -> None:
    run = create_run("one", CONFIG)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        with held_for_training(run.path, is_asked_anew=True) as lock:
            write_status(run.path, Status("running", "starting"))
            lock.hand_over(child.pid)
        assert run.status().is_active
        child.kill()
    assert run.status().state == "stopped"
    delete_run("one")


def test_a_sweep_and_other_work_are_alive_from_their_start_to_their_end(tmp_path: Path) -> None:
    runs_folder().mkdir()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        for lock in (launch.sweep_lock("first"), locked(launch._work_lock(tmp_path), what="fetching")):
            with lock as held:
                held.hand_over(child.pid)
        assert launch.is_sweep_alive("first")
        assert launch.is_at_work(tmp_path)
        before = len(launch._children)
        launch.launch_sweep("first", ["reproduce", "--name", "first"])
        assert not launch.launch_work(["data", "fetch"], tmp_path)
        assert len(launch._children) == before
        child.kill()
    assert not launch.is_sweep_alive("first")
    assert not launch.is_at_work(tmp_path)
