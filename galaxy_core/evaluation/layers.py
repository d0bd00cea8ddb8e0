"""Two runs on the same galaxies, layer by layer: what stayed as it was, and what became something else."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.evaluation.alignment import MOST_IMAGES, alignment_matrix
from galaxy_core.evaluation.forecast import features_at
from galaxy_core.runs.run import Run
from galaxy_core.serving.depths import ENDS_OF_BLOCKS, Depths

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class LayerAlignment:
    """Linear CKA float64 (L, L) of pooled features, rows the first run's layers and columns the second's.

    As a picture: x and y are `layers`, z is `values`, from 0 to 1.
    """

    layers: tuple[str, ...]
    values: np.ndarray
    n_images: int

    def to_json(self) -> dict[str, Any]:
        """Plain values; None where a layer's features never change."""
        rows = [[None if math.isnan(value) else float(value) for value in row] for row in self.values]
        return {"layers": list(self.layers), "values": rows, "n_images": self.n_images}


def compare_layers(
    first: Run,
    second: Run,
    galaxies: Galaxies,
    *,
    layers: tuple[str, ...] = ENDS_OF_BLOCKS,
    seed: int = 0,
    progress: Progress | None = None,
) -> LayerAlignment:
    """Show both runs the same galaxies, at most MOST_IMAGES drawn by `seed`, each in its own training view.

    Features are averaged over the image first, so that runs of other image sizes can be compared.
    """
    rows = np.sort(np.random.default_rng(seed).permutation(len(galaxies.labels))[:MOST_IMAGES])
    made = []
    for place, run in enumerate((first, second)):

        def both(done: int, total: int, before: int = place) -> None:
            if progress:
                progress(before * total + done, 2 * total)

        view = (run.config.crop, run.config.image_size)
        made.append(features_at(Depths(run.tensors(), layers), galaxies.images, rows, view, both))
    return LayerAlignment(layers, alignment_matrix(*made), len(rows))
