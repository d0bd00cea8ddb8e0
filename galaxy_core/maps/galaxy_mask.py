"""Where the central galaxy is and where its neighbours are, from one image alone.

Detection as in SExtractor (Bertin & Arnouts 1996), through its library form `sep` (Barbary 2016): sky level and
noise, isophotes above them, blended light taken apart. It knows one image and nothing of maps or networks.
Lengths are pixels of a survey cutout, 256 a side, whose seeing is about five of them.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.images.view import View

SMOOTHING = 1.5
"""Sigma of the blur before detection, so that an isophote follows the galaxy and not the noise."""
THRESHOLD = 3.0
"""Isophote of detection, in standard deviations of the smoothed sky."""
FEWEST_PIXELS = 30  # less than a star has; what is smaller is noise
FINEST_DEBLENDING = 0.005  # share of the light that makes a part of its own; stars on a spiral have that much
SKY_MESH = 64
MOST_COVERED = 0.9  # above this there is no sky left to measure the second time
NEAR_CENTRE = 6.0  # pixels within which several objects compete for being the galaxy; the brightest wins
FARTHEST = 32.0  # an object that comes no nearer to the centre than this is not the galaxy of this cutout
APERTURE_SHARE = 1 / 8  # radius of the stand-in for a galaxy that was not found, in sides of the image
STAR_HALF_LIGHT = 80  # pixels; the seeing alone makes 45
STAR_RATIO = 1.15
"""Half-light area over half-peak area is 1 for a Gaussian point source, and more for a galaxy."""
OVERLAP = 0.9
"""Two bodies belong together when their centres are nearer than this share of the sum of their radii."""
STRETCH = math.sqrt(20.0)  # of the survey's colours (Lupton et al. 2004 with Q = 20), undone to compare light


@dataclass(frozen=True, eq=False)
class GalaxyMask:
    """The central galaxy of one image, bool (H, W), and what else is in it.

    `centre` (x, y) is the galaxy's centre of light in pixels, `radius` that of a circle of its area.
    `is_detected` False: nothing was found in the middle and `galaxy` is a central aperture of an eighth of the
    side. `sky_level` and `sky_sigma` are those of the grey image, smoothed, in counts of 0 to 255.
    """

    galaxy: np.ndarray
    neighbours: np.ndarray
    centre: tuple[float, float]
    radius: float
    is_detected: bool
    sky_level: float
    sky_sigma: float

    @property
    def sky(self) -> np.ndarray:
        """What is neither galaxy nor neighbour, bool (H, W)."""
        return ~(self.galaxy | self.neighbours)


def find_galaxy(image: np.ndarray) -> GalaxyMask:
    """The masks of an image, uint8 RGB (H, W, 3), from 64 px a side.

    The galaxy is the object at the centre, with every extended body whose isophote is joined to its own and
    which overlaps it: partners of a merger and torn-off tails count, stars on a disk and galaxies that merely
    touch do not. Where nothing is detected within 32 px of the centre, a central aperture stands in. Raises
    BadValueError for another shape or type.
    """
    _check(image)
    grey = image.astype(np.float32).mean(axis=2)
    smooth = cv2.GaussianBlur(grey, (0, 0), SMOOTHING)
    level, sigma = _sky(smooth)
    parts = _detect(smooth - np.float32(level), sigma)
    centre_part = parts.at_centre()
    if centre_part is None:
        return _aperture(parts.segments > 0, level, sigma)
    light = _linear(grey) - math.sinh(STRETCH * level / 255)
    own = [centre_part, *parts.joined_to(centre_part, light)]
    galaxy = np.isin(parts.segments, np.array(own) + 1)
    neighbours = (parts.segments > 0) & ~galaxy
    centre = _centre_of_light(np.where(galaxy, smooth - level, 0))
    return GalaxyMask(galaxy, neighbours, centre, _radius(galaxy), True, level, sigma)


def within_view(mask: GalaxyMask, image: np.ndarray, view: View) -> GalaxyMask:
    """The mask of an image in the square that a network with that view sees, at the scale of the image.

    Centre and radius are those of what it sees of the galaxy; where that is nothing, a central aperture stands in.
    """
    square = view.square(image.shape)
    galaxy, neighbours = mask.galaxy[square], mask.neighbours[square]
    if galaxy.shape == mask.galaxy.shape:
        return mask
    if not mask.is_detected or not galaxy.any():
        return _aperture(neighbours, mask.sky_level, mask.sky_sigma)
    smooth = cv2.GaussianBlur(image.astype(np.float32).mean(axis=2), (0, 0), SMOOTHING)[square]
    centre = _centre_of_light(np.where(galaxy, smooth - mask.sky_level, 0))
    return GalaxyMask(galaxy, neighbours, centre, _radius(galaxy), True, mask.sky_level, mask.sky_sigma)


def light_of(image: np.ndarray, mask: GalaxyMask) -> float:
    """The light of the galaxy above the sky, summed over its pixels, in linear units up to a factor."""
    grey = image.astype(np.float32).mean(axis=2)
    light = _linear(grey) - math.sinh(STRETCH * mask.sky_level / 255)
    return float(light[mask.galaxy].sum(dtype=np.float64))


@dataclass(frozen=True, eq=False)
class _Parts:
    """What sep found: a record an object, and segments int (H, W) that hold its number plus one."""

    objects: np.ndarray
    segments: np.ndarray

    def at_centre(self) -> int | None:
        """The brightest of the objects that reach the centre, or else the nearest within FARTHEST."""
        if not len(self.objects):
            return None
        rows, columns = np.nonzero(self.segments)
        away = np.full(len(self.objects), np.inf)
        middle_row, middle_column = ((side - 1) / 2 for side in self.segments.shape)
        distances = np.hypot(rows - middle_row, columns - middle_column)
        np.minimum.at(away, self.segments[rows, columns] - 1, distances)
        if away.min() > FARTHEST:
            return None
        is_near = away <= max(float(away.min()), NEAR_CENTRE)
        return int(np.argmax(np.where(is_near, self.objects["flux"], -np.inf)))

    def joined_to(self, centre: int, light: np.ndarray) -> list[int]:
        """Extended bodies in the centre's isophote that overlap it; light (H, W) in linear units."""
        _, isophotes = cv2.connectedComponents((self.segments > 0).astype(np.uint8))
        joined = isophotes == isophotes[self.segments == centre + 1][0]
        others = set(np.unique(self.segments[joined]).tolist()) - {0, centre + 1}
        return [
            number - 1
            for number in sorted(others)
            if self._overlap(number - 1, centre) and _is_extended(light[self.segments == number])
        ]

    def _overlap(self, one: int, other: int) -> bool:
        first, second = self.objects[one], self.objects[other]
        distance = math.hypot(first["x"] - second["x"], first["y"] - second["y"])
        radii = math.sqrt(first["npix"] / math.pi) + math.sqrt(second["npix"] / math.pi)
        return bool(distance <= OVERLAP * radii)


def _detect(light: np.ndarray, sigma: float) -> _Parts:
    import sep

    objects, segments = sep.extract(
        np.ascontiguousarray(light),
        THRESHOLD * sigma,
        minarea=FEWEST_PIXELS,
        filter_kernel=None,  # smoothed already
        deblend_cont=FINEST_DEBLENDING,
        segmentation_map=True,
    )
    return _Parts(objects, segments)


def _sky(smooth: np.ndarray) -> tuple[float, float]:
    """Level and noise of the sky, measured a second time without what stands out the first time."""
    import sep

    first = sep.Background(smooth, bw=SKY_MESH, bh=SKY_MESH)
    bright = (smooth > first.globalback + THRESHOLD * first.globalrms).astype(np.uint8)
    covered = cv2.dilate(bright, np.ones((9, 9), np.uint8)) > 0
    if covered.mean() <= MOST_COVERED:
        first = sep.Background(smooth, mask=covered, bw=SKY_MESH, bh=SKY_MESH)
    # an image without noise (a drawing) still has steps of one count
    return float(first.globalback), max(float(first.globalrms), 0.2)


def _is_extended(light: np.ndarray) -> bool:
    """Whether the pixels of one object, linear light (n,), are spread wider than a star's."""
    sorted_light = np.sort(light)[::-1]
    summed = np.cumsum(np.maximum(sorted_light, 0))
    half_light = int(np.searchsorted(summed, summed[-1] / 2)) + 1
    half_peak = int(np.sum(light > sorted_light[0] / 2))
    return half_light >= STAR_HALF_LIGHT and half_light > STAR_RATIO * half_peak


def _linear(grey: np.ndarray) -> np.ndarray:
    """Counts of the picture back to light, up to a factor; barely smoothed, to keep a star's shape."""
    return np.sinh(cv2.GaussianBlur(grey, (0, 0), 0.8) * np.float32(STRETCH / 255))


def _aperture(found: np.ndarray, level: float, sigma: float) -> GalaxyMask:
    height, width = found.shape
    middle = ((width - 1) / 2, (height - 1) / 2)
    radius = APERTURE_SHARE * min(height, width)
    rows, columns = np.ogrid[:height, :width]
    galaxy = (columns - middle[0]) ** 2 + (rows - middle[1]) ** 2 <= radius**2
    return GalaxyMask(galaxy, found & ~galaxy, middle, radius, False, level, sigma)


def _centre_of_light(light: np.ndarray) -> tuple[float, float]:
    total = float(light.sum(dtype=np.float64))
    rows, columns = (np.arange(side) for side in light.shape)
    return float(light.sum(axis=0) @ columns / total), float(light.sum(axis=1) @ rows / total)


def _radius(mask: np.ndarray) -> float:
    return math.sqrt(np.count_nonzero(mask) / math.pi)


def _check(image: np.ndarray) -> None:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or min(image.shape[:2]) < SKY_MESH:
        raise BadValueError(
            f"an image must be uint8 (H, W, 3) of {SKY_MESH} px a side or more, got {image.dtype} {image.shape}"
        )
