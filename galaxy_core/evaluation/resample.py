"""Means over galaxies with bootstrap intervals, many scores at once, and what an interval says of a threshold.

Plain arrays in which NaN means that a galaxy has no such score; it knows no file and no network.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

LEVEL = 0.95
N_DRAWS = 2000
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


def mean_estimates(
    values: np.ndarray, rng: np.random.Generator, *, level: float = LEVEL, n_draws: int = N_DRAWS
) -> list[Estimate]:
    """Mean of each column of `values` float (N, S) with its percentile bootstrap interval (Efron 1979).

    All columns are redrawn together, galaxy by galaxy; NaN is left out. One galaxy gives no interval (NaN).
    """
    return ratio_estimates(values, np.where(np.isnan(values), np.nan, 1.0), rng, level=level, n_draws=n_draws)


def ratio_estimates(
    above: np.ndarray,
    below: np.ndarray,
    rng: np.random.Generator,
    *,
    level: float = LEVEL,
    n_draws: int = N_DRAWS,
) -> list[Estimate]:
    """Sum of each column of `above` over that of `below`, both float (N, S), with bootstrap intervals.

    A galaxy that is NaN in either is left out of that column.
    """
    above, below = np.asarray(above, np.float64), np.asarray(below, np.float64)
    known = np.isfinite(above) & np.isfinite(below)
    above, below = np.where(known, above, 0), np.where(known, below, 0)
    n_galaxies = len(above)
    if n_galaxies == 0:
        return [Estimate(math.nan, math.nan, math.nan, 0)] * above.shape[1]
    weights = rng.multinomial(n_galaxies, np.full(n_galaxies, 1 / n_galaxies), size=n_draws)
    draws = _share(weights @ above, weights @ below)
    centre = _share(above.sum(axis=0), below.sum(axis=0))
    edges = ((1 - level) / 2, (1 + level) / 2)
    return [
        Estimate(float(centre[s]), *_bounds(draws[:, s], edges, int(known[:, s].sum())))
        for s in range(above.shape[1])
    ]


def verdict_above(estimate: Estimate, threshold: float) -> str:
    """Whether the value lies above the threshold: confirmed, refuted, or undecided where the interval holds it."""
    if estimate.low > threshold:
        return CONFIRMED
    return REFUTED if estimate.high < threshold else UNDECIDED


def verdict_below(estimate: Estimate, threshold: float) -> str:
    """Whether the value lies below the threshold, in the same three words."""
    opposite = {CONFIRMED: REFUTED, REFUTED: CONFIRMED, UNDECIDED: UNDECIDED}
    return opposite[verdict_above(estimate, threshold)]


def verdict_of_all(verdicts: Sequence[str]) -> str:
    """All confirmed: confirmed; one refuted: refuted; else undecided."""
    if REFUTED in verdicts:
        return REFUTED
    return CONFIRMED if verdicts and set(verdicts) == {CONFIRMED} else UNDECIDED


def _bounds(draws: np.ndarray, edges: tuple[float, float], n: int) -> tuple[float, float, int]:
    defined = draws[np.isfinite(draws)]
    if n < 2 or not len(defined):
        return math.nan, math.nan, n
    low, high = np.quantile(defined, edges)
    return float(low), float(high), n


def _share(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below != 0)
