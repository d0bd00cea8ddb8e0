"""Forecasts with answers that are known: closed forms, perfect and useless sources, scikit-learn and SciPy."""

import math
from itertools import product

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.metrics.transferability import (
    h_score,
    kendall,
    linear_probe,
    log_expected_prediction,
    log_maximum_evidence,
    nearest_neighbours,
)

LABELS = np.arange(60) % 3


def telling(noise: float, n_useless: int = 5, labels: np.ndarray = LABELS, seed: int = 0) -> np.ndarray:
    """Features that are the label with this much noise, and some that are noise alone."""
    rng = np.random.default_rng(seed)
    told = np.eye(3)[labels] + rng.normal(0, noise, (len(labels), 3))
    return np.concatenate([told, rng.normal(0, 1, (len(labels), n_useless))], axis=1)


def gaussian_evidence(features: np.ndarray, target: np.ndarray, alpha: float, beta: float) -> float:
    """The log density of the target under the model itself, weights integrated out."""
    from scipy.stats import multivariate_normal

    covariance = np.eye(len(target)) / beta + features @ features.T / alpha
    return float(multivariate_normal(np.zeros(len(target)), covariance).logpdf(target))


@pytest.mark.parametrize("n_useless", [2, 100])
def test_log_me_is_the_largest_evidence_of_the_gaussian_model(n_useless: int) -> None:
    features = telling(0.5, n_useless)
    grid = np.exp(np.arange(-4, 8, 0.25))
    best = []
    for target in np.eye(3)[LABELS].T:
        values, vectors = np.linalg.eigh(features @ features.T)
        squares = (vectors.T @ target) ** 2
        best.append(
            max(
                -0.5 * np.sum(np.log(2 * np.pi * (1 / b + values / a)) + squares / (1 / b + values / a))
                for a, b in product(grid, grid)
            )
        )
    found = log_maximum_evidence(features, LABELS)
    assert found == pytest.approx(np.mean(best) / 60, abs=0.003)
    assert found >= np.mean(best) / 60 - 1e-9  # no point of the grid is above the maximum


def test_the_grid_itself_is_the_gaussian_density() -> None:
    features, target = telling(0.5), np.eye(3)[LABELS][:, 0]
    values, vectors = np.linalg.eigh(features @ features.T)
    variance = 1 / 3 + values / 2
    by_hand = -0.5 * np.sum(np.log(2 * np.pi * variance) + (vectors.T @ target) ** 2 / variance)
    assert by_hand == pytest.approx(gaussian_evidence(features, target, 2.0, 3.0))


def test_features_that_tell_more_have_more_evidence() -> None:
    found = [log_maximum_evidence(telling(noise), LABELS) for noise in (0.1, 0.5, 5.0)]
    assert found[0] > found[1] > found[2]


def test_a_source_whose_classes_are_the_labels_needs_no_translation() -> None:
    perfect = np.eye(3)[(LABELS + 1) % 3]  # under other names
    assert log_expected_prediction(perfect, LABELS) == pytest.approx(0)


def test_a_source_that_says_nothing_leaves_the_entropy_of_the_labels() -> None:
    assert log_expected_prediction(np.full((60, 7), 1 / 7), LABELS) == pytest.approx(-math.log(3))


def test_leep_by_hand_for_two_galaxies_and_two_classes() -> None:
    shares, labels = np.array([[0.8, 0.2], [0.4, 0.6]]), np.array([0, 1])
    translated = np.array([[0.8 / 1.2, 0.2 / 0.8], [0.4 / 1.2, 0.6 / 0.8]])
    expected = np.mean([np.log(translated[0] @ shares[0]), np.log(translated[1] @ shares[1])])
    assert log_expected_prediction(shares, labels) == pytest.approx(expected)


def test_a_source_class_that_never_speaks_changes_nothing() -> None:
    shares = np.eye(3)[LABELS] * 0.5 + 1 / 6
    padded = np.concatenate([shares, np.zeros((60, 2))], axis=1)
    assert log_expected_prediction(padded, LABELS) == pytest.approx(log_expected_prediction(shares, LABELS))


def test_the_h_score_of_one_feature_is_its_share_of_variance_between_classes() -> None:
    rng = np.random.default_rng(1)
    labels = np.arange(3000) % 3
    feature = rng.normal(labels, 1.0)
    means = np.array([feature[labels == c].mean() for c in range(3)])
    share = means.var() / feature.var()
    assert h_score(feature[:, None], labels) == pytest.approx(share, rel=0.01)


def test_the_h_score_is_at_most_one_less_than_the_classes() -> None:
    labels = np.arange(3000) % 3
    assert h_score(telling(0.01, 2, labels), labels) == pytest.approx(2, abs=0.05)
    assert h_score(np.random.default_rng(2).normal(size=(3000, 8)), labels) < 0.05


def test_shrinkage_keeps_useless_features_from_counting() -> None:
    useless = np.random.default_rng(3).normal(size=(60, 400))
    assert h_score(useless, LABELS) < 0.5 * h_score(telling(0.3), LABELS)


@pytest.mark.parametrize("scale", [1.0, 1e-4])
def test_probe_and_neighbours_find_what_is_there_in_whatever_unit(scale: float) -> None:
    train, held_out, new = (telling(0.1, 2, seed=seed) for seed in (1, 2, 3))
    for features in (train, held_out, new):
        features[:, :3] *= scale  # next to useless features of unit size
    assert np.mean(nearest_neighbours(train, LABELS, new) == LABELS) > 0.95
    assert np.mean(linear_probe(train, LABELS, held_out, LABELS, new) == LABELS) > 0.95


def test_a_feature_that_never_changes_is_passed_over() -> None:
    train = np.concatenate([telling(0.1, 0), np.full((60, 1), 7.0)], axis=1)
    new = np.concatenate([telling(0.1, 0, seed=4), np.full((60, 1), 900.0)], axis=1)
    assert np.mean(nearest_neighbours(train, LABELS, new) == LABELS) > 0.95


def test_the_penalty_of_the_probe_is_chosen_on_held_out_galaxies() -> None:
    train, new = telling(1.0, 300, seed=5), telling(1.0, 300, seed=6)
    from sklearn.linear_model import LogisticRegression

    right = np.mean(linear_probe(train, LABELS, new, LABELS, new) == LABELS)
    free = np.mean(LogisticRegression(C=1.0, max_iter=1000).fit(train, LABELS).predict(new) == LABELS)
    assert right >= free


def test_ranks_as_measured_backwards_and_not_at_all() -> None:
    assert kendall([1, 2, 3, 4, 5, 6], [10, 20, 30, 40, 50, 60])[0] == pytest.approx(1)
    tau, p_value = kendall([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1])
    assert tau == pytest.approx(-1)
    assert p_value == pytest.approx(2 / math.factorial(6))
    assert math.isnan(kendall([1, 1, 1], [1, 2, 3])[0])
    assert math.isnan(kendall([1, 2], [1, 2])[0])


def test_features_of_other_galaxies_are_refused() -> None:
    with pytest.raises(BadValueError, match=r"agree in N and not be empty, got \(5, 2\) and 60"):
        log_maximum_evidence(np.zeros((5, 2)), LABELS)
