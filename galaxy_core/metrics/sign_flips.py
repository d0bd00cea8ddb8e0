"""Whether paired differences have a direction, and between what their mean lies: one test, and its inversion.

Plain arrays; differences float (N,) in [−1, 1], groups int (N,), equal for galaxies that may be wrong together, None
where each stands alone.
"""

import math
from statistics import NormalDist

import numpy as np

from galaxy_core.metrics.statistics import Interval

LEVEL = 0.95
N_DRAWS = 10_000
_ROUNDING = 1e-9


def sign_flip_p(differences: np.ndarray, rng: np.random.Generator, groups: np.ndarray | None = None) -> float:
    """Two-sided p-value that the differences (N,) have no direction: each might as well have the other sign.

    Galaxies of one group (int (N,), none: each alone) change sign together, as they may be wrong together. Where all
    are −1, 0 or 1 and alone this is McNemar's test in its exact form (McNemar 1947; binomial in the galaxies that
    only one has right). Otherwise signs are drawn N_DRAWS times, the observed ones counted in, so that it is never
    0. Without a single difference it is 1.
    """
    sums = sums_of(differences, groups)[0]
    sizes, counts = np.unique(np.round(np.abs(sums[np.abs(sums) > _ROUNDING]), 9), return_counts=True)
    if not len(sizes):
        return 1.0
    if len(sizes) == 1:
        n_fewer = min(int((sums > _ROUNDING).sum()), int((sums < -_ROUNDING).sum()))
        return _both_tails(n_fewer, int(counts[0]))
    totals = (2 * rng.binomial(counts, 0.5, size=(N_DRAWS, len(counts))) - counts) @ sizes
    as_far = np.abs(totals) >= abs(sums.sum()) - _ROUNDING
    return float((1 + as_far.sum()) / (1 + N_DRAWS))


def difference_interval(
    differences: np.ndarray, groups: np.ndarray | None = None, level: float = LEVEL
) -> Interval:
    """Interval of the mean of paired differences (N,) in [−1, 1]: the means that the sign-flip test would not refuse.

    It refuses a mean δ where (Σ e)² > z² Σ e² over the groups, e the sum of a group's differences less δ for each of
    its galaxies; that is solved for δ. One galaxy more that only the first has right and one that only the second
    has (Bonett & Price 2012) keep it from being too narrow where few differ. It always holds the mean.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    sums, sizes = sums_of(differences, groups)
    total, n = float(sums.sum()), float(sizes.sum()) + 2
    squares, mixed, crowd = float(sums @ sums) + 2, float(sums @ sizes), float(sizes @ sizes) + 2
    # a δ² − 2 b δ + c ≤ 0
    a, b, c = n * n - z * z * crowd, total * n - z * z * mixed, total * total - z * z * squares
    if a <= 0:  # so few groups bound nothing
        return -1.0, 1.0
    half = math.sqrt(max(b * b - a * c, 0.0))
    mean = float(np.mean(differences))
    return max(-1.0, min((b - half) / a, mean)), min(1.0, max((b + half) / a, mean))


def judged_difference(
    differences: np.ndarray, rng: np.random.Generator, groups: np.ndarray | None = None
) -> tuple[Interval, float]:
    """Interval and p-value of the mean of paired differences, which agree: 0 lies outside where p is at most 0.05.

    Both are the more careful of the exact test and of the one that the interval comes from.
    """
    low, high = difference_interval(differences, groups)
    sums = sums_of(differences, groups)[0]
    as_bounded = math.erfc(abs(float(sums.sum())) / math.sqrt(2 * (float(sums @ sums) + 2)))
    p_value = max(sign_flip_p(differences, rng, groups), as_bounded)
    if p_value > 1 - LEVEL:
        low, high = min(low, 0.0), max(high, 0.0)
    return (low, high), p_value


def sums_of(differences: np.ndarray, groups: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Of each group the sum of its differences and how many galaxies it has, both float64."""
    if groups is None:
        return np.asarray(differences, np.float64), np.ones(len(differences))
    numbers = np.unique(groups, return_inverse=True)[1]
    return np.bincount(numbers, weights=differences), np.bincount(numbers).astype(np.float64)


def _both_tails(n_fewer: int, n: int) -> float:
    """Twice the chance of at most `n_fewer` heads in n tosses, exactly: in whole numbers, without SciPy.

    The first page says a sentence that needs no more than this, and importing scipy.stats takes a second.
    """
    ways, total = 1, 1
    for k in range(1, n_fewer + 1):
        ways = ways * (n - k + 1) // k
        total += ways
    return min(1.0, 2 * total / 2**n)
