"""Which galaxies a run is tested on, and that the answer says so."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from galaxy_core.data.classes import GALAXY10
from galaxy_core.data.split import Split
from galaxy_core.errors import BadValueError
from galaxy_core.prediction.evaluate import evaluate_run
from galaxy_core.runs.run import Run

SHA256 = "ab" * 32
SPLIT = Split.of(np.arange(20), np.arange(20, 26), np.arange(26, 40), seed=0)


def galaxies(sha256: str = SHA256) -> Any:
    """Forty images whose corner pixel tells their class."""
    labels = np.arange(40) % 10
    images = np.zeros((40, 256, 256, 3), np.uint8)
    images[:, 0, 0, 0] = 25 * labels
    about = {"sha256": sha256, "path": Path("g.h5"), "origin": "mock", "classes": GALAXY10}
    return SimpleNamespace(images=images, labels=labels, **about)


@pytest.fixture
def run(make_run: Callable[..., Run]) -> Run:
    made = make_run("first", split_hash=SPLIT.hash)
    (made.path / "split.json").write_text(json.dumps(SPLIT.to_json()))
    return made


def test_the_known_file_is_tested_on_its_test_part(run: Run, corner_reader: Any) -> None:
    values = evaluate_run(run, galaxies(), lineup=corner_reader)
    assert (values["part"], values["n"], values["accuracy"]) == ("test", 14, 1.0)
    assert "unseen" in values["sentence"]
    json.dumps(values, allow_nan=False)


def test_another_file_is_tested_whole(run: Run, corner_reader: Any) -> None:
    values = evaluate_run(run, galaxies("cd" * 32), lineup=corner_reader)
    assert (values["part"], values["n"]) == ("all", 40)
    assert "not the file" in values["sentence"]


def test_another_split_is_not_believed(run: Run, corner_reader: Any) -> None:
    other = Split.of(np.arange(14, 40), np.arange(8, 14), np.arange(8), seed=0)
    (run.path / "split.json").write_text(json.dumps(other.to_json()))
    values = evaluate_run(run, galaxies(), lineup=corner_reader)
    assert (values["part"], values["n"]) == ("all", 40)
    assert "trained on among them" in values["sentence"]


def test_progress_counts_galaxies(run: Run, corner_reader: Any) -> None:
    seen: list[tuple[int, int]] = []
    evaluate_run(run, galaxies("cd" * 32), lineup=corner_reader, progress=lambda *at: seen.append(at))
    assert seen == [(16, 40), (32, 40), (40, 40)]


def test_a_source_of_weights_is_refused(make_run: Callable[..., Run], corner_reader: Any) -> None:
    with pytest.raises(BadValueError, match="no classifier"):
        evaluate_run(make_run("first", kind="source"), galaxies(), lineup=corner_reader)
