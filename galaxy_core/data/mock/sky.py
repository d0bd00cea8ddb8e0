"""What surrounds a galaxy on the sky: foreground stars, faint distant galaxies, noise.

Numbers were matched by eye and by simple counts to survey cutouts; nothing here depends on the class.
"""

from math import cos, pi, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from galaxy_core.data.mock.bodies import Colour, Pose, paint_sersic
from galaxy_core.data.mock.colour import BAND_SCALES, flux_ratios
from galaxy_core.data.mock.profiles import moffat
from galaxy_core.data.mock.scene import CENTRE, SIZE, Scene, patch

Floats = NDArray[np.float64]

# band = OWN · its grain + SHARED · the sum of all three has unit variance and this correlation between bands
NOISE_CORRELATION = 0.72
OWN_NOISE = sqrt(1 - NOISE_CORRELATION)
SHARED_NOISE = (sqrt(OWN_NOISE**2 + 3 * NOISE_CORRELATION) - OWN_NOISE) / 3
HALF_STAMP = 8  # pixels; a faint galaxy fits in 17 by 17
CLEAR_RADIUS = 14.0  # no stranger in front of the nucleus: it would change what a person sees there


def draw_seeing(rng: np.random.Generator) -> NDArray[np.float32]:
    """Full width at half maximum of the blur in g, r, z, in pixels of 0.262 arcsec; median 1.25 arcsec in r."""
    middle = rng.lognormal(np.log(4.5), 0.10)
    return (middle * np.array([1.08, 1.0, 0.95])).astype(np.float32)


def add_distant_galaxies(scene: Scene, rng: np.random.Generator) -> int:
    """Scatter faint, mostly red, barely resolved galaxies; returns how many. Call before the blur."""
    count = int(rng.poisson(38))
    # number counts N(>F) ~ 1/F, from 0.35 nanomaggies in z upwards
    z_flux = np.minimum(0.35 / rng.uniform(0.02, 1, count), 12)
    r_minus_z = rng.normal(0.95, 0.45, count).clip(0.0, 2.2)
    g_minus_r = (r_minus_z * 0.75 + rng.normal(0.15, 0.35, count)).clip(0.0, 2.0)
    colours = flux_ratios(g_minus_r, r_minus_z)
    width = rng.lognormal(np.log(0.9), 0.4, count) * (z_flux / 0.5) ** 0.2
    places = rng.uniform(0, SIZE, (count, 2))
    light = _small_bodies(places % 1, width, rng.uniform(0.35, 1, count), rng.uniform(0, pi, count))
    light *= (z_flux / colours[:, 2])[:, None, None].astype(np.float32)
    _stamp(scene, light, places, colours)
    return count


def _small_bodies(offsets: Floats, width: Floats, axis_ratio: Floats, angle: Floats) -> NDArray[np.float32]:
    """Elliptical Gaussians, one a stamp, each summing to about 1: float32 (n, 17, 17)."""
    steps = np.arange(-HALF_STAMP, HALF_STAMP + 1, dtype=np.float32)
    dx = steps[None, None, :] - _column(offsets[:, 0])
    dy = steps[None, :, None] - _column(offsets[:, 1])
    variance = width**2 + 0.15  # no narrower than a pixel
    u = _column(np.cos(angle)) * dx + _column(np.sin(angle)) * dy
    v = (_column(np.cos(angle)) * dy - _column(np.sin(angle)) * dx) * _column(1 / axis_ratio)
    light = np.exp((u * u + v * v) * _column(-0.5 / variance))
    return light * _column(1 / (2 * pi * variance * axis_ratio))


def _column(values: Floats) -> NDArray[np.float32]:
    return values.astype(np.float32)[:, None, None]


def _stamp(scene: Scene, light: NDArray[np.float32], places: Floats, colours: NDArray[np.float32]) -> None:
    """Add every stamp at its place, in all bands, unless it would cover the nucleus."""
    # a margin all round, so that no stamp needs clipping
    canvas = np.zeros((3, SIZE + 2 * HALF_STAMP, SIZE + 2 * HALF_STAMP), np.float32)
    for (x, y), stamp, colour in zip(places, light, colours, strict=True):
        if np.hypot(x - CENTRE, y - CENTRE) > CLEAR_RADIUS:
            rows = slice(int(y), int(y) + 2 * HALF_STAMP + 1)
            columns = slice(int(x), int(x) + 2 * HALF_STAMP + 1)
            canvas[:, rows, columns] += stamp * colour[:, None, None]
    inner = canvas[:, HALF_STAMP:-HALF_STAMP, HALF_STAMP:-HALF_STAMP]
    scene.flux += inner
    scene.plane("background")[:] += (inner * BAND_SCALES[:, None, None]).mean(axis=0)


def add_neighbours(scene: Scene, rng: np.random.Generator) -> int:
    """Put bright galaxies of the same field well off the centre, as `companion`; returns how many."""
    count = int(rng.poisson(0.7))
    for _ in range(count):
        around, distance = rng.uniform(0, 2 * pi), rng.uniform(62, 150)
        x, y = CENTRE + distance * cos(around), CENTRE + distance * sin(around)
        pose = Pose(x, y, rng.uniform(0, pi), rng.uniform(0.25, 1))
        g_minus_r = rng.uniform(0.45, 1.05)
        colour = Colour(g_minus_r, 0.35 + 0.7 * (g_minus_r - 0.5))
        radius, brightness = float(rng.lognormal(np.log(3.2), 0.35)), rng.normal(22.3, 0.6)
        paint_sersic(scene, "companion", pose, radius, rng.uniform(0.9, 3), brightness, colour)
    return count


def add_stars(scene: Scene, fwhm_pixels: NDArray[np.float32], rng: np.random.Generator) -> int:
    """Put Milky Way stars with wide wings on the sky; returns how many. Call after the blur."""
    count = int(rng.poisson(rng.gamma(2.0, 1.7)))
    light = scene.plane("star")
    for _ in range(count):
        x, y = rng.uniform(-4, SIZE + 4, 2)
        magnitude = 22.2 - 5.2 * rng.uniform() ** 1.6
        g_minus_r = rng.uniform(0.2, 1.6)
        # the stellar locus bends: M dwarfs redden in r - z only (Covey et al. 2007)
        r_minus_z = 0.5 * g_minus_r + (rng.uniform(0, 1.6) if g_minus_r > 1.3 else 0) - 0.05
        colour = flux_ratios(g_minus_r, r_minus_z) * np.float32(10 ** (0.4 * (22.5 - magnitude)))
        where = patch(x, y, 0.0, 14 + 3 * max(0.0, 20 - magnitude))
        if np.hypot(x - CENTRE, y - CENTRE) > CLEAR_RADIUS:
            radius = np.hypot(where.u, where.v)
            for band in range(3):
                spread = moffat(radius, fwhm_pixels[band]) * colour[band]
                scene.flux[band, where.rows, where.columns] += spread
                light[where.rows, where.columns] += spread * (BAND_SCALES[band] / np.float32(3))
    return count


def add_noise(scene: Scene, rng: np.random.Generator) -> float:
    """Add sky noise to every band; returns the sigma of the displayed brightness.

    Per band the sigma is about 0.0011, 0.0020, 0.0031 nanomaggies per pixel in g, r, z. Neighbours correlate, as
    in resampled survey images, and two bands correlate by 0.72: the survey's JPEG
    pictures, which networks are fed, have lost most of their colour noise.
    """
    sigma = float(rng.lognormal(np.log(0.0066), 0.2))
    soft = _soft_grain(rng) * np.float32(sigma)
    everyone = (soft[0] + soft[1] + soft[2]) * np.float32(SHARED_NOISE)
    for band in range(3):
        mixed = soft[band] * np.float32(OWN_NOISE) + everyone
        scene.flux[band] += mixed * (1 / BAND_SCALES[band])
    return sigma * float(np.sqrt((1 + 2 * NOISE_CORRELATION) / 3))


def _soft_grain(rng: np.random.Generator) -> NDArray[np.float32]:
    """Three planes of unit normal noise, float32 (3, 256, 256), adjacent pixels correlated by one half.

    A pixel is the sum of 2x2 neighbours of two random bytes each: eight uniform numbers, as good as normal here
    (kurtosis -0.15, none beyond 4.9 sigma) and five times faster than drawing normal ones.
    """
    side = SIZE + 1
    raw = np.frombuffer(rng.bytes(2 * 3 * side * side), np.uint8).reshape(2, 3, side, side)
    grain = raw[0].astype(np.float32) + raw[1] - np.float32(255)
    rows = grain[:, 1:] + grain[:, :-1]
    unit = 1 / sqrt(8 * (256**2 - 1) / 12)  # a byte's variance, eight times
    return np.asarray((rows[..., 1:] + rows[..., :-1]) * np.float32(unit), np.float32)
