"""One untrusted picture becomes an array, or one sentence that says why not.

Its bytes are checked before a decoder sees them, size and shape before a pixel is decoded. It knows pictures; it must
not know galaxies, nor what is done with the array.
"""

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import PIL.features
import PIL.Image
import simplejpeg

from galaxy_core.errors import BadFileError, GalaxyError, MissingError
from galaxy_core.files.image_kinds import PILLOW_FORMATS
from galaxy_core.images.checks import check_bytes, check_length
from galaxy_core.images.depth import LEFT_OUT, eight_bits, extra_channel_of, is_deep
from galaxy_core.images.fits import read_fits
from galaxy_core.images.fits_checks import is_fits
from galaxy_core.images.fits_options import AS_THE_SURVEY, FitsOptions
from galaxy_core.images.image import Image

MOST_PIXELS = 50_000_000
SMALLEST_SIDE = 8
MOST_ASPECT = 20  # longer side over shorter
STRIP_PIXELS = 2**20  # so many at a time become RGB
ORIENTATION = 0x0112  # the EXIF tag

# Said once: `warnings.catch_warnings` around each picture would change what other threads see, and may never undo it.
warnings.filterwarnings("ignore", module=r"PIL\.")


def read_image(
    source: str | os.PathLike[str] | bytes, *, name: str | None = None, max_pixels: int = MOST_PIXELS
) -> np.ndarray:
    """The pixels of `open_image` alone, uint8 (H, W, 3)."""
    return open_image(source, name=name, max_pixels=max_pixels).pixels


def open_image(
    source: str | os.PathLike[str] | bytes,
    *,
    name: str | None = None,
    max_pixels: int = MOST_PIXELS,
    fits: FitsOptions = AS_THE_SURVEY,
) -> Image:
    """A picture file, or its bytes.

    FITS (`images.fits`, by `fits`), JPEG, PNG, TIFF, WebP, BMP, GIF (first frame), AVIF or JPEG 2000; the EXIF
    orientation is applied; more than 8 bits a channel are scaled by what the file says of them, else by the fewest
    usual bits that hold its largest number, and noted; grey, palette and CMYK become RGB; what is transparent becomes
    black, as the sky is. Anything that is too large, too small, too narrow, of another kind, too costly to decode, or
    that cannot be decoded whole and without a warning is a BadFileError in one sentence that starts with `name` (the
    path unless given); a file that is not there a MissingError, as is FITS without astropy.
    """
    if isinstance(source, bytes):
        return _decoded(source, name or "the image", max_pixels, fits)
    path = Path(source)
    name = name or str(path)
    if not path.exists():
        raise MissingError(f"{name} does not exist; check the name")
    if not path.is_file():
        raise BadFileError(f"{name} is not a file; name one image")
    with path.open("rb") as file:
        check_length(os.fstat(file.fileno()).st_size, name)
        return _decoded(file.read(), name, max_pixels, fits)


def to_square(image: np.ndarray, size: int = 256) -> np.ndarray:
    """The central square of an image, resized to `size` pixels: averaged when shrinking, else interpolated."""
    side = min(image.shape[:2])
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    square = image[top : top + side, left : left + side]
    if side == size:
        return np.ascontiguousarray(square)
    how = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    return cv2.resize(square, (size, size), interpolation=how)


def _decoded(data: bytes, name: str, max_pixels: int, fits: FitsOptions) -> Image:
    with _decoders_errors_named(name, max_pixels):
        check_length(len(data), name)
        if is_fits(data):
            read = read_fits(data, name, max_pixels, fits)
            _check_size(read.pixels.shape[1::-1], name, max_pixels)
            return read
        check_bytes(data, name, max_pixels)
        image = _opened(data, name)
        _check_size(image.size, name, max_pixels)
        _check_mode(image.mode, name)
        read = _pixels(image, data, name)
        return replace(read, pixels=_upright(read.pixels, image.getexif().get(ORIENTATION)))


def _opened(data: bytes, name: str) -> PIL.Image.Image:
    if data.startswith(b"ftyp", 4) and not PIL.features.check("avif"):
        raise BadFileError(f"{name} is AVIF, which this Pillow does not read; `pip install --upgrade pillow`")
    try:
        return PIL.Image.open(io.BytesIO(data), formats=PILLOW_FORMATS)
    except PIL.UnidentifiedImageError as error:
        raise BadFileError(f"{name} is no image that is read here; save it as JPEG or PNG") from error


@contextmanager
def _decoders_errors_named(name: str, max_pixels: int) -> Iterator[None]:
    """Whatever a decoder raises on a hostile file becomes one sentence."""
    try:
        yield
    except GalaxyError:
        raise
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning) as error:
        raise BadFileError(
            f"{name} claims far too many pixels, and at most {max_pixels / 1e6:g} million are read; shrink it"
        ) from error
    except Exception as error:  # decoders raise anything: struct.error, SyntaxError, IndexError, MemoryError
        raise BadFileError(
            f"{name} cannot be decoded whole; it is damaged or cut short, get it again"
        ) from error


def _check_size(size: tuple[int, int], name: str, max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise BadFileError(
            f"{name} has {width} x {height} pixels, and at most {max_pixels / 1e6:g} million are read; shrink it"
        )
    if min(size) < SMALLEST_SIDE:
        raise BadFileError(
            f"{name} has {width} x {height} pixels, and at least {SMALLEST_SIDE} a side are needed to show anything"
        )
    if max(size) > MOST_ASPECT * min(size):
        raise BadFileError(
            f"{name} has {width} x {height} pixels, more than {MOST_ASPECT} times as long as wide; "
            "crop it around the galaxy"
        )


def _check_mode(mode: str, name: str) -> None:
    if mode in ("I", "F"):
        kind = "signed or 32-bit whole" if mode == "I" else "floating-point"
        raise BadFileError(
            f"{name} holds {kind} numbers, whose range is not known; save it with 8 or 16 bits a channel"
        )


def _pixels(image: PIL.Image.Image, data: bytes, name: str) -> Image:
    """uint8 (H, W, 3) as stored, not yet upright."""
    if image.format in ("JPEG", "MPO"):
        # Pillow and OpenCV go on where data are missing; this one raises what the decoder warns of
        pixels = simplejpeg.decode_jpeg(data, "CMYK" if image.mode == "CMYK" else "RGB", strict=True)
        return Image(_rgb(image) if image.mode == "CMYK" else pixels)
    if is_deep(image):
        return Image(*eight_bits(image, data, name))
    extra = extra_channel_of(image)
    if extra == 0 or (image.mode == "RGBA" and extra is None):
        return Image(_rgb(image, keeps_transparency=False), (LEFT_OUT,))
    return Image(_rgb(image))


def _upright(pixels: np.ndarray, orientation: object) -> np.ndarray:
    """Turned and mirrored as the camera says; anything but 2 to 8 is upright already."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def _rgb(image: PIL.Image.Image, *, keeps_transparency: bool = True) -> np.ndarray:
    """uint8 (H, W, 3), made strip by strip: a whole picture in every mode on the way would be many times itself."""
    image.load()
    width, height = image.size
    made = np.empty((height, width, 3), np.uint8)
    n_lines = max(1, STRIP_PIXELS // width)
    for top in range(0, height, n_lines):
        strip = image.crop((0, top, width, min(top + n_lines, height)))
        made[top : top + n_lines] = _strip_rgb(strip, keeps_transparency)
    return made


def _strip_rgb(image: PIL.Image.Image, keeps_transparency: bool) -> np.ndarray:
    if keeps_transparency and image.has_transparency_data:
        image = image.convert("RGBA")
        black = PIL.Image.new("RGBA", image.size, (0, 0, 0, 255))
        image = PIL.Image.alpha_composite(black, image)
    return np.asarray(image.convert("RGB"))
