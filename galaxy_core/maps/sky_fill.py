"""A picture of nothing but sky, made from an image's own: what takes the place of a galaxy that is moved or deleted.

A grey or blurred patch would be a new object in itself; noise of the same image is what a telescope would have
seen there. It knows one image and its mask.
"""

import cv2
import numpy as np

from galaxy_core.maps.galaxy_mask import GalaxyMask

HALO = 5  # pixels around an object that still hold some of its light
N_TRIES = 24
EMPTY_SKY = 32  # counts of an empty place in the survey's colours (`data.mock.colour`)
LEAST_SKY_SHARE = 0.02


def sky_like(image: np.ndarray, mask: GalaxyMask, rng: np.random.Generator) -> np.ndarray:
    """Sky in every pixel, uint8 RGB (H, W, 3), with the level and the grain of the sky of `image`.

    The image is laid over itself, shifted and mirrored at random, and each pixel takes the first sky it meets
    there, so that the correlation of neighbouring pixels is kept; what is never met is drawn from all sky
    pixels. Where the image has next to no sky, it is the survey's empty level with the noise of the mask.
    """
    is_sky = cv2.dilate((~mask.sky).astype(np.uint8), np.ones((2 * HALO + 1,) * 2, np.uint8)) == 0
    if is_sky.mean() < LEAST_SKY_SHARE:
        noise = rng.normal(EMPTY_SKY, 2 * mask.sky_sigma, image.shape)
        return np.clip(np.rint(noise), 0, 255).astype(np.uint8)
    filled = np.zeros_like(image)
    is_open = np.ones(is_sky.shape, bool)
    for _ in range(N_TRIES):
        moved, there = _moved_alike(image, is_sky, rng)
        taken = is_open & there
        filled[taken] = moved[taken]
        is_open &= ~there
        if not is_open.any():
            break
    pixels = image[is_sky]
    filled[is_open] = pixels[rng.integers(0, len(pixels), int(is_open.sum()))]
    return filled


def _moved_alike(
    image: np.ndarray, is_sky: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Image and mask, mirrored and rolled by the same random amounts."""
    shift = (int(rng.integers(image.shape[0])), int(rng.integers(image.shape[1])))
    axes = tuple(axis for axis in (0, 1) if rng.uniform() < 0.5)
    moved, there = np.roll(image, shift, (0, 1)), np.roll(is_sky, shift, (0, 1))
    return np.flip(moved, axes), np.flip(there, axes)
