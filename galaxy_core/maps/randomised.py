"""The weight-randomisation check: a map that stays the same when the network forgets shows the image, not the network.

Adebayo et al. 2018, *Sanity checks for saliency maps*: the head, then the last block too, is drawn anew, and
the maps are compared by the rank correlation of their cells. Tensors by name; it knows no run folder.
"""

from collections.abc import Mapping

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.networks.backbone import HEAD, Backbone

PARTS = ("head", "last block")
"""What is drawn anew; the second, all above the last end of a block but one, goes deeper than the first."""
_KEPT = ("gamma", "beta", "moving_mean", "moving_variance")  # normalisation: without it nothing gets through


def randomised(
    backbone: Backbone, tensors: Mapping[str, np.ndarray], part: str, seed: int
) -> dict[str, np.ndarray]:
    """The tensors with the kernels and biases of one of PARTS drawn anew, at each one's own mean and deviation.

    Each from (seed, its name), so that the head is the same in both. BadValueError for another part.
    """
    if part not in PARTS:
        raise BadValueError(f"part must be one of {', '.join(PARTS)}, got {part!r}")
    layers = {HEAD} if part == "head" else {HEAD, *_last_block(backbone)}
    return {
        name: _drawn(values, name, seed) if name.split("/")[0] in layers and _is_drawn(name) else values
        for name, values in tensors.items()
    }


def _last_block(backbone: Backbone) -> list[str]:
    names = [layer.name for layer in backbone.layers]
    return names[names.index(backbone.ends_of_blocks[-2]) + 1 :]


def _is_drawn(name: str) -> bool:
    return name.split("/")[-1] not in _KEPT


def _drawn(values: np.ndarray, name: str, seed: int) -> np.ndarray:
    rng = np.random.default_rng([seed, *name.encode()])
    return rng.normal(values.mean(), values.std(), values.shape).astype(values.dtype)
