"""The models that the project ships, made one after the other: a source of its own, the six fractions, the best one.

Each step is a training like any other, so it can be killed and carried on with; what is shipped already is passed
over. How much is done depends on the device: two processor cores see fewer photographs and smaller galaxies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.evaluation.pooled_table import PooledRow, pooled_table
from galaxy_core.runs.device import Device, likely_device
from galaxy_core.runs.run import Run, sweep_runs
from galaxy_core.training.pretrain import plan_source, pretrain_run
from galaxy_core.training.progress import Watcher
from galaxy_core.training.ship import ship_classifier, ship_source
from galaxy_core.training.sweep import plan_sweep, run_sweep

SOURCE, FRACTIONS = "mini-imagenet", "fractions"
TERMS = "research and education"
N_FOLDS = 5
SHIPPED_FOLD, SHIPPED_SEED = 0, 0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Recipe:
    """What one kind of device has time for: settings of the source, of the fractions, and minutes for each."""

    source: Mapping[str, Any]
    fractions: Mapping[str, Any]
    n_seeds: int
    minutes: tuple[int, int]


RECIPES = {
    # measured on two cores: 75 images/s of 64 px, and seven minutes a fold of the six rows
    "processor": Recipe(
        {"image_size": 64, "batch_size": 64, "epochs": 4.0, "precision": "mixed", "keep_at": (0.25, 0.5)},
        {"preset": "quick"},
        n_seeds=1,
        minutes=(65, 45),
    ),
    # planned, not measured: what half an hour of a large graphics card is likely to have room for
    "gpu": Recipe(
        {"image_size": 112, "batch_size": 256, "epochs": 60.0, "keep_at": (0.1, 0.25, 0.5)},
        {"preset": "paper", "crop": 224, "image_size": 224, "schedule": "cosine"},
        n_seeds=3,
        minutes=(240, 120),
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
    shipped = [_source(photographs, recipe, folder, progress)]
    say(f"{FRACTIONS}: {N_FOLDS} folds, {recipe.n_seeds} seeds, about {recipe.minutes[1]} min")
    return shipped + list(_fractions(data, recipe, folder, say, progress))


def _source(photographs: str, recipe: Recipe, folder: Path, progress: Watcher | None) -> Run:
    if (folder / SOURCE).is_dir():
        return Run(folder / SOURCE)
    run = plan_source(photographs, SOURCE, terms=TERMS, **recipe.source)
    pretrain_run(run, progress=progress)
    return ship_source(run, folder)


def _fractions(data: str, recipe: Recipe, folder: Path, say: Say, progress: Watcher | None) -> Iterator[Run]:
    """Cross-validate the six rows from the stored source, and ship one fold of each with what all folds say."""
    settings = {"n_folds": N_FOLDS, "n_seeds": recipe.n_seeds, "source": SOURCE, **recipe.fractions}
    run_sweep(plan_sweep(FRACTIONS, data=data, say=say, **settings), progress=progress)
    galaxies = open_galaxies(data)
    runs = sweep_runs(FRACTIONS)
    pooled = {row.imagenet_percent: row for row in pooled_table(runs).rows}
    for run in runs:
        config = run.config
        if (config.fold, config.seed) == (SHIPPED_FOLD, SHIPPED_SEED) and not run.is_shipped:
            yield _shipped(run, galaxies, folder, pooled.get(config.imagenet_percent))


def _shipped(run: Run, galaxies: Any, folder: Path, pooled: PooledRow | None) -> Run:
    target = folder / run.name
    return Run(target) if target.is_dir() else ship_classifier(run, galaxies, folder, pooled=pooled)
