"""Faithfulness of the maps of finished runs, beside a map without meaning, and the weight-randomisation check.

At the last feature map through the graph, without Keras; at an earlier layer by LayerCAM where Keras is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.evaluation.resample import Estimate, mean_estimates
from galaxy_core.evaluation.table import TableRow, table_rows
from galaxy_core.explain.agreement import paired_rank_correlations
from galaxy_core.explain.cam import LAST_FEATURES
from galaxy_core.explain.faithfulness import SCORES, Probability, faithfulness_scores
from galaxy_core.explain.galaxy_mask import find_galaxy
from galaxy_core.explain.randomised import PARTS, randomised
from galaxy_core.explain.sky_fill import sky_like
from galaxy_core.explain.studies.record import FAITHFULNESS, keep, origin_of
from galaxy_core.explain.studies.shown import Answers, Progress, TestPart, test_parts
from galaxy_core.runs.run import Run
from galaxy_core.serving.lineup import Lineup, Servable, View, probabilities
from galaxy_core.serving.writer import Tensors

N_GALAXIES = 20
COLUMNS = (
    *("run", "policy", "imagenet_percent", "seed", "layer", "score", "n", "value", "low", "high"),
    *("minus_random", "minus_random_low", "minus_random_high"),
)

MapsAt = Callable[[Run, np.ndarray, np.ndarray], np.ndarray]
"""From a run, images (N, H, W, 3) and classes (N,) to maps (N, h, w) of an earlier layer."""
OpenServed = Callable[[Sequence[Servable]], Answers]


@dataclass(frozen=True)
class RandomisedRun:
    """A run that has forgotten a part of its weights; `Lineup` serves it like any other."""

    name: str
    config: View
    forgotten: Tensors

    def tensors(self) -> Tensors:
        """Its tensors."""
        return self.forgotten


@dataclass(frozen=True)
class RunFaithfulness:
    """Scores of the maps of one run, the same minus those of a random map, and what forgetting does to the maps.

    `randomised` is the rank correlation of the maps before and after: near 0 they show the network.
    """

    setting: TableRow
    layer: str
    scores: dict[str, Estimate]
    minus_random: dict[str, Estimate]
    randomised: dict[str, Estimate]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """One tuple of COLUMNS a score."""
        own = self.setting
        head = (own.run, own.policy, own.imagenet_percent, own.seed, self.layer)
        for name, value in self.scores.items():
            yield (*head, name, *_four(value), *_four(self.minus_random[name])[1:])
        for name, value in self.randomised.items():
            yield (*head, f"correlation, {name} randomised", *_four(value), None, None, None)

    def to_json(self) -> dict[str, Any]:
        """Plain values for faithfulness.json."""
        groups = {
            "scores": self.scores,
            "minus_random": self.minus_random,
            "randomised": self.randomised,
        }
        plain = {
            group: {name: value.to_json() for name, value in values.items()}
            for group, values in groups.items()
        }
        return {"layer": self.layer, **plain}


def study_faithfulness(
    runs: Sequence[Run],
    galaxies: Galaxies,
    *,
    n_galaxies: int = N_GALAXIES,
    layer: str = LAST_FEATURES,
    maps_at: MapsAt | None = None,
    seed: int = 0,
    lineup_of: OpenServed = Lineup,
    progress: Progress | None = None,
) -> list[RunFaithfulness]:
    """Faithfulness of every run on `n_galaxies` of its own test part, spread over it; kept in its run folder.

    Maps of the class that the run gives the whole image, class-centred, since what is removed is measured in
    probabilities. `maps_at` gives the maps where `layer` is an earlier one. The random map has the same cells.
    """
    parts = {run.name: part for part in test_parts(runs, galaxies) for run in part.runs}
    found = []
    by_name = {run.name: run for run in runs}
    for k, setting in enumerate(table_rows(runs)):
        run, part = by_name[setting.run], parts[setting.run]
        one = _study_one(setting, run, part, galaxies, n_galaxies, layer, maps_at, seed, lineup_of)
        keep(run, FAITHFULNESS, {**origin_of(run, galaxies, part.part), "seed": seed, **one.to_json()})
        found.append(one)
        if progress:
            progress(k + 1, len(runs))
    return found


def _study_one(
    setting: TableRow,
    run: Run,
    part: TestPart,
    galaxies: Galaxies,
    n_galaxies: int,
    layer: str,
    maps_at: MapsAt | None,
    seed: int,
    lineup_of: OpenServed,
) -> RunFaithfulness:
    rows = part.spread(n_galaxies)
    images = np.asarray(galaxies.images[rows])
    lineup = lineup_of([run])
    said = lineup.explain(images)[run.name]
    classes = said.logits.argmax(axis=1)
    last = _centred(said.maps, classes)
    maps = maps_at(run, images, classes) if maps_at else last
    table = np.stack(
        [
            _scores(lineup, run.name, image, values, int(label), np.random.default_rng([seed, int(row)]))
            for image, values, label, row in zip(images, maps, classes, rows, strict=True)
        ]
    )
    rng = np.random.default_rng(seed)
    own, minus = mean_estimates(table[:, 0], rng), mean_estimates(table[:, 0] - table[:, 1], rng)
    forgotten = _forgotten(run, images, classes, last, seed, lineup_of)
    return RunFaithfulness(
        setting, layer, dict(zip(SCORES, own, strict=True)), dict(zip(SCORES, minus, strict=True)), forgotten
    )


def _scores(
    lineup: Answers, name: str, image: np.ndarray, values: np.ndarray, label: int, rng: np.random.Generator
) -> np.ndarray:
    """Scores of a map and of a random one of the same cells, (2, 4)."""
    sky = sky_like(image, find_galaxy(image), rng)
    probability = _probability(lineup, name, label)
    random = rng.uniform(size=values.shape).astype(np.float32)
    return np.stack([faithfulness_scores(probability, image, sky, one, rng) for one in (values, random)])


def _probability(lineup: Answers, name: str, label: int) -> Probability:
    """Of the whole image, as it is explained: the logit is the mean of the map plus the bias."""

    def ask(images: np.ndarray) -> np.ndarray:
        return probabilities(lineup.explain(images)[name].logits)[:, label]

    return ask


def _forgotten(
    run: Run, images: np.ndarray, classes: np.ndarray, maps: np.ndarray, seed: int, lineup_of: OpenServed
) -> dict[str, Estimate]:
    """Mean rank correlation of the maps with those of the run after it has forgotten each part."""
    tensors = run.tensors()
    others = [RandomisedRun(f"without {part}", run.config, randomised(tensors, part, seed)) for part in PARTS]
    said = lineup_of(others).explain(images)
    columns = [paired_rank_correlations(maps, _centred(said[other.name].maps, classes)) for other in others]
    estimates = mean_estimates(np.stack(columns, axis=1), np.random.default_rng(seed))
    return dict(zip(PARTS, estimates, strict=True))


def _centred(maps: np.ndarray, classes: np.ndarray) -> np.ndarray:
    own = maps[np.arange(len(maps)), classes]
    return np.asarray(own - maps.mean(axis=1, dtype=np.float32), np.float32)


def _four(estimate: Estimate) -> tuple[Any, ...]:
    value = estimate.to_json()
    return tuple(value[name] for name in ("n", "value", "low", "high"))
