"""The canvas a mock galaxy is painted on: the flux of all, and the light of each element by itself.

It knows how to place light, blur it and say whose a pixel is; it does not know what a galaxy looks like.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from galaxy_core.data.mock.colour import BAND_SCALES
from galaxy_core.data.mock.profiles import Plane

SIZE = 256
CENTRE = (SIZE - 1) / 2

# bit k of a mask pixel is ELEMENTS[k]; `galaxy` is the whole central galaxy, `bulge` any spheroid
ELEMENTS = (
    "galaxy",
    "bulge",
    "disk",
    "arms",
    "bar",
    "dust",
    "tidal",
    "companion",
    "star",
    "background",
)
OWN_ELEMENTS = ("bulge", "disk", "arms", "bar", "tidal")

# dust dims g, r, z like this for 1 in r (Cardelli et al. 1989 with R_V = 3.1)
DUST_CURVE = np.array([1.40, 1.0, 0.56], np.float32)

VISIBLE_SIGMA = 1.5  # an element is seen where its light stands this many sky sigmas out ...
OWN_SHARE = 0.2  # ... and makes this share of all the light there
DUST_SHARE = 0.12  # dust is seen where it takes away this share of the galaxy's light


@dataclass(frozen=True)
class Patch:
    """A square of the canvas with coordinates in pixels from an object's centre, u along its major axis."""

    rows: slice
    columns: slice
    u: Plane
    v: Plane


def patch(x: float, y: float, angle: float, reach: float) -> Patch:
    """The part of the canvas within `reach` pixels of (x, y); empty when that lies outside the image.

    `angle` (radians) turns the u axis from +x towards +y.
    """
    rows, columns = _span(y, reach), _span(x, reach)
    dx = (np.arange(columns.start, columns.stop, dtype=np.float32) - np.float32(x))[None, :]
    dy = (np.arange(rows.start, rows.stop, dtype=np.float32) - np.float32(y))[:, None]
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return Patch(rows, columns, cos * dx + sin * dy, cos * dy - sin * dx)


def _span(middle: float, reach: float) -> slice:
    start = int(np.clip(np.floor(middle - reach), 0, SIZE))
    return slice(start, int(np.clip(np.ceil(middle + reach) + 1, start, SIZE)))


@dataclass
class Scene:
    """What has been painted so far: `flux` float32 (3, 256, 256) in nanomaggies, bands g, r, z.

    Bands come first here, as whole planes are painted and blurred.
    """

    flux: NDArray[np.float32] = field(default_factory=lambda: np.zeros((3, SIZE, SIZE), np.float32))
    light: dict[str, Plane] = field(default_factory=dict)

    def plane(self, element: str) -> Plane:
        """The displayed brightness (mean over bands of scale times flux) of one element, made when first asked."""
        assert element in ELEMENTS, element
        if element not in self.light:
            self.light[element] = np.zeros((SIZE, SIZE), np.float32)
        return self.light[element]

    def add(self, element: str, where: Patch, light: Plane, colour: NDArray[np.float32]) -> None:
        """Put `light` (r flux per pixel) of one `colour` (g, r, z for unit r) on a patch of the canvas."""
        for band in range(3):
            self.flux[band, where.rows, where.columns] += light * colour[band]
        self.plane(element)[where.rows, where.columns] += light * np.float32((colour * BAND_SCALES).mean())

    def dim(self, where: Patch, depth: Plane) -> None:
        """Lay dust of optical depth `depth` (in r) before all that has been painted so far."""
        view = self.flux[:, where.rows, where.columns]
        weights = BAND_SCALES[:, None, None]
        before = (view * weights).mean(axis=0)
        for band in range(3):
            view[band] *= np.exp(-depth * DUST_CURVE[band])
        through = np.exp(-depth)
        for plane in self.light.values():
            plane[where.rows, where.columns] *= through
        taken = before - (view * weights).mean(axis=0)
        self.plane("dust")[where.rows, where.columns] += taken

    def blur(self, fwhm_pixels: NDArray[np.float32]) -> None:
        """See all of it through the atmosphere: one width per band, element light through the middle one."""
        for band in range(3):
            self.flux[band] = seen(self.flux[band], fwhm_pixels[band])
        for element, plane in self.light.items():
            # whose a pixel is, the core alone decides: the wing never makes a fifth of the light
            self.light[element] = _gaussian(plane, core_sigma(fwhm_pixels[1]))


def seen(plane: Plane, fwhm: float) -> Plane:
    """A plane through a core-and-wing blur that keeps the total light; outside the image is dark.

    Two Gaussians, 85 % in the core and the rest twice as wide, follow a Moffat profile closely (King 1971).
    """
    sigma = core_sigma(fwhm)
    core = _gaussian(plane, sigma)
    # the wing is smooth enough for half the resolution, a quarter of the work; on top of the core the widths
    # add in squares: sqrt(2² - 1²) = 1.73
    half = np.asarray(cv2.resize(core, (SIZE // 2, SIZE // 2), interpolation=cv2.INTER_AREA), np.float32)
    wing = cv2.resize(_gaussian(half, sigma * 0.866), (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.addWeighted(core, 0.85, wing, 0.15, 0), np.float32)


def core_sigma(fwhm: float) -> float:
    """Sigma of the core, so that core and wing together have this full width at half maximum."""
    return float(fwhm) / 2.3548 * 0.94  # the wing widens the sum by 6 %


def _gaussian(plane: Plane, sigma: float) -> Plane:
    taps = 2 * int(np.ceil(3.2 * sigma)) + 1  # beyond 3.2 sigma is a thousandth of the light
    blurred = cv2.GaussianBlur(plane, (taps, taps), sigma, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(blurred, np.float32)


def element_masks(light: dict[str, Plane], sky_sigma: float) -> NDArray[np.uint16]:
    """Which elements are seen at each pixel: uint16 (256, 256), bit k for ELEMENTS[k].

    An element is seen where its displayed brightness exceeds 1.5 sky sigmas and 20 % of all light there; `dust`
    where it takes at least 12 % of the galaxy's light away and 1.5 sigmas. An empty scene gives zeros.
    """
    dark = np.zeros((SIZE, SIZE), np.float32)
    own = sum((light[name] for name in OWN_ELEMENTS if name in light), dark)
    around = sum((light[name] for name in ("companion", "star", "background") if name in light), dark)
    total = own + around
    floor = np.float32(VISIBLE_SIGMA * sky_sigma)
    masks = np.zeros((SIZE, SIZE), np.uint16)
    for bit, name in enumerate(ELEMENTS):
        if name == "galaxy" or name in light:
            plane = own if name == "galaxy" else light[name]
            share = DUST_SHARE * (own + plane) if name == "dust" else OWN_SHARE * total
            masks |= ((plane > floor) & (plane >= share)).astype(np.uint16) << bit
    return masks
