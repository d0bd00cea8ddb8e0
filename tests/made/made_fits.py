"""FITS images as people have them: cubes of flux with the headers of the survey's cutout service."""

import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

PLACE = {
    "CTYPE1": "RA---TAN",
    "CTYPE2": "DEC--TAN",
    "CRVAL1": 184.95,
    "CRVAL2": 12.3,
    "CRPIX1": 128.5,
    "CRPIX2": 128.5,
    "CD1_1": -0.262 / 3600,
    "CD1_2": 0.0,
    "CD2_1": 0.0,
    "CD2_2": 0.262 / 3600,
}
"""North up, east left, 0.262 arcsec a pixel."""


def bands(letters: str) -> dict[str, str]:
    """What the service says of a cube."""
    return {"BANDS": letters, **{f"BAND{i}": letter for i, letter in enumerate(letters)}}


def fits_file(
    flux: np.ndarray, header: dict[str, Any] | None = None, *, packing: str = "", dtype: str = ">f4"
) -> bytes:
    """The bytes of a file with `flux` (planes, H, W), row 0 south; packed in tiles, it lies in the first extension."""
    from astropy.io import fits

    cards = fits.Header()
    for key, value in (
        PLACE | bands("grz") | {"SURVEY": "LegacySurvey"} if header is None else header
    ).items():
        cards[key] = value
    flux = np.asarray(flux, dtype)
    if not packing:
        return written([fits.PrimaryHDU(flux, cards)])
    # floats are kept as they are by gzip alone
    options = {"quantize_level": 0} if packing.startswith("GZIP") else {}
    return written([fits.PrimaryHDU(), fits.CompImageHDU(flux, cards, compression_type=packing, **options)])


def cube_file(values: Sequence[float], side: int = 64, **header: Any) -> bytes:
    """A cube each plane of which has one value."""
    letters = "griz" if len(values) == 4 else "grz"
    flux = np.broadcast_to(np.array(values)[:, None, None], (len(values), side, side))
    return fits_file(flux, {**bands(letters), **header})


def written(hdus: list[Any], **options: Any) -> bytes:
    from astropy.io import fits

    file = io.BytesIO()
    fits.HDUList(hdus).writeto(file, **options)
    return file.getvalue()


def as_the_viewer(flux: np.ndarray) -> np.ndarray:
    """The viewer's mapping of g, r, z, written down once more in float64: uint8 (H, W, 3), north up."""
    raised = [scale * plane.astype(float) + 0.03 for scale, plane in zip((6.0, 3.4, 2.2), flux, strict=True)]
    light = np.maximum(sum(np.maximum(0, plane) for plane in raised) / 3, 1e-6)
    gain = np.arcsinh(20 * light) / math.sqrt(20) / light
    return np.stack([(255 * np.clip(p * gain, 0, 1)).astype(np.uint8) for p in raised[::-1]], axis=-1)[::-1]
