"""One untrusted picture becomes an array, or one sentence that says why not.

Size and shape are read from the header before a pixel is decoded. It knows pictures; it must not know
galaxies, nor what is done with the array.
"""

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from galaxy_core.data.image_kinds import FORMATS
from galaxy_core.errors import BadFileError, MissingError

MOST_PIXELS = 50_000_000
SMALLEST_SIDE = 8
MOST_ASPECT = 20  # longer side over shorter
STRIP_PIXELS = 2**20  # so many at a time become RGB

# Said once: `warnings.catch_warnings` around each picture would change what other threads see, and may never undo it.
warnings.filterwarnings("ignore", module=r"PIL\.")


def read_image(
    source: str | os.PathLike[str] | bytes, *, name: str | None = None, max_pixels: int = MOST_PIXELS
) -> np.ndarray:
    """A picture file, or its bytes, as uint8 (H, W, 3).

    JPEG, PNG, TIFF, WebP, BMP or GIF (first frame); the EXIF orientation is applied; 16-bit grey is divided
    by 257; grey, palette and CMYK become RGB; what is transparent becomes black, as the sky is. Anything that
    is too large, too small, too narrow, of another kind or cannot be decoded whole is a BadFileError in one
    sentence that starts with `name` (the path unless given); a file that is not there a MissingError.
    """
    if isinstance(source, bytes):
        return _decoded(io.BytesIO(source), name or "the image", max_pixels)
    path = Path(source)
    name = name or str(path)
    if not path.exists():
        raise MissingError(f"{name} does not exist; check the name")
    if not path.is_file():
        raise BadFileError(f"{name} is not a file; name one image")
    with path.open("rb") as file:
        return _decoded(file, name, max_pixels)


def to_square(image: np.ndarray, size: int = 256) -> np.ndarray:
    """The central square of an image, resized to `size` pixels: averaged when shrinking, else interpolated."""
    side = min(image.shape[:2])
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    square = image[top : top + side, left : left + side]
    if side == size:
        return np.ascontiguousarray(square)
    how = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    return cv2.resize(square, (size, size), interpolation=how)


def _decoded(file: io.IOBase, name: str, max_pixels: int) -> np.ndarray:
    with _pillow_errors_named(name, max_pixels):
        image = _opened(file, name)
        _check_size(image.size, name, max_pixels)
        _check_mode(image.mode, name)
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        return _rgb(image)


def _opened(file: io.IOBase, name: str) -> Image.Image:
    try:
        return Image.open(file, formats=FORMATS)  # type: ignore[arg-type]
    except Image.UnidentifiedImageError as error:
        raise BadFileError(f"{name} is no image that is read here; save it as JPEG or PNG") from error


@contextmanager
def _pillow_errors_named(name: str, max_pixels: int) -> Iterator[None]:
    """Whatever a decoder raises on a hostile file becomes one sentence."""
    try:
        yield
    except BadFileError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
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
        kind = "32-bit whole" if mode == "I" else "floating-point"
        raise BadFileError(
            f"{name} holds {kind} numbers, whose range is not known; save it with 8 or 16 bits a channel"
        )


def _rgb(image: Image.Image) -> np.ndarray:
    """uint8 (H, W, 3), made strip by strip: a whole picture in every mode on the way would be many times itself."""
    width, height = image.size
    made = np.empty((height, width, 3), np.uint8)
    n_lines = max(1, STRIP_PIXELS // width)
    for top in range(0, height, n_lines):
        strip = image.crop((0, top, width, min(top + n_lines, height)))
        made[top : top + n_lines] = _strip_rgb(strip)
    return made


def _strip_rgb(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I;16"):
        grey = np.rint(np.asarray(image, np.float32) / 257).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        black = Image.new("RGBA", image.size, (0, 0, 0, 255))
        image = Image.alpha_composite(black, image)
    return np.asarray(image.convert("RGB"))
