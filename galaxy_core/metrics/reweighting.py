"""Scores on a test part whose class frequencies are not those of the survey, brought to those that are.

A balanced test part says how well a class is known; the sky asks how often an answer is right. The survey's
frequencies are the published class counts of Galaxy10 DECaLS. Plain arrays; it knows neither runs nor files.
"""

import math
from dataclasses import dataclass

import numpy as np

from galaxy_core.data.published import PUBLISHED_COUNTS
from galaxy_core.errors import BadValueError
from galaxy_core.metrics.statistics import wilson_interval

SURVEY_FREQUENCIES = np.array(PUBLISHED_COUNTS) / sum(PUBLISHED_COUNTS)


@dataclass(frozen=True)
class Reweighted:
    """A share of right answers under other class frequencies, with Wilson's 95 % interval at `n_effective` galaxies."""

    accuracy: float
    low: float
    high: float
    n: int
    n_effective: float


def reweighted_accuracy(
    labels: np.ndarray, is_right: np.ndarray, frequencies: np.ndarray = SURVEY_FREQUENCIES
) -> Reweighted:
    """Σ_c f_c · (share right of class c): what the accuracy would be if class c came with frequency f_c.

    labels int (N,), is_right bool (N,), frequencies (C,) that sum to 1; a class without galaxies is left out
    and the others scaled up. The effective number of galaxies is (Σw)²/Σw² with the weight f_c/n_c of each
    (Kish 1965), at most N. NaN without galaxies. Errors: BadValueError for frequencies that are none.
    """
    weights = importance_weights(labels, frequencies)
    if not len(labels):
        return Reweighted(math.nan, math.nan, math.nan, 0, 0.0)
    accuracy = float(weights @ np.asarray(is_right, float))
    n_effective = float(1.0 / np.sum(weights**2))
    low, high = wilson_interval(accuracy * n_effective, n_effective)
    return Reweighted(accuracy, low, high, len(labels), n_effective)


def importance_weights(labels: np.ndarray, frequencies: np.ndarray = SURVEY_FREQUENCIES) -> np.ndarray:
    """The weight of each galaxy, float64 (N,), that sum to 1 and give each class its frequency."""
    frequencies = _checked(frequencies)
    counts = np.bincount(labels, minlength=len(frequencies))
    of_class = np.divide(frequencies, counts, out=np.zeros(len(frequencies)), where=counts > 0)
    weights = of_class[labels]
    return np.asarray(weights / weights.sum(), np.float64) if len(labels) else weights


def shift_prior(probabilities: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Probabilities of a network trained where classes came as `before`, for a sky where they come as `after`.

    p'(c) ∝ p(c) · after_c / before_c (Saerens et al. 2002, eq. 2.4); what a class looks like is taken to be
    the same in both. A class that was never trained on (0 before) stays at 0.
    """
    before, after = _checked(before), _checked(after)
    ratio = np.divide(after, before, out=np.zeros(len(before)), where=before > 0)
    shifted = np.asarray(probabilities, np.float64) * ratio
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def training_frequencies(counts: np.ndarray, *, is_oversampled: bool, n_mocks: int = 0) -> np.ndarray:
    """How often each class was shown in training, (C,): alike where rare classes were repeated, else as counted.

    counts (C,): galaxies of each class, to which mock galaxies are added, as many of every class.
    """
    both = np.asarray(counts, np.float64) + n_mocks / len(counts)
    shown = (both > 0).astype(float) if is_oversampled else both
    return np.asarray(shown / shown.sum())


def _checked(frequencies: np.ndarray) -> np.ndarray:
    frequencies = np.asarray(frequencies, np.float64)
    if (
        frequencies.ndim != 1
        or (frequencies < 0).any()
        or not math.isclose(frequencies.sum(), 1, abs_tol=1e-6)
    ):
        raise BadValueError(
            f"class frequencies must be 0 or more and sum to 1, got {frequencies.round(3).tolist()}; "
            "divide counts by their sum"
        )
    return frequencies
