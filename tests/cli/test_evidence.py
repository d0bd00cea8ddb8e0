"""`galaxy evidence` as a user types it, on two DenseNet-121 of random weights."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import Result

from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.run import Run

DENSENET = get_backbone("densenet121")

Galaxy = Callable[..., Result]
MakeRun = Callable[..., Run]
ORIGIN = "07" * 32


@pytest.fixture(scope="module")
def weights() -> dict[int, dict[str, np.ndarray]]:
    source = initial_tensors(DENSENET, 10, "scratch", 0.0, 9, None)
    return {p: initial_tensors(DENSENET, 10, "transfer_frozen", p / 100, 0, source) for p in (20, 60, 100)}


@pytest.fixture
def sweep(make_run: MakeRun, coloured_galaxies: Path, weights: dict[int, dict[str, np.ndarray]]) -> list[Run]:
    """Two runs that took 20 and 60 % over from a third, which is a run of those weights too."""
    galaxies = open_galaxies(coloured_galaxies)
    here: dict[str, Any] = {"data": galaxies.path, "sha256": galaxies.sha256}
    make_run("origin", percent=100, tensors=weights[100], weights_sha256=ORIGIN, **here)
    source = {"name": "origin", "sha256": ORIGIN}
    return [
        make_run(
            f"first-{p:03d}-s0",
            percent=p,
            tensors=weights[p],
            source=source,
            weights_sha256=mark * 32,
            **here,
        )
        for p, mark in ((20, "02"), (60, "06"))
    ]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_evidence_finds_what_was_kept_below_the_cut_and_names_no_folder(
    galaxy: Galaxy, sweep: list[Run], coloured_galaxies: Path, tmp_path: Path
) -> None:
    questions = "accuracy,batch-norm,difference,similarity"
    words = (
        "evidence",
        "first",
        "--data",
        coloured_galaxies,
        "--out",
        tmp_path / "r.csv",
        "--only",
        questions,
    )
    result = galaxy(*words)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split()[0].strip(":") for line in lines] == questions.split(",")
    assert lines[1] == "batch-norm: left out"
    assert "galaxy: batch-norm: first-020-s0 was tested with one kind" in result.stderr
    rows = rows_of(tmp_path / "r.csv")
    assert not any(str(coloured_galaxies.parent) in row["command"] for row in rows)
    shares = {
        row["run or pair"]: float(row["value"])
        for row in rows
        if row["score"] == "linear CKA with origin, mean below the cut"
    }
    assert shares == {f"first-{p}-s0": pytest.approx(1, abs=1e-5) for p in ("020", "060")}
    assert "kept from before" in galaxy(*words).stdout


def test_evidence_fails_only_where_nothing_can_be_answered(
    galaxy: Galaxy, sweep: list[Run], coloured_galaxies: Path, tmp_path: Path
) -> None:
    words = ("evidence", "first-020-s0", "--data", coloured_galaxies, "--out", tmp_path / "r.csv", "--only")
    result = galaxy(*words, "difference")
    assert result.exit_code == 2
    assert "difference: a comparison needs two rows or more" in result.stderr
    assert "none of these questions can be asked" in result.stderr
    assert not (tmp_path / "r.csv").exists()
    assert galaxy(*words, "difference,accuracy").exit_code == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--out", "r.html"), "must end in .csv"),
        (("--out", "r.csv", "--only", "all"), "there is no question 'all'"),
    ],
)
def test_evidence_refuses_before_it_measures(
    galaxy: Galaxy, make_run: MakeRun, coloured_galaxies: Path, words: tuple[str, ...], sentence: str
) -> None:
    make_run("first")
    result = galaxy("evidence", "first", "--data", coloured_galaxies, *words)
    assert result.exit_code == 2
    assert sentence in result.stderr
