"""The page Evidence: its frame, the studies that run folders answer at once, and the report."""

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import words.evidence
from made_runs import make_run, make_sweep
from test_results_page import texts

from galaxy_core.metrics.measure import measure, write_predictions
from galaxy_core.runs.run import Run
from galaxy_core.studies.difference import BEYOND, MINUS, WITHIN

OpenPage = Callable[..., Any]
N_TESTED = 10


@pytest.fixture
def open_evidence(open_page: OpenPage) -> OpenPage:
    """`open_evidence(section="Policies")` is the page, opened by that address."""
    return partial(open_page, "evidence")


@pytest.fixture
def known_sweep(runs: Path, weights: dict[int, Path], mock_file: Path) -> Path:
    """Three rows: at 20 % every test galaxy is right, at 0 % none, at 40 % half."""
    for percent, n_right in {0: 0, 20: N_TESTED, 40: N_TESTED // 2}.items():
        answer(make_run(runs, percent, mock_file, weights=weights[percent]), n_right)
    return runs


def answer(folder: Path, n_right: int) -> None:
    """Let a run have the first `n_right` of its test galaxies right and no other."""
    said = Run(folder).predictions()
    answers = np.where(np.arange(len(said.labels)) < n_right, said.labels, (said.labels + 1) % 10)
    probabilities = (0.05 + 0.5 * np.eye(10)[answers]).astype(np.float32)
    write_predictions(folder / "predictions.csv", said.index, said.labels, probabilities)
    (folder / "metrics.json").write_text(json.dumps(measure(said.labels, probabilities)))


def charts(page: Any) -> dict[str, Any]:
    """The drawn figures by their words."""
    return {chart.proto.alt: json.loads(chart.proto.spec) for chart in page.get("plotly_chart")}


def drawn(page: Any) -> list[dict[str, Any]]:
    """The lines of the one chart."""
    (chart,) = charts(page).values()
    return list(chart["data"])


def policies_drawn(page: Any) -> list[str]:
    """Those that have a curve of their own."""
    return [line["name"].split(",")[0] for line in drawn(page)]


def pairs(page: Any) -> list[str]:
    """The pairs that were compared."""
    table = next(table.value for table in page.dataframe if MINUS in [*table.value.columns, *table.value[""]])
    heads = table[""] if MINUS in table.columns else table.columns[1:]
    return [head for head in heads if " minus " in head]


def errors(page: Any) -> list[str]:
    return [error.value for error in page.error]


def test_without_a_finished_run_the_page_says_where_to_begin(
    open_evidence: OpenPage, runs: Path, mock_file: Path
) -> None:
    make_run(runs, 20, mock_file, state="stopped", n_epochs=2)
    page = open_evidence()
    assert page.title[0].value.endswith("?")
    assert [text.value for text in page.markdown] == [words.evidence.LEAD]
    assert "no trained network" in texts(page)
    assert not [one for one in page.button if one.key == "make_report"]


@pytest.mark.parametrize("section", ["Difference", "Policies", "Calibration", "Learning"])
def test_the_section_of_an_address_is_drawn_and_no_other(
    open_evidence: OpenPage, sweep: Path, section: str
) -> None:
    page = open_evidence(section=section)
    assert page.query_params.get("section", "Difference") == section
    assert page.header
    assert errors(page) == []


def test_without_an_address_it_is_the_difference_of_the_rows(open_evidence: OpenPage, sweep: Path) -> None:
    assert [one.value for one in open_evidence().header] == ["Which rows differ by more than chance?"]


def test_the_fullest_sweep_is_shown_unless_the_address_names_another(
    open_evidence: OpenPage, own_sweep: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    make_sweep(own_sweep, {20: weights[20], 40: weights[40]}, mock_file, "a-second")
    page = open_evidence()
    assert page.selectbox(key="sweep").value == page.query_params["sweep"] == "first"
    assert open_evidence(sweep="a-second").selectbox(key="sweep").value == "a-second"
    assert open_evidence(sweep="nobody").selectbox(key="sweep").value == "first"


def test_pairs_that_are_told_apart_have_a_colour_and_a_sentence(
    open_evidence: OpenPage, known_sweep: Path
) -> None:
    page = open_evidence()
    found = {line["name"]: line["y"] for line in drawn(page)}
    assert found == {BEYOND: ["20 % minus 0 %"], WITHIN: ["40 % minus 0 %", "20 % minus 40 %"]}
    assert "1 of 3 pairs can be told apart on these 10 galaxies" in texts(page)
    assert "- 20 % beats 0 % by 100 points (" in texts(page)
    assert "): distinguishable with 10 galaxies" in texts(page)
    assert "not distinguishable does not mean equal" in texts(page)
    assert "corrected for the number of pairs by Holm" in texts(page)
    assert "scores.csv" in [button.label for button in page.get("download_button")]
    assert errors(page) == []


def test_rows_of_two_recipes_are_compared_once_the_reader_asks_across_them(
    open_evidence: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    answer(make_run(runs, 20, mock_file, weights=weights[20]), 10)
    answer(make_run(runs, 40, mock_file, weights=weights[40], crop=96), 0)
    page = open_evidence()
    assert "differ in more than what is compared" in texts(page)
    page.multiselect(key="difference_across").set_value(["view"]).run()
    assert "1 of 1 pair can be told apart" in texts(page)
    assert "differ in more than what is compared" not in texts(page)


def test_every_run_has_its_line_in_the_figure_of_learning(open_evidence: OpenPage, sweep: Path) -> None:
    lines = [line for line in drawn(open_evidence(section="Learning")) if line["line"]["dash"] == "solid"]
    assert len(lines) == 2 * 6  # accuracy and loss
    assert all(line["x"] == [1, 2, 3, 4, 5] for line in lines)


def test_one_tested_row_is_too_few_for_a_difference(
    open_evidence: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    make_run(runs, 20, mock_file, weights=weights[20])
    page = open_evidence()
    assert "a comparison needs two rows or more, got 1" in texts(page)
    assert errors(page) == []


def test_runs_without_test_numbers_are_left_out_of_every_pair(
    open_evidence: OpenPage, own_sweep: Path
) -> None:
    (own_sweep / "first-040-s0" / "metrics.json").write_text("{}")
    (own_sweep / "first-040-s0" / "predictions.csv").unlink()
    page = open_evidence()
    assert len(pairs(page)) == 10
    assert not any("40 %" in pair for pair in pairs(page))
    assert "first-040-s0 was never tested" in texts(page)
    assert errors(page) == []


def test_damaged_answers_cost_a_sentence(open_evidence: OpenPage, own_sweep: Path) -> None:
    (own_sweep / "first-040-s0" / "predictions.csv").write_text("index,label\n1,nonsense\n")
    page = open_evidence()
    assert "predictions.csv is damaged" in texts(page)
    assert errors(page) == []


def test_policies_of_other_sweeps_on_the_same_galaxies_have_their_curves(
    open_evidence: OpenPage, own_sweep: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    few = {20: weights[20], 40: weights[40]}
    make_sweep(own_sweep, few, mock_file, "tuned", policy="transfer_tuned")
    make_sweep(own_sweep, few, Path("/elsewhere.h5"), "other", policy="freeze_prefix")
    page = open_evidence(section="Policies")
    assert policies_drawn(page) == ["transfer_frozen", "transfer_tuned"]
    assert errors(page) == []


def test_policies_are_compared_at_one_cut_that_the_reader_chooses(
    open_evidence: OpenPage, known_sweep: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    for folder in make_sweep(
        known_sweep, {20: weights[20], 40: weights[40]}, mock_file, "random", policy="random_frozen"
    ):
        answer(folder, 0)
    page = open_evidence(section="Policies")
    assert "2 of 3 pairs can be told apart" in texts(page)
    assert "- transfer_frozen 20 % beats random_frozen 20 % by 100" in texts(page)
    page.select_slider(key="policies_percent").set_value(40).run()
    assert "0 of 3 pairs can be told apart" in texts(page)


def test_the_report_is_made_when_asked_for_and_then_handed_over(
    open_evidence: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    for percent in (20, 40):
        make_run(runs, percent, mock_file, weights=weights[percent])
    page = open_evidence(section="Policies")
    assert "report.html" not in [button.label for button in page.get("download_button")]
    page.button(key="make_report").click().run()
    assert "report.html" in [button.label for button in page.get("download_button")]
    report = page.session_state["report_made"].html.decode()
    assert report.startswith("<!doctype html>")
    assert "galaxies of mock.h5 that all these runs may be tested on" in report
    assert errors(page) == []


def test_a_report_is_offered_for_the_runs_it_was_made_of_alone(
    open_evidence: OpenPage, runs: Path, weights: dict[int, Path]
) -> None:
    for percent in (20, 40):
        make_run(runs, percent, Path("/nowhere/survey.h5"), weights=weights[percent])
    page = open_evidence(section="Policies")
    page.button(key="make_report").click().run()
    assert "report.html" in [button.label for button in page.get("download_button")]
    shutil.rmtree(runs / "first-040-s0")
    page.run()
    assert "report.html" not in [button.label for button in page.get("download_button")]


def test_a_report_without_the_galaxies_says_so_and_shows_rendered_ones(
    open_evidence: OpenPage, runs: Path, weights: dict[int, Path]
) -> None:
    make_run(runs, 20, Path("/nowhere/survey.h5"), weights=weights[20])
    page = open_evidence(section="Policies")
    page.button(key="make_report").click().run()
    report = page.session_state["report_made"]
    assert "not one file on this computer. Rendered (mock) galaxies are shown instead" in report.html.decode()
    assert "Which rows differ by more than chance: A comparison needs two rows" in texts(page)
