"""The sections of the page Evidence that show studies of maps, where what was measured is known."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_runs import make_run, make_sweep
from test_results_page import texts

from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.maps.focus import NULLS, SCORES
from galaxy_core.metrics.resample import FEWEST_TO_JUDGE, Estimate
from galaxy_core.results import records
from galaxy_core.results.table import table_rows
from galaxy_core.runs.launch import is_at_work, launch_work
from galaxy_core.runs.names import studies_folder
from galaxy_core.runs.run import Run
from galaxy_core.studies.focus import RunFocus
from galaxy_core.studies.registry import all_studies

Show = Callable[..., Any]
PERCENTS = (0, 20, 40, 60, 80, 100)
FINE = 192  # pixels
N = FEWEST_TO_JUDGE  # galaxies


@pytest.fixture
def show(open_page: Callable[..., Any]) -> Show:
    """`show("focus")` is the section of that study for the sweep `first`."""

    def shown(name: str) -> Any:
        page = open_page("evidence", section=name.capitalize())
        assert [error.message for error in page.exception] == []
        return page

    return shown


def pressed(page: Any, key: str) -> Any:
    """The page once what the button starts has ended."""
    page.button(key=key).click().run()
    while is_at_work(studies_folder()):
        time.sleep(0.1)
    return page.run()


@pytest.fixture
def six(runs: Path, weights: dict[int, Path], mock_file: Path) -> list[Run]:
    """Six finished runs by their percentage, without any record; their maps are fine enough to be studied."""
    return [Run(path) for path in make_sweep(runs, weights, mock_file, pixels=FINE)]


def about(value: float, half: float = 0.05) -> Estimate:
    return Estimate(value, value - half, value + half, N)


def chart(page: Any) -> dict[str, Any]:
    """The drawn lines by name."""
    (drawn,) = page.get("plotly_chart")
    return {line["name"]: line for line in json.loads(drawn.proto.spec)["data"]}


def keep_focus(run: Run, on_it: float) -> None:
    """The hottest pixel is on the galaxy in that share of the maps, in 0.1 more than in those of either null."""
    (setting,) = table_rows([run])
    scores = {name: about(on_it) for name in SCORES}
    minus = {null: {name: about(0.1) for name in SCORES} for null in NULLS}
    found = RunFocus(setting, N, 1, scores, minus, about(0.9), False, "On its test part.")
    records.keep(run, records.FOCUS, {**records.made_of(run), "part": "test", **found.to_json()})


def test_a_study_is_shown_with_its_sentence_chart_verdicts_and_any_score(show: Show, six: list[Run]) -> None:
    for run, on_it in zip(six, (0.3, 0.5, 0.6, 0.7, 0.8, 0.9), strict=True):
        keep_focus(run, on_it)
    page = show("focus")
    assert "Heat on the galaxy: from 0.30 (0.25 to 0.35) of first-000-s0 to 0.90" in texts(page)
    lines = chart(page)
    assert lines["heat on the galaxy"]["y"] == [0.3, 0.5, 0.6, 0.7, 0.8, 0.9]
    assert lines["heat on the galaxy"]["x"] == list(PERCENTS)
    assert "on the galaxy and of its size" in texts(page)
    assert "the conditions are ours" in texts(page)
    assert " … " not in texts(page)
    page.selectbox(key="focus_score").select("slope of the heat's move over the galaxy's").run()
    (line,) = chart(page).values()
    assert line["y"] == [0.9] * 6
    assert not [button for button in page.button if button.key == "measure_focus"]


def test_without_records_the_command_is_named_and_nothing_is_measured_unasked(
    show: Show, six: list[Run], mock_file: Path
) -> None:
    for study in all_studies():
        if study.kept and study.name != "calibration":
            page = show(study.name)
            assert "Not measured yet: 6 of these 6 runs" in texts(page)
            assert f"galaxy study {study.name} first" in texts(page)
            assert str(mock_file) in texts(page) or not study.needs_galaxies
            assert page.button(key=f"measure_{study.name}")
            assert len(page.get("plotly_chart")) == 0


def test_where_the_galaxies_are_not_here_no_button_promises_anything(
    show: Show, runs: Path, weights: dict[int, Path]
) -> None:
    make_run(runs, 20, Path("/nowhere/survey.h5"), weights=weights[20], pixels=FINE)
    page = show("cues")
    assert "survey.h5" in texts(page)
    assert not [button for button in page.button if button.key == "measure_cues"]


def test_what_is_measured_in_the_background_is_shown_and_kept_by_an_own_run(
    show: Show, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    run = Run(make_run(runs, 20, mock_file, weights=weights[20]))
    card = {**run.card(), "split_hash": run.split().hash}
    (run.path / "card.json").write_text(json.dumps(card))
    page = pressed(show("cues"), "measure_cues")
    assert [error.value for error in page.error] == []
    kept = records.kept(run, records.CUES)
    assert kept
    assert kept["accuracy"]["n"] == len(run.split().test)
    assert kept["data"]["sha256"] == open_galaxies(mock_file).sha256
    assert chart(page)["without colour"]["y"] == [kept["drops"]["colour"]["value"]]


def test_what_is_measured_of_shipped_runs_is_kept_beside_them_and_leaves_them_as_they_are(
    show: Show, own_folders: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    shipped = own_folders / "models"
    for percent in (20, 40):
        make_run(shipped, percent, mock_file, weights=weights[percent], pixels=FINE)
    before = sorted(shipped.rglob("*"))
    page = pressed(show("agreement"), "measure_agreement")
    assert [error.value for error in page.error] == []
    assert chart(page)["rank correlation of maps of two settings"]["y"] == ["first-020-s0 and first-040-s0"]
    assert sorted(shipped.rglob("*")) == before


def test_one_study_at_a_time_and_it_can_be_stopped(
    show: Show, runs: Path, weights: dict[int, Path], mock_file: Path, tmp_path: Path
) -> None:
    make_run(runs, 20, mock_file, weights=weights[20])
    out = tmp_path / "long.h5"  # stands for a long study: what is at work there is the page's
    assert launch_work(["data", "mock", "--n", "100000", "--out", str(out)], studies_folder())
    assert not launch_work(["study", "--list"], studies_folder())
    page = show("cues")
    assert "A study is being measured on this computer" in texts(page)
    page.button(key="stop_study").click().run()
    while is_at_work(studies_folder()):
        time.sleep(0.1)
    assert not out.exists()
    assert page.run().button(key="measure_cues")


def test_a_record_of_other_weights_is_named_and_the_others_are_shown(show: Show, six: list[Run]) -> None:
    for run in six:
        keep_focus(run, 0.5)
    kept = records.kept(six[1], records.FOCUS)
    (six[1].path / records.FOCUS).write_text(json.dumps({**kept, "weights_sha256": "of others"}))
    page = show("focus")
    (warning,) = page.warning
    assert "focus.json is of other weights than first-020-s0 has now" in warning.value
    assert chart(page)["heat on the galaxy"]["x"] == [0, 40, 60, 80, 100]
    assert "Not measured yet: 1 of these 6 runs" in texts(page)


def test_what_was_measured_on_galaxies_of_the_training_is_said_to_be_too_good(
    show: Show, six: list[Run]
) -> None:
    for run in six:
        keep_focus(run, 0.5)
    kept = records.kept(six[1], records.FOCUS)
    (six[1].path / records.FOCUS).write_text(json.dumps({**kept, "part": "all"}))
    (warning,) = show("focus").warning
    assert warning.value.startswith("first-020-s0: measured on all galaxies of a file")


def test_maps_that_are_too_coarse_are_not_studied(
    show: Show, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    make_run(runs, 20, mock_file, weights=weights[20])
    page = show("focus")
    assert "too coarse to speak of" in texts(page)
    assert not page.get("plotly_chart")
