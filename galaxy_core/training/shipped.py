"""The models that the project ships: a source of its own, the rows of two networks, and the best classifier.

Each is a training like any other, so it can be killed and carried on with; what is finished is shipped, what is shipped
already is passed over. Last come the folds, which say on the cards of what ships how well its recipe does. How much is
done depends on the device: two processor cores see fewer photographs, and smaller galaxies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from galaxy_core.data.galaxy10 import Galaxies, classes_of, open_galaxies
from galaxy_core.networks.policy import DEFAULT_POLICY
from galaxy_core.results.pooled_table import pooled_table
from galaxy_core.results.setting import is_same_recipe, setting_of
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.device import Device, likely_device
from galaxy_core.runs.names import FOLDS, belongs_to_sweep, folds_of, sweep_run_name
from galaxy_core.runs.run import Run
from galaxy_core.training.plan import how_long
from galaxy_core.training.presets import PAPER_FRACTIONS, preset_config
from galaxy_core.training.progress import Watcher
from galaxy_core.training.ship import add_cross_validation, ship_classifier, ship_fold, ship_source
from galaxy_core.training.source import plan_source
from galaxy_core.training.sweep import plan_sweep, run_for, run_sweep
from galaxy_core.training.train import train_run

SOURCE, FRACTIONS, BEST = "mini-imagenet", "fractions", "best"
TERMS = "research and education"
N_FOLDS = 5

Say = Callable[[str], None]
Train = Callable[[Sequence[Run]], None]
"""Carries runs out, or on with them; those that are done are passed over."""


@dataclass(frozen=True)
class Shipped:
    """One recipe: a network for each of its `cuts`, the rows of a sweep of that name, or a single run of that name.

    `n_seeds` cross-validations are made of it; 0: none.
    """

    name: str
    settings: Mapping[str, Any]
    cuts: Sequence[float] = PAPER_FRACTIONS
    policy: str = DEFAULT_POLICY
    is_single: bool = False
    n_seeds: int = 1

    def run_name(self, cut: float) -> str:
        """Of the network at that cut."""
        return self.name if self.is_single else sweep_run_name(self.name, None, round(100 * cut), 0)

    def sweep(self, cuts: Sequence[float], **settings: Any) -> dict[str, Any]:
        """What `plan_sweep` is asked for."""
        return {**self.settings, "cuts": cuts, "policies": (self.policy,), **settings}


@dataclass(frozen=True)
class Recipe:
    """What one kind of device has time for: settings and minutes of the source, and what is trained on galaxies."""

    source: Mapping[str, Any]
    minutes: int
    shipped: Sequence[Shipped]


LITE0 = {"backbone": "efficientnet_lite0", "source": "imagenet", "preset": "thorough"}
LITE2 = {**LITE0, "backbone": "efficientnet_lite2"}
"""On validation (70 galaxies) 0.81 and a loss of 0.59, where Lite0 by the same recipe has 0.77 and 0.72."""
VARIED = {"augmentation": {"flip": True, "scale": 0.3}}
"""A mirrored galaxy is a galaxy, and so is a nearer one: more than the paper varies."""
RECIPES = {
    "processor": Recipe(
        {"image_size": 64, "batch_size": 64, "epochs": 4.0, "precision": "mixed", "keep_at": (0.25, 0.5)},
        120,
        (
            Shipped(BEST, LITE2, cuts=(0.0,), policy="freeze_prefix", is_single=True),
            Shipped("imagenet-lite0", LITE0, n_seeds=2),
            # one way of lying: six networks of this size are asked at once on the first page
            Shipped(FRACTIONS, {"source": SOURCE, "preset": "thorough", "turns": 1}),
        ),
    ),
    # planned for a large graphics card, never run: its minutes are a guess
    "gpu": Recipe(
        {"image_size": 128, "batch_size": 256, "epochs": 30.0, "keep_at": (0.1, 0.25, 0.5)},
        15,
        (
            Shipped(
                BEST,
                {**LITE2, "image_size": 256},
                cuts=(0.0,),
                policy="freeze_prefix",
                is_single=True,
                n_seeds=3,
            ),
            Shipped("imagenet-lite0", {**LITE0, "image_size": 256}, n_seeds=3),
            Shipped(
                FRACTIONS, {"source": SOURCE, "preset": "paper", "schedule": "cosine", **VARIED}, n_seeds=3
            ),
        ),
    ),
}


def make_models(
    data: str,
    photographs: str,
    folder: Path,
    *,
    device: Device | None = None,
    recipe: Recipe | None = None,
    say: Say = lambda sentence: None,
    progress: Watcher | None = None,
    train_apart: Train | None = None,
) -> list[Run]:
    """Train and ship what is not in `folder` yet; returns the shipped runs, the source first.

    `data` is a file of labelled galaxies, `photographs` a folder of labelled photographs or of zips of them. The
    `recipe` is that of the `device` unless given; `say` is told how long each part will take before it begins.
    Trained is in this process, a recipe after the other, or by `train_apart` all that need not wait for each other.
    """
    device = device or likely_device()
    recipe = recipe or RECIPES[device.kind]
    folder.mkdir(parents=True, exist_ok=True)

    def train(runs: Sequence[Run]) -> None:
        if train_apart:
            train_apart(runs)
        elif any(run.is_source for run in runs):
            train_run(runs[0], progress=progress)
        else:
            run_sweep(runs, progress=progress)

    source = _source(photographs, recipe, folder, say, train)
    galaxies = open_galaxies(data)
    counts = np.bincount(galaxies.labels, minlength=len(galaxies.classes)).tolist()
    rows = {one.name: _rows(one, data, folder, say) for one in recipe.shipped}
    folds = {one.name: _folds(one, data, folder, say) for one in recipe.shipped}
    for name, runs in [*rows.items(), *((f"{name} in folds", runs) for name, runs in folds.items())]:
        say(f"{name}: {how_long(runs, counts, device)}")
    for name, runs in rows.items():
        _ship_finished(runs, galaxies, folder)
        ship_folds(folds[name], folder)
    if train_apart:
        train_apart(list(chain(*rows.values(), *folds.values())))
    for runs in rows.values():
        train(runs)
        _ship_finished(runs, galaxies, folder)
    for one in recipe.shipped:
        train(folds[one.name])
        ship_folds(folds[one.name], folder)
        tell_of_folds(one, folder)
    return [source, *(Run(folder / one.run_name(cut)) for one in recipe.shipped for cut in one.cuts)]


def _source(photographs: str, recipe: Recipe, folder: Path, say: Say, train: Train) -> Run:
    if (folder / SOURCE).is_dir():
        return Run(folder / SOURCE)
    say(f"{SOURCE}: about {recipe.minutes} min")
    run = plan_source(photographs, SOURCE, terms=TERMS, **recipe.source)
    train([run])
    return ship_source(run, folder)


def _rows(one: Shipped, data: str, folder: Path, say: Say) -> list[Run]:
    """The networks of a recipe that are not shipped yet, to be trained or done."""
    cuts = [cut for cut in one.cuts if not (folder / one.run_name(cut)).is_dir()]
    if not cuts:
        return []
    if not one.is_single:
        return plan_sweep(one.name, data=data, say=say, **one.sweep(cuts))
    return [run_for(one.name, single_config(one, data))]


def single_config(one: Shipped, data: str) -> TrainConfig:
    """What a recipe of one network asks for."""
    settings = dict(one.settings)
    preset = settings.pop("preset")
    settings |= {"policy": one.policy, "trainable": 1 - one.cuts[0], "classes": classes_of(data)}
    return preset_config(preset, data, **settings)


def _folds(one: Shipped, data: str, folder: Path, say: Say) -> list[Run]:
    """The cross-validations of a recipe of which a card does not tell yet; folds that ship already are left out."""
    cuts = [cut for cut in one.cuts if _n_seeds_told(folder / one.run_name(cut)) < one.n_seeds]
    if not (cuts and one.n_seeds):
        return []
    sizes = {"n_folds": N_FOLDS, "n_seeds": one.n_seeds}
    done = {path.name for path in (folder / FOLDS).glob("*") if Run(path).is_finished}
    return plan_sweep(folds_of(one.name), data=data, leave_out=done, say=say, **one.sweep(cuts, **sizes))


def _n_seeds_told(path: Path) -> int:
    """How many seeds of a cross-validation the card of a shipped network tells of."""
    told = Run(path).card().get("cross_validation") if path.is_dir() else None
    return told["n_seeds"] if told else 0


def _ship_finished(runs: Sequence[Run], galaxies: Galaxies, folder: Path) -> None:
    for run in runs:
        if not run.is_source and run.status().state == "done" and not (folder / run.name).is_dir():
            ship_classifier(run, galaxies, folder)


def ship_folds(runs: Iterable[Run], folder: Path) -> None:
    """What the finished ones of these folds answered, beside the shipped networks."""
    for run in runs:
        if run.is_whole and run.status().state == "done":
            ship_fold(run, folder / FOLDS)


def tell_of_folds(one: Shipped, folder: Path) -> None:
    """On the card of each network, what all folds of its recipe that ship say of it."""
    folds = [
        Run(path) for path in (folder / FOLDS).glob("*") if belongs_to_sweep(path.name, folds_of(one.name))
    ]
    pooled = {row.imagenet_percent: row for row in pooled_table(folds).rows}
    for cut in one.cuts:
        row, path = pooled.get(round(100 * cut)), folder / one.run_name(cut)
        if row is None or _n_seeds_told(path) >= row.n_seeds:
            continue
        if is_same_recipe(row.setting, setting_of(Run(path))):
            add_cross_validation(Run(path), row)
