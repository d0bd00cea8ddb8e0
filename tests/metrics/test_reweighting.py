"""A balanced test part seen through the survey's class frequencies."""

import math

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.metrics.reweighting import (
    SURVEY_FREQUENCIES,
    importance_weights,
    reweighted_accuracy,
    shift_prior,
    training_frequencies,
)


def test_a_class_counts_as_often_as_the_survey_has_it() -> None:
    labels = np.repeat(np.arange(10), 14)
    score = reweighted_accuracy(labels, labels == 2)  # only round smooth galaxies are right
    assert score.accuracy == pytest.approx(2645 / 17736)
    assert score.n == 140
    assert score.low < score.accuracy < score.high


def test_a_test_part_with_the_frequencies_of_the_survey_is_left_as_it_is() -> None:
    labels = np.array([0] * 30 + [1] * 70)
    frequencies = np.array([0.3, 0.7])
    score = reweighted_accuracy(labels, np.arange(100) < 60, frequencies)
    assert score.accuracy == pytest.approx(0.6)
    assert score.n_effective == pytest.approx(100)


def test_the_effective_number_is_that_of_kish() -> None:
    labels = np.array([0] * 10 + [1] * 90)
    score = reweighted_accuracy(labels, np.ones(100, bool), np.array([0.5, 0.5]))
    assert score.n_effective == pytest.approx(1 / (0.25 / 10 + 0.25 / 90))
    assert score.high == 1


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(10), 14)
    truth = np.linspace(0.5, 0.9, 10)
    covered = 0
    for _ in range(500):
        score = reweighted_accuracy(labels, rng.random(140) < truth[labels])
        covered += score.low <= float(SURVEY_FREQUENCIES @ truth) <= score.high
    assert 0.92 < covered / 500 < 0.99


def test_a_class_without_galaxies_is_left_out_of_the_weights() -> None:
    weights = importance_weights(np.array([0, 0, 2]), np.array([0.2, 0.4, 0.4]))
    np.testing.assert_allclose(weights, [1 / 6, 1 / 6, 2 / 3])
    assert math.isnan(reweighted_accuracy(np.zeros(0, int), np.zeros(0, bool)).accuracy)


def test_a_new_prior_is_bayes_rule() -> None:
    shares = np.array([[0.5, 0.5]])
    shifted = shift_prior(shares, np.array([0.5, 0.5]), np.array([0.9, 0.1]))
    np.testing.assert_allclose(shifted, [[0.9, 0.1]])
    back = shift_prior(shifted, np.array([0.9, 0.1]), np.array([0.5, 0.5]))
    np.testing.assert_allclose(back, shares)


def test_the_right_prior_makes_more_answers_right() -> None:
    rng = np.random.default_rng(1)
    frequencies = np.array([0.9, 0.1])
    labels = rng.choice(2, 5000, p=frequencies)
    evidence = rng.normal(labels, 1.0)
    balanced = np.column_stack([np.exp(-(evidence**2) / 2), np.exp(-((evidence - 1) ** 2) / 2)])
    balanced /= balanced.sum(axis=1, keepdims=True)
    shifted = shift_prior(balanced, np.array([0.5, 0.5]), frequencies)
    assert np.mean(shifted.argmax(1) == labels) > np.mean(balanced.argmax(1) == labels) + 0.1


def test_oversampling_shows_every_class_alike_and_mock_galaxies_are_counted() -> None:
    counts = np.bincount([0, 0, 0, 4], minlength=10)
    assert training_frequencies(counts, is_oversampled=True)[[0, 4, 5]].tolist() == [0.5, 0.5, 0]
    assert training_frequencies(counts, is_oversampled=False)[[0, 4]].tolist() == [0.75, 0.25]
    with_mocks = training_frequencies(counts, is_oversampled=False, n_mocks=2 * counts.sum())
    np.testing.assert_allclose(with_mocks[[0, 4, 5]], [0.95 / 3, 0.45 / 3, 0.2 / 3])
    assert training_frequencies(counts, is_oversampled=True, n_mocks=10).tolist() == [0.1] * 10


def test_counts_are_not_frequencies() -> None:
    with pytest.raises(BadValueError, match="sum to 1"):
        importance_weights(np.array([0, 1]), np.array([10.0, 20.0]))
