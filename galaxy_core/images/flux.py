"""Flux in bands becomes the picture that networks know: finite, in the survey's units, at its scale, in its colours.

Each step returns what has to be said of it. It knows planes by band; it must not know files.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from galaxy_core.images.colour import BY_NAME, LEGACY, SDSS, Colours, lupton_rgb, survey_rgb
from galaxy_core.images.fits_options import KNOWN_SCALES_ARCSEC, LUPTON, NATIVE_SCALE_ARCSEC
from galaxy_core.images.view import central_square

SAME_SCALE = 0.02
SIDE = 256  # pixels of a Galaxy10 image
FEWEST_PIXELS = 32  # of the file's own: fewer show no shape
GRAIN = 0.0047
"""Noise of the survey from pixel to pixel in weighed flux: sky of 0.0066 whose neighbours correlate by one half."""
LARGEST = 1e15
"""What is more is no flux, and nothing is made that many times brighter: their product is a float32."""
MOST_GRAINS = 30
"""A plane with more noise than so many times the survey's, and without a unit, is not in nanomaggies."""
SAMPLE = 2**20  # pixels that sky and noise are measured on
WEIGHTS = {"u": 6.0, "g": 6.0, "r": 3.4, "i": 3.0, "z": 2.2, "y": 2.2}
_NANOMAGGIES = re.compile(r"nano ?magg(y|ies)|nmgy", re.IGNORECASE)
_JANSKYS = {"jy": 1.0, "mjy": 1e-3, "ujy": 1e-6, "microjy": 1e-6, "njy": 1e-9}
JANSKYS_PER_NANOMAGGY = 3.631e-6  # of AB magnitude 22.5

UNNAMED = "?"
"""The band of a single plane that does not say which it is."""


@dataclass(frozen=True)
class Flux:
    """Planes float32 (H, W) by band, north up, what the file says of its unit ("" for nothing), whether the survey's
    service made it, and its scale where known.
    """

    planes: Mapping[str, np.ndarray]
    unit: str = ""
    is_surveys: bool = False
    pixel_scale_arcsec: float | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W)"""
        height, width = next(iter(self.planes.values())).shape
        return height, width


def finite(flux: Flux) -> tuple[Flux, str]:
    """What is no number, or none that can be, becomes no flux, and is counted."""
    n_missing, planes = 0, {}
    for band, plane in flux.planes.items():
        is_number = np.abs(plane) < LARGEST  # False for NaN
        n_missing += plane.size - int(is_number.sum())
        planes[band] = plane if is_number.all() else np.where(is_number, plane, np.float32(0))
    n_all = len(planes) * flux.shape[0] * flux.shape[1]
    said = f"{n_missing} of its {n_all} numbers are none (NaN) and are shown as no light"
    return replace(flux, planes=planes), said if n_missing else ""


def at_scale(flux: Flux, wanted: float | None) -> tuple[Flux, str]:
    """The middle at `wanted` arcseconds per pixel, where the scale is known and it shows that much.

    A cutout of 256 px at one of the two scales of Galaxy10 stays what it is, as does a field that is too small.
    """
    scale, side = flux.pixel_scale_arcsec, min(flux.shape)
    if wanted is None or scale is None:
        return flux, ""
    known = KNOWN_SCALES_ARCSEC if wanted == NATIVE_SCALE_ARCSEC else (wanted,)
    if side == SIDE and any(abs(scale / one - 1) < SAME_SCALE for one in known):
        return flux, ""
    n_cut = round(SIDE * wanted / scale)
    if n_cut < FEWEST_PIXELS:
        return flux, f'its pixels of {scale:.3g}" are too large to be brought to {wanted:.3g}"'
    if n_cut > side:
        is_near = n_cut <= side * (1 + SAME_SCALE)
        return flux, "" if is_near else (
            f'it shows {side * scale:.0f}" of sky and not the {SIDE * wanted:.0f}" that networks know, '
            "so its galaxy looks larger to them"
        )
    planes = {band: _cut(plane, n_cut) for band, plane in flux.planes.items()}
    whole = " x ".join(str(n) for n in flux.shape[::-1])
    said = f'its middle {n_cut} of {whole} pixels of {scale:.3g}" were brought to {SIDE} of {wanted:.3g}"'
    return replace(flux, planes=planes, pixel_scale_arcsec=n_cut * scale / SIDE), said


def coloured(flux: Flux, asked: str) -> tuple[np.ndarray, str, tuple[str, ...]]:
    """(uint8 (H, W, 3), the stretch in words, notes) by the colours that are asked for, of `fits_options.COLOURS`."""
    colours, planes, notes = _of(BY_NAME.get(asked) or _fitting(flux.planes), flux.planes)
    sky, factor, unit = _units(flux, planes, colours, is_relative=asked == LUPTON)
    cube = np.stack(
        [(plane - below) * factor for plane, below in zip(planes, sky, strict=True)], dtype=np.float32
    )
    if asked == LUPTON:
        return lupton_rgb(cube, colours), f"Lupton et al. 2004, {unit}", notes
    return survey_rgb(cube, colours), f"{colours.title}, {unit}", notes


def _fitting(planes: Mapping[str, np.ndarray]) -> Colours:
    """g, r, z whatever else there is; g, r, i where there is no z; else the survey's with what there is."""
    return SDSS if set("gri") <= set(planes) and "z" not in planes else LEGACY


def _of(
    colours: Colours, planes: Mapping[str, np.ndarray]
) -> tuple[Colours, list[np.ndarray], tuple[str, ...]]:
    """The colours as they can be had, a plane for each of their bands, and notes.

    One band alone is grey, and weighed as itself throughout. For a band that is missing the mean of the others stands,
    weighed as they are.
    """
    there = [band for band in colours.bands if band in planes]
    shown = there or [next(iter(planes))]
    left_out = [band for band in planes if band not in shown]
    notes: tuple[str, ...] = (f"its {_listed(left_out)} was left out",) if left_out else ()
    if len(shown) == 1:
        title = "grey" if UNNAMED in shown else f"grey, of {_listed(shown)} alone"
        scales = (WEIGHTS.get(shown[0], WEIGHTS["r"]),) * len(colours.bands)
        return replace(colours, title=title, scales=scales), [planes[shown[0]]] * len(scales), notes
    weight = dict(zip(colours.bands, colours.scales, strict=True))
    mean = np.mean([planes[band] * np.float32(weight[band]) for band in there], axis=0)
    made = [planes.get(band, mean / np.float32(weight[band])) for band in colours.bands]
    if missing := [band for band in colours.bands if band not in planes]:
        notes = (f"for {_listed(missing)}, which it has not, the mean of the others stands", *notes)
    return colours, made, notes


def _listed(bands: list[str]) -> str:
    return f"band{'s' if len(bands) > 1 else ''} {', '.join(bands)}"


def _units(
    flux: Flux, planes: list[np.ndarray], colours: Colours, *, is_relative: bool
) -> tuple[np.ndarray, np.float32, str]:
    """(sky of each plane to be taken off, factor to nanomaggies, what was done).

    Where the unit is another, or the noise is far beyond the survey's, the sky is taken off and the noise brought to
    the survey's, so that a picture in counts looks as it would there.
    """
    none, unit = np.zeros(len(planes), np.float32), flux.unit.strip().lower()
    is_known = bool(_NANOMAGGIES.match(unit)) or unit in _JANSKYS
    if is_known and not is_relative:
        factor = _JANSKYS.get(unit, JANSKYS_PER_NANOMAGGY) / JANSKYS_PER_NANOMAGGY
        if flux.pixel_scale_arcsec is not None and not flux.is_surveys:
            factor *= (NATIVE_SCALE_ARCSEC / flux.pixel_scale_arcsec) ** 2
        return (
            none,
            np.float32(factor),
            "flux as the file has it" if factor == 1 else "flux per pixel of the survey",
        )
    grain = float(
        np.mean([_grain(plane) * scale for plane, scale in zip(planes, colours.scales, strict=True)])
    )
    if not unit and not is_relative and grain < MOST_GRAINS * GRAIN:
        return (
            none,
            np.float32(1),
            "flux as the file has it" if flux.is_surveys else "flux taken for nanomaggies",
        )
    sky = np.array([np.median(_sample(plane)) for plane in planes], np.float32)
    brightest = max(float((_sample(plane) - below).max()) for plane, below in zip(planes, sky, strict=True))
    factor = GRAIN / grain if grain > 0 else 1 / brightest if brightest > 0 else 1.0
    return sky, np.float32(min(factor, LARGEST)), "sky taken off and noise brought to that of the survey"


def _grain(plane: np.ndarray) -> float:
    """Noise from pixel to pixel, whatever structure there is."""
    steps = np.abs(np.diff(_sample(plane), axis=1))
    return 1.4826 * float(np.median(steps)) / math.sqrt(2) if steps.size else 0.0


def _sample(plane: np.ndarray) -> np.ndarray:
    """Some whole lines of it, float64."""
    n_lines = max(1, SAMPLE // plane.shape[1])
    return plane[:: max(1, len(plane) // n_lines)].astype(np.float64)


def _cut(plane: np.ndarray, n_pixels: int) -> np.ndarray:
    rows, columns = central_square(plane.shape, n_pixels)
    square = np.ascontiguousarray(plane[rows, columns])
    how = cv2.INTER_AREA if n_pixels > SIDE else cv2.INTER_LINEAR
    return square if n_pixels == SIDE else cv2.resize(square, (SIDE, SIDE), interpolation=how)
