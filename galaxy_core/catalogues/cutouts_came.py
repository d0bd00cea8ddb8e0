"""What a cutout service sent: is it whole, is it what was asked for, and is there any sky in it?

Outside of its footprint the service sends a picture all the same, of no flux, which its colours make one grey.
"""

import numpy as np

from galaxy_core.catalogues.cutouts import JPEG, Cutout
from galaxy_core.errors import BadFileError
from galaxy_core.files.http_answer import BrokenOffError

NO_FLUX = (32, 32, 32)
MOST_STEPS = 2  # of 255, that JPEG may add to one grey


def check_came(body: bytes, cutout: Cutout) -> None:
    """BrokenOffError for what is not whole, BadFileError for another size than was asked for."""
    shape = _picture(body).shape[:2] if cutout.format == JPEG else _flux(body).shape[-2:]
    if shape != (cutout.size, cutout.size):
        raise BadFileError(
            f"the service sent {shape[1]} x {shape[0]} pixels in place of {cutout.size} x {cutout.size}; ask for fewer"
        )


def is_blank(body: bytes, cutout: Cutout) -> bool:
    """Whether there is no sky in it: the place is outside of the footprint."""
    if cutout.format == JPEG:
        return bool((np.abs(_picture(body).astype(np.int16) - NO_FLUX) <= MOST_STEPS).all())
    flux = _flux(body)
    return bool(((flux == 0) | ~np.isfinite(flux)).all())


def _picture(body: bytes) -> np.ndarray:
    from galaxy_core.images.read import read_image

    try:
        return read_image(body, name="what came")
    except BadFileError as error:
        raise BrokenOffError(str(error)) from error


def _flux(body: bytes) -> np.ndarray:
    """The numbers of the first image, (…, H, W), as they lie in the file: astropy is not needed for that."""
    from galaxy_core.images.fits_checks import find_hdus, is_fits
    from galaxy_core.images.read import MOST_PIXELS

    try:
        hdus = find_hdus(body, "what came", MOST_PIXELS) if is_fits(body) else []
    except BadFileError as error:
        raise BrokenOffError(str(error)) from error
    found = next((hdu for hdu in hdus if hdu.is_picture and hdu.values.get("BITPIX") == -32), None)
    if found is None:
        raise BrokenOffError("what came is no FITS image of 32-bit numbers")
    return np.frombuffer(body, ">f4", found.n_bytes // 4, found.start).reshape(found.shape)
