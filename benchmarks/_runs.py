"""Runs to measure with: untrained weights, since what they hold changes no time. It imports no engine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.checkpoint import read_tensors, write_tensors
from galaxy_core.runs.config import TrainConfig

DENSENET = get_backbone("densenet121")

SIDE = 256
CUTS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
SEED_OF_SOURCE = 99


@dataclass(frozen=True)
class FileRun:
    """A run as `Lineup` wants it, whose weights lie in one file; seen whole, at `size` px."""

    path: Path
    size: int = SIDE

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def config(self) -> TrainConfig:
        return TrainConfig(data="none.h5", crop=self.size, image_size=self.size)

    def tensors(self) -> dict[str, np.ndarray]:
        return read_tensors(self.path)


def write_six(folder: Path) -> list[FileRun]:
    """A sweep under `transfer_frozen`, cuts 0 to 100 %, from one random source: one trunk between them."""
    source = initial_tensors(DENSENET, 10, "scratch", 0.0, seed=SEED_OF_SOURCE, source=None)
    for cut in CUTS:
        tensors = initial_tensors(DENSENET, 10, "transfer_frozen", cut, seed=round(100 * cut), source=source)
        write_tensors(folder / f"cut-{round(100 * cut):03d}.safetensors", tensors)
    return six(folder)


def six(folder: Path | str, size: int = SIDE) -> list[FileRun]:
    """The runs that `write_six` wrote, by cut."""
    return [FileRun(path, size) for path in sorted(Path(folder).glob("cut-*.safetensors"))]


def write_run(
    name: str, kind: str, size: int = SIDE, tensors: Mapping[str, np.ndarray] | None = None
) -> None:
    """A run folder that counts as finished, of that kind (classifier or source), seen at `size` px.

    Random weights unless `tensors` are given.
    """
    from galaxy_core.runs.run import create_run
    from galaxy_core.runs.status import Status, write_status

    run = create_run(name, TrainConfig(data="none.h5", crop=size, image_size=size))
    tensors = tensors or initial_tensors(DENSENET, 10, "scratch", 0.0, 0, None)
    sha256 = write_tensors(run.path / "weights.safetensors", dict(tensors))
    (run.path / "card.json").write_text(json.dumps({"kind": kind, "weights_sha256": sha256}))
    write_status(run.path, Status("done", "made to measure with"))


def noise(n: int, side: int = SIDE) -> np.ndarray:
    """Noise of the right shape: what a pixel holds does not change what it costs."""
    return np.random.default_rng(0).integers(0, 256, (n, side, side, 3), dtype=np.uint8)
