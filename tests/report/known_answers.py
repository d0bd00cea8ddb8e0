"""A line-up whose answers are known, so that pictures of them can be looked at."""

from collections.abc import Sequence

import numpy as np

from galaxy_core.images.view import View
from galaxy_core.runs.run import Run
from galaxy_core.serving.lineup import Explained


class CornerPointer:
    """Every run says class 5 and points at the upper left corner; the heat grows from run to run."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = runs

    def predict(self, images: np.ndarray) -> dict[str, np.ndarray]:
        return {name: said.logits for name, said in self.explain(images).items()}

    def explain(self, images: np.ndarray) -> dict[str, Explained]:
        found = {}
        for k, run in enumerate(self._runs, start=1):
            maps = np.zeros((len(images), 10, 4, 4), np.float32)
            maps[:, 5, 0, 0] = k
            view = View(run.config.crop, run.config.image_size)
            logits = 5.0 * np.eye(10, dtype=np.float32)[np.full(len(images), 5)]
            bias = logits[0] - maps[0].mean(axis=(1, 2))
            found[run.name] = Explained(logits, maps, bias, view)
        return found
