"""Faithfulness of the maps of finished runs, beside a map without meaning, and the weight-randomisation check.

At the last feature map through the graph, without Keras; at an earlier layer by LayerCAM where Keras is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.maps.agreement import paired_rank_correlations
from galaxy_core.maps.cam import LAST_FEATURES
from galaxy_core.maps.cells import refuse_coarse
from galaxy_core.maps.faithfulness import SCORES, Probability, faithfulness_scores
from galaxy_core.maps.galaxy_mask import find_galaxy
from galaxy_core.maps.randomised import PARTS, randomised
from galaxy_core.maps.sky_fill import sky_like
from galaxy_core.metrics.resample import Estimate, mean_estimates, verdict_above, verdict_below
from galaxy_core.networks.backbone import Backbone
from galaxy_core.results.records import FAITHFULNESS, Record, estimates_from, keep, kept_of, origin_of
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.runs.run import Run
from galaxy_core.serving.lineup import Explained, Lineup, Servable, Unsaved, probabilities
from galaxy_core.studies.charts import over_share
from galaxy_core.studies.earlier_layer import LayerCamMaps
from galaxy_core.studies.shown import Answers, Progress, TestPart, test_parts
from galaxy_core.studies.study import HEAT, Asked, Figure, Row, Study, measured, span_in_words

if TYPE_CHECKING:
    from pandas import DataFrame

N_GALAXIES = 20
IS_HIGH_FAITHFUL = {"deletion": False, "insertion": True, "road": True, "average_drop": False}
COLUMNS = (
    *("run", "policy", "imagenet_percent", "seed", "layer", "score", "n", "value", "low", "high"),
    *("minus_random", "minus_random_low", "minus_random_high"),
)

MapsAt = Callable[[Run, np.ndarray, np.ndarray], np.ndarray]
"""From a run, images (N, H, W, 3) and classes (N,) to maps (N, h, w) of an earlier layer."""
OpenServed = Callable[[Sequence[Servable]], Answers]


@dataclass(frozen=True)
class AsSeen:
    """Side in pixels of images that are shown as they are: views of others, in which pixels were exchanged."""

    crop: int
    image_size: int
    network: Backbone
    turns: int


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

    def random_level(self, score: str) -> float:
        """The mean of that score over the same galaxies, had every map been the random one."""
        return self.scores[score].value - self.minus_random[score].value

    def verdict(self, score: str) -> str:
        """Whether the maps are more faithful than a random one by that score: confirmed, refuted or undecided."""
        judge = verdict_above if IS_HIGH_FAITHFUL[score] else verdict_below
        return judge(self.minus_random[score], 0.0)

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

    @classmethod
    def from_json(cls, setting: TableRow, record: Record) -> RunFaithfulness:
        """What `to_json` wrote, of the run with that row; errors as of `records.estimate_from`."""
        scores, beyond = (estimates_from(record[group], SCORES) for group in ("scores", "minus_random"))
        return cls(setting, str(record["layer"]), scores, beyond, estimates_from(record["randomised"], PARTS))


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

    Maps of the class that the run gives the image, class-centred, since what is removed is measured in probabilities.
    Pixels are exchanged in what the network sees. BadValueError where its maps are too coarse. `maps_at` gives the maps
    where `layer` is an earlier one; its record stands beside that of the last layer. The random map has the same cells.
    `progress` counts galaxies of all runs.
    """
    refuse_coarse(runs)
    parts = {run.name: part for part in test_parts(runs, galaxies) for run in part.runs}
    n_total = sum(len(part.spread(n_galaxies)) for part in parts.values())
    n_done = 0

    def step() -> None:
        nonlocal n_done
        n_done += 1
        if progress:
            progress(n_done, n_total)

    found = []
    by_name = {run.name: run for run in runs}
    for setting in table_rows(runs):
        run, part = by_name[setting.run], parts[setting.run]
        one = _study_one(setting, run, part, galaxies, n_galaxies, layer, maps_at, seed, lineup_of, step)
        record = {**origin_of(run, galaxies, part.part), "seed": seed, **one.to_json()}
        keep(run, FAITHFULNESS, record, ("layer",))
        found.append(one)
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
    step: Callable[[], None],
) -> RunFaithfulness:
    rows = part.spread(n_galaxies)
    images = np.asarray(galaxies.images[rows])
    seen, network, tensors = part.view.of(images), run.network, run.tensors()
    config = AsSeen(part.view.size, part.view.size, network, run.config.turns)
    lineup = lineup_of([Unsaved(run.name, config, tensors)])
    said = lineup.explain(seen)[run.name]
    classes = said.logits.argmax(axis=1)
    last = _centred(said.maps, classes)
    maps = maps_at(run, images, classes) if maps_at else last
    scored = []
    for i, row in enumerate(rows):
        noise = np.random.default_rng([seed, int(row)])
        sky = part.view.of(sky_like(images[i], find_galaxy(images[i]), noise)[None])[0]
        probability = _probability(lineup, run.name, int(classes[i]))
        scored.append(_scores(probability, seen[i], sky, maps[i], noise))
        step()
    table = np.stack(scored)
    rng = np.random.default_rng(seed)
    own, minus = mean_estimates(table[:, 0], rng), mean_estimates(table[:, 0] - table[:, 1], rng)
    others = [Unsaved(f"without {name}", config, randomised(network, tensors, name, seed)) for name in PARTS]
    forgotten = _forgotten(lineup_of(others).explain(seen), classes, last, seed)
    return RunFaithfulness(
        setting, layer, dict(zip(SCORES, own, strict=True)), dict(zip(SCORES, minus, strict=True)), forgotten
    )


def _scores(
    probability: Probability,
    image: np.ndarray,
    sky: np.ndarray,
    values: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Scores of a map and of a random one of the same cells, (2, 4)."""
    random = rng.uniform(size=values.shape).astype(np.float32)
    return np.stack([faithfulness_scores(probability, image, sky, one, rng) for one in (values, random)])


def _probability(lineup: Answers, name: str, label: int) -> Probability:
    """The run's own, of views in which pixels were exchanged."""

    def ask(seen: np.ndarray) -> np.ndarray:
        return probabilities(lineup.predict(seen)[name])[:, label]

    return ask


def _forgotten(
    said: Mapping[str, Explained], classes: np.ndarray, maps: np.ndarray, seed: int
) -> dict[str, Estimate]:
    """Mean rank correlation of the maps with those of the run after it has forgotten each part."""
    columns = [paired_rank_correlations(maps, _centred(one.maps, classes)) for one in said.values()]
    estimates = mean_estimates(np.stack(columns, axis=1), np.random.default_rng(seed))
    return dict(zip(PARTS, estimates, strict=True))


def _centred(maps: np.ndarray, classes: np.ndarray) -> np.ndarray:
    own = maps[np.arange(len(maps)), classes]
    return np.asarray(own - maps.mean(axis=1, dtype=np.float32), np.float32)


def _four(estimate: Estimate) -> tuple[Any, ...]:
    value = estimate.to_json()
    return tuple(value[name] for name in ("n", "value", "low", "high"))


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """Every score, the same minus a random map's, and the maps of a run that forgot its weights."""
    layer = str(asked.options["layer"])
    how: dict[str, Any] = {"n_galaxies": int(asked.options["galaxies"])}
    how |= {"layer": layer, "maps_at": LayerCamMaps(layer)} if layer else {}
    return tell(study_faithfulness(asked.runs, asked.galaxies, **how, **asked.drawing(progress)))


def tell(found: Iterable[RunFaithfulness]) -> Iterator[Row]:
    """The rows of what was found of each run."""
    for one in found:
        name = one.setting.run
        for score, value in one.scores.items():
            yield measured(name, score, value)
            yield measured(name, f"{score} minus that of a random map", one.minus_random[score])
        for part, value in one.randomised.items():
            yield measured(name, f"rank correlation with maps after forgetting the {part}", value)


def sentence(frame: DataFrame) -> str:
    """Deletion speaks for a map below 0, insertion above."""
    scores = ("deletion", "insertion")
    return " ".join(span_in_words(frame, f"{score} minus that of a random map", "+.2f") for score in scores)


def chart(frame: DataFrame) -> Figure:
    """Every score minus that of a random map; below 0 speaks for a map in deletion and average drop, else above."""
    names = {f"{score} minus that of a random map": score.replace("_", " ") for score in SCORES}
    return over_share(frame, names, "minus that of a random map")


STUDY = Study(
    *("faithfulness", 100, HEAT, "Does the network rely on what its map points at?", rows, sentence, chart),
    options={"galaxies": N_GALAXIES, "layer": ""},
    of_maps=True,
    kept=lambda asked: kept_of(
        asked, FAITHFULNESS, RunFaithfulness.from_json, lambda run: {"layer": LAST_FEATURES}
    ),
    tell=tell,
    note="Minus a random map of the same cells: deletion and average drop speak for a map below 0, insertion and ROAD "
    "above 0. Rank correlation of maps after forgetting: near 0, they rest on what was forgotten.",
    cited=("petsiuk", "rong", "chattopadhay", "adebayo"),
)
