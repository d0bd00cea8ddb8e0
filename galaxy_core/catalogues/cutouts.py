"""A cutout of the Legacy Surveys' images: what is asked of its service, and where the same is looked at in its viewer.

It knows the service's words; it must not know how they are sent.
"""

import math
import os
import re
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from galaxy_core.errors import BadValueError

SERVICE = "https://www.legacysurvey.org/viewer"
LAYER = "ls-dr8"
"""What Galaxy10 was made of."""
SAME_COLOURS = (LAYER, "ls-dr9", "ls-dr10-grz")
"""Layers that are mapped as it is; `ls-dr10` shows i too, by another mixture and half as bright again."""
SIZE, PIXEL_SCALE_ARCSEC = 256, 0.262
SMALLEST_SIDE, LARGEST_SIDE = 16, 3000
"""The service cuts what is larger down, and does not say so."""
SMALLEST_SCALE, LARGEST_SCALE = 0.05, 60.0
JPEG, FITS = "jpeg", "fits"
BANDS = "grz"
RADII_ACROSS = 12
"""Half-light radii that a cutout shows where its scale goes by the size of the object: the galaxy is then about a third
as wide, as in the training images.
"""
_NATIVE_ZOOM = 16  # of the viewer, at 0.3 arcsec a pixel
_LAYER = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


@dataclass(frozen=True)
class Cutout:
    """One request: a place in degrees, a layer, a side in pixels, arcseconds per pixel, a format, and bands."""

    ra: float
    dec: float
    layer: str = LAYER
    size: int = SIZE
    pixel_scale_arcsec: float = PIXEL_SCALE_ARCSEC
    format: str = JPEG
    bands: str = BANDS

    def __post_init__(self) -> None:
        if not 0 <= self.ra < 360 or not -90 <= self.dec <= 90:
            raise BadValueError(
                f"a place has a right ascension in [0, 360) and a declination in [-90, 90] degrees, got {self.ra:g}, "
                f"{self.dec:g}"
            )
        if not _LAYER.fullmatch(self.layer):
            raise BadValueError(f"a layer is a name such as {LAYER}, got {self.layer!r}")
        if not SMALLEST_SIDE <= self.size <= LARGEST_SIDE:
            raise BadValueError(
                f"the side must lie in [{SMALLEST_SIDE}, {LARGEST_SIDE}] pixels, which is all that the service gives, "
                f"got {self.size}; take a larger scale to see more"
            )
        if not SMALLEST_SCALE <= self.pixel_scale_arcsec <= LARGEST_SCALE:
            raise BadValueError(
                f"the scale must lie in [{SMALLEST_SCALE:g}, {LARGEST_SCALE:g}] arcsec per pixel, got "
                f"{self.pixel_scale_arcsec:g}; {PIXEL_SCALE_ARCSEC:g} is native"
            )
        if self.format not in (JPEG, FITS):
            raise BadValueError(f"a cutout is {JPEG} or {FITS}, got {self.format!r}")
        if not re.fullmatch("[ugrizy]{1,6}", self.bands):
            raise BadValueError(f"bands are letters such as {BANDS}, got {self.bands!r}")

    @property
    def url(self) -> str:
        """The address that gives it; another service of the same kind is named by `GALAXY_CUTOUTS_URL`."""
        asked = {
            "ra": f"{self.ra:.6f}",
            "dec": f"{self.dec:.6f}",
            "layer": self.layer,
            "pixscale": f"{self.pixel_scale_arcsec:g}",
            "size": self.size,
            "bands": self.bands,
        }
        return f"{_service()}/{self.format}-cutout?{urlencode(asked)}"

    @property
    def file_name(self) -> str:
        """Everything that was asked for, so that the same request is the same file."""
        bands = "" if self.bands == BANDS else f"_{self.bands}"
        end = "jpg" if self.format == JPEG else "fits"
        return f"{self.ra:.6f}{self.dec:+.6f}_{self.layer}_{self.size}px_{self.pixel_scale_arcsec:g}{bands}.{end}"

    @property
    def viewer_url(self) -> str:
        """The survey's viewer at that place."""
        place = {"ra": f"{self.ra:.6f}", "dec": f"{self.dec:.6f}", "layer": self.layer, "zoom": _NATIVE_ZOOM}
        return f"{SERVICE}?{urlencode(place)}"


def viewer_at(place: tuple[float, float] | None) -> str:
    """The survey's viewer at a right ascension and declination in degrees; empty where they are no place on the sky."""
    ra, dec = place or (math.nan, math.nan)
    return Cutout(around(ra), dec).viewer_url if math.isfinite(ra) and -90 <= dec <= 90 else ""


def around(ra: float) -> float:
    """A right ascension in [0, 360)."""
    turned = ra % 360
    return 0.0 if turned == 360 else turned  # of a number just below zero


def scale_for(radius_arcsec: float, size: int = SIZE) -> float:
    """Arcseconds per pixel at which a galaxy of that half-light radius fills its cutout as the training images do.

    Never finer than native: the sky has no more to show.
    """
    if not 0 < radius_arcsec < 3600:
        raise BadValueError(f"a half-light radius must lie in (0, 3600) arcsec, got {radius_arcsec:g}")
    return max(PIXEL_SCALE_ARCSEC, round(RADII_ACROSS * radius_arcsec / size, 3))


def _service() -> str:
    named = os.environ.get("GALAXY_CUTOUTS_URL") or SERVICE
    if urlsplit(named).scheme not in ("http", "https"):
        raise BadValueError(f"GALAXY_CUTOUTS_URL must start with http:// or https://, got {named!r}")
    return named.rstrip("/")
