"""Whether the difference between two rows of the table is real: the same galaxies, answered twice.

Plain arrays in, numbers and one sentence out. It knows neither runs nor files; what is pooled (seeds of one
setting, folds of a cross-validation) is told apart by a label on each answer, not by where it came from.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import NormalDist

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.metrics.sign_flips import judged_difference, sums_of
from galaxy_core.metrics.sky_pieces import sky_pieces
from galaxy_core.numerals import number, points

LEVEL = 0.95
POWER = 0.8
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Judged:
    """The answers of one row: index int64 (M,) of the galaxy, is_right bool (M,), draw int (M,) of the seed or fold.

    A galaxy comes once for every seed that was tested on it; a galaxy of a cross-validation comes once in all.
    `neighbours` are the galaxies (by index) that share a piece of sky, group by group: they may be wrong together.
    """

    name: str
    index: np.ndarray
    is_right: np.ndarray
    draw: np.ndarray
    neighbours: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Pair:
    """Two rows on the galaxies both answered. Accuracies and their difference (first − second) are shares.

    `low` and `high` bound the difference at 95 % over the choice of galaxies, and leave out 0 exactly where `p_value`
    is at most 0.05; `only_first` and `only_second` count the galaxies that only one has right (with several seeds: the
    shares of seeds by which it is ahead); `p_value` is of one pair alone, `p_corrected` holds for all pairs together;
    `detectable` is the smallest difference that would be found four times in five. `draw_low` to `draw_high` is how
    far the difference runs over the seeds or folds both have, None where they share but one. `unlike` says what else
    the rows differ in than what is compared: then neither is named a winner, whatever the numbers.
    """

    first: str
    second: str
    n_galaxies: int
    accuracy_first: float
    accuracy_second: float
    difference: float
    low: float
    high: float
    only_first: float
    only_second: float
    p_value: float
    p_corrected: float
    n_pairs: int
    detectable: float
    n_draws: int
    draw_low: float | None
    draw_high: float | None
    unlike: str = ""

    @property
    def is_distinguishable(self) -> bool:
        """Whether the difference stands at 95 %, all pairs considered, between rows that may be compared."""
        return self.p_corrected <= 1 - LEVEL and not self.unlike

    @property
    def is_only_alone(self) -> bool:
        """Whether its interval leaves out zero, as it would stand were it the only pair, and among all it does not."""
        return self.p_value <= 1 - LEVEL < self.p_corrected and not self.unlike


def compare_all(rows: Sequence[Judged], rng: np.random.Generator) -> list[Pair]:
    """Every pair of rows, in their order; p-values corrected for their number by Holm (1979).

    Errors: BadValueError for fewer than two rows, or for two that share no galaxy.
    """
    if len(rows) < 2:
        raise BadValueError(f"a comparison needs two rows or more, got {len(rows)}; name another run")
    chosen = list(combinations(rows, 2))
    pairs = [_compare(first, second, len(chosen), rng) for first, second in chosen]
    corrected = holm([pair.p_value for pair in pairs])
    return [replace(pair, p_corrected=p) for pair, p in zip(pairs, corrected, strict=True)]


def best_rival(pairs: Sequence[Pair], name: str) -> Pair:
    """Of the pairs that this row is in, the one with the row that is right most often among the others.

    Those that may be compared with it come first.
    Errors: BadValueError where the row is in none of the pairs.
    """
    others = [pair for pair in pairs if name in (pair.first, pair.second)]
    if not others:
        raise BadValueError(
            f"{name} is in none of {len(pairs)} pairs; name one of the rows that were compared"
        )
    likes = [pair for pair in others if not pair.unlike] or others
    return max(likes, key=lambda pair: pair.accuracy_second if pair.first == name else pair.accuracy_first)


def in_words(pair: Pair) -> str:
    """One plain sentence: who beats whom by how much, or is ahead of whom by what may be chance.

    The interval is that of this pair alone, as in every table; where it leaves out zero and the correction for all
    pairs does not, the sentence says so. Of rows that differ in more than what is compared, that.
    """
    if pair.unlike:
        return f"{pair.first} and {pair.second} differ in more than what is compared: {pair.unlike}"
    one = ahead_first(pair)
    is_rough = one.high - one.low >= 0.04 and abs(one.low) >= 0.005  # else its side of zero would not be seen
    digits = 0 if is_rough else 1
    with_so_many = f"with {one.n_galaxies} galaxies"
    if abs(one.difference) < _ROUNDING:
        return f"{one.first} and {one.second} are right equally often: not distinguishable {with_so_many}"
    low, high = (number(100 * value, digits) for value in (one.low, one.high))
    margin = f"{points(one.difference, digits)} ({low} to {high})"
    if one.is_distinguishable:
        return f"{one.first} beats {one.second} by {margin}: distinguishable {with_so_many}"
    all_pairs = f" when all {one.n_pairs} pairs are considered" if one.is_only_alone else ""
    return (
        f"{one.first} is ahead of {one.second} by {margin}, which may be chance: "
        f"not distinguishable {with_so_many}{all_pairs}"
    )


def ahead_first(pair: Pair) -> Pair:
    """The same pair with the row first that is right more often, so that its difference is not negative."""
    if pair.difference >= 0:
        return pair
    lowest, highest = (None if one is None else -one for one in (pair.draw_high, pair.draw_low))
    return replace(
        pair, first=pair.second, second=pair.first, accuracy_first=pair.accuracy_second,
        accuracy_second=pair.accuracy_first, difference=-pair.difference, low=-pair.high, high=-pair.low,
        only_first=pair.only_second, only_second=pair.only_first, draw_low=lowest, draw_high=highest,
    )  # fmt: skip


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given: below 0.05, and of all that are, none is false at 95 % (Holm 1979)."""
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    adjusted = np.minimum(1.0, np.maximum.accumulate(factors * np.asarray(p_values, float)[order]))
    return [float(p) for p in adjusted[np.argsort(order, kind="stable")]]


def detectable_difference(n: int, disagreeing: float, level: float = LEVEL, power: float = POWER) -> float:
    """The smallest difference in accuracy that McNemar's test on n galaxies finds with this power.

    `disagreeing` is the share of galaxies that only one of the two has right, more where neighbours are wrong
    together: the mean over galaxies of the squared differences of the groups. Solves Connor's (1987, eq. 3)
    sample size for the difference; never below what the exact test needs with all of them on one side. At
    most 1. A larger difference needs no more galaxies, a smaller one is not refuted by a test that is silent.
    """
    normal = NormalDist()
    z_level, z_power = -normal.inv_cdf((1 - level) / 2), normal.inv_cdf(power)
    share = max(disagreeing, 1 / n)
    difference = 0.0
    for _ in range(100):  # a contraction: ten rounds are enough
        rest = math.sqrt(max(share - difference**2, 0.0))
        difference = (z_level * math.sqrt(share) + z_power * rest) / math.sqrt(n)
    fewest = math.ceil(math.log2(2 / (1 - level))) / n
    return float(min(1.0, max(difference, fewest)))


def _compare(first: Judged, second: Judged, n_pairs: int, rng: np.random.Generator) -> Pair:
    galaxies, of_first, of_second = _paired(first, second)
    differences = of_first - of_second
    groups = sky_pieces(galaxies, (*first.neighbours, *second.neighbours))
    (low, high), p_value = judged_difference(differences, rng, groups)
    by_draw = _by_draw(first, second)
    sums = sums_of(differences, groups)[0]
    disagreeing = min(float(sums @ sums) / len(differences), float(len(differences)))
    return Pair(
        first=first.name,
        second=second.name,
        n_galaxies=len(differences),
        accuracy_first=float(of_first.mean()),
        accuracy_second=float(of_second.mean()),
        difference=float(differences.mean()),
        low=low,
        high=high,
        only_first=float(differences[differences > 0].sum()),
        only_second=float(abs(differences[differences < 0]).sum()),
        p_value=p_value,
        p_corrected=p_value,
        n_pairs=n_pairs,
        # the first pair that Holm's correction lets through must pass the level shared by all
        detectable=detectable_difference(len(differences), disagreeing, 1 - (1 - LEVEL) / n_pairs),
        n_draws=len(by_draw),
        draw_low=min(by_draw) if len(by_draw) > 1 else None,
        draw_high=max(by_draw) if len(by_draw) > 1 else None,
    )


def _paired(first: Judged, second: Judged) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The shared galaxies, and how often each was answered rightly by the one and by the other, float64 (N,)."""
    galaxies = np.intersect1d(first.index, second.index)
    if not len(galaxies):
        raise BadValueError(
            f"{first.name} and {second.name} share no test galaxy; compare runs of one split of one file"
        )
    return galaxies, _share_right(first, galaxies), _share_right(second, galaxies)


def _share_right(row: Judged, galaxies: np.ndarray) -> np.ndarray:
    is_wanted = np.isin(row.index, galaxies)
    places = np.searchsorted(galaxies, row.index[is_wanted])
    n_answers = np.bincount(places, minlength=len(galaxies))
    n_right = np.bincount(places, weights=row.is_right[is_wanted], minlength=len(galaxies))
    return np.asarray(n_right / n_answers, np.float64)


def _by_draw(first: Judged, second: Judged) -> list[float]:
    """The difference on each seed or fold that both have, where they share galaxies there."""
    found = []
    for draw in np.intersect1d(first.draw, second.draw):
        one, other = _only(first, draw), _only(second, draw)
        if len(np.intersect1d(one.index, other.index)):
            _, of_one, of_other = _paired(one, other)
            found.append(float(of_one.mean() - of_other.mean()))
    return found


def _only(row: Judged, draw: int) -> Judged:
    is_wanted = row.draw == draw
    return Judged(row.name, row.index[is_wanted], row.is_right[is_wanted], row.draw[is_wanted])
