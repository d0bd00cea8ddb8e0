"""Maps of runs at an earlier layer by LayerCAM, through Keras: the finer, slower second opinion of a study.

The network is shown the view that it classifies, as by the graph.
"""

from __future__ import annotations

import numpy as np

from galaxy_core.images.turns import turned, turned_back
from galaxy_core.maps.gradients import layer_cam
from galaxy_core.networks.backbone import HEAD, Backbone
from galaxy_core.runs.run import Run
from galaxy_core.transfer.classifier import build_classifier, load_tensors


def suggested_layer(backbone: Backbone) -> str:
    """The end of the last block but one: twice the cells a side of the last feature map."""
    return backbone.ends_of_blocks[-2]


class LayerCamMaps:
    """LayerCAM at one layer of any run (Jiang et al. 2021); the Keras network of a run is built once."""

    def __init__(self, layer: str) -> None:
        self.layer = layer
        self._of: str | None = None
        self._model: object = None

    def __call__(self, run: Run, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
        """Maps float32 (N, h, w) of images uint8 (N, H, W, 3), each of its own class, over the run's view."""
        view = run.config.view
        if self._of != run.name:
            tensors = run.tensors()
            self._model = build_classifier(run.network, view.size, len(tensors[f"{HEAD}/bias"]))
            load_tensors(self._model, tensors)
            self._of = run.name
        turns = [self._of_a_turn(view.of(images), classes, number) for number in range(run.config.turns)]
        return np.mean(turns, axis=0)

    def _of_a_turn(self, seen: np.ndarray, classes: np.ndarray, number: int) -> np.ndarray:
        """Of views lying in one of the eight ways, turned back."""
        lying = np.ascontiguousarray(turned(seen, number, (1, 2)))
        maps = [
            layer_cam(self._model, lying[i : i + 1], int(label), self.layer)[0]
            for i, label in enumerate(classes)
        ]
        return turned_back(np.stack(maps), number, (1, 2))
