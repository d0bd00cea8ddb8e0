"""Networks whose confidence is known to be right, too large or too small."""

import math

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.evaluation.calibration import (
    brier_score,
    calibration_error,
    calibration_error_interval,
    error_by_chance,
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
    confidence = np.repeat([0.5, 0.8], 10)
    is_right = np.concatenate([np.arange(10) < 5, np.arange(10) < 8])
    assert calibration_error(confidence, is_right, n_bins=2) == pytest.approx(0, abs=1e-12)


def test_a_network_that_is_sure_and_wrong_has_an_error_of_its_confidence() -> None:
    assert calibration_error(np.full(30, 0.9), np.zeros(30, bool)) == pytest.approx(0.9)


def test_bins_hold_equally_many_and_show_confidence_beside_accuracy() -> None:
    bins = reliability(np.linspace(0.1, 1.0, 100), np.arange(100) >= 50, n_bins=4)
    assert [one.n for one in bins] == [25] * 4
    assert [one.accuracy for one in bins] == [0, 0, 1, 1]
    assert bins[0].confidence == pytest.approx(np.linspace(0.1, 1.0, 100)[:25].mean())
    assert bins[0].low == 0
    assert 0 < bins[0].high < 0.2


def test_few_galaxies_show_an_error_even_where_there_is_none() -> None:
    rng = np.random.default_rng(0)
    few, many = (error_by_chance(rng.uniform(0.2, 1, n), rng, 200) for n in (70, 7000))
    assert few > 0.08
    assert many < 0.02


def test_the_interval_of_the_error_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(100):
        confidence = rng.choice([0.6, 0.9], 300)
        is_right = rng.random(300) < confidence - 0.2  # the true error is 0.2
        low, high = calibration_error_interval(confidence, is_right, rng, 200)
        covered += low <= 0.2 <= high
    assert covered >= 85


def test_brier_is_that_of_scikit_learn_and_two_at_worst() -> None:
    from sklearn.metrics import brier_score_loss

    logits, labels = drawn(300, 1.0)
    shares = softmax(logits)
    theirs = brier_score_loss(labels, shares, labels=list(range(10)), scale_by_half=False)
    assert brier_score(labels, shares) == pytest.approx(theirs)
    assert brier_score(np.array([0]), np.eye(10)[[1]]) == 2


def test_no_galaxies_have_no_numbers() -> None:
    nothing = np.array([])
    assert math.isnan(calibration_error(nothing, nothing))
    assert math.isnan(error_by_chance(nothing, np.random.default_rng(0)))
    assert reliability(nothing, nothing) == []
