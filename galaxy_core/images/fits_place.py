"""Where north is in a FITS image and how large its pixels are, from the few keywords that say it.

Read here and not by a library of projections, which would also read what a hostile header adds to them. It knows
numbers of a header; it must not know pixels.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

SMALLEST_ARCSEC, LARGEST_ARCSEC = 0.001, 120.0
MOST_UNEVEN = 0.05  # of the two sides of a pixel
SKEWED_DEGREES = 10.0  # from where on a tilt is said
_LONGITUDES, _LATITUDES = ("RA--", "GLON", "ELON"), ("DEC-", "GLAT", "ELAT")


@dataclass(frozen=True)
class Place:
    """Arcseconds per pixel, None where unknown, and how the array is turned to have north up and east left."""

    pixel_scale_arcsec: float | None = None
    is_transposed: bool = False
    is_upside_down: bool = True
    """Whether row 0 is south, as the standard has it."""
    is_mirrored: bool = False
    tilt_degrees: float = 0.0
    """What remains of the angle between up and north."""

    def upright(self, planes: np.ndarray) -> np.ndarray:
        """Planes (…, H, W) with north up and east left, to the nearest quarter of a turn."""
        if self.is_transposed:
            planes = np.swapaxes(planes, -1, -2)
        if self.is_upside_down:
            planes = planes[..., ::-1, :]
        return planes[..., ::-1] if self.is_mirrored else planes


def place_of(header: Mapping[str, Any]) -> Place:
    """What a header says; where it says nothing of the sky, row 0 is taken for south and the scale for unknown."""
    matrix = _matrix(header)
    if matrix is None:
        return Place(_stated_scale(header))
    is_transposed = abs(matrix[0, 0] * matrix[1, 1]) < abs(matrix[0, 1] * matrix[1, 0])
    if is_transposed:
        matrix = matrix[:, ::-1]
    tilt = math.degrees(math.atan(matrix[1, 0] / matrix[1, 1])) if matrix[1, 1] else 0.0
    return Place(_scale(matrix), is_transposed, bool(matrix[1, 1] >= 0), bool(matrix[0, 0] > 0), tilt)


def middle_of(header: Mapping[str, Any], shape: tuple[int, ...]) -> tuple[float, float] | None:
    """Right ascension and declination in degrees of the middle of an image (H, W) in the tangent projection.

    None for any other projection, for galactic and ecliptic coordinates, and where the header does not say enough.
    """
    kinds = [str(header.get(f"CTYPE{i}", ""))[:8].upper() for i in (1, 2)]
    matrix = _matrix(header)
    if matrix is None or sorted(kinds) != ["DEC--TAN", "RA---TAN"]:
        return None
    reference = [_number(header.get(f"CRVAL{i}")) for i in (1, 2)]
    ra, dec = reference if kinds[0] == "RA---TAN" else reference[::-1]
    steps = [(n + 1) / 2 - _number(header.get(f"CRPIX{i}")) for i, n in ((1, shape[1]), (2, shape[0]))]
    if not all(map(math.isfinite, (ra, dec, *steps))) or not 0 <= ra <= 360 or not -90 <= dec <= 90:
        return None
    east, north = np.radians(matrix @ np.array(steps))
    sine, cosine = math.sin(math.radians(dec)), math.cos(math.radians(dec))
    away = cosine - north * sine  # along the equator, from the axis of the sky
    turned = math.degrees(math.atan2(east, away))
    return (ra + turned) % 360, math.degrees(math.atan2(sine + north * cosine, math.hypot(east, away)))


def _matrix(header: Mapping[str, Any]) -> np.ndarray | None:
    """Degrees (east, north) per pixel (x, y), float64 (2, 2); None where there is none."""
    kinds = [str(header.get(f"CTYPE{i}", ""))[:4].upper() for i in (1, 2)]
    is_swapped = kinds[0] in _LATITUDES and kinds[1] in _LONGITUDES
    if not is_swapped and not (kinds[0] in _LONGITUDES and kinds[1] in _LATITUDES):
        return None
    if any(
        str(header.get(f"CUNIT{i}", "deg")).strip().lower() not in ("deg", "degree", "degrees", "")
        for i in (1, 2)
    ):
        return None
    matrix = _numbers(header, "CD", np.zeros((2, 2)))
    if matrix is None:
        steps = np.array([_number(header.get(f"CDELT{i}")) for i in (1, 2)])
        turn = math.radians(_number(header.get("CROTA2"), 0.0))
        rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        given = _numbers(header, "PC", np.eye(2))
        matrix = steps[:, None] * given if given is not None else rotation * steps
    if is_swapped:
        matrix = matrix[::-1]
    return matrix if np.isfinite(matrix).all() and abs(np.linalg.det(matrix)) > 0 else None


def _numbers(header: Mapping[str, Any], kind: str, default: np.ndarray) -> np.ndarray | None:
    keys = [[f"{kind}{i}_{j}" for j in (1, 2)] for i in (1, 2)]
    if not any(key in header for row in keys for key in row):
        return None
    return np.array([[_number(header.get(keys[i][j]), default[i, j]) for j in (0, 1)] for i in (0, 1)])


def _number(value: object, default: float = math.nan) -> float:
    if value is None:
        return default
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    return float(value) if is_number else math.nan  # type: ignore[arg-type]


def _scale(matrix: np.ndarray) -> float | None:
    sides = 3600 * np.hypot(matrix[0], matrix[1])
    if abs(sides[0] - sides[1]) > MOST_UNEVEN * sides.max():
        return None
    return _believed(3600 * math.sqrt(abs(float(np.linalg.det(matrix)))))


def _stated_scale(header: Mapping[str, Any]) -> float | None:
    """Some pipelines say it in words alone."""
    for key in ("PIXSCALE", "PIXSCAL1", "SECPIX", "SECPIX1"):
        if key in header:
            return _believed(_number(header[key]))
    return None


def _believed(scale: float) -> float | None:
    return scale if SMALLEST_ARCSEC <= scale <= LARGEST_ARCSEC else None
