"""Is the heat on the galaxy: scores of heatmaps against the mask of their image, and the nulls they must beat.

A galaxy is centred by construction, so any central blob scores well: every score is read minus that of two
nulls, a centred Gaussian and the brightness itself, at the map's own resolution. Image, mask and map are of one place:
the view that was classified. Plain arrays; it knows neither networks nor files.
"""

import math

import cv2
import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.maps.galaxy_mask import GalaxyMask
from galaxy_core.maps.overlay import upsample

SCORES = (
    "energy_galaxy",
    "energy_neighbours",
    "energy_sky",
    "pointing",
    "area_log2",
    "offset_arcsec",
    "offset_radii",
    "blank",
)
NULLS = ("gaussian", "brightness")
POINTING_TOLERANCE = 0.5
"""Cells: 16 pixels where 8 x 8 cells cover 256 (Zhang et al. 2018 take 15)."""
NULL_WIDTH_SHARE = 1 / 4
"""Full width at half maximum of the centred Gaussian, in sides of the image: of 256 pixels 64, 17 arcsec."""
_FINE = 8  # samples a side within a cell, to average the Gaussian over it


def rectified_heat(maps: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Grad-CAM's heat at the size of the image, float32 (M, H, W): maps (M, h, w) in logits, what is below zero
    cut off, then upsampled as `overlay` does. (Upsampled first, a cell deep below zero would make its
    neighbours overshoot.) A map that is not finite has no heat.
    """
    if not len(maps):
        return np.zeros((0, *size), np.float32)
    return np.stack([upsample(np.maximum(_finite(values), 0), size) for values in maps])


def focus_scores(maps: np.ndarray, mask: GalaxyMask, pixel_scale_arcsec: float = math.nan) -> np.ndarray:
    """All SCORES of some maps of one image, float64 (M, 8); the mask is made once and serves all of them.

    maps (M, h, w) in logits, signed; only their rectified part is scored (`rectified_heat`).
    energy_galaxy, _neighbours, _sky: shares of the heat in each part, sum 1 (energy-based pointing game, Wang
    et al. 2020, section 4.2). pointing: 1 where the hottest pixel lies within half a cell of the galaxy, else 0 (Zhang
    et al. 2018). area_log2: log2 of the area above half of the hottest pixel over the area of the galaxy; 0
    fits, 1 is twice as large. offset: from the heat's centroid to the galaxy's centre of light, in arcsec (NaN
    without a pixel scale) and in radii of a circle of the galaxy's area. blank: 1 where the rectified map is
    zero everywhere or not finite, and then every other score is NaN.
    """
    heat = rectified_heat(maps, mask.galaxy.shape).reshape(len(maps), mask.galaxy.size)
    hottest = heat.max(axis=1, initial=0)
    is_blank = hottest <= 0
    total = np.where(is_blank, np.nan, heat.sum(axis=1, dtype=np.float64))
    regions = np.stack([mask.galaxy, mask.neighbours, mask.sky]).reshape(3, -1)
    energy = (heat @ regions.T.astype(np.float32)) / total[:, None]
    tolerance = POINTING_TOLERANCE * mask.galaxy.shape[1] / maps.shape[2]
    is_hit = near(mask.galaxy, tolerance).ravel()[heat.argmax(axis=1)]
    area = np.count_nonzero(heat > hottest[:, None] / 2, axis=1) / np.count_nonzero(mask.galaxy)
    offset = _offsets(heat, total, mask)
    columns = [*energy.T, is_hit, _log2(area), offset * pixel_scale_arcsec, offset / mask.radius]
    scores = np.stack([*columns, is_blank], axis=1).astype(np.float64)
    scores[is_blank, :-1] = np.nan
    return scores


def null_maps(image: np.ndarray, mask: GalaxyMask, cells: tuple[int, int]) -> np.ndarray:
    """The maps of the NULLS for one image, float32 (2, h, w), at a map's own number of cells.

    gaussian: centred in the image, its full width at half maximum a quarter of the side, averaged over each
    cell. brightness: the grey image (uint8 RGB (H, W, 3)) above its sky, averaged over each cell. An image with
    nothing above its sky has a blank brightness.
    """
    grey = image.astype(np.float32).mean(axis=2) - np.float32(mask.sky_level)
    # signed: cut off before averaging, the noise of the sky would count as light
    brightness = cv2.resize(grey, cells[::-1], interpolation=cv2.INTER_AREA)
    return np.stack([centred_gaussian(cells), brightness])


def centred_gaussian(cells: tuple[int, int]) -> np.ndarray:
    """A Gaussian of height 1 in the middle, float32 (h, w), averaged over each cell."""
    sigma = NULL_WIDTH_SHARE / (2 * math.sqrt(2 * math.log(2)))
    profiles = []
    for n_cells in cells:
        place = (np.arange(n_cells * _FINE) + 0.5) / (n_cells * _FINE) - 0.5
        profiles.append(np.exp(-0.5 * (place / sigma) ** 2).reshape(n_cells, _FINE).mean(axis=1))
    return np.outer(*profiles).astype(np.float32)


def centroids(heat: np.ndarray) -> np.ndarray:
    """Centre of each heat (M, H, W) as (x, y) in pixels, float64 (M, 2); NaN where there is none."""
    total = heat.sum(axis=(1, 2), dtype=np.float64)
    total[total <= 0] = np.nan
    x = heat.sum(axis=1, dtype=np.float64) @ np.arange(heat.shape[2]) / total
    y = heat.sum(axis=2, dtype=np.float64) @ np.arange(heat.shape[1]) / total
    return np.stack([x, y], axis=1)


def _offsets(heat: np.ndarray, total: np.ndarray, mask: GalaxyMask) -> np.ndarray:
    """Pixels from the galaxy's centre to the centroid of each heat (M, H W)."""
    height, width = mask.galaxy.shape
    rows, columns = np.mgrid[:height, :width].reshape(2, -1).astype(np.float32)
    x, y = (heat @ np.stack([columns, rows], axis=1) / total[:, None]).T
    return np.asarray(np.hypot(x - mask.centre[0], y - mask.centre[1]))


def near(galaxy: np.ndarray, tolerance: float) -> np.ndarray:
    """Pixels of the galaxy and within so many pixels of it."""
    away = cv2.distanceTransform((~galaxy).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(away <= tolerance)


def _log2(area: np.ndarray) -> np.ndarray:
    return np.log2(area, out=np.full(area.shape, np.nan), where=area > 0)


def _finite(values: np.ndarray) -> np.ndarray:
    if values.ndim != 2:
        raise BadValueError(f"each map must be (h, w), got {values.shape}; choose one class of one image")
    return values if np.all(np.isfinite(values)) else np.zeros(values.shape, np.float32)
