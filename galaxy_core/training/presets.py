"""The recipes that have a name; everything in them can be overridden.

`paper` is the published experiment with each thing it leaves open stated. `quick` is the same experiment made
small enough for two processor cores: fewer pixels (the whole image at 192 px, the fewest that leave maps of 6 × 6
cells, which can be explained), fewer epochs, a higher rate that falls, the statistics of batch normalisation
re-estimated. `thorough` is for a classifier to be used: the whole image at 224 px (7 × 7 cells), mirrored and of
another scale in every view, mock galaxies in the first epochs, AdamW at a rate that falls, answers as means over the
eight ways an image can lie.
"""

from collections.abc import Mapping
from typing import Any

from galaxy_core.data.classes import GALAXY10
from galaxy_core.errors import BadValueError, quoted
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone
from galaxy_core.runs.config import TrainConfig

PAPER_FRACTIONS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

PRESETS: dict[str, dict[str, Any]] = {
    "paper": {
        "epochs": 10,
        "learning_rate": 5e-4,
        "schedule": "constant",
        "batch_size": 32,
        "crop": 256,
        "image_size": 256,
        "oversample": True,
    },
    "quick": {
        "learning_rate": 1e-3,
        "schedule": "cosine",
        "batch_size": 32,
        "crop": 256,
        "image_size": 192,
        "oversample": True,
        "n_views": 5,
    },
    "thorough": {
        "epochs": 12,
        "learning_rate": 8e-4,
        "schedule": "cosine",
        "weight_decay": 0.05,
        "batch_size": 32,
        "crop": 256,
        "image_size": 224,
        "oversample": True,
        "n_mocks": 1500,
        "mock_epochs": 5,
        "turns": 8,
        "augmentation": {"flip": True, "scale": 0.3},
    },
}

QUICK_EPOCHS = {
    "densenet121": 4,
    "densenet169": 3,
    "densenet201": 3,
    "efficientnet_lite0": 12,
    "efficientnet_lite1": 9,
    "efficientnet_lite2": 8,
    "efficientnet_v2_s": 3,
}
"""The fewer the heavier the network, so that six rows on 700 galaxies take 25 minutes of two cores at most. Timed of
EfficientNet-Lite0: 9 minutes; the others go by their multiply-adds."""


def preset_values(preset: str, backbone: str = DEFAULT_BACKBONE) -> dict[str, Any]:
    """What a preset sets for a backbone; BadValueError names the choices."""
    if preset not in PRESETS:
        raise BadValueError(f"preset must be one of {', '.join(PRESETS)}, got {quoted(preset)}")
    epochs = {"epochs": QUICK_EPOCHS[get_backbone(backbone).name]} if preset == "quick" else {}
    return {**PRESETS[preset], **epochs}


def preset_config(preset: str, data: str, **overrides: Any) -> TrainConfig:
    """The config of a preset on `data`; `overrides` that are None are ignored.

    An `augmentation` may be whole or, as a mapping, what of the preset's is to be otherwise. A preset's mock galaxies
    are left out where the `classes` given are not theirs.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    values = {**preset_values(preset, given.get("backbone", DEFAULT_BACKBONE)), **given}
    if given.get("classes", GALAXY10) != GALAXY10:
        values |= {"n_mocks": given.get("n_mocks", 0), "mock_epochs": given.get("mock_epochs")}
    changed = given.get("augmentation", {})
    if isinstance(changed, Mapping):
        values["augmentation"] = {**PRESETS[preset].get("augmentation", {}), **changed}
    return TrainConfig.from_json({"data": data, "preset": preset, **values})
