"""Sets keep their promise on exchangeable galaxies, however bad the network; and are said in words."""

import math

import numpy as np
import pytest

from galaxy_core.data.classes import GALAXY10
from galaxy_core.errors import BadValueError
from galaxy_core.metrics.calibration import softmax
from galaxy_core.metrics.conformal import (
    likely_coverage,
    measured_coverage,
    prediction_sets,
    set_in_words,
    set_threshold,
)


def world(rng: np.random.Generator, n: int, skill: float) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of a network that is far too sure of itself, and the labels."""
    labels = rng.integers(0, 10, n)
    return softmax(rng.normal(0, 4, (n, 10)) + skill * np.eye(10)[labels]), labels


@pytest.mark.parametrize("skill", [0.0, 4.0])
@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_sets_hold_the_true_class_as_often_as_promised_whatever_the_network(
    coverage: float, skill: float
) -> None:
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(300):
        shares, labels = world(rng, 70 + 200, skill)
        threshold = set_threshold(shares[:70], labels[:70], coverage)
        covered.append(measured_coverage(prediction_sets(shares[70:], threshold), labels[70:]).covered)
    assert coverage - 0.01 <= np.mean(covered) <= coverage + 0.03
    low, high = likely_coverage(70, coverage)
    assert 0.75 < np.mean([low <= one <= high for one in covered]) <= 1


def test_a_better_network_makes_smaller_sets_for_the_same_promise() -> None:
    rng = np.random.default_rng(1)
    sizes = []
    for skill in (2.0, 10.0):
        shares, labels = world(rng, 4000, skill)
        threshold = set_threshold(shares[:2000], labels[:2000], 0.9)
        sizes.append(measured_coverage(prediction_sets(shares[2000:], threshold), labels[2000:]).mean_size)
    assert sizes[1] < 0.5 * sizes[0]


def test_the_threshold_is_the_finite_sample_quantile() -> None:
    true = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
    shares = np.column_stack([true, 1 - true])
    assert set_threshold(shares, np.zeros(9, int), 0.9) == pytest.approx(0.1)  # k = 9 of 9
    assert set_threshold(shares, np.zeros(9, int), 0.5) == pytest.approx(0.5)  # k = 5 of 9


def test_too_few_galaxies_for_the_promise_leave_every_class_in() -> None:
    shares = np.full((5, 10), 0.1)
    threshold = set_threshold(shares, np.zeros(5, int), 0.9)
    assert threshold == 0
    assert prediction_sets(np.eye(10)[:2], threshold).all()
    assert likely_coverage(5, 0.9) == (1.0, 1.0)


def test_no_set_is_empty() -> None:
    sets = prediction_sets(np.full((3, 10), 0.1), 0.5)
    assert sets.sum(axis=1).tolist() == [1, 1, 1]


def test_measured_coverage_counts_sets_and_their_sizes() -> None:
    sets = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 1], [1, 1, 1]], bool)
    measured = measured_coverage(sets, np.array([0, 2, 2, 1]))
    assert (measured.n, measured.covered, measured.mean_size, measured.share_single) == (4, 0.75, 1.75, 0.5)
    assert measured.low < 0.75 < measured.high
    assert math.isnan(measured_coverage(sets[:0], np.zeros(0, int)).covered)


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        ([5], "barred spiral"),
        ([5, 6], "barred or unbarred tight spiral"),
        ([5, 6, 7], "barred, unbarred tight or unbarred loose spiral"),
        ([1, 5], "merging or barred spiral"),
        ([2, 3], "round or in-between round smooth"),
        ([8, 9], "edge-on without or edge-on with bulge"),
        (range(6), "any of 6 classes"),
    ],
)
def test_a_set_is_said_as_a_person_would(classes: list[int], words: str) -> None:
    assert set_in_words(np.isin(np.arange(10), list(classes)), GALAXY10) == words


def test_a_promise_of_certainty_is_refused() -> None:
    with pytest.raises(BadValueError, match=r"between 0 and 1, got 1; 0\.9 is usual"):
        set_threshold(np.full((5, 10), 0.1), np.zeros(5, int), 1.0)
