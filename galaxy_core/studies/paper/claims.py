"""What the paper says of the heatmaps of each percentage, each sentence turned into conditions on scores.

The paper judges by eye and gives no numbers, so the thresholds are ours; they stand here, and beside every
verdict. Xueying Fu, section on Grad-CAM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.metrics.resample import Estimate, verdict_above, verdict_below, verdict_of_all
from galaxy_core.results.paper import paper_row


@dataclass(frozen=True)
class Condition:
    """The mean of one focus score lies above (or below) a threshold; `words` say it."""

    score: str
    is_above: bool
    threshold: float
    words: str

    def verdict(self, estimates: Mapping[str, Estimate]) -> str:
        """Confirmed, refuted or undecided, by the 95 % interval."""
        judge = verdict_above if self.is_above else verdict_below
        return judge(estimates[self.score], self.threshold)


@dataclass(frozen=True)
class Claim:
    """A sentence of the paper on one percentage, and what would have to be true of our scores."""

    sentence: str
    conditions: tuple[Condition, ...]

    @property
    def criterion(self) -> str:
        """The conditions in one sentence."""
        return "; ".join(condition.words for condition in self.conditions)

    def verdict(self, estimates: Mapping[str, Estimate]) -> str:
        """Confirmed where every condition is, refuted where one is, else undecided."""
        return verdict_of_all([condition.verdict(estimates) for condition in self.conditions])


BLANK = Condition("blank", True, 0.5, "more than half of the rectified maps are blank")
ON_IT = Condition("pointing", True, 0.75, "the hottest pixel is on the galaxy in more than three of four")
OFTEN_WRONG = Condition(
    "pointing", False, 0.75, "the hottest pixel misses the galaxy in more than one of four"
)
NOT_SMALL = Condition("area_log2", True, -1.0, "the heat covers more than half of the galaxy's area")
NOT_WIDE = Condition("area_log2", False, 1.0, "the heat covers less than twice the galaxy's area")
TOO_WIDE = Condition("area_log2", True, 1.0, "the heat covers more than twice the galaxy's area")
OFF = Condition("offset_radii", True, 0.5, "its centroid is more than half a galaxy radius off")

_FITS = Claim("on the galaxy and of its size", (ON_IT, NOT_SMALL, NOT_WIDE))
CLAIMS: dict[int, Claim] = {
    0: Claim("could not be drawn", (BLANK,)),
    20: _FITS,
    40: _FITS,
    60: Claim("on the galaxy, slightly off", (ON_IT, OFF)),
    80: Claim("on the galaxy, but too wide", (ON_IT, TOO_WIDE)),
    100: Claim("often in the wrong place", (OFTEN_WRONG,)),
}
CRITERIA = "; ".join(f"at {percent} % it holds if {claim.criterion}" for percent, claim in CLAIMS.items())
"""All conditions in words."""


def paper_claim(policy: str, imagenet_percent: int, classes: Classes = GALAXY10) -> Claim | None:
    """The sentence that a run may be held against, or None where the paper has no such row."""
    return CLAIMS.get(imagenet_percent) if paper_row(policy, imagenet_percent, classes) else None
