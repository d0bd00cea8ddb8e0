"""The page Evidence: its frame, the differences between rows, the policies and the report."""

import json
import shutil
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import words.evidence
from made_runs import N_FOLDS, make_run, make_sweep
from parts.evidence import SECTIONS
from parts.evidence.pairs import GREY
from test_results_page import texts

from galaxy_core.metrics.measure import measure, write_predictions
from galaxy_core.networks.policy import POLICIES
from galaxy_core.runs.run import Run

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


def pairs(page: Any) -> Any:
    """The table of pairs."""
    return next(table.value for table in page.dataframe if "p_corrected" in table.value.columns)


def policies_drawn(page: Any) -> list[str]:
    """The policies that have a curve of their own, not the paper's."""
    (chart,) = [chart for alt, chart in charts(page).items() if alt.startswith("Test accuracy over")]
    names = [line["name"] for line in chart["data"] if line.get("name", "").startswith("ours")]
    return [name.removeprefix("ours: ").split()[0].strip(",") for name in names]


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


@pytest.mark.parametrize("file", SECTIONS.values())
def test_every_section_that_is_offered_can_be_drawn(file: str) -> None:
    assert callable(getattr(import_module(f"parts.evidence.{file}"), f"show_{file}"))


def test_only_the_section_of_the_address_is_drawn(open_evidence: OpenPage, sweep: Path) -> None:
    assert [alt.split(" over")[0] for alt in charts(open_evidence())] == ["Validation accuracy"]
    assert [alt.split(" over")[0] for alt in charts(open_evidence(section="Policies"))] == ["Test accuracy"]


def test_the_shipped_sweep_is_shown_unless_the_address_names_another(
    open_evidence: OpenPage, own_sweep: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    make_sweep(own_sweep, {20: weights[20], 40: weights[40]}, mock_file, "fractions")
    page = open_evidence()
    assert page.selectbox(key="sweep").value == page.query_params["sweep"] == "fractions"
    assert open_evidence(sweep="first").selectbox(key="sweep").value == "first"
    assert open_evidence(sweep="nobody").selectbox(key="sweep").value == "fractions"


def test_the_best_row_stands_against_the_next_in_one_sentence(
    open_evidence: OpenPage, known_sweep: Path
) -> None:
    page = open_evidence()
    assert (page.selectbox(key="first_row").value, page.selectbox(key="second_row").value) == ("20 %", "40 %")
    assert "### 20 % beats 40 % by 50 ± 44 points: not distinguishable with 10 galaxies." in texts(page)
    assert "5 galaxies are right in the first only, 0 in the second only. p = 0.062; 0.12" in texts(page)
    assert errors(page) == []


def test_the_rows_of_the_address_are_compared_whichever_comes_first(
    open_evidence: OpenPage, known_sweep: Path
) -> None:
    for first, second in (("0 %", "20 %"), ("20 %", "0 %")):
        page = open_evidence(first_row=first, second_row=second)
        assert "### 20 % beats 0 % by 100 ± " in texts(page)
        assert "points: distinguishable with 10 galaxies." in texts(page)


def test_a_row_is_never_compared_with_itself(open_evidence: OpenPage, known_sweep: Path) -> None:
    page = open_evidence()
    page.selectbox(key="first_row").set_value("40 %").run()
    assert "40 %" not in page.selectbox(key="second_row").options
    assert "### 20 % beats 40 %" in texts(page)


def test_differences_that_are_not_distinguishable_are_grey(
    open_evidence: OpenPage, known_sweep: Path
) -> None:
    page = open_evidence()
    table = pairs(page)
    assert table["is_distinguishable"].tolist() == [True, False, False]
    (picture,) = [one.body for one in page.get("html") if "Differences between 3 rows" in one.body]
    assert picture.count(GREY) == 2 * 2
    assert picture.count(">+100.0<") == picture.count(">-100.0<") == 1


def test_what_was_corrected_and_what_would_go_unseen_stands_beside_the_pairs(
    open_evidence: OpenPage, sweep: Path
) -> None:
    page = open_evidence()
    assert "corrected for the number of pairs by Holm" in texts(page)
    assert "not distinguishable does not mean equal" in texts(page)
    assert "differences.csv" in [button.label for button in page.get("download_button")]


def test_seeds_of_one_cut_are_one_row_with_their_spread(
    open_evidence: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    for percent, seed, n_right in ((20, 0, 8), (20, 1, 6), (40, 0, 5), (40, 1, 5)):
        answer(make_run(runs, percent, mock_file, weights=weights[percent], seed=seed), n_right)
    page = open_evidence()
    assert len(pairs(page)) == 1
    assert "Over the 2 seeds or folds that both have, the difference runs from +10.0 to +30.0" in texts(page)


def test_every_run_has_its_line_in_the_figure_of_learning(open_evidence: OpenPage, sweep: Path) -> None:
    ((alt, chart),) = charts(open_evidence()).items()
    assert [line["name"] for line in chart["data"]] == [f"{p} %" for p in (0, 20, 40, 60, 80, 100)]
    assert all(line["x"] == [1, 2, 3, 4, 5] for line in chart["data"])
    assert "of 6 runs; at the end 0 % 0.48" in alt


def test_one_tested_row_is_too_few_for_a_difference(
    open_evidence: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    make_run(runs, 20, mock_file, weights=weights[20])
    page = open_evidence()
    assert "this sweep has 1" in texts(page)
    assert errors(page) == []


def test_runs_without_test_numbers_are_left_out_of_every_pair(
    open_evidence: OpenPage, own_sweep: Path
) -> None:
    (own_sweep / "first-040-s0" / "metrics.json").write_text("{}")
    (own_sweep / "first-040-s0" / "predictions.csv").unlink()
    page = open_evidence()
    assert len(pairs(page)) == 10
    assert not pairs(page)["sentence"].str.contains("40 %").any()
    assert errors(page) == []


def test_damaged_answers_cost_a_sentence_and_not_the_curves(open_evidence: OpenPage, own_sweep: Path) -> None:
    (own_sweep / "first-040-s0" / "predictions.csv").write_text("index,label\n1,nonsense\n")
    page = open_evidence()
    assert "predictions.csv is damaged" in errors(page)[0]
    assert len(charts(page)) == 1


def test_policies_of_other_sweeps_on_the_same_galaxies_have_their_curves(
    open_evidence: OpenPage, own_sweep: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    few = {20: weights[20], 40: weights[40]}
    make_sweep(own_sweep, few, mock_file, "tuned", policy="transfer_tuned")
    make_sweep(own_sweep, few, Path("/elsewhere.h5"), "other", policy="freeze_prefix")
    page = open_evidence(section="Policies")
    assert policies_drawn(page) == ["transfer_frozen", "transfer_tuned"]
    assert "**transfer_tuned** from the sweep tuned (5 epochs, 64 px)." in texts(page)
    assert errors(page) == []


def test_of_two_sweeps_with_a_policy_only_the_chosen_one_is_drawn(
    open_evidence: OpenPage, own_sweep: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    make_sweep(own_sweep, {20: weights[20]}, mock_file, "again", crop=96)
    page = open_evidence(section="Policies", sweep="again")
    assert "from the sweep again" in texts(page)
    assert "from the sweep first" not in texts(page)


def test_policies_are_compared_at_one_cut_and_those_apart_are_named(
    open_evidence: OpenPage, known_sweep: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    for folder in make_sweep(
        known_sweep, {20: weights[20], 40: weights[40]}, mock_file, "random", policy="random_frozen"
    ):
        answer(folder, 0)
    page = open_evidence(section="Policies")
    assert "**At 20 %, 2 of 3 pairs of policies can be told apart on these galaxies.**" in texts(page)
    assert "- transfer_frozen 20 % beats random_frozen 20 % by 100" in texts(page)
    page.select_slider(key="policies_at").set_value(40).run()
    assert "**At 40 %, not one of 3 pairs of policies" in texts(page)
    assert "policies.csv" in [button.label for button in page.get("download_button")]


def test_scratch_is_compared_at_every_cut(
    open_evidence: OpenPage, own_sweep: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    make_sweep(own_sweep, {40: weights[40]}, mock_file, "tuned", policy="transfer_tuned")
    make_sweep(own_sweep, {0: weights[0]}, mock_file, "none", policy="scratch")
    page = open_evidence(section="Policies")
    assert page.select_slider(key="policies_at").value == 40
    table = pairs(page)
    assert table["first"].tolist()[0] == table["first"].tolist()[1] == "scratch 0 %"
    assert len(table) == 3


def test_a_missing_policy_comes_with_the_command_that_trains_it_alike(
    open_evidence: OpenPage, sweep: Path, mock_file: Path
) -> None:
    page = open_evidence(section="Policies")
    (with_cut,) = page.code[0].value.splitlines()  # the row that takes nothing over is from scratch
    assert with_cut.startswith(f"galaxy reproduce --data {mock_file} --preset paper --epochs 5 ")
    assert "--image-size 64" in with_cut
    assert with_cut.endswith(
        "--policy freeze_prefix --policy transfer_tuned --policy random_frozen --name first-policies"
    )
    assert "No two policies were tested" in texts(page)


def test_scratch_is_asked_for_where_no_row_takes_nothing_over(
    open_evidence: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    make_sweep(runs, {20: weights[20]}, mock_file, "first")
    with_cut, scratch = open_evidence(section="Policies").code[0].value.splitlines()
    assert "--policy scratch" not in with_cut
    assert scratch.endswith("--policy scratch --percent 0 --name first-policies")


def test_with_all_policies_nothing_is_asked_for(
    open_evidence: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    for policy in POLICIES:
        make_run(runs, 20, mock_file, policy.replace("_", "-"), weights=weights[20], policy=policy)
    page = open_evidence(section="Policies")
    assert policies_drawn(page) == list(POLICIES)
    assert len(pairs(page)) == 10
    assert not page.code


def test_folds_are_compared_with_folds_only(
    open_evidence: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    for fold in range(N_FOLDS):
        make_run(runs, 20, mock_file, "folded", weights=weights[20], fold=fold)
        make_run(runs, 20, mock_file, "tuned", weights=weights[20], fold=fold, policy="transfer_tuned")
    make_run(runs, 20, mock_file, "single", weights=weights[20], policy="random_frozen")
    page = open_evidence(section="Policies", sweep="folded")
    assert policies_drawn(page) == ["transfer_frozen", "transfer_tuned"]
    assert pairs(page)["n_galaxies"].tolist() == [60]
    assert "--folds 2" in page.code[0].value


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
    assert "Not in the report: Which differences are real" in texts(page)
