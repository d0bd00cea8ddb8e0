"""A cross-validation on the pages: one fold is compared with itself alone, and all of them make one point."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_runs import N_FOLDS, N_GALAXIES, make_run, make_shipped_folds
from test_gallery_page import alternatives
from test_results_page import texts

OpenPage = Callable[..., Any]
PERCENTS = (20, 40)


@pytest.fixture
def folded(runs: Path, weights: dict[int, Path], mock_file: Path) -> Path:
    """Two cuts, each trained on every fold."""
    for percent in PERCENTS:
        for fold in range(N_FOLDS):
            make_run(runs, percent, mock_file, weights=weights[percent], fold=fold)
    return runs


def curves(page: Any) -> dict[str, Any]:
    """The drawn curves over the cuts by their names."""
    chart = next(c for c in page.get("plotly_chart") if c.proto.alt.startswith("Test accuracy over"))
    return {line["name"]: line for line in json.loads(chart.proto.spec)["data"] if "name" in line}


def test_all_folds_of_a_setting_are_one_point_with_its_interval(open_page: OpenPage, folded: Path) -> None:
    page = open_page()
    (curve,) = [line for name, line in curves(page).items() if name.startswith("ours")]
    assert curve["x"] == list(PERCENTS)
    right = [json.loads((folded / f"first-020-s0-f{fold}" / "metrics.json").read_text()) for fold in (0, 1)]
    pooled = sum(one["accuracy"] * one["n"] for one in right) / N_GALAXIES
    assert curve["y"][0] == pytest.approx(pooled)
    assert all(high > 0 for high in curve["error_y"]["array"])
    table = page.dataframe[0].value
    assert list(table["run"][:2]) == ["first-020-s0", "first-040-s0"]
    assert len(table) == 2 + 4


def test_a_cross_validation_that_lacks_folds_has_no_point_and_says_why(
    open_page: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    make_run(runs, 20, mock_file, weights=weights[20], fold=1)
    page = open_page()
    assert [name for name in curves(page) if name.startswith("ours")] == []
    assert "first-020-s0 is not pooled: fold 0 of 0 to 1 missing" in texts(page)


def test_the_gallery_shows_the_cuts_of_one_fold(open_page: OpenPage, folded: Path) -> None:
    page = open_page("gallery", run="first-040-s0-f1", extent="all cuts")
    assert [error.value for error in page.error] == []
    assert f"{N_GALAXIES // N_FOLDS} galaxies of the test part" in texts(page)
    n_galaxies = len(alternatives(page, "A galaxy of class"))
    assert len(alternatives(page, "Heatmap")) == len(PERCENTS) * n_galaxies > 0
    assert "first-040-s0-f1: fold 1 of 2, from 0" in page.selectbox(key="run_at_cut").options


def test_compare_begins_with_the_cuts_of_one_fold(open_page: OpenPage, folded: Path) -> None:
    page = open_page("compare")
    assert page.multiselect(key="runs").value == [f"first-{p:03}-s0-f0" for p in PERCENTS]
    assert [error.value for error in page.error] == []
    assert len(alternatives(page, "Map of")) == len(PERCENTS)


def test_networks_of_different_folds_are_refused_in_a_sentence(open_page: OpenPage, folded: Path) -> None:
    page = open_page("compare", run=["first-020-s0-f0", "first-020-s0-f1"])
    assert "no test galaxy in common" in page.error[0].value
    assert "of one fold" in page.error[0].value


@pytest.fixture
def shipped(own_folders: Path, weights: dict[int, Path], mock_file: Path) -> None:
    make_shipped_folds(own_folders / "models", weights, mock_file)


def test_folds_without_weights_are_drawn_first_beside_their_rows_and_are_no_sweep_of_their_own(
    open_page: OpenPage, shipped: None
) -> None:
    page = open_page(run="fractions-040-s0")
    ours = [line for name, line in curves(page).items() if name.startswith("ours")]
    assert [line["name"].split(", ")[-1] for line in ours] == ["2 folds pooled", "seed 0"]
    assert ours[0]["opacity"] > ours[1]["opacity"]
    chart = next(c for c in page.get("plotly_chart") if c.proto.alt.startswith("Test accuracy over"))
    ring = json.loads(chart.proto.spec)["data"][-1]
    assert (ring["x"], ring["y"]) == ([40], [ours[0]["y"][1]])
    assert "sweep" not in {one.key for one in page.selectbox}
    assert [error.value for error in page.error] == []


def test_evidence_asks_of_the_folds_until_it_is_told_not_to(open_page: OpenPage, shipped: None) -> None:
    page = open_page("evidence", sweep="fractions", section="Difference")
    assert f"on these {N_GALAXIES} galaxies" in texts(page)
    page.toggle(key="folds").set_value(False).run()
    assert f"on these {N_GALAXIES} galaxies" not in texts(page)
    page = open_page("evidence", sweep="fractions", section="Accuracy")
    assert "of fractions-folds-020-s0 to" in texts(page) or "of fractions-folds-040-s0 to" in texts(page)


def test_folds_that_were_asked_otherwise_are_beside_no_row_whatever_they_are_called(
    open_page: OpenPage, shipped: None, own_folders: Path
) -> None:
    for config in (own_folders / "models" / "folds").glob("*/config.json"):
        values = json.loads(config.read_text())
        config.write_text(json.dumps({**values, "epochs": values["epochs"] + 1}))
    page = open_page(run="fractions-040-s0")
    assert [name.split(", ")[-1] for name in curves(page) if name.startswith("ours")] == ["seed 0"]
    assert "Accuracy in folds" not in {one.label for one in page.metric}
    assert not page.toggle


def test_rows_without_folds_are_named_where_the_others_are_shown(
    open_page: OpenPage, shipped: None, own_folders: Path
) -> None:
    for fold in (own_folders / "models" / "folds").glob("*-040-*"):
        shutil.rmtree(fold)
    page = open_page("evidence", sweep="fractions", section="Accuracy")
    assert "Not asked in folds, and not shown here: fractions-040-s0." in texts(page)
    page.toggle(key="folds").set_value(False).run()
    assert "Not asked in folds" not in texts(page)
