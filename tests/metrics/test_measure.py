"""metrics.json and predictions.csv: plain, complete, and read back as they were written."""

import json
from pathlib import Path

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.metrics.measure import measure, write_predictions
from galaxy_core.runs.run import Run

LABELS = np.arange(20) % 10


def uniform(n: int) -> np.ndarray:
    return np.full((n, 10), 0.1, np.float32)


def test_metrics_are_plain_json_without_nan() -> None:
    metrics = measure(np.array([0, 1]), np.eye(10)[[0, 2]])
    assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics


def test_metrics_of_a_perfect_answer_are_one_with_a_lower_bound_below_one() -> None:
    metrics = measure(LABELS, np.eye(10)[LABELS])
    assert metrics["accuracy"] == metrics["balanced_accuracy"] == 1
    assert metrics["accuracy_low"] < 0.9
    assert metrics["balanced_low"] < 0.9
    assert metrics["loss"] == 0
    assert metrics["confusion"] == (2 * np.eye(10, dtype=int)).tolist()


def test_each_class_is_named_and_undefined_numbers_are_none() -> None:
    classes = measure(np.array([4]), np.eye(10)[[5]])["per_class"]
    assert classes[4] == {
        "class": 4,
        "name": "Cigar Shaped Smooth",
        "n": 1,
        "completeness": 0,
        "purity": None,
    }
    assert classes[5]["completeness"] is None
    assert classes[5]["purity"] == 0


def test_without_galaxies_every_number_is_none() -> None:
    metrics = measure(np.array([], np.int64), np.empty((0, 10)))
    assert metrics["n"] == 0
    assert metrics["accuracy"] is metrics["accuracy_low"] is metrics["balanced_low"] is None


def test_the_interval_says_how_it_was_made() -> None:
    method = measure(LABELS, uniform(20))["method"]
    assert "Wilson" in method["accuracy"]
    assert "2 right of 20" in method["accuracy"]
    assert "effective number of galaxies" in method["balanced_accuracy"]


@pytest.mark.parametrize(
    ("labels", "shares", "word"),
    [
        (np.array([0, 1]), uniform(3), "agree"),
        (np.array([10]), uniform(1), "0..9"),
        (np.array([-1]), uniform(1), "0..9"),
        (np.array([0]), np.full((1, 10), np.nan), "finite"),
        (np.array([0]), np.full((1, 10), 3.0), "softmax"),
    ],
)
def test_what_are_no_probabilities_is_refused(labels: np.ndarray, shares: np.ndarray, word: str) -> None:
    with pytest.raises(BadValueError, match=word):
        measure(labels, shares)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_predictions_read_back_are_those_written(tmp_path: Path, dtype: type) -> None:
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.ones(10), 20).astype(dtype)
    index = rng.permutation(17_736)[:20]
    write_predictions(tmp_path / "predictions.csv", index, LABELS, shares)
    read = Run(tmp_path).predictions()
    assert (read.index == index).all()
    assert (read.labels == LABELS).all()
    assert (read.probabilities == shares.astype("f4")).all()
    header = (tmp_path / "predictions.csv").read_text().splitlines()[0]
    assert header == "index,label,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9"
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["predictions.csv"]


def test_an_index_of_another_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadValueError, match="one length"):
        write_predictions(tmp_path / "p.csv", np.arange(3), LABELS, uniform(20))
