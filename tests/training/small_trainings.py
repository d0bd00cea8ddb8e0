"""What a real but small training asks for, and a source that it may begin with."""

import json
from pathlib import Path

from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import Run, create_run
from galaxy_core.runs.status import Status, write_status


def small(data: Path, **changes: object) -> TrainConfig:
    """The default network at 32 px, nothing but its head learned; `changes` replace settings."""
    values = {
        "data": str(data),
        "policy": "random_frozen",
        "trainable": 0.0,
        "source": "none",
        "epochs": 3,
        "learning_rate": 3e-3,
        "batch_size": 8,
        "image_size": 32,
        "crop": 128,
        "test": 0.25,
        "validation": 0.125,
        **changes,
    }
    return TrainConfig(**values)  # type: ignore[arg-type]


def make_source(seed: int, **asked: object) -> Run:
    """A run that is a source: other random weights, with a whole checkpoint."""
    run = create_run(f"source-{seed}", TrainConfig("none.h5", **asked))  # type: ignore[arg-type]
    backbone = get_backbone(DEFAULT_BACKBONE)
    write_tensors(run.path / "weights.safetensors", initial_tensors(backbone, 10, "scratch", 0.0, seed, None))
    (run.path / "card.json").write_text(json.dumps({"kind": "source", "weights_sha256": "abc"}))
    write_status(run.path, Status("done", "made by hand"))
    return run
