"""The command lines that train what a sweep lacks, by the recipe that the sweep had."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from catalogue import Entry
from places import data_of

from galaxy_core.networks.registry import DEFAULT_BACKBONE
from galaxy_core.results.table import NO_SOURCE

if TYPE_CHECKING:
    from galaxy_core.runs.config import TrainConfig

WITHOUT_CUT = "scratch"
OPTIONS = {
    "--epochs": "epochs",
    "--learning-rate": "learning_rate",
    "--schedule": "schedule",
    "--batch-size": "batch_size",
    "--crop": "crop",
    "--image-size": "image_size",
    "--batch-norm": "batch_norm",
    "--precision": "precision",
    "--folds": "n_folds",
    "--mocks": "n_mocks",
    "--mock-epochs": "mock_epochs",
    "--weight-decay": "weight_decay",
    "--turns": "turns",
}
"""Options of `galaxy reproduce` and the setting of a run that each stands for."""


def commands_for(policies: Sequence[str], entries: Sequence[Entry]) -> list[str]:
    """One command for the policies with a cut, and one for scratch, which needs to be trained at a single one."""
    recipe = _recipe(entries)
    name = ["--name", f"{entries[0].sweep.replace(' ', '-')}-policies"]
    with_cut = [policy for policy in policies if policy != WITHOUT_CUT]
    commands = []
    if with_cut:
        chosen = [word for policy in with_cut for word in ("--policy", policy)]
        commands.append([*recipe, *_source(entries), *chosen, *name])
    if WITHOUT_CUT in policies:
        commands.append([*recipe, "--policy", WITHOUT_CUT, "--percent", "0", *name])
    return [shlex.join(command) for command in commands]


def _recipe(entries: Sequence[Entry]) -> list[str]:
    """All that the new runs must share with the first of `entries`; what its preset says is not repeated."""
    from galaxy_core.training.presets import PRESETS, preset_config

    first = entries[0]
    config = first.config
    preset = config.preset if config.preset in PRESETS else "paper"
    network = [] if config.backbone == DEFAULT_BACKBONE else ["--backbone", config.backbone]
    unlike = network + _unlike(config, preset_config(preset, config.data, backbone=config.backbone))
    n_seeds = len({entry.row.seed for entry in entries})
    seeds = ["--seeds", str(n_seeds)] if n_seeds > 1 else []
    file = data_of(first) or config.data
    return ["galaxy", "reproduce", "--data", str(file), "--preset", preset, *unlike, *seeds]


def _unlike(config: "TrainConfig", preset: "TrainConfig") -> list[str]:
    pairs = [(option, getattr(config, name), getattr(preset, name)) for option, name in OPTIONS.items()]
    return [word for option, value, usual in pairs if value != usual for word in (option, str(value))]


def _source(entries: Sequence[Entry]) -> list[str]:
    """Where the layers are taken from; nothing where none of the runs took any, so that it is found anew."""
    sources = [entry.config.source for entry in entries if entry.source != NO_SOURCE]
    return ["--source", sources[0]] if sources else []
