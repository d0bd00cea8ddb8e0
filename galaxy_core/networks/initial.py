"""Random initial tensors by Keras' own defaults, the same on every engine.

Each tensor is drawn from a generator of its own, seeded by the run's seed and the tensor's name: so it
depends neither on the cut, nor on which other tensors are drawn, nor on TensorFlow or JAX.
"""

from math import prod, sqrt
from zlib import crc32

import numpy as np

CONSTANTS = {"gamma": 1.0, "beta": 0.0, "moving_mean": 0.0, "moving_variance": 1.0, "bias": 0.0}


def random_tensor(name: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    """The tensor "<layer>/<weight>" before training, float32: Glorot uniform kernels, constants else."""
    weight = name.rpartition("/")[2]
    if weight in CONSTANTS:
        return np.full(shape, CONSTANTS[weight], dtype=np.float32)
    rng = np.random.default_rng([seed, crc32(name.encode())])
    return glorot_uniform(shape, rng)


def glorot_uniform(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Uniform in ±sqrt(6 / (fan_in + fan_out)), float32 (Glorot & Bengio 2010, equation 16).

    The fans are the last two axes, each times the number of pixels of the kernel; a depthwise kernel, whose last
    axis is 1, has the pixels alone on both sides.
    """
    n_pixels = prod(shape[:-2])
    is_depthwise = len(shape) == 4 and shape[-1] == 1
    limit = sqrt(6 / (n_pixels * (2 if is_depthwise else shape[-2] + shape[-1])))
    return rng.uniform(-limit, limit, size=shape).astype(np.float32)
