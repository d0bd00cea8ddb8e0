"""How good the answers are and how sure one may be: known formulas on plain arrays.

Labels are int64 (N,), `answers` either predicted classes (N,) or probabilities (N, C), whose largest is the
answer. Where a number is undefined (no galaxies, a class that never occurs) it is NaN, never 0. This module
knows no file and no network.
"""

import math

import numpy as np

from galaxy_core.errors import BadValueError

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


def balanced_accuracy(labels: np.ndarray, answers: np.ndarray) -> float:
    """Mean completeness of the classes that occur, so that rare classes count as much as common ones."""
    labels = np.asarray(labels, np.int64)
    return _balanced(labels, labels == predicted_classes(answers))


def cross_entropy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean of −ln p(true class), p not below 1e-7; NaN without galaxies."""
    if not len(labels):
        return math.nan
    true = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.clip(true, SMALLEST_PROBABILITY, 1.0)).mean())


def confusion(labels: np.ndarray, answers: np.ndarray, n_classes: int) -> np.ndarray:
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


def balanced_interval(labels: np.ndarray, correct: np.ndarray, level: float = 0.95) -> Interval:
    """Wilson's interval of the balanced accuracy at the effective number of galaxies; NaN without galaxies.

    A bootstrap over galaxies is too narrow where a class has few; this is never, and a little too wide where the
    classes differ much in how often they are right.
    """
    n_effective = effective_number(np.bincount(labels))
    value = _balanced(labels, correct)
    return wilson_interval(value * n_effective, n_effective, level)


def grouped_intervals(
    labels: np.ndarray, score: np.ndarray, groups: np.ndarray, level: float = 0.95
) -> tuple[Interval, Interval]:
    """Wilson's intervals of accuracy and balanced accuracy, at as many galaxies as neighbours on the sky are worth.

    score float (N,) in [0, 1] is how often a galaxy is answered rightly: the share of the seeds, which all saw the
    same galaxies; groups int (N,), equal for neighbours on the sky, which may be wrong together. NaN without
    galaxies.
    """
    _require_level(level)
    if not len(labels):
        return _NOTHING, _NOTHING
    effect = design_effect(score, groups, level)
    n, n_balanced = len(labels) / effect, effective_number(np.bincount(labels)) / effect
    balanced = _balanced(labels, score)
    return (
        wilson_interval(float(np.mean(score)) * n, n, level),
        wilson_interval(balanced * n_balanced, n_balanced, level),
    )


def design_effect(score: np.ndarray, groups: np.ndarray, level: float = 0.95) -> float:
    """How many times as much the mean score varies as that of so many galaxies that are right or wrong alone (Kish).

    From the sums of the groups, so few groups make it larger by Student's t over the normal distribution (Korn &
    Graubard 1998). Where all galaxies are right, or all wrong, a group counts as one galaxy.
    """
    from scipy.special import ndtri, stdtrit

    n, share = len(score), float(np.mean(score))
    numbers = np.unique(groups, return_inverse=True)[1]
    n_groups = int(numbers.max()) + 1
    if n_groups == 1 or share in (0.0, 1.0):
        return n / n_groups
    sums = np.bincount(numbers, weights=score - share)
    varies = n_groups / (n_groups - 1) * float(sums @ sums) / n
    few = (stdtrit(n_groups - 1, (1 + level) / 2) / ndtri((1 + level) / 2)) ** 2
    return max(varies / (share * (1 - share)) * float(few), 1 / n)


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


def _balanced(labels: np.ndarray, score: np.ndarray) -> float:
    """Mean over the classes that occur of their mean score."""
    return _mean_of_defined(_share(np.bincount(labels, weights=score), np.bincount(labels)))


def _require_level(level: float) -> None:
    if not 0 < level < 1:
        raise BadValueError(f"level must lie between 0 and 1, got {level!r}; 0.95 is the usual choice")
