"""Focus of finished runs: the scores of their heatmaps over their own test galaxies, and the paper's sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.images.view import View
from galaxy_core.maps.cells import refuse_coarse
from galaxy_core.maps.focus import NULLS, SCORES, focus_scores, null_maps
from galaxy_core.maps.galaxy_mask import GalaxyMask, find_galaxy, within_view
from galaxy_core.maps.shift import follow_products, heat_shift, move_galaxy, shifts_of
from galaxy_core.maps.sky_fill import sky_like
from galaxy_core.metrics.resample import Estimate, mean_estimates, ratio_estimates
from galaxy_core.results.records import (
    FOCUS,
    Record,
    estimate_from,
    estimates_from,
    keep,
    kept_of,
    origin_of,
)
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.runs.run import Run
from galaxy_core.studies.charts import over_share
from galaxy_core.studies.paper.claims import CRITERIA, Claim, paper_claim
from galaxy_core.studies.shown import (
    Answers,
    OpenLineup,
    Progress,
    Shown,
    TestPart,
    open_lineup,
    show,
    test_parts,
)
from galaxy_core.studies.study import HEAT, Asked, Figure, Row, Study, measured, span_in_words

if TYPE_CHECKING:
    from pandas import DataFrame

N_SHIFTED = 50
SHIFT_SLOPE = "shift_slope"
PLAIN_MAPS, CENTRED_MAPS = "Grad-CAM of the predicted class", "class-centred"
COLUMNS = (
    *("run", "policy", "imagenet_percent", "seed", "score", "n", "value", "low", "high"),
    *(f"minus_{null}{bound}" for null in NULLS for bound in ("", "_low", "_high")),
)


@dataclass(frozen=True)
class RunFocus:
    """What was found of one run: every score of SCORES, the same minus each null, and the shift test's slope.

    n_undetected galaxies had no detection in their middle and are left out of all scores but `blank`.
    """

    setting: TableRow
    n_galaxies: int
    n_undetected: int
    scores: dict[str, Estimate]
    minus: dict[str, dict[str, Estimate]]
    follow: Estimate | None
    is_centred: bool
    sentence: str

    @property
    def maps(self) -> str:
        """Which maps were scored, in words."""
        return CENTRED_MAPS if self.is_centred else PLAIN_MAPS

    @property
    def claim(self) -> Claim | None:
        """The paper's sentence on this percentage, for the maps it shows; None where it has none."""
        row = self.setting
        return None if self.is_centred else paper_claim(row.policy, row.imagenet_percent, row.classes)

    def of(self, score: str) -> Estimate | None:
        """The estimate of one of SCORES or of the shift test; None where the test was left out."""
        return self.follow if score == SHIFT_SLOPE else self.scores[score]

    def null_level(self, null: str, score: str) -> float:
        """The mean of that score over the same galaxies, had every map been the null; NaN for the shift test."""
        return math.nan if score == SHIFT_SLOPE else self.scores[score].value - self.minus[null][score].value

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """One tuple of COLUMNS a score; None where there is no number."""
        own = self.setting
        head = (own.run, own.policy, own.imagenet_percent, own.seed)
        for name, value in self.scores.items():
            yield (
                *head,
                name,
                *_numbers(value),
                *(x for null in NULLS for x in _numbers(self.minus[null][name])[1:]),
            )
        if self.follow:
            yield (*head, SHIFT_SLOPE, *_numbers(self.follow), *(None,) * (3 * len(NULLS)))

    def to_json(self) -> dict[str, Any]:
        """Plain values for focus.json."""
        claim = self.claim
        return {
            "maps": self.maps,
            "n": self.n_galaxies,
            "n_undetected": self.n_undetected,
            "sentence": self.sentence,
            "scores": {name: value.to_json() for name, value in self.scores.items()},
            "minus": {
                null: {name: value.to_json() for name, value in values.items()}
                for null, values in self.minus.items()
            },
            SHIFT_SLOPE: self.follow.to_json() if self.follow else None,
            "paper": {
                "sentence": claim.sentence,
                "criterion": claim.criterion,
                "verdict": claim.verdict(self.scores),
            }
            if claim
            else None,
        }

    @classmethod
    def from_json(cls, setting: TableRow, record: Record) -> RunFocus:
        """What `to_json` wrote, of the run with that row; errors as of `records.estimate_from`."""
        follow = record[SHIFT_SLOPE]
        return cls(
            setting,
            int(record["n"]),
            int(record["n_undetected"]),
            estimates_from(record["scores"], SCORES),
            {null: estimates_from(record["minus"][null], SCORES) for null in NULLS},
            estimate_from(follow) if follow else None,
            record["maps"] != PLAIN_MAPS,
            str(record["sentence"]),
        )


@dataclass
class _Collected:
    """Scores of one run so far: own and of the nulls, each a list of (8,) a galaxy; products of the shift test."""

    scores: list[np.ndarray] = field(default_factory=list)
    products: list[np.ndarray] = field(default_factory=list)
    n_undetected: int = 0


def study_focus(
    runs: Sequence[Run],
    galaxies: Galaxies,
    *,
    n_shifted: int = N_SHIFTED,
    centred: bool = False,
    seed: int = 0,
    lineup_of: OpenLineup = open_lineup,
    progress: Progress | None = None,
) -> list[RunFocus]:
    """Focus scores of every run on its own test part, in the order of the table, each kept in its run folder.

    Maps of the class each run predicts, plain as the paper's Grad-CAM, or class-centred. `n_shifted` galaxies
    of each test part go through the shift test, five passes each; 0 leaves it out. Intervals are over galaxies.
    Everything is measured in the view that a run classifies. BadValueError where the maps of a run are too coarse.
    """
    refuse_coarse(runs)
    settings = {row.run: row for row in table_rows(runs)}
    found: dict[str, RunFocus] = {}
    for part in test_parts(runs, galaxies):
        collected = _collect(part, galaxies, lineup_of(part.runs), n_shifted, centred, seed, progress)
        for run in part.runs:
            focus = _summary(settings[run.name], collected[run.name], part, centred, seed)
            keep(run, FOCUS, {**origin_of(run, galaxies, part.part), "seed": seed, **focus.to_json()})
            found[run.name] = focus
    return [found[name] for name in settings]


def _collect(
    part: TestPart,
    galaxies: Galaxies,
    lineup: Answers,
    n_shifted: int,
    centred: bool,
    seed: int,
    progress: Progress | None,
) -> dict[str, _Collected]:
    collected = {run.name: _Collected() for run in part.runs}
    to_shift = set(part.spread(n_shifted).tolist()) if n_shifted else set()
    for shown in show(lineup, galaxies.images, galaxies.labels, part.indices, progress):
        masks = [find_galaxy(image) for image in shown.images]
        square = part.view.square(shown.images.shape[1:])
        own = {name: shown.maps_of(name, shown.predicted[name], centred=centred) for name in collected}
        for i, mask in enumerate(masks):
            pixel_scale = float(galaxies.pixel_scale[shown.rows[i]])
            of_image = {name: maps[i] for name, maps in own.items()}
            seen = within_view(mask, shown.images[i], part.view)
            _score(shown.images[i][square], seen, of_image, pixel_scale, collected)
        shifted = [i for i, mask in enumerate(masks) if mask.is_detected and int(shown.rows[i]) in to_shift]
        for i in shifted:
            rng = np.random.default_rng([seed, int(shown.rows[i])])
            _shift(lineup, part.view, shown, i, masks[i], own, centred, rng, collected)
    return collected


def _score(
    image: np.ndarray,
    mask: GalaxyMask,
    maps: dict[str, np.ndarray],
    pixel_scale: float,
    collected: dict[str, _Collected],
) -> None:
    """The scores of all runs on what they see of one image, and of the nulls on the cells of each."""
    nulls: dict[tuple[int, ...], np.ndarray] = {}
    for name, values in maps.items():
        if values.shape not in nulls:
            made = null_maps(image, mask, (values.shape[0], values.shape[1]))
            nulls[values.shape] = focus_scores(made, mask, pixel_scale)
        own = focus_scores(values[None], mask, pixel_scale)
        scores = np.concatenate([own, nulls[values.shape]])
        if not mask.is_detected:
            scores[:, :-1] = np.nan
            collected[name].n_undetected += 1
        collected[name].scores.append(scores)


def _shift(
    lineup: Answers,
    view: View,
    shown: Shown,
    i: int,
    mask: GalaxyMask,
    own: dict[str, np.ndarray],
    centred: bool,
    rng: np.random.Generator,
    collected: dict[str, _Collected],
) -> None:
    """The shift test of one galaxy; all its moves that stay in the view make one row."""
    image = shown.images[i]
    sky = sky_like(image, mask, rng)
    n_cells = next(iter(own.values())).shape[-1]
    moved = {shift: move_galaxy(image, mask, shift, sky, view) for shift in shifts_of(view, n_cells)}
    kept = {shift: image for shift, image in moved.items() if image is not None}
    if not kept:
        return
    after = lineup.explain(np.stack(list(kept.values())))
    for name, one in collected.items():
        maps, label = after[name].maps, shown.predicted[name][i]
        values = maps[:, label] - maps.mean(axis=1) if centred else maps[:, label]
        before = np.broadcast_to(own[name][i], values.shape)
        products = follow_products(
            heat_shift(before, values, (view.crop, view.crop)), np.array(list(kept), float)
        )
        known = products[np.isfinite(products[:, 0])]
        one.products.append(known.sum(axis=0) if len(known) else np.full(2, np.nan))


def _summary(setting: TableRow, collected: _Collected, part: TestPart, centred: bool, seed: int) -> RunFocus:
    scores = np.stack(collected.scores)  # galaxies, own and nulls, SCORES
    rng = np.random.default_rng(seed)
    own = dict(zip(SCORES, mean_estimates(scores[:, 0], rng), strict=True))
    minus = {
        null: dict(zip(SCORES, mean_estimates(scores[:, 0] - scores[:, k], rng), strict=True))
        for k, null in enumerate(NULLS, start=1)
    }
    follow = None
    if collected.products:
        products = np.stack(collected.products)
        (follow,) = ratio_estimates(products[:, :1], products[:, 1:], rng)
    sentence = part.sentences[setting.run]
    return RunFocus(setting, len(scores), collected.n_undetected, own, minus, follow, centred, sentence)


def _numbers(estimate: Estimate) -> tuple[int, float | None, float | None, float | None]:
    values = (estimate.value, estimate.low, estimate.high)
    low_to_high = tuple(value if math.isfinite(value) else None for value in values)
    return (estimate.n, *low_to_high)  # type: ignore[return-value]


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """Every focus score, the same minus each null, the shift test, and the paper's sentence with its verdict."""
    chosen: dict[str, Any] = {
        "n_shifted": int(asked.options["shift"]),
        "centred": bool(asked.options["centred"]),
    }
    return tell(study_focus(asked.runs, asked.galaxies, **chosen, **asked.drawing(progress)))


def tell(found: Iterable[RunFocus]) -> Iterator[Row]:
    """The rows of what was found of each run."""
    for one in found:
        name = one.setting.run
        for score, value in one.scores.items():
            yield measured(name, score, value)
            for null, minus in one.minus.items():
                yield measured(name, f"{score} minus that of the {null}", minus[score])
        if one.follow:
            yield measured(name, "slope of the heat's move over the galaxy's", one.follow)
        if one.claim:
            yield Row(name, f'paper, "{one.claim.sentence}": {one.claim.verdict(one.scores)}')


def sentence(frame: DataFrame) -> str:
    """The share of heat on the galaxy, and what it has beyond a centred blob."""
    return " ".join(span_in_words(frame, score, name=name) for score, name in ON_THE_GALAXY.items())


def chart(frame: DataFrame) -> Figure:
    """Heat on the galaxy over the share taken over, and beyond a centred blob."""
    return over_share(frame, ON_THE_GALAXY, "share of the heat", ".0%")


ON_THE_GALAXY = {
    "energy_galaxy": "heat on the galaxy",
    "energy_galaxy minus that of the gaussian": "heat on the galaxy beyond a centred blob",
}
STUDY = Study(
    *("focus", 60, HEAT, "Is the heat on the galaxy?", rows, sentence, chart),
    options={"shift": N_SHIFTED, "centred": False},
    of_maps=True,
    kept=lambda asked: kept_of(asked, FOCUS, RunFocus.from_json),
    tell=tell,
    note=f"The paper gives no numbers, so the conditions are ours. {CRITERIA}.",
    cited=("wang", "zhang", "efron"),
)
