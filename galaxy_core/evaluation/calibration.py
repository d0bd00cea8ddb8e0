"""Whether a network is as sure as it is right: temperature scaling, reliability, calibration error, Brier score.

Plain arrays in, numbers out; labels int (N,), logits or probabilities float (N, C). It knows neither runs nor files.
"""

import math
from dataclasses import dataclass

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.evaluation.statistics import Interval, wilson_interval

N_BINS = 10
LEVEL = 0.95
N_DRAWS = 2000
SMALLEST_TEMPERATURE, LARGEST_TEMPERATURE = 0.05, 20.0
"""Beyond either end an answer is as good as certain, or as good as uniform."""


@dataclass(frozen=True)
class Bin:
    """Galaxies of about equal confidence: how sure the network is of them and how often it is right, as shares."""

    n: int
    confidence: float
    accuracy: float
    low: float  # Wilson's interval of the accuracy at 95 %
    high: float


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Probabilities float64 (N, C) of logits divided by the temperature: above 1 less sure, the answer the same."""
    scaled = np.asarray(logits, np.float64) / temperature
    exponentials = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The one number that makes held-out answers likeliest: least mean −ln p(true class) (Guo et al. 2017, 4.2).

    Logits may be shifted by any number a galaxy, so logarithms of probabilities will do. Lies in [0.05, 20]:
    at the lower end where every answer is right. Errors: BadValueError without galaxies.
    """
    from scipy.optimize import minimize_scalar

    if not len(labels):
        raise BadValueError(
            "a temperature needs held-out galaxies, got none; choose a larger validation part"
        )
    true = np.asarray(logits, np.float64)[np.arange(len(labels)), labels]

    def loss(log_temperature: float) -> float:
        scale = math.exp(-log_temperature)
        return float(np.mean(_log_sum_exp(logits * scale) - true * scale))

    bounds = (math.log(SMALLEST_TEMPERATURE), math.log(LARGEST_TEMPERATURE))
    return math.exp(float(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def reliability(confidence: np.ndarray, is_right: np.ndarray, n_bins: int = N_BINS) -> list[Bin]:
    """The reliability diagram in bins that hold equally many galaxies, the least sure first.

    confidence float (N,), the largest probability; is_right bool (N,). At most N bins; none without galaxies.
    """
    return [_bin(confidence[rows], is_right[rows]) for rows in _equal_masses(confidence, n_bins)]


def calibration_error(confidence: np.ndarray, is_right: np.ndarray, n_bins: int = N_BINS) -> float:
    """Expected calibration error: mean |accuracy − confidence| over bins of equal mass, weighted by galaxies.

    Naeini et al. 2015, with the bins of equal mass that Nixon et al. 2019 recommend. 0 is perfect; with few
    galaxies it is above 0 for a perfect network too: see `error_by_chance`. NaN without galaxies.
    """
    if not len(confidence):
        return math.nan
    rows = _equal_masses(confidence, n_bins)
    return float(sum(abs(np.sum(is_right[some] - confidence[some])) for some in rows) / len(confidence))


def calibration_error_interval(
    confidence: np.ndarray, is_right: np.ndarray, rng: np.random.Generator, n_draws: int = N_DRAWS
) -> Interval:
    """Basic (reversed percentile) bootstrap over galaxies of the calibration error at 95 %, not below 0.

    Redrawing galaxies adds the noise that binning adds, so the plain percentiles would be too high by as much
    again; the reversed ones take that bias off (Davison & Hinkley 1997, 5.2).
    """
    if not len(confidence):
        return math.nan, math.nan
    rows = rng.integers(0, len(confidence), (n_draws, len(confidence)))
    drawn = [calibration_error(confidence[some], is_right[some]) for some in rows]
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    centre = 2 * calibration_error(confidence, is_right)
    return max(0.0, float(centre - high)), max(0.0, float(centre - low))


def error_by_chance(confidence: np.ndarray, rng: np.random.Generator, n_draws: int = N_DRAWS) -> float:
    """The calibration error that so many galaxies give on average to a network whose confidence is exactly right."""
    if not len(confidence):
        return math.nan
    right = rng.random((n_draws, len(confidence))) < confidence
    return float(np.mean([calibration_error(confidence, one) for one in right]))


def brier_score(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean over galaxies of the squared distance to the true class's corner: 0 is best, 2 worst (Brier 1950).

    NaN without galaxies.
    """
    if not len(labels):
        return math.nan
    corners = np.eye(probabilities.shape[1])[labels]
    return float(np.mean(np.sum((probabilities - corners) ** 2, axis=1)))


def _equal_masses(confidence: np.ndarray, n_bins: int) -> list[np.ndarray]:
    order = np.argsort(confidence, kind="stable")
    return [rows for rows in np.array_split(order, n_bins) if len(rows)]


def _bin(confidence: np.ndarray, is_right: np.ndarray) -> Bin:
    low, high = wilson_interval(int(is_right.sum()), len(is_right), LEVEL)
    return Bin(len(is_right), float(confidence.mean()), float(is_right.mean()), low, high)


def _log_sum_exp(logits: np.ndarray) -> np.ndarray:
    largest = logits.max(axis=1)
    return np.asarray(largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1)), np.float64)
