"""The paper's thesis on what transfers, held against what each row loses with its cues.

It holds that a little transfer carries contours and shapes, and much of it advanced features. The paper measures
neither, so the criterion is ours; it stands here, and beside every verdict. Plain estimates; it knows no run folder.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from galaxy_core.metrics.resample import Estimate, verdict_above
from galaxy_core.numerals import number
from galaxy_core.results.paper import paper_row
from galaxy_core.results.setting import recipe_of, told_apart

if TYPE_CHECKING:
    from galaxy_core.results.table import TableRow
    from galaxy_core.studies.cues import RunCues

SHAPE_OVER_TEXTURE = "outline minus texture"
LITTLE, MUCH = (20, 40), (80, 100)
THESIS = "a little transfer carries contours and shapes, much of it advanced features"
CRITERION = (
    "without the outline more is lost than without fine texture, and by a wider margin at 20 and 40 % than at 80 and "
    "100 %"
)


@dataclass(frozen=True)
class ThesisTest:
    """Accuracy lost without the outline minus that without texture, on average over the rows with little transfer
    and over those with much, in shares of galaxies; `difference` is the first minus the second.
    """

    little: Estimate
    much: Estimate
    difference: Estimate

    @property
    def verdict(self) -> str:
        """Confirmed, refuted or undecided, by the interval of the difference."""
        return verdict_above(self.difference, 0.0)


def thesis_test(cues: Sequence[RunCues]) -> ThesisTest | None:
    """The test on the rows of one curve that the paper has too; None without a row on either side."""
    rows = [one for one in cues if _is_of_paper(one.setting)]
    little, much = (
        [one.drops[SHAPE_OVER_TEXTURE] for one in rows if one.setting.imagenet_percent in side]
        for side in (LITTLE, MUCH)
    )
    if not little or not much:
        return None
    means = _mean(little), _mean(much)
    return ThesisTest(*means, _difference(*means))


def _is_of_paper(row: TableRow) -> bool:
    return paper_row(row.policy, row.imagenet_percent, row.classes) is not None


def curves_of(cues: Sequence[RunCues]) -> dict[str, list[RunCues]]:
    """The rows of each curve, by its policy and what else tells it from the others: rows of two recipes are two."""
    kinds: dict[tuple[str, str, str], list[RunCues]] = {}
    for one in cues:
        row = one.setting
        kinds.setdefault((row.policy, row.source, recipe_of(row.setting)), []).append(one)
    told = told_apart([recipe for _, _, recipe in kinds]) if kinds else []
    n_sources = Counter(policy for policy, _ in {(policy, source) for policy, source, _ in kinds})
    curves = {}
    for ((policy, source, _), members), recipe in zip(kinds.items(), told, strict=True):
        of_source = f"source {source}" if n_sources[policy] > 1 else ""
        curves[", ".join(filter(None, (policy, of_source, recipe)))] = members
    return curves


def in_words(test: ThesisTest) -> str:
    """The thesis, its verdict, what that rests on, and the criterion, in points of accuracy."""
    little, much, difference = map(_points, (test.little, test.much, test.difference))
    return (
        f"the paper's thesis, “{THESIS}”: {test.verdict}; points lost without the outline minus those without "
        f"texture: {little} at 20 and 40 %, {much} at 80 and 100 %, difference {difference}. It holds if {CRITERION}; "
        "the condition is ours"
    )


def _points(one: Estimate) -> str:
    """In points; without brackets where so few galaxies bound nothing."""
    value, low, high = (number(100 * share, 1, "+") for share in (one.value, one.low, one.high))
    return f"{value} ({low} to {high})" if math.isfinite(one.high - one.low) else value


def _mean(estimates: Sequence[Estimate]) -> Estimate:
    """Mean of rows that answered the same galaxies. Their errors go together to an unknown degree, so the interval
    is the widest: that of errors that are the same.
    """
    value, low, high = (
        math.fsum(getattr(one, name) for one in estimates) / len(estimates)
        for name in ("value", "low", "high")
    )
    return Estimate(value, low, high, min(one.n for one in estimates))


def _difference(first: Estimate, second: Estimate) -> Estimate:
    """First minus second, its interval from theirs (Zou & Donner 2008), as if their errors had nothing in
    common: too wide rather than too narrow where both answered the same galaxies.
    """
    value = first.value - second.value
    below = math.hypot(first.value - first.low, second.high - second.value)
    above = math.hypot(first.high - first.value, second.value - second.low)
    return Estimate(value, value - below, value + above, min(first.n, second.n))
