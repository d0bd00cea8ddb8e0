"""Images whose galaxy, neighbours and sky are known: smooth blobs on noise in the survey's grey."""

from __future__ import annotations

import numpy as np

SIDE = 256
MIDDLE = (SIDE - 1) / 2


def sky_image(*blobs: np.ndarray, seed: int = 0) -> np.ndarray:
    """uint8 RGB (256, 256, 3): noise of ten counts around 32, with these blobs of light on top."""
    noise = np.random.default_rng(seed).normal(32, 10, (SIDE, SIDE, 3))
    light = sum(blobs, np.zeros((SIDE, SIDE)))
    return np.clip(np.rint(noise + np.asarray(light)[..., None]), 0, 255).astype(np.uint8)


def blob(
    x: float = MIDDLE, y: float = MIDDLE, *, width: float = 14.0, height: float = 150.0, flat: float = 1.0
) -> np.ndarray:
    """A Gaussian of light (256, 256) at a place; `flat` < 1 squeezes it from above, like a disk from the side."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    away = ((columns - x) / width) ** 2 + ((rows - y) / (width * flat)) ** 2
    return np.asarray(height * np.exp(-0.5 * away))


def disk(x: float = MIDDLE, y: float = MIDDLE, *, scale: float = 9.0, height: float = 190.0) -> np.ndarray:
    """An exponential disk (256, 256): a body with a core and wide wings, as no star has."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return np.asarray(height * np.exp(-np.hypot(columns - x, rows - y) / scale))


def star(x: float, y: float) -> np.ndarray:
    """A point source seen through the air."""
    return blob(x, y, width=2.2, height=220.0)
