"""Images that have lost one kind of cue: fine texture, colour, or outline.

What a network loses with them says what it looked at (Geirhos et al. 2019). uint8 RGB (N, H, W, 3) in and out, the
input left as it is; it knows no network.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from galaxy_core.errors import BadValueError

TEXTURE_COUNTS, TEXTURE_PIXELS, TEXTURE_ROUNDS = 40.0, 5.0, 2
"""Brightness and distance over which the bilateral filter averages: knots and noise go, edges of arms stay."""
N_PATCHES = 4
"""Patches a side that are shuffled: a quarter of the view each, as large as a bulge, smaller than a galaxy."""

Degrade = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]


def without_texture(images: np.ndarray) -> np.ndarray:
    """Smoothed within edges by a bilateral filter (Tomasi & Manduchi 1998): outline and colour stay."""
    smooth = np.empty_like(_checked(images))
    for image, out in zip(images, smooth, strict=True):
        out[:] = image
        for _ in range(TEXTURE_ROUNDS):
            out[:] = cv2.bilateralFilter(out.copy(), -1, TEXTURE_COUNTS, TEXTURE_PIXELS)
    return smooth


def without_colour(images: np.ndarray) -> np.ndarray:
    """Grey: the mean of the three channels in each of them; brightness and shape stay."""
    grey = np.rint(_checked(images).mean(axis=3, dtype=np.float32)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=3)


def without_outline(images: np.ndarray, crop: int, rng: np.random.Generator) -> np.ndarray:
    """The central `crop` pixels cut into 4 x 4 patches and shuffled, each image in its own order.

    Colour and texture within a patch stay, the shape of the whole is gone (as in Geirhos et al.'s opposite
    case, and the bags of local features of Brendel & Bethge 2019). What a network does not see, outside the
    crop, stays as it is.
    """
    height, width = _checked(images).shape[1:3]
    side = crop // N_PATCHES
    if not side >= 1 or crop > min(height, width):
        raise BadValueError(f"crop must lie in [{N_PATCHES}, {min(height, width)}] pixels, got {crop}")
    top, left = (height - side * N_PATCHES) // 2, (width - side * N_PATCHES) // 2
    corners = [(top + side * i, left + side * j) for i in range(N_PATCHES) for j in range(N_PATCHES)]
    shuffled = images.copy()
    for image, out in zip(images, shuffled, strict=True):
        for (to_y, to_x), k in zip(corners, rng.permutation(len(corners)), strict=True):
            y, x = corners[k]
            out[to_y : to_y + side, to_x : to_x + side] = image[y : y + side, x : x + side]
    return shuffled


CUES: dict[str, Degrade] = {
    "texture": lambda images, crop, rng: without_texture(images),
    "colour": lambda images, crop, rng: without_colour(images),
    "outline": without_outline,
}
"""What may be taken away, by name; each takes the images, the pixels a run sees, and a generator."""


def _checked(images: np.ndarray) -> np.ndarray:
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
        raise BadValueError(f"images must be uint8 (N, H, W, 3), got {images.dtype} {images.shape}")
    return images
