"""The two recipes that have a name; everything in them can be overridden.

`paper` is the published experiment with each thing it leaves open stated. `quick` is the same experiment made
small enough for two processor cores: fewer pixels, a higher rate that falls, the statistics of batch
normalisation re-estimated.
"""

from typing import Any

from galaxy_core.data.augment import Augmentation
from galaxy_core.errors import BadValueError
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
        "epochs": 8,  # ten would pass twenty minutes on two cores
        "learning_rate": 1e-3,
        "schedule": "cosine",
        "batch_size": 32,
        "crop": 96,
        "image_size": 96,
        "oversample": True,
        "n_views": 5,
    },
}


def preset_config(preset: str, data: str, **overrides: Any) -> TrainConfig:
    """The config of a preset on `data`; `overrides` that are None are ignored."""
    if preset not in PRESETS:
        raise BadValueError(f"preset must be one of {', '.join(PRESETS)}, got {preset!r}")
    values = {**PRESETS[preset], **{name: value for name, value in overrides.items() if value is not None}}
    return TrainConfig.from_json({"data": data, "preset": preset, "augmentation": Augmentation(), **values})
