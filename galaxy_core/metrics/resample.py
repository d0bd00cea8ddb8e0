"""Means over galaxies with bootstrap intervals, many scores at once, and what an interval says of a threshold.

Plain arrays in which NaN means that a galaxy has no such score; it knows no file and no network.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from galaxy_core.metrics.sign_flips import difference_interval
from galaxy_core.metrics.statistics import wilson_interval

LEVEL = 0.95
N_DRAWS = 2000
FEWEST_BOUNDED = 5
"""Galaxies; of fewer a bootstrap bounds nothing."""
FEWEST_TO_JUDGE = 20
"""Galaxies; of fewer the interval may be right as often as it says, and the sample still be anything."""
CONFIRMED, REFUTED, UNDECIDED = "confirmed", "refuted", "undecided"


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval over `n` galaxies; NaN throughout where n is 0."""

    value: float
    low: float
    high: float
    n: int

    def to_json(self) -> dict[str, float | int | None]:
        """Plain values; None where there is no number."""
        return {
            name: None if isinstance(value, float) and not np.isfinite(value) else value
            for name, value in asdict(self).items()
        }


def mean_estimates(values: np.ndarray, rng: np.random.Generator) -> list[Estimate]:
    """Mean of each column of `values` float (N, S) with its interval over galaxies; NaN is left out.

    A column of yes and no (0 and 1) has Wilson's interval, one of differences of such that of the sign-flip test, as
    a bootstrap has no width where all say the same; the others as `ratio_estimates`.
    """
    values = np.asarray(values, np.float64)
    below = np.where(np.isnan(values), np.nan, 1.0)
    found = ratio_estimates(values, below, rng)
    return [
        replace(one, low=low, high=high)
        for one, column in zip(found, values.T, strict=True)
        for low, high in [_of_counts(column[np.isfinite(column)]) or (one.low, one.high)]
    ]


def ratio_estimates(above: np.ndarray, below: np.ndarray, rng: np.random.Generator) -> list[Estimate]:
    """Sum of each column of `above` over that of `below`, both float (N, S), with bootstrap intervals.

    Studentised (Efron 1982, 10.10): how far a redrawn ratio lies from the ratio, in its own standard errors, bounds
    the ratio; plain percentiles are too narrow for few galaxies and for lopsided scores. A galaxy that is NaN in
    either is left out of that column; fewer than FEWEST_BOUNDED galaxies have no interval (NaN).
    """
    above, below = np.asarray(above, np.float64), np.asarray(below, np.float64)
    known = np.isfinite(above) & np.isfinite(below)
    above, below = np.where(known, above, 0), np.where(known, below, 0)
    n_galaxies = len(above)
    if n_galaxies == 0:
        return [Estimate(math.nan, math.nan, math.nan, 0)] * above.shape[1]
    weights = rng.multinomial(n_galaxies, np.full(n_galaxies, 1 / n_galaxies), size=N_DRAWS)
    centre, error = _ratio_and_error(np.ones((1, n_galaxies)), above, below)
    draws, errors = _ratio_and_error(weights, above, below)
    moved = _share(draws - centre, errors)
    edges = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    return [
        _bounded(float(centre[0, s]), float(error[0, s]), moved[:, s], edges, int(known[:, s].sum()))
        for s in range(above.shape[1])
    ]


def verdict_above(estimate: Estimate, threshold: float) -> str:
    """Whether the value lies above the threshold: confirmed, refuted, or undecided where the interval holds it.

    Of fewer than FEWEST_TO_JUDGE galaxies nothing is confirmed or refuted.
    """
    if estimate.n >= FEWEST_TO_JUDGE and estimate.low > threshold:
        return CONFIRMED
    return REFUTED if estimate.n >= FEWEST_TO_JUDGE and estimate.high < threshold else UNDECIDED


def verdict_below(estimate: Estimate, threshold: float) -> str:
    """Whether the value lies below the threshold, in the same three words."""
    opposite = {CONFIRMED: REFUTED, REFUTED: CONFIRMED, UNDECIDED: UNDECIDED}
    return opposite[verdict_above(estimate, threshold)]


def verdict_of_all(verdicts: Sequence[str]) -> str:
    """All confirmed: confirmed; one refuted: refuted; else undecided."""
    if REFUTED in verdicts:
        return REFUTED
    return CONFIRMED if verdicts and set(verdicts) == {CONFIRMED} else UNDECIDED


def _of_counts(column: np.ndarray) -> tuple[float, float] | None:
    """The interval of the mean of a column of 0 and 1, or of −1, 0 and 1; None where it holds anything else."""
    if len(column) < FEWEST_BOUNDED or not np.isin(column, (-1, 0, 1)).all():
        return None
    if column.min() >= 0:
        return wilson_interval(float(column.sum()), len(column), LEVEL)
    return difference_interval(column, level=LEVEL)


def _ratio_and_error(
    weights: np.ndarray, above: np.ndarray, below: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Of each draw, weights (D, N), and column the ratio of the sums and its standard error, (D, S)."""
    total = weights @ below
    ratio = _share(weights @ above, total)
    squares = weights @ above**2 - 2 * ratio * (weights @ (above * below)) + ratio**2 * (weights @ below**2)
    return ratio, _share(np.sqrt(np.maximum(squares, 0)), np.abs(total))


def _bounded(value: float, error: float, moved: np.ndarray, edges: tuple[float, float], n: int) -> Estimate:
    defined = moved[np.isfinite(moved)]
    if n < FEWEST_BOUNDED or not math.isfinite(value):
        return Estimate(value, math.nan, math.nan, n)
    # where all galaxies say the same no draw moves
    low, high = np.quantile(defined, edges) if len(defined) else (0.0, 0.0)
    return Estimate(value, value - error * max(float(high), 0.0), value - error * min(float(low), 0.0), n)


def _share(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below != 0)
