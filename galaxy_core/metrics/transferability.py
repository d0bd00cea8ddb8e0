"""Cheap forecasts of how well a network will do on galaxies, from its frozen features and before any training.

Features float (N, D), labels int (N,), source probabilities (N, Z): plain arrays in, one number out, larger is
better. None is reliable alone, which is why `kendall` says how well each ranks what was measured.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from galaxy_core.errors import BadValueError

N_NEIGHBOURS = 5
STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0)
"""Inverse penalties a linear probe chooses from on held-out galaxies."""


def log_maximum_evidence(features: np.ndarray, labels: np.ndarray) -> float:
    """LogME: log evidence a galaxy of Bayesian linear regression on each class's indicator, mean over the classes.

    You et al. 2021, eq. 2 and algorithm 1: the precisions of weights (alpha) and noise (beta) that maximise it
    are found by fixed-point iteration, in the basis of the features' singular vectors. About −1.4 to 1 for
    useful features; comparable only between features of the same galaxies.
    """
    features = _checked(features, labels)
    left, singular, _ = np.linalg.svd(features, full_matrices=False)
    found = [
        _evidence(left.T @ target, target @ target, singular**2, features.shape)
        for target in np.eye(labels.max() + 1)[labels].T[np.unique(labels)]
    ]
    return float(np.mean(found) / len(features))


def log_expected_prediction(source_probabilities: np.ndarray, labels: np.ndarray) -> float:
    """LEEP: mean log-likelihood of the labels if the source's own classes were translated into them.

    Nguyen et al. 2020, eq. 2: P(y|z) from the source's probabilities of its classes z, then the mean of
    ln Σ_z P(y_i|z) p_i(z). At most 0, which a source reaches whose classes determine the labels; minus the
    entropy of the labels where its answers say nothing.
    """
    shares = _checked(source_probabilities, labels)
    joint = np.zeros((labels.max() + 1, shares.shape[1]))
    np.add.at(joint, labels, shares)
    of_source = joint.sum(axis=0)
    translated = np.divide(joint, of_source, out=np.zeros_like(joint), where=of_source > 0)
    return float(np.mean(np.log(np.sum(translated[labels] * shares, axis=1))))


def h_score(features: np.ndarray, labels: np.ndarray) -> float:
    """H-score: trace of (covariance of features)⁻¹ (covariance of their class means), with Ledoit-Wolf shrinkage.

    Bao et al. 2019, eq. 4, in the shrunken form of Ibrahim et al. 2022 (eq. 6), without which it grows with the
    number of features where that exceeds the galaxies. 0 for features that say nothing, at most classes − 1.
    """
    from sklearn.covariance import ledoit_wolf

    features = _checked(features, labels)
    centred = features - features.mean(axis=0)
    covariance, shrinkage = ledoit_wolf(centred, assume_centered=True)
    means = np.stack(
        [centred[labels == label].mean(axis=0) for label in range(labels.max() + 1) if label in labels]
    )
    counts = np.bincount(labels)[np.unique(labels)]
    weighted = means * np.sqrt(counts / len(labels))[:, None]
    between = np.linalg.lstsq(covariance, weighted.T, rcond=None)[0]
    return float((1 - shrinkage) * np.sum(weighted.T * between))


def nearest_neighbours(features: np.ndarray, labels: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Predicted classes int (M,) of new galaxies by a vote of the nearest of (N, D), each feature scaled alike."""
    from sklearn.neighbors import KNeighborsClassifier

    scaled, new = _scaled(features, new)
    classifier = KNeighborsClassifier(min(N_NEIGHBOURS, len(labels)), algorithm="brute")
    return np.asarray(classifier.fit(scaled, labels).predict(new), np.int64)


def linear_probe(
    features: np.ndarray,
    labels: np.ndarray,
    held_out: np.ndarray,
    held_out_labels: np.ndarray,
    new: np.ndarray,
) -> np.ndarray:
    """Predicted classes int (M,) of new galaxies by logistic regression (Alain & Bengio 2017) on scaled features.

    Its penalty is the one of STRENGTHS that is right most often on held-out galaxies, the stronger one of two.
    """
    scaled, held_out = _scaled(features, held_out)
    probes = [_fitted(scaled, labels, strength) for strength in STRENGTHS]
    best = max(probes, key=lambda probe: np.mean(probe.predict(held_out) == held_out_labels))
    return np.asarray(best.predict(_scaled(features, new)[1]), np.int64)


def kendall(forecast: Sequence[float], measured: Sequence[float]) -> tuple[float, float]:
    """Rank correlation tau-b of a forecast with what was measured, and its exact two-sided p-value (Kendall 1945).

    1 where the forecast ranks as measured, −1 where it ranks backwards; NaN for fewer than three, or where all
    are equal. With six fractions only |tau| of 0.87 and more is beyond chance at 95 %.
    """
    from scipy.stats import kendalltau

    if len(forecast) < 3 or len(set(forecast)) < 2 or len(set(measured)) < 2:
        return math.nan, math.nan
    found = kendalltau(forecast, measured)
    return float(found.statistic), float(found.pvalue)


def _evidence(projected: np.ndarray, total: float, variances: np.ndarray, shape: tuple[int, ...]) -> float:
    """Largest log evidence of one target: its projections on the left singular vectors, and its sum of squares."""
    n, n_features = shape
    squares = projected**2
    outside = max(total - float(squares.sum()), 0.0)
    alpha = beta = 1.0
    for _ in range(200):
        spread = alpha + beta * variances
        effective = float(np.sum(beta * variances / spread))
        weights = float(np.sum(beta**2 * variances * squares / spread**2))
        residual = float(np.sum(squares * (alpha / spread) ** 2)) + outside
        before = alpha / beta
        # the floors keep a target that is fitted perfectly, or not at all, from dividing by zero
        alpha, beta = effective / max(weights, 1e-12), (n - effective) / max(residual, 1e-12)
        if abs(alpha / beta - before) <= 1e-6 * before:
            break
    spread = alpha + beta * variances
    weights = float(np.sum(beta**2 * variances * squares / spread**2))
    residual = float(np.sum(squares * (alpha / spread) ** 2)) + outside
    n_flat = n_features - len(variances)
    log_determinant = float(np.sum(np.log(spread))) + n_flat * math.log(alpha)
    fit = n_features * math.log(alpha) + n * math.log(beta) - beta * residual - alpha * weights
    return 0.5 * (fit - log_determinant - n * math.log(2 * math.pi))


def _fitted(features: np.ndarray, labels: np.ndarray, strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    # features are scaled, so that a hundred rounds settle all but the last digits
    return LogisticRegression(C=strength, max_iter=1000, tol=1e-3).fit(features, labels)


def _scaled(features: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both with the mean and the deviation of the first at 0 and 1; a feature that never changes stays at 0."""
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    factor = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 1e-12)
    return (features - mean) * factor, (new - mean) * factor


def _checked(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    features = np.asarray(features, np.float64)
    if features.ndim != 2 or len(features) != len(labels) or not len(labels):
        raise BadValueError(
            f"features (N, D) and labels (N,) must agree in N and not be empty, got {features.shape} and {len(labels)}"
        )
    return features
