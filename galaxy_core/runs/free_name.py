"""A name for a run that nobody named: made of its settings, and not taken."""

from itertools import count

from galaxy_core.networks.registry import DEFAULT_BACKBONE
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import runs_folder, shipped_folder, sweep_name
from galaxy_core.runs.run import sweep_runs


def free_name(config: TrainConfig) -> str:
    """`transfer_frozen-020-s0`, with `-f3` for a fold, and a number behind it where that name is taken.

    Another backbone than the default stands before it.
    """
    fold = "" if config.fold is None else f"-f{config.fold}"
    network = "" if config.backbone == DEFAULT_BACKBONE else f"{config.backbone}-"
    stem = f"{network}{config.policy}-{config.imagenet_percent:03d}-s{config.seed}{fold}"
    names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(name for name in names if not is_taken(name))


def free_sweep_name(preset: str, backbone: str) -> str:
    """What a sweep is called that nobody named, with a number behind it where there is one of that name."""
    stem = sweep_name(preset, backbone)
    names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(name for name in names if not sweep_runs(name))


def is_taken(name: str) -> bool:
    """Whether a run of that name is here, an own one or a shipped one."""
    return (runs_folder() / name).exists() or (shipped_folder() / name).exists()
