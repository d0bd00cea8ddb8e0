"""What labels allow: positions on the sky that are labelled more than once, and what accuracy these leave possible.

Two things are said, and they are not the same. *Certain*: a classifier that answers each position once cannot match two
different labels of it, so that of the labels of the file at most `ceiling` can be met. *If repeated positions were like
all others*: two labels of one galaxy differ with the share `disagreement`, d. With p_c the share of class c among the
labels that a galaxy could get, they agree with probability a = sum p_c^2 = 1 - d, and the best answer is right with
probability max p_c, which lies between a and sqrt(a); so, by Jensen's inequality, does its mean over galaxies: between
1 - d and sqrt(1 - d). Repeated positions are a selected sample, though: a file that dropped copies with one label, as
Galaxy10 did, has kept those that disagree, and then d says nothing of a galaxy that is listed once.
Plain arrays; it knows neither files nor runs.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from galaxy_core.data.published import PUBLISHED_COUNTS, PUBLISHED_TWICE_LABELLED
from galaxy_core.data.sky import sky_neighbours
from galaxy_core.metrics.resample import Estimate
from galaxy_core.metrics.statistics import wilson_interval
from galaxy_core.numerals import number, percent

SAME_ARCSEC = 3.0
"""Positions nearer than this are of one galaxy."""


@dataclass(frozen=True)
class LabelLimit:
    """Of `n_placed` galaxies with a position: positions with several labels, and those whose labels differ.

    `ceiling`: the largest share of labels that one answer a position can meet. `disagreement`: how often two labels of
    a repeated position differ. Both with Wilson's 95 % interval, over galaxies and over repeated positions; NaN where
    no position is repeated.
    """

    n_placed: int
    n_repeated: int
    n_contested: int
    ceiling: Estimate
    disagreement: Estimate

    @property
    def is_selected(self) -> bool:
        """Whether every repeated position carries several classes: then it is repeated because of that."""
        return 0 < self.n_repeated == self.n_contested

    @property
    def if_alike(self) -> tuple[float, float] | None:
        """What a perfect classifier would reach if all labels were as those of repeated positions, by both bounds and
        the ends of the interval; None where they are none, or selected.
        """
        if not self.n_repeated or self.is_selected:
            return None
        return 1 - self.disagreement.high, math.sqrt(1 - self.disagreement.low)

    def to_json(self) -> dict[str, Any]:
        """Plain values, with the sentence."""
        numbers = {name: value for name, value in asdict(self).items() if name.startswith("n_")}
        found = {"ceiling": self.ceiling.to_json(), "disagreement": self.disagreement.to_json()}
        return {**numbers, **found, "if_alike": self.if_alike, "in_words": limit_in_words(self)}


def label_limit(labels: np.ndarray, ra: np.ndarray, dec: np.ndarray) -> LabelLimit:
    """By labels int (N,) and positions float (N,) in degrees, NaN where unknown; such a galaxy says nothing."""
    groups = [labels[rows] for rows in sky_neighbours(ra, dec, SAME_ARCSEC)]
    n_lost = sum(len(one) - int(np.bincount(one).max()) for one in groups)
    differ = sum(_share_that_differs(one) for one in groups)
    n_contested = sum(len(np.unique(one)) > 1 for one in groups)
    n_placed = int(np.sum(np.isfinite(ra) & np.isfinite(dec)))
    n_known = n_placed if groups else 0  # labels that nothing contradicts say nothing of a ceiling
    ceiling, disagreement = _share(n_known - n_lost, n_known), _share(differ, len(groups))
    return LabelLimit(n_placed, len(groups), n_contested, ceiling, disagreement)


def published_limit() -> LabelLimit:
    """That of the published file, by the count that stands in `data.published`; needs no file."""
    n, n_twice = sum(PUBLISHED_COUNTS), PUBLISHED_TWICE_LABELLED
    return LabelLimit(n, n_twice, n_twice, _share(n - n_twice, n), _share(n_twice, n_twice))


def limit_in_words(limit: LabelLimit) -> str:
    """What the labels allow, and what they cannot tell."""
    if not limit.n_placed:
        return "No galaxy has a position, so what the labels allow is not known."
    if not limit.n_repeated:
        return (
            f"None of {limit.n_placed:,} positions is labelled twice, so what the labels allow is not known."
        )
    start = (
        f"{limit.n_repeated:,} positions of {limit.n_placed:,} galaxies are labelled more than once, "
        f"{limit.n_contested:,} of them with different classes: one answer a position "
        f"meets at most {_percent(limit.ceiling)} of the labels."
    )
    if limit.if_alike is None:
        return (
            f"{start} No position is repeated with one class alone, so these are listed twice because two classes were "
            "given; how often the label of a galaxy that is listed once is wrong they cannot tell, and the true "
            "ceiling may be lower."
        )
    low, high = limit.if_alike
    return (
        f"{start} Two labels of one position differ in {_percent(limit.disagreement)}; were all labels so, a perfect "
        f"classifier would meet between {percent(low)} and {percent(high)} of them. Repeated positions need not be "
        "like the rest."
    )


def _share_that_differs(labels: np.ndarray) -> float:
    """Of the pairs of these labels."""
    n, counts = len(labels), np.bincount(labels)
    return 1 - float(np.sum(counts * (counts - 1))) / (n * (n - 1))


def _share(n_of: float, n: int) -> Estimate:
    return Estimate(n_of / n if n else math.nan, *wilson_interval(n_of, n), n)


def _percent(share: Estimate) -> str:
    return f"{percent(share.value, 1)} ({number(100 * share.low, 1)}–{percent(share.high, 1)})"
