"""The models that the project ships, made one after the other: a source of its own, from it the six fractions, and
the best classifier that these galaxies allow.

Each step is a training like any other, so it can be killed and carried on with; what is shipped already is passed
over. How much is done depends on the device: two processor cores see fewer photographs and smaller galaxies.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galaxy_core.data.augment import Augmentation
from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.results.pooled_table import pooled_table
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.device import Device, likely_device
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.run import Run, create_run, sweep_runs
from galaxy_core.training.presets import preset_config
from galaxy_core.training.progress import Watcher
from galaxy_core.training.ship import ship_classifier, ship_source
from galaxy_core.training.source import plan_source
from galaxy_core.training.sweep import plan_sweep, run_sweep
from galaxy_core.training.train import train_run

SOURCE, FRACTIONS, FOLDS, BEST = "mini-imagenet", "fractions", "folds", "best"
TERMS = "research and education"
N_FOLDS = 5

Say = Callable[[str], None]


@dataclass(frozen=True)
class Recipe:
    """What one kind of device has time for: settings of the source, the rows and the best one, and minutes a step.

    `best` has two stages, the second of which starts from the first: many mock galaxies with the real ones, then the
    real ones alone.
    """

    source: Mapping[str, Any]
    fractions: Mapping[str, Any]
    best: tuple[Mapping[str, Any], Mapping[str, Any]]
    n_seeds: int
    minutes: tuple[int, int, int, int]


MIRRORED = Augmentation(flip=True)
"""A mirrored galaxy is a galaxy: more than the paper varies."""

SHIPPED_VIEW = {"crop": 96, "image_size": 96, "epochs": 8}
"""Of the networks in `models/`, which were made when `quick` saw so little: 3 x 3 cells, and their maps say so."""

RECIPES = {
    # on two cores: 80 images/s of 64 px, and twelve minutes for the six rows
    "processor": Recipe(
        {"image_size": 64, "batch_size": 64, "epochs": 4.0, "precision": "mixed", "keep_at": (0.25, 0.5)},
        {"preset": "quick", **SHIPPED_VIEW},
        (
            {"epochs": 10, "n_mocks": 2000, "precision": "mixed"},
            {"epochs": 10, "learning_rate": 3e-4, "precision": "mixed"},
        ),
        n_seeds=1,
        minutes=(60, 15, 20, 60),
    ),
    # planned for a large graphics card, never run: its minutes are a guess
    "gpu": Recipe(
        {"image_size": 112, "batch_size": 256, "epochs": 60.0, "keep_at": (0.1, 0.25, 0.5)},
        {"preset": "paper", "crop": 224, "image_size": 224, "schedule": "cosine"},
        (
            {"epochs": 20, "crop": 224, "image_size": 224, "n_mocks": 10_000},
            {"epochs": 20, "crop": 224, "image_size": 224, "learning_rate": 3e-4},
        ),
        n_seeds=3,
        minutes=(240, 20, 10, 300),
    ),
}


def make_models(
    data: str,
    photographs: str,
    folder: Path,
    *,
    device: Device | None = None,
    say: Say = lambda sentence: None,
    progress: Watcher | None = None,
) -> list[Run]:
    """Train and ship what is not in `folder` yet; returns the shipped runs in the order they were made.

    `data` is a file of labelled galaxies, `photographs` a folder of labelled photographs or of zips of them.
    """
    recipe = RECIPES[(device or likely_device()).kind]
    folder.mkdir(parents=True, exist_ok=True)
    say(f"{SOURCE}: about {recipe.minutes[0]} min")
    source = _source(photographs, recipe, folder, progress)
    say(f"{FRACTIONS}: six rows to be shipped, about {recipe.minutes[1]} min")
    _train_rows(FRACTIONS, data, recipe, say, progress)
    say(f"{BEST}: every layer fine-tuned, about {recipe.minutes[2]} min")
    best = _best(data, recipe, folder, progress)
    say(f"{FOLDS}: the rows in {N_FOLDS} folds, {recipe.n_seeds} seeds, about {recipe.minutes[3]} min")
    _train_rows(FOLDS, data, recipe, say, progress)
    return [source, *_fractions(data, folder), best]


def _source(photographs: str, recipe: Recipe, folder: Path, progress: Watcher | None) -> Run:
    if (folder / SOURCE).is_dir():
        return Run(folder / SOURCE)
    run = plan_source(photographs, SOURCE, terms=TERMS, **recipe.source)
    train_run(run, progress=progress)
    return ship_source(run, folder)


def _train_rows(name: str, data: str, recipe: Recipe, say: Say, progress: Watcher | None) -> None:
    """The six rows from the stored source: once, or in folds and seeds so that the curve is known with its spread."""
    folds = {"n_folds": N_FOLDS, "n_seeds": recipe.n_seeds} if name == FOLDS else {}
    settings = {"source": SOURCE, **folds, **recipe.fractions}
    run_sweep(plan_sweep(name, data=data, say=say, **settings), progress=progress)


def _best(data: str, recipe: Recipe, folder: Path, progress: Watcher | None) -> Run:
    """All layers of the stored source fine-tuned, on mock and real galaxies and then on the real ones alone."""
    if (folder / BEST).is_dir():
        return Run(folder / BEST)
    for name, config in best_configs(data, recipe).items():
        run = Run(runs_folder() / name)
        if not run.path.is_dir():
            run = create_run(name, config)
        train_run(run, progress=progress)
    return ship_classifier(run, open_galaxies(data), folder)


def best_configs(data: str, recipe: Recipe) -> dict[str, TrainConfig]:
    """What the two stages of `best` are asked to do, by name: a new view every epoch, the split of the six rows."""
    configs, source = {}, SOURCE
    for name, stage in zip((f"{BEST}-mocks", BEST), recipe.best, strict=True):
        settings = {**stage, "policy": "freeze_prefix", "trainable": 1.0, "source": source}
        config = preset_config("quick", data, augmentation=MIRRORED, **{**SHIPPED_VIEW, **settings})
        configs[name] = dataclasses.replace(config, preset="custom", n_views=None)
        source = name
    return configs


def _fractions(data: str, folder: Path) -> Iterator[Run]:
    """Ship the row of each fraction, with what all folds of the same recipe say of it."""
    galaxies = open_galaxies(data)
    pooled = {row.imagenet_percent: row for row in pooled_table(sweep_runs(FOLDS)).rows}
    for run in sweep_runs(FRACTIONS):
        target = folder / run.name
        row = pooled.get(run.config.imagenet_percent)
        yield Run(target) if target.is_dir() else ship_classifier(run, galaxies, folder, pooled=row)
