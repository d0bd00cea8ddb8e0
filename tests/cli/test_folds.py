"""Cross-validation on the command line: what is refused, the pooled table, and a list that stays readable."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_folds import N, make_fold, make_folds
from typer.testing import Result

from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.run import Run

Galaxy = Callable[..., Result]
HALF = np.arange(N) < 20


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("train", "--data", "gone.h5", "--folds", "5"), "belong together"),
        (
            ("train", "--data", "gone.h5", "--folds", "5", "--fold", "5"),
            "fold must be a whole number from 0 to 4",
        ),
        (("train", "--data", "gone.h5", "--mocks", "-1"), "n_mocks must be a whole number from 0"),
        (("train", "--run", "gone", "--folds", "5"), "leave out --folds"),
        (("train", "--run", "gone", "--mocks", "5"), "leave out --mocks"),
        (
            ("reproduce", "--data", __file__, "--folds", "1", "--preset", "quick"),
            "folds must lie in 2..20, got 1",
        ),
        (("reproduce", "--data", "gone.h5", "--folds", "5"), "gone.h5"),
    ],
)
def test_wrong_folds_are_refused_before_anything_is_made(
    galaxy: Galaxy, words: tuple[str, ...], sentence: str
) -> None:
    result = galaxy(*words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not list(runs_folder().glob("[a-z]*")) if runs_folder().exists() else True


def test_both_verbs_offer_the_whole_recipe(galaxy: Galaxy) -> None:
    for verb in ("train", "reproduce"):
        text = galaxy(verb, "--help").stdout
        for option in ("--epochs", "--schedule", "--batch-norm", "--folds", "--mocks", "--channel-shift"):
            assert option in text


def test_the_table_has_one_line_for_all_folds_and_one_for_a_run_alone(
    galaxy: Galaxy, make_run: Callable[..., Run]
) -> None:
    make_folds(seed=0, right=HALF)
    make_folds(seed=1, right=HALF)
    make_run("alone")
    text = galaxy("table", "first", "alone").stdout
    lines = [line for line in text.splitlines() if "│" in line]
    assert sum("first-020" in line for line in lines) == 1
    assert any("0.500 [0.79]" in line and "│ 2 │" in " ".join(line.split()) for line in lines)
    assert any("alone" in line for line in lines)
    assert text.count("For comparison: 0.89") == 1


def test_folds_without_weights_stand_below_the_rows_they_go_by_and_answer_what_answers_suffice_for(
    galaxy: Galaxy, make_run: Callable[..., Run], tmp_path: Path
) -> None:
    make_run("rows-020-s0")
    for percent, right in ((20, HALF), (40, ~HALF)):
        for fold in make_folds(sweep="rows-folds", percent=percent, right=right):
            (fold.path / "weights.safetensors").unlink()
    lines = galaxy("table", "rows").stdout.splitlines()
    assert [sum(name in line for line in lines) for name in ("rows-020-s0", "rows-folds-020-s0")] == [1, 1]
    told = galaxy("study", "difference", "rows-folds")
    assert (told.exit_code, "of 1 pair can be told apart on these 40 galaxies" in told.stdout) == (0, True)
    refused = galaxy("predict", "--run", "rows-folds-020-s0-f0", "--images", str(tmp_path), "--out", "a.csv")
    assert refused.exit_code == 2
    assert "the answers are here and the weights are not" in refused.stderr


def test_folds_that_are_not_all_done_are_shown_one_by_one_and_named(galaxy: Galaxy) -> None:
    make_fold(0)
    make_fold(1, done=False)
    text = galaxy("table", "first").stdout
    assert "first-020-s0-f0" in text
    assert "first-020-s0 is not pooled: folds 1, 2, 3" in text
    assert "over seeds" not in text


def test_all_folds_of_a_seed_are_named_by_the_seed(galaxy: Galaxy) -> None:
    make_folds(right=HALF)
    assert "in 4 folds" in galaxy("table", "first-020-s0").stdout


def test_table_csv_keeps_a_line_a_run_and_pooled_has_a_line_a_setting(galaxy: Galaxy, tmp_path: Path) -> None:
    make_folds(right=HALF)
    galaxy("table", "first", "--out", tmp_path / "runs.csv")
    galaxy("table", "first", "--pooled", "--out", tmp_path / "pooled.csv")
    runs, pooled = (
        list(csv.DictReader((tmp_path / f).read_text().splitlines())) for f in ("runs.csv", "pooled.csv")
    )
    assert [row["run"] for row in runs] == [f"first-020-s0-f{k}" for k in range(4)]
    assert list(runs[0])[-1] == "paper_test_loss"
    (row,) = pooled
    assert (row["name"], row["test_accuracy"], row["n_galaxies"]) == ("first-020-s0", "0.5", "40")


def test_markdown_has_both_and_json_too(galaxy: Galaxy, tmp_path: Path) -> None:
    make_folds(right=HALF)
    galaxy("table", "first", "--out", tmp_path / "both.md")
    text = (tmp_path / "both.md").read_text()
    assert "| first-020-s0-f3 |" in text
    assert "| first-020-s0 |" in text
    values = json.loads(galaxy("table", "first", "--json").stdout)
    assert len(values["rows"]) == 4
    (pooled,) = values["pooled"]
    assert pooled["per_class"][0]["n"] == 4
    assert list(values["classes"]) == ["first-020-s0"]  # of the folds together, not of each
    assert "### first-020-s0\n" in text
    assert "paper_train_loss" in text


def test_pooled_of_runs_without_folds_is_an_error(galaxy: Galaxy, make_run: Callable[..., Run]) -> None:
    make_run("alone")
    result = galaxy("table", "alone", "--pooled")
    assert result.exit_code == 2
    assert "nothing to pool" in result.stderr


def test_the_list_has_a_line_for_all_folds_of_a_seed(galaxy: Galaxy, make_run: Callable[..., Run]) -> None:
    make_folds(n_folds=5, seed=0, right=HALF)
    for fold in range(5):
        make_fold(fold, n_folds=5, seed=1, done=fold < 2)
    make_run("alone")
    lines = galaxy("runs", "list").stdout.splitlines()
    assert len(lines) == 1 + 3
    (whole,) = [line for line in lines if "first-020-s0-f0…4" in line]
    assert "5 done" in whole
    assert "0.500" in whole
    (half,) = [line for line in lines if "first-020-s1-f0…4" in line]
    assert "2 done, 3 stopped" in half
    assert len(galaxy("runs", "list", "--every-fold").stdout.splitlines()) == 1 + 11
    assert len(json.loads(galaxy("runs", "list", "--json").stdout)["runs"]) == 11
