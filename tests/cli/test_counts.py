"""`galaxy counts`: numbers on standard output, what must be said beside them on standard error."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import Result

from galaxy_core.metrics.measure import write_predictions
from galaxy_core.prediction.predict import answer_row, refused_row, write_rows
from galaxy_core.runs.run import Run

Galaxy = Callable[..., Result]
SURE = 0.05 + 0.5 * np.eye(10)


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    rows = [answer_row(f"{i}.png", "first", SURE[2 if i < 90 else 3], {}) for i in range(100)]
    write_rows(tmp_path / "a.csv", [*rows, refused_row("b.png", "gone")])
    return tmp_path / "a.csv"


def test_corrected_counts_stand_beside_those_as_answered(
    galaxy: Galaxy, make_run: Callable[..., Run], answers: Path
) -> None:
    run, labels = make_run("first"), np.repeat(np.arange(10), 30)
    mistaken = np.where((labels == 2) & (np.arange(300) % 10 == 0), 3, labels)
    write_predictions(run.path / "predictions.csv", np.arange(300), labels, SURE[mistaken].astype("f4"))
    result = galaxy("counts", answers)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "first: 100 objects with a class, 1 without"
    assert lines[1].split() == ["class", "as", "answered", "corrected", "95", "%"]
    assert lines[4].startswith("Round Smooth")
    assert lines[4].split()[2:6] == ["90", "(90.0", "%)", "100"]
    assert "corrected by the run's answers on its 300 test galaxies" in result.stderr
    told = json.loads(galaxy("counts", answers, "--run", "first", "--json").stdout)["runs"][0]
    assert (told["n"], told["n_without"], told["n_test"]) == (100, 1, 300)
    assert told["classes"][2]["low"] <= told["classes"][2]["corrected"] <= told["classes"][2]["high"]


def test_without_enough_test_galaxies_the_raw_counts_stand_alone_and_it_is_said(
    galaxy: Galaxy, make_run: Callable[..., Run], answers: Path
) -> None:
    make_run("first")
    result = galaxy("counts", answers)
    assert "corrected" not in result.stdout
    assert "galaxy: first: not corrected: of class" in result.stderr


def test_what_is_no_table_of_answers_is_refused(galaxy: Galaxy, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,mag\n1,2\n")
    result = galaxy("counts", tmp_path / "a.csv")
    assert result.exit_code == 2
    assert "a.csv is no table of answers" in result.stderr
