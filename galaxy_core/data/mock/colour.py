"""From flux in three bands to the colours of the Legacy Survey viewer, and back to flux for a colour index.

The mapping keeps the hue of bright pixels (Lupton et al. 2004, PASP 116, 133) with the constants of the DESI
Legacy Imaging Surveys' viewer. It knows arrays of flux, not galaxies.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from galaxy_core.images.colour import DARKEST, LEGACY, SOFTENING

BANDS = tuple(LEGACY.bands)
BAND_SCALES = np.array(LEGACY.scales, np.float32)
PEDESTAL = LEGACY.pedestal


def legacy_rgb(flux: NDArray[np.floating]) -> NDArray[np.uint8]:
    """The picture of a flux image as the Legacy Survey viewer shows it.

    `flux` (..., 3) in nanomaggies per pixel, bands g, r, z; returns uint8 (..., 3), red, green, blue. Zero flux
    is a dark grey, 32 in each colour, as the pedestal of 0.03 makes it; a pixel far below the sky in all bands is
    black, and one far above saturates at 255. Nanomaggies: 22.5 mag is 1 (Stoughton et al. 2002).
    """
    flux = np.asarray(flux, np.float32)
    # plane by plane and in place: several times faster than arithmetic along a last axis of three
    raised = [np.asarray(flux[..., band] * BAND_SCALES[band]) for band in range(3)]
    for plane in raised:
        plane += np.float32(PEDESTAL)
    intensity = sum(np.maximum(plane, 0) for plane in raised) * np.float32(1 / 3)
    intensity = np.maximum(intensity, np.float32(DARKEST))
    gain = _arcsinh(np.float32(SOFTENING) * intensity) * np.float32(255 / np.sqrt(SOFTENING)) / intensity
    image = np.empty(flux.shape, np.uint8)
    for band, plane in enumerate(raised):
        plane *= gain
        plane += np.float32(0.5)
        image[..., 2 - band] = np.clip(plane, 0, 255, out=plane)
    return image


def _arcsinh(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Written out: NumPy has a fast logarithm in float32 but no fast arcsinh."""
    return np.asarray(np.log(values + np.sqrt(values * values + 1)), np.float32)


def flux_ratios(g_minus_r: ArrayLike, r_minus_z: ArrayLike) -> NDArray[np.float32]:
    """Flux in g, r, z of a source with unit r flux and these colours in magnitudes; float32 (..., 3)."""
    g = 10.0 ** (-0.4 * np.asarray(g_minus_r, np.float64))
    z = 10.0 ** (0.4 * np.asarray(r_minus_z, np.float64))
    return np.stack([g, np.ones_like(g), z], axis=-1).astype(np.float32)


def surface_flux(magnitude_per_arcsec2: float, pixel_scale_arcsec: float = 0.262) -> float:
    """Flux per pixel, in nanomaggies, of a surface brightness in mag/arcsec²."""
    return float(10.0 ** (0.4 * (22.5 - magnitude_per_arcsec2)) * pixel_scale_arcsec**2)
