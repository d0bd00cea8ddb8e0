"""Finished runs without weights, galaxies made in memory, and networks whose maps are known beforehand."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from made_sky import blob, sky_image, star

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.data.split import Split
from galaxy_core.images.view import View
from galaxy_core.metrics.measure import measure
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import Run
from galaxy_core.runs.status import Status, write_status
from galaxy_core.serving.lineup import Explained

N, N_CELLS = 14, 8
SHA256 = "ab" * 32


@pytest.fixture(scope="session")
def galaxies() -> Galaxies:
    """14 galaxies of classes 0 to 2 in turn, the later the class the fainter, each with a star beside it."""
    images = [
        sky_image(blob(width=12, height=150 - 40 * (i % 3)), star(30 + 6 * i, 40), seed=i) for i in range(N)
    ]
    nothing = np.full(N, np.nan)
    labels = np.arange(N) % 3
    scale = np.full(N, 0.262)
    return Galaxies(np.stack(images), labels, nothing, nothing, nothing, scale, SHA256, "mock", Path("g.h5"))


def write_run(path: Path, *, percent: int = 20, seed: int = 0, data: str = "g.h5", **config: Any) -> Run:
    """A finished run, tested on every galaxy from the third on."""
    path.mkdir(parents=True)
    asked = TrainConfig(data, "transfer_frozen", 1 - percent / 100, seed=seed, **config)
    split = Split.of(np.array([0]), np.array([1]), np.arange(2, N), seed=0)
    card = {"kind": "classifier", "policy": "transfer_frozen", "cut": percent / 100}
    card |= {"data": {"sha256": SHA256, "origin": "mock"}, "split_hash": split.hash}
    shares = np.full((3, 10), 0.1)
    files = {"config.json": asked.to_json(), "card.json": card, "split.json": split.to_json()}
    for file, value in (*files.items(), ("metrics.json", measure(np.arange(3), shares))):
        (path / file).write_text(json.dumps(value))
    (path / "weights.safetensors").write_bytes(b"")
    write_status(path, Status("done", "trained"))
    return Run(path)


@pytest.fixture
def make_studied(own_folders: Path) -> Callable[..., Run]:
    """`make_studied("bright-020", percent=20)` is a finished run of this test alone."""

    def make(name: str, *, folder: str = "runs", **about: Any) -> Run:
        return write_run(own_folders / folder / name, **about)

    return make


@pytest.fixture(scope="module")
def make_shared_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """The same for all tests of a file that only look: a study takes seconds."""
    folder = tmp_path_factory.mktemp("shared")

    def make(name: str, **about: Any) -> Run:
        return write_run(folder / name, **about)

    return make


def brightness(image: np.ndarray) -> np.ndarray:
    """A network that looks at light wherever it is."""
    return cv2.resize(
        image.astype(np.float32).mean(axis=2) - 40, (N_CELLS, N_CELLS), interpolation=cv2.INTER_AREA
    )


def corner(image: np.ndarray) -> np.ndarray:
    """A network that looks at the lower right corner, whatever is there."""
    cells = np.zeros((N_CELLS, N_CELLS), np.float32)
    cells[-1, -1] = 1
    return cells


def nothing(image: np.ndarray) -> np.ndarray:
    """A network whose evidence is all negative."""
    return -np.ones((N_CELLS, N_CELLS), np.float32)


LOOKS = {"bright": brightness, "corner": corner, "nothing": nothing}


class Looking:
    """Each run looks as the first word of its name says, at what it sees, and answers the class by how bright the
    image is.
    """

    def __init__(self, runs: Sequence[Any]) -> None:
        self.looks = {run.name: LOOKS[run.name.split("-")[0]] for run in runs}
        self.views = {run.name: View(run.config.crop, run.config.image_size) for run in runs}

    def predict(self, images: np.ndarray) -> dict[str, np.ndarray]:
        classes = np.digitize(-images[:, 120:136, 120:136].mean(axis=(1, 2, 3)), [-150, -110])
        return {name: 9 * np.eye(10, dtype=np.float32)[classes] for name in self.looks}

    def explain(self, images: np.ndarray) -> dict[str, Explained]:
        said = {}
        for name, logits in self.predict(images).items():
            seen = self.views[name].of(images)
            maps = np.repeat(np.stack([self.looks[name](image) for image in seen])[:, None], 10, axis=1)
            maps[logits == 0] *= 0.5
            said[name] = Explained(logits, maps, np.zeros(10, np.float32), self.views[name])
        return said


@pytest.fixture(scope="session")
def looking() -> type[Looking]:
    return Looking
