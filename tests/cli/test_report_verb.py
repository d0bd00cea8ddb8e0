"""galaxy report, as a user types it."""

from collections.abc import Callable
from pathlib import Path

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


def test_report_of_a_sweep_says_where_it_is_and_what_it_lacks(
    galaxy: Galaxy, make_run: MakeRun, tmp_path: Path
) -> None:
    make_run("first-020-s0")
    make_run("first-040-s0", percent=40)
    make_run("first-060-s0", percent=60, done=False)
    result = galaxy("report", "first", "--out", tmp_path / "report.html")
    assert result.exit_code == 0
    assert result.stdout == f"report of 2 runs in {tmp_path / 'report.html'}\n"
    assert "first-060-s0 is not in the report: it is not finished." in result.stderr
    # these runs hold no whole network, which is no reason to keep their numbers from the reader
    assert "No heatmaps: " in result.stderr
    assert "first-040-s0" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["first", "--out", "report.pdf"], "--out must end in .html or .htm, got report.pdf"),
        (["first", "--out", "report.html"], "of 1 run none is a finished classifier"),
        (["nobody", "--out", "report.html"], "there is no run named nobody"),
    ],
)
def test_a_mistake_is_one_sentence_and_no_file(
    galaxy: Galaxy,
    make_run: MakeRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    make_run("first-020-s0", done=False)
    result = galaxy("report", *words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
    assert not list(tmp_path.glob("report.*"))


def test_a_file_of_galaxies_that_was_asked_for_must_be_there(
    galaxy: Galaxy, make_run: MakeRun, tmp_path: Path
) -> None:
    make_run("first-020-s0")
    result = galaxy("report", "first", "--out", tmp_path / "r.html", "--data", tmp_path / "none.h5")
    assert result.exit_code == 2
    assert "say where they are with --data FILE" in result.stderr


@pytest.mark.slow
def test_real_networks_are_explained_on_their_own_test_galaxies(
    galaxy: Galaxy, make_run: MakeRun, coloured_galaxies: Path, tmp_path: Path
) -> None:
    galaxies = open_galaxies(coloured_galaxies)
    tensors: dict[str, np.ndarray] = initial_tensors(DENSENET, 10, "scratch", 0.0, 9, None)
    make_run("first-020-s0", data=galaxies.path, sha256=galaxies.sha256, tensors=tensors)
    result = galaxy("report", "first", "--out", tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "No heatmaps" not in result.stderr
    assert "galaxies of coloured.h5 that all these runs may be tested on" in page
