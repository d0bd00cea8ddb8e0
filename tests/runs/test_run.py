import json
import multiprocessing
import os
from pathlib import Path

import pytest

from galaxy_core.errors import BadFileError, BadValueError, MissingError
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import runs_folder, shipped_folder
from galaxy_core.runs.run import create_run, delete_run, find_run, list_runs, rename_run, resolve_runs
from galaxy_core.runs.status import Status, read_status, run_lock, write_status

CONFIG = TrainConfig(data="a.h5")


def make_shipped(name: str) -> None:
    folder = shipped_folder() / name
    folder.mkdir(parents=True)
    (folder / "card.json").write_text("{}")


def test_a_new_run_has_its_config_and_waits() -> None:
    run = create_run("one", CONFIG)
    assert find_run("one").config == CONFIG
    assert run.status().state == "queued"
    assert run.history() == []
    assert not run.is_whole


def test_a_taken_name_is_refused_and_the_old_run_is_unharmed() -> None:
    create_run("one", CONFIG)
    with pytest.raises(BadValueError, match="carry on with"):
        create_run("one", TrainConfig(data="b.h5"))
    assert find_run("one").config.data == "a.h5"


def test_the_name_of_a_shipped_run_is_taken() -> None:
    make_shipped("best")
    with pytest.raises(BadValueError, match="shipped"):
        create_run("best", CONFIG)


def test_own_runs_are_listed_before_shipped_ones_and_strangers_not_at_all() -> None:
    create_run("b", CONFIG)
    create_run("a", CONFIG)
    make_shipped("best")
    (shipped_folder() / "README.md").write_text("x")
    (runs_folder() / "empty").mkdir()
    assert [run.name for run in list_runs()] == ["a", "b", "best"]


def test_folds_that_ship_without_their_weights_are_runs_that_are_finished_and_not_whole() -> None:
    make_shipped("folds/first-folds-020-s0-f0")
    make_shipped("best")
    run = find_run("first-folds-020-s0-f0")
    assert (run.is_finished, run.is_whole, run.is_shipped) == (True, False, True)
    assert [one.name for one in list_runs()] == ["best", run.name]
    assert [one.name for one in resolve_runs(["first-folds"])] == [run.name]
    with pytest.raises(BadValueError, match="shipped"):
        create_run(run.name, CONFIG)


def test_a_sweeps_name_means_all_its_runs_once() -> None:
    for name in ("first-020-s0", "first-000-s0", "second-020-s0"):
        create_run(name, CONFIG)
    found = resolve_runs(["first", "second-020-s0", "first-000-s0"])
    assert [run.name for run in found] == ["first-000-s0", "first-020-s0", "second-020-s0"]


def test_a_run_that_is_not_there_is_named_with_those_that_are() -> None:
    create_run("one", CONFIG)
    with pytest.raises(MissingError, match=r"no run named two.*one"):
        find_run("two")


def test_a_name_that_is_a_path_finds_nothing() -> None:
    with pytest.raises(BadValueError, match="run name"):
        find_run("../one")


@pytest.mark.parametrize("content", ["", "{", "[1]", '"x"', "\0\1"])
def test_a_damaged_config_is_one_sentence(content: str) -> None:
    run = create_run("one", CONFIG)
    (run.path / "config.json").write_text(content)
    with pytest.raises(BadFileError, match=r"config\.json"):
        _ = find_run("one").config


def test_a_line_cut_off_in_the_history_is_passed_over() -> None:
    run = create_run("one", CONFIG)
    (run.path / "history.jsonl").write_text(json.dumps({"epoch": 1}) + '\n{"epoch": 2, "lo')
    assert run.history() == [{"epoch": 1}]


def test_a_running_run_whose_process_is_gone_says_so() -> None:
    run = create_run("one", CONFIG)
    write_status(run.path, Status("running", "epoch 2 of 10", 123456))
    status = run.status()
    assert status.state == "stopped"
    assert "process is gone" in status.sentence
    assert "galaxy train --run one" in status.sentence


def test_a_queued_run_whose_process_never_came_says_so_after_a_minute() -> None:
    run = create_run("one", CONFIG)
    assert run.status().state == "queued"
    old = (run.path / "status.json").stat().st_mtime - 61
    os.utime(run.path / "status.json", (old, old))
    assert run.status().state == "stopped"


def hold(folder: Path, ready: multiprocessing.Event, enough: multiprocessing.Event) -> None:  # type: ignore[valid-type]
    with run_lock(folder):
        ready.set()  # type: ignore[attr-defined]
        enough.wait(30)  # type: ignore[attr-defined]


def test_a_run_is_running_as_long_as_its_process_lives_and_cannot_be_deleted() -> None:
    run = create_run("one", CONFIG)
    write_status(run.path, Status("running", "epoch 2 of 10", 1))
    context = multiprocessing.get_context("spawn")
    ready, enough = context.Event(), context.Event()
    child = context.Process(target=hold, args=(run.path, ready, enough))
    child.start()
    assert ready.wait(30)
    assert read_status(run.path).state == "running"
    with pytest.raises(BadValueError, match="is training"):
        delete_run("one")
    with pytest.raises(BadValueError, match="is training"):
        rename_run("one", "two")
    child.kill()
    child.join()
    assert read_status(run.path).state == "stopped"
    delete_run("one")
    assert list_runs() == []


def test_rename_moves_the_folder_and_refuses_a_taken_name() -> None:
    create_run("one", CONFIG)
    create_run("two", CONFIG)
    with pytest.raises(BadValueError, match="two exists"):
        rename_run("one", "two")
    assert rename_run("one", "three").path == runs_folder() / "three"


def test_a_shipped_run_is_never_deleted() -> None:
    make_shipped("best")
    with pytest.raises(BadValueError, match="shipped"):
        delete_run("best")
    assert find_run("best").status().state == "done"


def test_a_line_of_a_diverged_epoch_has_none_where_there_is_no_number() -> None:
    run = create_run("one", CONFIG)
    (run.path / "history.jsonl").write_text(
        '{"epoch": 1, "loss": NaN, "val_loss": -Infinity, "seconds": 1e999}\n'
    )
    assert run.history() == [{"epoch": 1, "loss": None, "val_loss": None, "seconds": None}]


@pytest.mark.parametrize("metrics", [None, "{}"])
def test_a_run_that_was_never_tested_has_no_measurements(metrics: str | None) -> None:
    run = create_run("one", CONFIG)
    if metrics:
        (run.path / "metrics.json").write_text(metrics)
    assert run.measured() is None
    (run.path / "metrics.json").write_text('{"n": 1}')
    assert run.measured() == {"n": 1}
