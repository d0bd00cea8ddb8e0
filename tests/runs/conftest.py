"""Whole run folders with a checkpoint of two tensors, and a look at what lies on the disk."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from galaxy_core.data.classes import GALAXY10
from galaxy_core.data.split import Split
from galaxy_core.metrics.measure import measure
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import Run, create_run
from galaxy_core.runs.status import Status, write_status

TENSORS = {"conv/kernel": np.arange(6, dtype=np.float32).reshape(2, 3), "predictions/bias": np.ones(10, "f4")}
SPLIT = Split.of(np.arange(0, 4), np.arange(4, 6), np.arange(6, 8), seed=0)


def make_whole_run(name: str, **card: Any) -> Run:
    """A finished run; `card` replaces entries of its card."""
    run = create_run(name, TrainConfig(data="galaxies.h5", trainable=0.4))
    sha256 = write_tensors(run.path / "weights.safetensors", TENSORS)
    (run.path / "history.jsonl").write_text('{"epoch": 1, "loss": 1.5}\n')
    (run.path / "metrics.json").write_text(json.dumps(measure(np.arange(10), np.eye(10))))
    (run.path / "split.json").write_text(json.dumps(SPLIT.to_json()))
    columns = ",".join(["index", "label", *(f"p{c}" for c in range(10))])
    (run.path / "predictions.csv").write_text(columns + "\n6,3" + ",0.1" * 10 + "\n")
    (run.path / "log.txt").write_text("a log")
    values = {"kind": "classifier", "name": name, "policy": "transfer_frozen", "cut": 0.6, "crop": 256}
    values |= {"weights_sha256": sha256, "split_hash": SPLIT.hash, "source": None, "classes": list(GALAXY10)}
    (run.path / "card.json").write_text(json.dumps({**values, **card}))
    write_status(run.path, Status("done", "trained for 1 epochs"))
    return run


@pytest.fixture
def whole_run() -> Callable[..., Run]:
    return make_whole_run


def everything_below(folder: Path) -> dict[str, str]:
    """Every path below a folder and the hash of what it holds."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def disk(tmp_path: Path) -> Callable[[], dict[str, str]]:
    """What lies in the folders of this test, now."""
    return lambda: everything_below(tmp_path)
