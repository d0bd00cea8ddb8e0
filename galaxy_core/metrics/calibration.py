"""Whether a network is as sure as it is right: temperature scaling, reliability, calibration error, Brier score.

Plain arrays in, numbers out; labels int (N,), logits or probabilities float (N, C). It knows neither runs nor files.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.metrics.resample import Estimate
from galaxy_core.metrics.statistics import wilson_interval

N_BINS = 10
LEVEL = 0.95
N_STEPS = 1001  # of true errors that are tried
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


def calibration_error(confidence: np.ndarray, is_right: np.ndarray) -> Estimate:
    """Expected calibration error, the noise of few galaxies taken off, with its 95 % interval.

    The mean |accuracy − confidence| over ∛N bins of equal mass (Naeini et al. 2015; so many: Futami & Fujisawa 2024)
    is too large, for a perfect network too: |gap| of a bin has the mean of a folded normal distribution. Value and
    bounds are the errors under which so large a mean is expected, or just not rare (a test inverted). How an error is
    spread over the bins is not known, so each is asked of the spread that makes it widest: above, all bins are off
    alike; below, only those with the largest gaps. It always holds the value. NaN without galaxies.
    """
    n = len(confidence)
    if not n:
        return Estimate(math.nan, math.nan, math.nan, 0)
    rows = _equal_masses(confidence, round(n ** (1 / 3)))
    sizes = np.array([len(some) for some in rows])
    sure = np.array([confidence[some].mean() for some in rows])
    gaps = np.array([is_right[some].mean() for some in rows]) - sure
    found = float(sizes @ np.abs(gaps) / n)
    left = np.linspace(0, 1, N_STEPS)[:, None]
    largest_first = np.abs(gaps) * np.clip(left * len(rows) - _places(-np.abs(gaps)), 0, 1)
    alike = np.where(sure > 0.5, -1, 1) * left
    shrunk = np.maximum(np.abs(gaps) - np.abs(gaps).max() * (1 - left), 0)
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    low = _error_that_shows(found, sizes, sure, np.sign(gaps) * largest_first, z)
    value = _error_that_shows(found, sizes, sure, np.sign(gaps) * shrunk, 0)
    high = _error_that_shows(found, sizes, sure, alike, -z)
    return Estimate(value, min(low, value), max(high, value), n)


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


def _error_that_shows(
    found: float, sizes: np.ndarray, sure: np.ndarray, gaps: np.ndarray, n_deviations: float
) -> float:
    """The largest true error that is expected to show at most `found`, some standard deviations added.

    gaps (S, bins): ever larger true gaps of the bins, from none on; 0 where even none shows more.
    """
    right = np.clip(sure + gaps, 0, 1)
    # below, a bin that is right (or wrong) throughout may vary all the same (Agresti & Coull 1998)
    spread = (sizes * right + 2) / (sizes + 4) if n_deviations > 0 else right
    true, noise = np.abs(right - sure), np.sqrt(spread * (1 - spread) / sizes)
    mean, variance = _folded_normal(true, noise)
    weights = sizes / sizes.sum()
    shows = mean @ weights + n_deviations * np.sqrt(variance @ weights**2)
    errors = true @ weights
    return float(max(errors[shows <= found], default=0.0))


def _folded_normal(mean: np.ndarray, deviation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of |x|, x normal (Leone et al. 1961)."""
    from scipy.special import ndtr

    scaled = np.divide(mean, deviation, out=np.full_like(mean, np.inf), where=deviation > 0)
    folded = deviation * math.sqrt(2 / math.pi) * np.exp(-(scaled**2) / 2) + mean * (1 - 2 * ndtr(-scaled))
    return folded, np.maximum(mean**2 + deviation**2 - folded**2, 0)


def _places(values: np.ndarray) -> np.ndarray:
    """The place of each value among all, the least first."""
    return np.argsort(np.argsort(values, kind="stable"), kind="stable")


def _bin(confidence: np.ndarray, is_right: np.ndarray) -> Bin:
    low, high = wilson_interval(int(is_right.sum()), len(is_right), LEVEL)
    return Bin(len(is_right), float(confidence.mean()), float(is_right.mean()), low, high)


def _log_sum_exp(logits: np.ndarray) -> np.ndarray:
    largest = logits.max(axis=1)
    return np.asarray(largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1)), np.float64)
