"""Finished run folders made by hand."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from galaxy_core.data.split import Split
from galaxy_core.metrics.measure import measure, write_predictions
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import Run

sys.path.insert(0, str(Path(__file__).parent))

SPLIT = Split.of(np.arange(0, 20), np.arange(20, 30), np.arange(30, 60), seed=0)


@pytest.fixture
def make_run(own_folders: Path) -> Callable[..., Run]:
    """Write a run folder, finished unless `done` is False; `card` and `config` replace entries."""

    def make(
        name: str,
        percent: int = 20,
        *,
        done: bool = True,
        n_right: int = 20,
        card: dict[str, Any] | None = None,
        **config: Any,
    ) -> Run:
        path = own_folders / "runs" / name
        path.mkdir(parents=True)
        asked = TrainConfig("/home/somebody/galaxies.h5", trainable=1 - percent / 100, **config)
        (path / "config.json").write_text(json.dumps(asked.to_json()))
        lines = [{"epoch": e, "loss": 2 / e, "accuracy": 0.3, "val_accuracy": 0.1 * e} for e in (1, 2, 3)]
        (path / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        if done:
            _finish(path, asked, n_right, card or {})
        return Run(path)

    return make


def _finish(path: Path, config: TrainConfig, n_right: int, card: dict[str, Any]) -> None:
    labels = SPLIT.test % 10
    predicted = np.where(np.arange(len(labels)) < n_right, labels, (labels + 1) % 10)
    shares = (0.05 + 0.5 * np.eye(10)[predicted]).astype(np.float32)
    write_tensors(path / "weights.safetensors", {"predictions/bias": np.zeros(10, np.float32)})
    write_predictions(path / "predictions.csv", SPLIT.test, labels, shares)
    (path / "metrics.json").write_text(json.dumps(measure(labels, shares)))
    (path / "split.json").write_text(json.dumps(SPLIT.to_json()))
    values = {
        "kind": "classifier",
        "policy": config.policy,
        "cut": config.cut,
        "source": {"name": "imagenet", "sha256": "cd" * 32},
        "data": {"file": "galaxies.h5", "sha256": "ab" * 32, "origin": "mock", "n_train": 20},
        "split_hash": SPLIT.hash,
        "weights_sha256": "ef" * 32,
        "environment": {"galaxy_core": "0.1.0", "engine": "tensorflow"},
    }
    (path / "card.json").write_text(json.dumps({**values, **card}))
