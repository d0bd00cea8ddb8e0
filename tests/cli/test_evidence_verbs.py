"""study, audit and transferability as a user types them."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import Result

from galaxy_core.cli.shell.sentences import NOW
from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.run import Run
from galaxy_core.studies.evidence_table import COLUMNS
from galaxy_core.studies.registry import names

DENSENET = get_backbone("densenet121")

Galaxy = Callable[..., Result]
MakeRun = Callable[..., Run]


@pytest.fixture(scope="module")
def weights() -> list[dict[str, np.ndarray]]:
    source = initial_tensors(DENSENET, 10, "scratch", 0.0, 9, None)
    return [initial_tensors(DENSENET, 10, "transfer_frozen", cut, 0, source) for cut in (0.2, 1.0)]


@pytest.fixture
def sweep(make_run: MakeRun, coloured_galaxies: Path, weights: list[dict[str, np.ndarray]]) -> list[Run]:
    galaxies = open_galaxies(coloured_galaxies)
    return [
        make_run(
            f"first-{p:03d}-s0",
            percent=p,
            data=galaxies.path,
            sha256=galaxies.sha256,
            tensors=tensors,
            weights_sha256=f"{p:064d}",
        )
        for p, tensors in zip((20, 100), weights, strict=True)
    ]


def test_the_difference_of_rows_is_said_written_and_printed_as_json(
    galaxy: Galaxy, make_run: MakeRun, tmp_path: Path
) -> None:
    for percent in (20, 40, 60):
        make_run(f"first-{percent:03d}-s0", percent=percent)
    result = galaxy("study", "difference", "first", "--out", tmp_path / "pairs.csv")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "0 of 3 pairs can be told apart on these 10 galaxies" in result.stdout
    with (tmp_path / "pairs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == (*COLUMNS, "at")
    values = json.loads(galaxy("study", "difference", "first", "--json").stdout)
    assert [row["score"] for row in values["rows"]] == [row["score"] for row in rows]
    assert values["rows"][0]["of"] == "20 % minus 40 %"
    assert "Holm" in values["note"]


def test_what_else_differs_is_named_unless_it_is_asked_for(galaxy: Galaxy, make_run: MakeRun) -> None:
    runs = [make_run("a"), make_run("b", percent=40)]
    path = runs[1].path / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "n_mocks": 500}))
    assert (
        "differ in more than what is compared: mock galaxies"
        in galaxy("study", "difference", "a", "b").stdout
    )
    asked = galaxy("study", "difference", "a", "b", "--set", "across=mocks", "--json")
    assert "differ in more" not in asked.stdout
    assert "--set across=mocks" in asked.stdout
    assert "got colour" in galaxy("study", "difference", "a", "b", "--set", "across=colour").stderr


def test_one_run_is_nothing_to_compare(galaxy: Galaxy, make_run: MakeRun) -> None:
    make_run("a")
    result = galaxy("study", "difference", "a")
    assert result.exit_code == 2
    assert "two rows or more" in result.stderr


def test_a_calibration_is_kept_with_each_run_and_made_anew_when_asked_for(
    galaxy: Galaxy, sweep: list[Run]
) -> None:
    words = ("study", "calibration", "first")
    result = galaxy(*words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "first-020-s0: temperature" in result.stdout
    assert "share that is right" not in result.stdout
    path = sweep[0].path / "calibration.json"
    kept = json.loads(path.read_text())
    assert (kept["n_validation"], kept["n_test"]) == (10, 10)
    printed = json.loads(galaxy(*words, "--json").stdout)["rows"]
    bins = [row["at"] for row in printed if row["of"] == "first-020-s0" and row["at"] is not None]
    assert bins == [one["confidence"] for when in ("before", "after") for one in kept[when]["bins"]]
    path.write_text(json.dumps({**kept, "temperature": 7.5}))
    assert "first-020-s0: temperature 7.5" in galaxy(*words).stdout
    assert "temperature 7.5" not in galaxy(*words, "--again").stdout


def test_a_study_without_its_galaxies_names_the_way_out(
    galaxy: Galaxy, make_run: MakeRun, tmp_path: Path
) -> None:
    make_run("first", data=tmp_path / "gone.h5")
    result = galaxy("study", "calibration", "first")
    assert result.exit_code == 2
    assert "--data FILE" in result.stderr


@pytest.mark.parametrize("verb", NOW)
def test_a_verb_of_before_is_answered_with_what_it_is_called_now(galaxy: Galaxy, verb: str) -> None:
    result = galaxy(verb, "first", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"galaxy: `galaxy {verb}` is `galaxy study {NOW[verb]}` now")
    assert NOW[verb] in names()


def test_audit_prints_counts_pairs_and_the_hash_of_the_split(galaxy: Galaxy, coloured_galaxies: Path) -> None:
    text = galaxy("audit", "--data", coloured_galaxies).stdout
    values = json.loads(galaxy("audit", "--data", coloured_galaxies, "--json").stdout)
    assert values["counts"] == [8] * 10
    assert values["split"]["hash"] in text
    assert {one["kind"]: one["n_pairs"] for one in values["pairs"]}["identical images"] == 0
    assert [one["frequencies"] for one in values["inflation"]] == ["balanced", "as in the survey"]


def test_transferability_scores_every_cut_of_a_source(
    galaxy: Galaxy, sweep: list[Run], coloured_galaxies: Path
) -> None:
    words = ("transferability", "--source", "first-100-s0", "--data", coloured_galaxies)
    text = galaxy(*words).stdout
    assert "first-100-s0, the central 128 px at 64 px, 20 test galaxies" in text
    assert "first-100-s0: linear probe at a cut of 80 % " in text
    values = json.loads(galaxy(*words, "--json").stdout)
    assert [round(100 * one["cut"]) for one in values["depths"]] == [0, 20, 40, 60, 80, 100]
    assert json.loads((sweep[1].path / "forecast.json").read_text())["records"] == [values]


def test_a_study_says_its_numbers_and_the_verdict_on_the_thesis(
    galaxy: Galaxy, sweep: list[Run], coloured_galaxies: Path, tmp_path: Path
) -> None:
    words = ("--data", coloured_galaxies, "--out", tmp_path / "cues.csv", "--chart", tmp_path / "cues.html")
    result = galaxy("study", "cues", "first", *words)
    assert (result.exit_code, result.stderr.count("the paper's thesis, “a little transfer carries")) == (0, 1)
    assert "the condition is ours" in result.stderr
    assert "Test accuracy lost without outline: from" in result.stdout
    with (tmp_path / "cues.csv").open(newline="") as file:
        assert {row["question"] for row in csv.DictReader(file)} == {"cues"}
    assert 'src="http' not in (tmp_path / "cues.html").read_text()
    alone = galaxy("study", "cues", "first-020-s0", "--data", coloured_galaxies)
    assert "first-020-s0: test accuracy on whole images 0" in alone.stdout
    assert "thesis" not in alone.stderr


def test_every_study_is_listed_with_its_question_and_options(galaxy: Galaxy) -> None:
    lines = galaxy("study", "--list").stdout.splitlines()
    assert "focus: Is the heat on the galaxy? (shift=50, centred=False)" in lines
    assert lines[0].startswith("accuracy: ")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("study", "fokus", "first"), "there is no question 'fokus'; there are accuracy"),
        (("study", "focus"), "a study takes its name and runs"),
        (("study", "focus", "first", "--set", "shfit=3"), "focus has no option 'shfit=3'; it has shift=50"),
        (("study", "focus", "first", "--set", "shift=-3"), "shift of focus must be a whole number from 0 on"),
        (("study", "focus", "first", "--out", "a.txt"), "must end in .csv"),
    ],
)
def test_a_study_refuses_what_it_does_not_know(galaxy: Galaxy, words: tuple[str, ...], sentence: str) -> None:
    result = galaxy(*words)
    assert (result.exit_code, sentence in result.stderr) == (2, True)


def test_a_run_is_compared_layer_by_layer_with_any_other_network(
    galaxy: Galaxy, sweep: list[Run], coloured_galaxies: Path
) -> None:
    against = ("--data", coloured_galaxies, "--set", "against=first-100-s0")
    lines = galaxy("study", "similarity", "first-020-s0", *against).stdout.splitlines()
    values = {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines[:-1]}
    with_it = "first-020-s0: linear CKA with first-100-s0"
    assert values[f"{with_it} at conv2_block6_concat (11 %)"] == pytest.approx(1, abs=1e-4)
    assert values[f"{with_it} at relu (100 %)"] < 0.999
    (kept,) = json.loads((sweep[0].path / "similarity.json").read_text())["records"]
    assert (kept["second"], kept["second_view"], kept["n_images"]) == ("first-100-s0", [128, 64], 80)


def test_a_run_that_is_not_finished_is_refused_by_name(galaxy: Galaxy, make_run: MakeRun) -> None:
    make_run("half", done=False)
    result = galaxy("study", "difference", "half")
    assert result.exit_code == 2
    assert "half has no whole checkpoint yet" in result.stderr
