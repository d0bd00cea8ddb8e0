"""A stranger's FITS image becomes a picture as the survey's viewer would show it: its colours, its north, its scale.

`fits_checks` and `fits_tiles` have looked at the bytes before astropy, an extra, does. It must not know what is done
with the picture.
"""

import io
import warnings
from typing import Any

import numpy as np
import PIL.Image
import simplejpeg

from galaxy_core.errors import BadFileError, MissingError
from galaxy_core.images.fits_bands import find_planes
from galaxy_core.images.fits_checks import Hdu, check_sum, find_hdus, unzipped
from galaxy_core.images.fits_options import AS_THE_SURVEY, FitsOptions
from galaxy_core.images.fits_place import SKEWED_DEGREES, middle_of, place_of
from galaxy_core.images.fits_tiles import check_tiles
from galaxy_core.images.flux import Flux, at_scale, coloured, finite
from galaxy_core.images.image import Image

JPEG_QUALITY = 90  # of the survey's cutouts, with colour at half the resolution
ASTROPY_WAY_OUT = "get it with `pip install astropy` (or the extra `astro`)"


def read_fits(data: bytes, name: str, max_pixels: int, options: FitsOptions = AS_THE_SURVEY) -> Image:
    """The picture, its scale, its stretch, and what was done.

    Bands by header (BAND0 …, BANDS; BAND or FILTER of one plane), of the first extension that holds an image, or of
    several that hold one band each. A cube with g, r and z is shown by these whatever else it holds; for a missing
    colour the mean of the others stands, so that one band is grey. Pixels without a number are no flux. Row 0 becomes
    the last, as it is south. Where the scale is known, the middle is cut and brought to that of the options.

    Raises BadFileError in a sentence that begins with `name`, MissingError where astropy is not installed.
    """
    _need_astropy(name)
    data = unzipped(data, name)
    pictures = [hdu for hdu in find_hdus(data, name, max_pixels) if hdu.is_picture]
    if not pictures:
        raise BadFileError(f"{name} holds no image; name a FITS file with one, a plane for each band")
    for picture in pictures[:1] if len(pictures[0].shape) > 2 else pictures:
        _check(data, picture, name)
    flux, place, notes = _flux(data, pictures, name, options.bands)
    flux, missing = finite(flux)
    flux, cut = at_scale(flux, options.pixel_scale_arcsec)
    pixels, stretch, shown = coloured(flux, options.colours)
    if options.as_jpeg:
        pixels, stretch = _through_jpeg(pixels), f"{stretch}, through JPEG of quality {JPEG_QUALITY}"
    return Image(
        pixels,
        tuple(note for note in (*shown, missing, cut, *notes) if note),
        pixel_scale_arcsec=flux.pixel_scale_arcsec,
        stretch=stretch,
        place=place,
    )


def _flux(
    data: bytes, pictures: list[Hdu], name: str, bands: str | None
) -> tuple[Flux, tuple[float, float] | None, list[str]]:
    """Planes with north up, where their middle is, and what was done to have them."""
    from astropy.io import fits

    with np.errstate(all="ignore"), fits.open(io.BytesIO(data), memmap=False, lazy_load_hdus=True) as hdus:
        header, planes, note = find_planes(hdus, pictures, name, bands)
        place = place_of(header)
        middle = middle_of(header, next(iter(planes.values())).shape)
        upright = {
            band: place.upright(np.asarray(plane, np.float32, copy=None)) for band, plane in planes.items()
        }
        flux = Flux(upright, _text(header, "BUNIT"), "SURVEY" in header, place.pixel_scale_arcsec)
    tilt = abs(place.tilt_degrees)
    turned = f"its north is {tilt:.0f} degrees from up" if tilt > SKEWED_DEGREES else ""
    return flux, middle, [note, turned]


def _through_jpeg(pixels: np.ndarray) -> np.ndarray:
    file = io.BytesIO()
    PIL.Image.fromarray(pixels).save(file, "JPEG", quality=JPEG_QUALITY)
    return np.asarray(simplejpeg.decode_jpeg(file.getvalue(), "RGB"))


def _check(data: bytes, picture: Hdu, name: str) -> None:
    check_sum(data, picture, name)
    if picture.is_packed:
        check_tiles(data, picture, name)


def _text(header: Any, key: str) -> str:
    value = header.get(key, "")
    return value if isinstance(value, str) else ""


def _need_astropy(name: str) -> None:
    try:
        from astropy.utils.exceptions import AstropyWarning
    except ImportError as error:
        raise MissingError(
            f"{name} is FITS, which is read by astropy, and that is not installed; {ASTROPY_WAY_OUT}"
        ) from error
    _silence(AstropyWarning)


def _silence(kind: type[Warning]) -> None:
    """Once and for all threads, as in `images.read`: astropy warns of every odd line of a stranger's header."""
    if not any(entry[0] == "ignore" and entry[2] is kind for entry in warnings.filters):
        warnings.simplefilter("ignore", kind)
