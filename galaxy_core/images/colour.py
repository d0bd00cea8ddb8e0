"""From flux in bands to the colours of the survey pictures that networks learn from.

The arcsinh mapping of Lupton et al. (2004, PASP 116, 133), which keeps the hue of bright pixels, with the constants of
the viewer of the DESI Legacy Imaging Surveys. It knows arrays of flux; it must not know files.
"""

from collections.abc import Callable
from collections.abc import Mapping as ByName
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from galaxy_core.images import fits_options

SOFTENING = 20.0
DARKEST = 1e-6  # no light in any band: avoids 0 / 0
STRIP_PIXELS = 2**20  # so many at a time are mapped in float64


@dataclass(frozen=True)
class Colours:
    """How `bands`, blue to red and in nanomaggies per pixel, become a picture: each is weighed by its scale and lifted
    by the pedestal, and red, green and blue are each a mixture of the bands that were made brighter together.
    """

    title: str
    bands: str
    scales: tuple[float, ...]
    pedestal: float
    mixture: tuple[tuple[float, ...], ...]  # red, green, blue, each over the bands


_ONE_EACH = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
LEGACY = Colours("the Legacy Survey's colours of g, r, z", "grz", (6.0, 3.4, 2.2), 0.03, _ONE_EACH)
DR10 = Colours(
    "the Legacy Survey's colours of g, r, i, z (its DR10)",
    "griz",
    (9.0, 5.1, 4.5, 3.3),
    0.03,
    ((0.0, 0.0, 0.25, 0.75), (0.0, 0.5, 0.5, 0.0), (0.75, 0.25, 0.0, 0.0)),
)
SDSS = Colours("the viewer's colours of g, r, i (its SDSS layer)", "gri", (2.5, 1.5, 1.0), 0.02, _ONE_EACH)

BY_NAME: ByName[str, Colours] = MappingProxyType(
    {fits_options.GRZ: LEGACY, fits_options.GRIZ: DR10, fits_options.SDSS: SDSS}
)

LUPTON_STRETCH, LUPTON_Q = 0.2, 8.0
"""In units of weighed flux: sky about as dark, and a galaxy about as bright, as in the survey's own mapping."""


def survey_rgb(flux: np.ndarray, colours: Colours) -> np.ndarray:
    """uint8 (H, W, 3), red, green, blue, of flux (bands, H, W) in nanomaggies per pixel, finite.

    Zero flux is a dark grey, 32 in each colour for LEGACY, as the pedestal makes it; 8 bits by cutting off, as the
    viewer does.
    """
    return _by_strips(flux, lambda strip: _survey_strip(strip, colours))


def lupton_rgb(flux: np.ndarray, colours: Colours) -> np.ndarray:
    """The same by `astropy.visualization.make_lupton_rgb`, of three bands weighed by the scales of `colours`."""
    from astropy.visualization import make_lupton_rgb

    def strip_rgb(strip: np.ndarray) -> np.ndarray:
        blue, green, red = strip * np.array(colours.scales)[:, None, None]
        return np.asarray(
            make_lupton_rgb(red, green, blue, minimum=-colours.pedestal, stretch=LUPTON_STRETCH, Q=LUPTON_Q)
        )

    return _by_strips(flux, strip_rgb)


def _by_strips(flux: np.ndarray, mapped: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    made = np.empty((*flux.shape[1:], 3), np.uint8)
    n_lines = max(1, STRIP_PIXELS // flux.shape[2])
    for top in range(0, len(made), n_lines):
        made[top : top + n_lines] = mapped(flux[:, top : top + n_lines].astype(np.float64))
    return made


def _survey_strip(flux: np.ndarray, colours: Colours) -> np.ndarray:
    raised = flux * np.array(colours.scales)[:, None, None] + colours.pedestal
    intensity = np.maximum(np.maximum(raised, 0).mean(axis=0), DARKEST)
    gain = np.arcsinh(SOFTENING * intensity) / np.sqrt(SOFTENING) / intensity
    shown = np.clip(raised * gain, 0, 1)
    return (255 * np.tensordot(shown, np.array(colours.mixture).T, axes=(0, 0))).astype(np.uint8)
