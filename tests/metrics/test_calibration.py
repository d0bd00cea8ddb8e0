"""Networks whose confidence is known to be right, too large or too small."""

import math

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.metrics.calibration import (
    brier_score,
    calibration_error,
    fit_temperature,
    reliability,
    softmax,
)


def drawn(n: int, temperature: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits (n, 10), and labels drawn with exactly the probabilities those logits have at this temperature."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 3, (n, 10))
    shares = softmax(logits, temperature).cumsum(axis=1)
    return logits, (rng.random(n)[:, None] > shares).sum(axis=1).clip(max=9)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_made_the_labels_is_found(temperature: float) -> None:
    logits, labels = drawn(8000, temperature)
    assert fit_temperature(logits, labels) == pytest.approx(temperature, rel=0.05)


def test_logarithms_of_probabilities_give_the_temperature_of_the_logits() -> None:
    logits, labels = drawn(500, 2.0)
    assert fit_temperature(np.log(softmax(logits)), labels) == pytest.approx(fit_temperature(logits, labels))


def test_a_network_that_is_always_right_gets_the_lowest_temperature() -> None:
    labels = np.arange(40) % 10
    assert fit_temperature(5 * np.eye(10)[labels], labels) < 0.2
    with pytest.raises(BadValueError, match="held-out galaxies, got none"):
        fit_temperature(np.zeros((0, 10)), labels[:0])


def test_scaling_changes_how_sure_the_answer_is_and_never_the_answer() -> None:
    logits, _ = drawn(100, 1.0)
    sure, unsure = softmax(logits, 0.5), softmax(logits, 4.0)
    assert np.array_equal(sure.argmax(1), unsure.argmax(1))
    assert (sure.max(1) > unsure.max(1)).all()
    np.testing.assert_allclose(softmax(np.array([[1000.0, 0.0]]), 1.0), [[1, 0]])


def test_a_network_as_sure_as_it_is_right_has_no_calibration_error() -> None:
    confidence, place = np.repeat([0.5, 0.8], 20), np.arange(20)
    is_right = np.concatenate([place % 2 < 1, place % 5 < 4])
    error = calibration_error(confidence, is_right)
    assert error.value < 0.03
    assert error.low == 0
    assert error.high > 0.05  # forty galaxies cannot exclude it


def test_a_network_that_is_sure_and_wrong_has_an_error_of_its_confidence() -> None:
    error = calibration_error(np.full(30, 0.9), np.zeros(30, bool))
    assert error.value == pytest.approx(0.9, abs=0.01)
    assert error.low > 0.5


def test_bins_hold_equally_many_and_show_confidence_beside_accuracy() -> None:
    bins = reliability(np.linspace(0.1, 1.0, 100), np.arange(100) >= 50, n_bins=4)
    assert [one.n for one in bins] == [25] * 4
    assert [one.accuracy for one in bins] == [0, 0, 1, 1]
    assert bins[0].confidence == pytest.approx(np.linspace(0.1, 1.0, 100)[:25].mean())
    assert bins[0].low == 0
    assert 0 < bins[0].high < 0.2


@pytest.mark.parametrize("true", [0.0, 0.1])
def test_few_galaxies_do_not_make_the_error_larger_than_it_is(true: float) -> None:
    """The plain mean over ten bins is 0.137 for 0 and 0.162 for 0.1, with these 70 galaxies."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(100):
        confidence = rng.uniform(0.3, 1, 70)
        found.append(calibration_error(confidence, rng.random(70) < confidence - true).value)
    assert np.mean(found) == pytest.approx(true, abs=0.04)


def test_the_error_of_a_shipped_network_lies_in_its_own_interval() -> None:
    """Its basic bootstrap gave 0.069 with 0.000 to 0.056."""
    rng = np.random.default_rng(3)
    for n in (1, 2, 7, 70, 140):
        for _ in range(20):
            confidence = rng.uniform(0.1, 1, n)
            error = calibration_error(confidence, rng.random(n) < rng.uniform(0, 1))
            assert 0 <= error.low <= error.value <= error.high <= 1


def test_brier_is_that_of_scikit_learn_and_two_at_worst() -> None:
    from sklearn.metrics import brier_score_loss

    logits, labels = drawn(300, 1.0)
    shares = softmax(logits)
    theirs = brier_score_loss(labels, shares, labels=list(range(10)), scale_by_half=False)
    assert brier_score(labels, shares) == pytest.approx(theirs)
    assert brier_score(np.array([0]), np.eye(10)[[1]]) == 2


def test_no_galaxies_have_no_numbers() -> None:
    nothing = np.array([])
    assert math.isnan(calibration_error(nothing, nothing).value)
    assert reliability(nothing, nothing) == []
