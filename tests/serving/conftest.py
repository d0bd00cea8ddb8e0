from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.cut import cut_at
from galaxy_core.networks.registry import get_backbone
from galaxy_core.serving.lineup import Unsaved

DENSENET = get_backbone("densenet121")

Tensors = dict[str, np.ndarray]


@cache
def random_tensors(seed: int) -> Tensors:
    """A whole classifier whose normalisation does something: no mean is 0, no variance 1.

    Eight million draws are made once a seed; what all tests share nobody may write to.
    """
    rng = np.random.default_rng(seed)
    draw = {
        "gamma": lambda shape: rng.uniform(0.6, 1.4, shape),
        "moving_variance": lambda shape: rng.uniform(0.5, 1.6, shape),
        "kernel": lambda shape: rng.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape),
    }
    shapes = DENSENET.tensor_shapes(10)
    tensors = {
        name: np.float32(draw.get(name.split("/")[1], lambda shape: rng.normal(0, 0.2, shape))(shape))
        for name, shape in shapes.items()
    }
    for tensor in tensors.values():
        tensor.setflags(write=False)
    return tensors


@pytest.fixture(scope="session")
def tensors() -> Callable[[int], Tensors]:
    return lambda seed: dict(random_tensors(seed))


@pytest.fixture(scope="session")
def alike_below() -> Callable[[Tensors, float, int], Tensors]:
    """Another model that has the given one's tensors below a cut, and random ones above it."""

    def make(base: Tensors, cut: float, seed: int) -> Tensors:
        below = {name for layer in cut_at(DENSENET, cut).below for name in layer.weights}
        return {n: base[n] if n in below else other for n, other in random_tensors(seed).items()}

    return make


@dataclass(frozen=True)
class MadeView:
    crop: int
    image_size: int
    turns: int = 1
    network: Backbone = DENSENET


@pytest.fixture(scope="session")
def made_run() -> Callable[..., Unsaved]:
    def make(name: str, weights: Tensors, crop: int = 64, size: int = 64, turns: int = 1) -> Unsaved:
        return Unsaved(name, MadeView(crop, size, turns), weights)

    return make
