"""The shift test: the galaxy is moved within what the network sees; does the heat follow?

A network that looks at the galaxy looks where it went (slope 1); one that looks at a fixed place of the frame
stays (slope 0). Plain arrays.
"""

import cv2
import numpy as np

from galaxy_core.images.view import View
from galaxy_core.maps.focus import centroids, rectified_heat
from galaxy_core.maps.galaxy_mask import GalaxyMask

SHIFT_CELLS = 1.5
"""So that cells and shift do not fall together: 48 pixels where 8 x 8 cells cover 256."""
DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1))
KEPT = 0.9  # of what the network sees of the galaxy
MARGIN = 4  # pixels of faint light that travel with the galaxy


def shifts_of(view: View, n_cells: int) -> list[tuple[int, int]]:
    """The four moves (x, y) in pixels of the image, for maps of n_cells x n_cells cells over the view."""
    pixels = round(SHIFT_CELLS * view.crop / n_cells)
    return [(pixels * x, pixels * y) for x, y in DIRECTIONS]


def move_galaxy(
    image: np.ndarray, mask: GalaxyMask, shift: tuple[int, int], sky: np.ndarray, view: View
) -> np.ndarray | None:
    """The image, uint8 RGB (H, W, 3), with its galaxy moved by `shift` (x, y) pixels and `sky` where it was.

    `sky` is a picture of the same shape (`sky_fill.sky_like`). Neighbours stay, but for those the galaxy now
    covers. None where of what the view shows of the galaxy a tenth or more would leave it.
    """
    size = 2 * MARGIN + 1
    cut_out = cv2.dilate(mask.galaxy.astype(np.uint8), np.ones((size, size), np.uint8)) > 0
    cut_out &= ~mask.neighbours
    target = _translated(cut_out, shift)
    square = view.square(image.shape)
    if np.count_nonzero(_translated(mask.galaxy, shift)[square]) < KEPT * np.count_nonzero(
        mask.galaxy[square]
    ):
        return None
    moved = np.where(cut_out[..., None], sky, image)
    moved[target] = _translated(image, shift)[target]
    return moved


def heat_shift(before: np.ndarray, after: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """How far the heat's centroid went, (x, y) in pixels of a view of `size` of them, float64 (N, 2).

    Maps (N, h, w) in logits of the images before and after; NaN where one of the two is blank.
    """
    return centroids(rectified_heat(after, size)) - centroids(rectified_heat(before, size))


def follow_products(displacements: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """What the slope is made of, one row an image, float64 (N, 2): displacement times shift, shift squared.

    Both inputs (N, 2) in pixels. The regression slope through zero over any set of images is the sum of the
    first column over that of the second. NaN displacements give rows of NaN.
    """
    products = np.stack([np.sum(displacements * shifts, axis=1), np.sum(shifts * shifts, axis=1)], axis=1)
    products[np.isnan(products[:, 0])] = np.nan
    return np.asarray(products, np.float64)


def _translated(values: np.ndarray, shift: tuple[int, int]) -> np.ndarray:
    """values (H, W, ...) moved by (x, y) pixels; what comes in from outside is zero."""
    moved = np.zeros_like(values)
    height, width = values.shape[:2]
    x, y = shift
    rows_to, rows_from = slice(max(y, 0), min(height + y, height)), slice(max(-y, 0), min(height - y, height))
    cols_to, cols_from = slice(max(x, 0), min(width + x, width)), slice(max(-x, 0), min(width - x, width))
    moved[rows_to, cols_to] = values[rows_from, cols_from]
    return moved
