"""The one door for a stranger's picture that is to be classified: for the command line, the pages and Python alike."""

import os
from dataclasses import replace

from galaxy_core.errors import BadFileError
from galaxy_core.images.field_of_view import central_square, field_of_view
from galaxy_core.images.fits_options import AS_THE_SURVEY, FitsOptions
from galaxy_core.images.image import FIT, Image
from galaxy_core.images.quality import why_broken, why_unfit
from galaxy_core.images.read import open_image


def read_view(
    source: str | os.PathLike[str] | bytes,
    *,
    name: str | None = None,
    share: float = 1.0,
    fits: FitsOptions = AS_THE_SURVEY,
) -> Image:
    """A picture file, or its bytes, as networks are shown it: `pixels` uint8 (256, 256, 3), notes and quality.

    share: of the shorter side, around the centre. fits: how a FITS image becomes a picture. Errors: those of
    `images.open_image`, each a sentence that starts with `name`.
    """
    name = name or ("the image" if isinstance(source, bytes) else os.fspath(source))
    read = open_image(source, name=name, fits=fits)
    view = field_of_view(read.pixels, share)
    quality = why_broken(read.pixels) or why_unfit(view) or FIT
    return replace(read, pixels=view, quality=quality, pixel_scale_arcsec=_scale_of(read, share, len(view)))


def read_to_classify(
    source: str | os.PathLike[str] | bytes,
    *,
    name: str | None = None,
    share: float = 1.0,
    fits: FitsOptions = AS_THE_SURVEY,
) -> Image:
    """The same, but a picture that is broken or shows no object is a BadFileError too."""
    name = name or ("the image" if isinstance(source, bytes) else os.fspath(source))
    image = read_view(source, name=name, share=share, fits=fits)
    if image.quality != FIT:
        raise BadFileError(f"{name} {image.quality}, so it gets no class; look at it, and choose another")
    return image


def _scale_of(read: Image, share: float, size: int) -> float | None:
    """Arcseconds per pixel of the view."""
    if read.pixel_scale_arcsec is None:
        return None
    rows, _ = central_square(read.pixels.shape[:2], share)
    return read.pixel_scale_arcsec * (rows.stop - rows.start) / size
