"""How good the answers are and how sure one may be: known formulas on plain arrays.

Labels are int64 (N,), `answers` either predicted classes (N,) or probabilities (N, C), whose largest is the
answer. Where a number is undefined (no galaxies, a class that never occurs) it is NaN, never 0. This module
knows no file and no network.
"""

import math

import numpy as np

from galaxy_core.errors import BadValueError

N_CLASSES = 10
SMALLEST_PROBABILITY = (
    1e-7  # Keras clips here too, so that one confident mistake does not make the loss infinite
)
Interval = tuple[float, float]
_NOTHING: Interval = (math.nan, math.nan)


def predicted_classes(answers: np.ndarray) -> np.ndarray:
    """The class of each answer, int64 (N,); of equal probabilities the first."""
    return np.asarray(answers).argmax(axis=1) if np.ndim(answers) == 2 else np.asarray(answers, np.int64)


def accuracy(labels: np.ndarray, answers: np.ndarray) -> float:
    """Share of galaxies whose predicted class is the true one; NaN without galaxies."""
    return float(np.mean(labels == predicted_classes(answers))) if len(labels) else math.nan


def balanced_accuracy(labels: np.ndarray, answers: np.ndarray, n_classes: int = N_CLASSES) -> float:
    """Mean completeness of the classes that occur, so that rare classes count as much as common ones."""
    return _mean_of_defined(completeness(confusion(labels, answers, n_classes)))


def cross_entropy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean of −ln p(true class), p not below 1e-7; NaN without galaxies."""
    if not len(labels):
        return math.nan
    true = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.clip(true, SMALLEST_PROBABILITY, 1.0)).mean())


def confusion(labels: np.ndarray, answers: np.ndarray, n_classes: int = N_CLASSES) -> np.ndarray:
    """Counts int64 (C, C): row = true class, column = predicted class."""
    cells = np.asarray(labels, np.int64) * n_classes + predicted_classes(answers)
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)


def completeness(confusion: np.ndarray) -> np.ndarray:
    """Share of each true class that was found (recall), float64 (C,); NaN for a class that does not occur."""
    return _share(np.diag(confusion), confusion.sum(axis=1))


def purity(confusion: np.ndarray) -> np.ndarray:
    """Share of each predicted class that is right (precision), (C,); NaN for a class never predicted."""
    return _share(np.diag(confusion), confusion.sum(axis=0))


def wilson_interval(n_correct: float, n: float, level: float = 0.95) -> Interval:
    """Wilson's (1927) score interval of a share; honest at 0 and 1 and for few galaxies, NaN for none.

    `n` need not be whole: an effective number of galaxies is welcome.
    """
    _require_level(level)
    if n <= 0:
        return _NOTHING
    from statistics import NormalDist

    z = NormalDist().inv_cdf((1 + level) / 2)
    share = n_correct / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def bootstrap_interval(
    correct: np.ndarray, rng: np.random.Generator, level: float = 0.95, n_draws: int = 2000
) -> Interval:
    """Percentile bootstrap (Efron 1979) over galaxies of the mean of `correct`, bool (N,).

    Redrawing N galaxies with replacement makes the number of right ones binomial, so that is drawn directly.
    Its width is 0 where all are right or all wrong: prefer `wilson_interval` there. NaN without galaxies.
    """
    _require_level(level)
    n = len(correct)
    if not n:
        return _NOTHING
    means = rng.binomial(n, float(np.mean(correct)), size=n_draws) / n
    return _percentiles(means, level)


def balanced_interval(
    labels: np.ndarray,
    correct: np.ndarray,
    rng: np.random.Generator,
    level: float = 0.95,
    n_draws: int = 2000,
    n_classes: int = N_CLASSES,
) -> Interval:
    """Percentile bootstrap over galaxies of the balanced accuracy; a class missing from a draw is left out.

    Redrawing galaxies is one multinomial draw over the cells (class, right or wrong), so memory does not
    grow with N. Where all are right or all wrong the bootstrap has no width; Wilson's interval at the
    effective number of galaxies, K² / Σ 1/n_k for K classes, takes its place. NaN without galaxies.
    """
    _require_level(level)
    n = len(labels)
    if not n:
        return _NOTHING
    if np.all(correct) or not np.any(correct):
        effective = effective_number(np.bincount(labels, minlength=n_classes))
        return wilson_interval(effective * bool(np.all(correct)), effective, level)
    cells = np.bincount(2 * labels + np.asarray(correct, np.int64), minlength=2 * n_classes)
    draws = rng.multinomial(n, cells / n, size=n_draws).reshape(n_draws, n_classes, 2)
    shares = _share(draws[:, :, 1], draws.sum(axis=2))
    return _percentiles(np.nanmean(shares, axis=1), level)


def grouped_intervals(
    labels: np.ndarray,
    score: np.ndarray,
    groups: np.ndarray,
    rng: np.random.Generator,
    level: float = 0.95,
    n_draws: int = 2000,
    n_classes: int = N_CLASSES,
) -> tuple[Interval, Interval]:
    """Percentile bootstrap of accuracy and balanced accuracy over groups of galaxies that are drawn together.

    score float (N,) in [0, 1] is how often a galaxy is answered rightly: the share of the seeds, which all saw the
    same galaxies; groups int (N,), equal for neighbours on the sky. Groups alike in everything are drawn as one
    multinomial cell. Where all are right or all wrong the bootstrap has no width, and Wilson's interval takes its
    place as in `balanced_interval`. NaN without galaxies.
    """
    _require_level(level)
    if not len(labels):
        return _NOTHING, _NOTHING
    if np.all(score == 0) or np.all(score == 1):
        share, n = float(score[0]), effective_number(np.bincount(labels, minlength=n_classes))
        return wilson_interval(share * len(labels), len(labels), level), wilson_interval(share * n, n, level)
    numbers = np.unique(groups, return_inverse=True)[1]
    sums = np.zeros((numbers.max() + 1, 2, n_classes))
    for place, values in enumerate((np.ones(len(labels)), score)):
        np.add.at(sums[:, place], (numbers, np.asarray(labels)), values)
    kinds, counts = np.unique(sums.reshape(len(sums), -1), axis=0, return_counts=True)
    draws = rng.multinomial(len(sums), counts / len(sums), size=n_draws) @ kinds
    n, right = draws.reshape(n_draws, 2, n_classes).swapaxes(0, 1)
    accuracies = right.sum(axis=1) / n.sum(axis=1)
    return _percentiles(accuracies, level), _percentiles(np.nanmean(_share(right, n), axis=1), level)


def effective_number(counts: np.ndarray) -> float:
    """How many galaxies the balanced accuracy is worth: K² / Σ 1/n_k over the classes that occur.

    Its variance is (1/K²) Σ p_k (1 − p_k) / n_k: that of a plain share of so many galaxies when all p_k
    agree.
    """
    present = counts[counts > 0]
    return float(len(present) ** 2 / np.sum(1 / present)) if len(present) else 0.0


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)


def _mean_of_defined(values: np.ndarray) -> float:
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else math.nan


def _percentiles(values: np.ndarray, level: float) -> Interval:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _require_level(level: float) -> None:
    if not 0 < level < 1:
        raise BadValueError(f"level must lie between 0 and 1, got {level!r}; 0.95 is the usual choice")
