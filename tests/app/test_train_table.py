"""The paper's table from the page Train: what it will cost, its start, one bar for all rows, and the way on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from catalogue import read_catalogue
from made_runs import held_elsewhere, make_run
from parts.results.live import by_row
from test_train_page import bars, metric, texts

from galaxy_core.runs import launch
from galaxy_core.runs.launch import is_sweep_alive, sweep_log
from galaxy_core.runs.status import is_held, is_stop_requested

OpenPage = Callable[..., Any]


@pytest.fixture
def open_table(open_page: OpenPage) -> OpenPage:
    """The page Train where the whole table is asked for."""

    def opened(data: Path | None = None, **address: str) -> Any:
        state = {"new_data": str(data)} if data else None
        return open_page("train", state=state, what="Reproduce the table", **address)

    return opened


def test_the_trainings_and_their_time_are_said_before_any_is_started(
    open_table: OpenPage, runs: Path, mock_file: Path
) -> None:
    page = open_table(mock_file)
    assert metric(page, "Trainings") == "6"
    once = metric(page, "All take roughly")
    page.number_input(key="new_seeds").set_value(2)
    page.number_input(key="new_folds").set_value(5).run()
    page.multiselect(key="new_policies").set_value(["transfer_frozen", "scratch"]).run()
    assert metric(page, "Trainings") == str(6 * 2 * 5 * 2)
    assert metric(page, "All take roughly") != once
    page.multiselect(key="new_policies").set_value([]).run()
    assert "choose at least one" in page.error[0].value


def test_what_is_changed_stays_where_one_turns_from_one_network_to_the_table(
    open_page: OpenPage, runs: Path
) -> None:
    page = open_page("train")
    page.number_input(key="new_epochs").set_value(3).run()
    page.segmented_control(key="what").set_value("Reproduce the table").run()
    page.number_input(key="new_seeds").set_value(3).run()
    assert page.number_input(key="new_epochs").value == 3


def test_the_start_is_the_command_that_was_asked_for(
    open_table: OpenPage,
    runs: Path,
    mock_file: Path,
    started: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GALAXY_WORKERS", "dask://lab:8786 slurm")
    monkeypatch.setenv("GALAXY_CLUSTER", "/etc/cluster.toml")
    page = open_table(mock_file)
    page.multiselect(key="new_policies").set_value(["random_frozen"]).run()
    page.number_input(key="new_folds").set_value(2)
    page.number_input(key="new_mocks_quick").set_value(100)
    page.text_input(key="new_table").set_value("mine")
    page.selectbox(key="new_workers").set_value("slurm").run()
    page.button(key="start_table").click().run()
    (words,) = started
    assert words[:2] == ["reproduce", "--name=mine"]
    assert {f"--data={mock_file}", "--preset=quick", "--seeds=1", "--folds=2", "--mocks=100"} < set(words)
    assert {"--policy=random_frozen", "--workers=slurm", "--cluster=/etc/cluster.toml"} < set(words)
    assert not [word for word in words if word.startswith("--source")]
    assert bars(page) == ["**mine** is starting."]


def test_a_table_that_is_here_is_not_begun_again_under_its_name(
    open_table: OpenPage, runs: Path, mock_file: Path, started: list[list[str]]
) -> None:
    make_run(runs, 20, mock_file, "quick")
    page = open_table(mock_file)
    assert page.text_input(key="new_table").placeholder == "quick-2"
    page.text_input(key="new_table").set_value("quick")
    page.button(key="start_table").click().run()
    assert "a table named quick is here already" in page.error[0].value
    assert started == []


def test_a_table_that_never_began_says_why(open_table: OpenPage, runs: Path) -> None:
    sweep_log("mine").write_text("galaxy: there is no source of weights\n")
    assert "there is no source of weights" in texts(open_table(sweep="mine"))
    assert [error.value for error in open_table(sweep="../mine").error] == []


def test_the_rows_of_a_table_have_one_bar_and_are_stopped_together(
    open_table: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    make_run(runs, 0, mock_file, "mine", weights=weights[0])
    at_work = make_run(runs, 20, mock_file, "mine", state="running", sentence="epoch 4 of 5", n_epochs=3)
    waits = make_run(runs, 40, mock_file, "mine", state="queued", sentence="waiting", n_epochs=0)
    with held_elsewhere(at_work / "lock", waits / "lock"):
        page = open_table()
        assert bars(page) == ["**mine**: 1 of 3 trained. mine-020-s0: epoch 4 of 5"]
        page.button(key="stop_mine-000-s0").click().run()
        assert is_stop_requested(at_work)
        assert is_stop_requested(waits)


def test_a_table_that_was_stopped_says_what_is_left_and_carries_on(
    open_table: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path, started: list[list[str]]
) -> None:
    make_run(runs, 0, mock_file, "mine", weights=weights[0])
    make_run(runs, 20, mock_file, "mine", state="stopped", sentence="stopped on request", n_epochs=3)
    page = open_table()
    assert "**mine**: 1 of 2 trained, the rest is not at work and takes roughly" in texts(page)
    page.button(key="carry_on_mine").click().run()
    assert started == [["reproduce", "--name=mine"]]
    assert bars(page) == ["**mine** is starting."]


def test_the_seeds_of_a_row_are_one_row_of_the_live_panel(runs: Path, mock_file: Path) -> None:
    for percent in (20, 40):
        for seed in (0, 1):
            make_run(runs, percent, mock_file, "mine", seed=seed, state="stopped")
    rows = by_row(read_catalogue().entries)
    assert [[entry.name for entry in row] for row in rows] == [
        ["mine-020-s0", "mine-020-s1"],
        ["mine-040-s0", "mine-040-s1"],
    ]


def test_who_ends_a_table_at_once_ends_the_process_that_hands_out_its_rows(
    open_table: OpenPage, runs: Path, mock_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "SECONDS_TO_END_A_BATCH", 0.5)
    folders = [
        make_run(runs, percent, mock_file, "mine", state="running", sentence="epoch 1 of 5")
        for percent in (20, 40)
    ]
    with held_elsewhere(*(folder / "lock" for folder in folders)), held_elsewhere(runs / ".mine.lock"):
        page = open_table()
        page.button(key="stop_mine-020-s0").click().run()
        page.button(key="end_mine-020-s0").click().run()
        assert not is_sweep_alive("mine")
        assert not any(is_held(folder) for folder in folders)
