"""`galaxy runs` and `galaxy table` on folders with known numbers."""

import csv
import json
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from typer.testing import Result

from galaxy_core.results.render import COLUMNS
from galaxy_core.runs.run import Run, find_run, list_runs
from galaxy_core.runs.status import Status, write_status

Galaxy = Callable[..., Result]
MakeRun = Callable[..., Run]


def test_an_empty_list_says_what_to_do_next(galaxy: Galaxy) -> None:
    assert "galaxy reproduce" in galaxy("runs", "list").stdout


def test_the_list_has_own_and_shipped_and_unfinished_runs(galaxy: Galaxy, make_run: MakeRun) -> None:
    make_run("first-020-s0")
    make_run("half", percent=40, done=False)
    make_run("best", folder="models")
    make_run("shapes", folder="models", kind="source")
    lines = galaxy("runs", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["name", "first-020-s0", "half", "best", "shapes"]
    assert lines[1].split() == [
        "first-020-s0",
        "done",
        "transfer_frozen",
        "20",
        "%",
        "80",
        "%",
        "0.700",
        "own",
    ]
    assert lines[2].split()[1] == "stopped"
    assert lines[3].split()[-1] == lines[4].split()[-1] == "shipped"
    assert "(source)" in lines[4]


def test_a_damaged_run_does_not_hide_the_others(galaxy: Galaxy, make_run: MakeRun) -> None:
    make_run("good")
    (make_run("hurt").path / "config.json").write_text("{")
    result = galaxy("runs", "list")
    assert result.exit_code == 0
    assert "good  done" in result.stdout
    assert "hurt  damaged" in result.stdout
    assert "config.json is damaged" in result.stderr


def test_json_is_one_object_and_nothing_else(galaxy: Galaxy, make_run: MakeRun) -> None:
    make_run("first")
    (listed,) = json.loads(galaxy("runs", "list", "--json").stdout)["runs"]
    assert (listed["name"], listed["test_accuracy"]) == ("first", 0.7)
    shown = json.loads(galaxy("runs", "show", "first", "--json").stdout)
    assert shown["config"]["policy"] == "transfer_frozen"
    assert shown["metrics"]["n"] == 10
    table = json.loads(galaxy("table", "first", "--json").stdout)
    assert set(table["rows"][0]) == {*COLUMNS, "balanced_low", "balanced_high"}
    assert table["classes"]["first"]["confusion"] == shown["metrics"]["confusion"]


def test_show_has_settings_accuracy_and_classes(galaxy: Galaxy, make_run: MakeRun) -> None:
    make_run("first")
    text = galaxy("runs", "show", "first").stdout
    for words in ("first  done: trained", "learning_rate  0.0005", "test accuracy 0.700", "Barred Spiral"):
        assert words in text


def test_show_of_an_unfinished_run_has_no_metrics(galaxy: Galaxy, make_run: MakeRun) -> None:
    make_run("half", done=False)
    assert "test accuracy" not in galaxy("runs", "show", "half").stdout


def test_a_run_of_weights_from_elsewhere_is_shown_listed_and_in_the_table(
    galaxy: Galaxy, make_run: MakeRun
) -> None:
    (make_run("loaded").path / "metrics.json").write_text("{}")
    shown = galaxy("runs", "show", "loaded")
    assert (shown.exit_code, "test accuracy" in shown.stdout) == (0, False)
    assert json.loads(galaxy("runs", "show", "loaded", "--json").stdout)["metrics"] is None
    assert "loaded" in galaxy("runs", "list").stdout
    assert "loaded" in galaxy("table", "loaded", "--classes").stdout


def test_a_diverged_run_is_shown_as_json(galaxy: Galaxy, make_run: MakeRun) -> None:
    run = make_run("diverged", done=False)
    (run.path / "history.jsonl").write_text('{"epoch": 1, "loss": NaN, "accuracy": 0.1}\n')
    (epoch,) = json.loads(galaxy("runs", "show", "diverged", "--json").stdout)["history"]
    assert epoch == {"epoch": 1, "loss": None, "accuracy": 0.1}


def test_rename_and_delete_change_the_folder(galaxy: Galaxy, make_run: MakeRun) -> None:
    make_run("old")
    assert galaxy("runs", "rename", "old", "new").stdout == "old is now new\n"
    assert galaxy("runs", "delete", "new").exit_code == 0
    assert list_runs() == []


def test_shipped_runs_are_kept(galaxy: Galaxy, make_run: MakeRun) -> None:
    make_run("best", folder="models")
    for words in (("delete", "best"), ("rename", "best", "mine")):
        result = galaxy("runs", *words)
        assert result.exit_code == 2
        assert "shipped" in result.stderr
    assert find_run("best").is_whole


def test_a_run_that_is_not_trained_cannot_be_stopped(galaxy: Galaxy, make_run: MakeRun) -> None:
    make_run("first")
    result = galaxy("runs", "stop", "first")
    assert result.exit_code == 2
    assert "not being trained" in result.stderr


def test_stop_leaves_a_request_for_the_process(
    galaxy: Galaxy,
    make_run: MakeRun,
    monkeypatch: pytest.MonkeyPatch,
    lock_elsewhere: Callable[[str], AbstractContextManager[None]],
) -> None:
    monkeypatch.setattr("galaxy_core.runs.launch.SECONDS_TO_END_A_BATCH", 0.1)
    run = make_run("busy", done=False)
    with lock_elsewhere(f"run_lock(Path({str(run.path)!r}))"):
        write_status(run.path, Status("running", "epoch 1 of 10"))
        result = galaxy("runs", "stop", "busy")
    assert result.exit_code == 0
    assert (run.path / "stop").exists()


def test_stopping_a_sweep_asks_the_stand_in_that_it_waits_for(
    galaxy: Galaxy,
    make_run: MakeRun,
    monkeypatch: pytest.MonkeyPatch,
    lock_elsewhere: Callable[[str], AbstractContextManager[None]],
) -> None:
    monkeypatch.setattr("galaxy_core.runs.launch.SECONDS_TO_END_A_BATCH", 0.1)
    names = ("mock-source", "first-020-s0", "first-040-s0")
    runs = {name: make_run(name, done=False) for name in names}
    for name, run in runs.items():
        if name != "mock-source":
            values = {**run.config.to_json(), "source": "mock-source"}
            (run.path / "config.json").write_text(json.dumps(values))
    make_run("other", done=False)
    with ExitStack() as locks:
        for name, run in runs.items():
            locks.enter_context(lock_elsewhere(f"run_lock(Path({str(run.path)!r}))"))
            state = "running" if name == "mock-source" else "queued"
            write_status(run.path, Status(state, "epoch 1 of 3"))
        result = galaxy("runs", "stop", "first")
    assert result.stdout.startswith("mock-source: ")
    assert result.stdout.count("\n") == 1
    assert [name for name, run in runs.items() if (run.path / "stop").exists()] == ["mock-source"]


def test_stopping_a_sweep_that_waits_asks_all_of_it_before_it_waits(
    galaxy: Galaxy,
    make_run: MakeRun,
    monkeypatch: pytest.MonkeyPatch,
    lock_elsewhere: Callable[[str], AbstractContextManager[None]],
) -> None:
    runs = [make_run(f"first-{percent}-s0", done=False) for percent in ("020", "040", "060")]
    asked: list[int] = []

    def wait(run: Run, seconds: float) -> bool:
        asked.append(sum((one.path / "stop").exists() for one in runs))
        assert seconds <= 20.0
        return False

    monkeypatch.setattr("galaxy_core.runs.launch._is_free_within", wait)
    with ExitStack() as locks:
        for run in runs:
            locks.enter_context(lock_elsewhere(f"run_lock(Path({str(run.path)!r}))"))
            write_status(run.path, Status("queued", "waiting to start"))
        assert galaxy("runs", "stop", "first").exit_code == 0
    assert asked[:3] == [3, 3, 3]


def test_a_table_of_a_sweep_is_written_as_csv_and_markdown(
    galaxy: Galaxy, make_run: MakeRun, tmp_path: Path
) -> None:
    for percent in (40, 0, 20):
        make_run(f"first-{percent:03d}-s0", percent=percent)
    assert galaxy("table", "first", "--out", tmp_path / "t.csv").exit_code == 0
    with (tmp_path / "t.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [row["paper_test_accuracy"] for row in rows] == ["0.65", "0.79", "0.73"]
    assert galaxy("table", "first", "--out", tmp_path / "t.md").exit_code == 0
    text = (tmp_path / "t.md").read_text()
    assert text.startswith("| run | policy |")
    assert text.count("True class down, predicted class across.") == 3


def test_a_table_on_the_terminal_has_the_paper_beside_ours(galaxy: Galaxy, make_run: MakeRun) -> None:
    make_run("first")
    plain = galaxy("table", "first").stdout
    assert "0.700 [0.79]" in plain
    assert "true class down" not in plain
    both = galaxy("table", "first", "--classes").stdout
    assert both.startswith(plain)
    assert "true class down" in both


def test_a_table_of_another_kind_is_refused(galaxy: Galaxy, make_run: MakeRun, tmp_path: Path) -> None:
    make_run("first")
    result = galaxy("table", "first", "--out", tmp_path / "t.xlsx")
    assert result.exit_code == 2
    assert ".csv or .md" in result.stderr


def test_a_run_is_packed_and_a_zip_that_does_not_fit_the_network_is_refused(
    galaxy: Galaxy, make_run: MakeRun, tmp_path: Path
) -> None:
    make_run("first")
    packed = tmp_path / "first.zip"
    assert galaxy("runs", "pack", "first", "--out", packed).stdout.startswith(f"first is in {packed} (")
    assert galaxy("runs", "pack", "first", "--out", packed).exit_code == 2
    # its checkpoint is one tensor: good enough for a table, not for a network
    refused = galaxy("runs", "unpack", packed, "--name", "second")
    assert refused.exit_code == 2
    assert "has no tensor conv1_conv/kernel" in refused.stderr
    assert [run.name for run in list_runs()] == ["first"]
