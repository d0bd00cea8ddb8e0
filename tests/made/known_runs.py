"""Run folders with known numbers and no weights, and a line-up that answers what it reads in a corner pixel."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from galaxy_core.images.view import View
from galaxy_core.metrics.measure import measure, write_predictions
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import Run
from galaxy_core.runs.status import Status, write_status

SPLIT_OF_FORTY = np.arange(40)


class CornerReader:
    """Two runs: `first` answers red // 25 of the corner pixel, `second` green // 25, by 9 logits."""

    names = ("first", "second")

    def __init__(self) -> None:
        self.largest_batch = 0

    def predict(self, images: np.ndarray) -> dict[str, np.ndarray]:
        self.largest_batch = max(self.largest_batch, len(images))
        return {
            name: 9 * np.eye(10, dtype=np.float32)[self._read(images, i)] for i, name in enumerate(self.names)
        }

    def explain(self, images: np.ndarray) -> dict[str, Any]:
        classes = np.arange(10, dtype=np.float32).reshape(1, 10, 1, 1)
        maps, view = np.broadcast_to(classes, (len(images), 10, 8, 8)), View(256, 256)
        return {
            name: SimpleNamespace(logits=logits, maps=maps, view=view)
            for name, logits in self.predict(images).items()
        }

    @staticmethod
    def _read(images: np.ndarray, channel: int) -> np.ndarray:
        return images[:, 0, 0, channel] // 25


@pytest.fixture
def corner_reader() -> CornerReader:
    return CornerReader()


@pytest.fixture
def make_run(own_folders: Path) -> Callable[..., Run]:
    """Write a run folder; finished (without weights to speak of) unless `done` is False."""

    def make(
        name: str,
        *,
        policy: str = "transfer_frozen",
        percent: int = 20,
        seed: int = 0,
        done: bool = True,
        n_right: int = 30,
        folder: str = "runs",
        **card: Any,
    ) -> Run:
        path = own_folders / folder / name
        path.mkdir(parents=True)
        config = TrainConfig("galaxies.h5", policy, 1 - percent / 100, seed=seed)
        (path / "config.json").write_text(json.dumps(config.to_json()))
        epochs = [{"epoch": e, "loss": 2 / e, "accuracy": 0.3 * e} for e in (1, 2)]
        (path / "history.jsonl").write_text("".join(json.dumps(row) + "\n" for row in epochs))
        write_status(path, Status("done", "trained") if done else Status("stopped", "stopped after 2 epochs"))
        if done:
            _finish(path, policy, config.cut, n_right, card)
        return Run(path)

    return make


def _finish(path: Path, policy: str, cut: float, n_right: int, card: dict[str, Any]) -> None:
    labels = SPLIT_OF_FORTY % 10
    answers = np.where(np.arange(40) < n_right, labels, (labels + 1) % 10)
    shares = np.full((40, 10), 0.05, np.float32) + 0.5 * np.eye(10, dtype=np.float32)[answers]
    write_predictions(path / "predictions.csv", SPLIT_OF_FORTY, labels, shares)
    (path / "metrics.json").write_text(json.dumps(measure(labels, shares)))
    (path / "weights.safetensors").write_bytes(b"")
    data = {"file": "galaxies.h5", "sha256": "ab" * 32, "origin": "mock"}
    values = {"kind": "classifier", "policy": policy, "cut": cut, "data": data}
    values["source"] = None if policy == "scratch" else {"name": "imagenet", "sha256": "cd" * 32}
    (path / "card.json").write_text(json.dumps({**values, **card}))
