"""Pictures with more than eight bits a channel become eight, and what was done is said.

Ten, twelve or fourteen bits are often kept in numbers of sixteen, which would show them nearly black. What the file
says of its largest number is believed where no pixel contradicts it; else the fewest usual bits that hold all pixels
count.
"""

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
import PIL.Image
from PIL import TiffImagePlugin

from galaxy_core.errors import BadFileError

USUAL_BITS = (8, 10, 12, 14, 16)
DEEPEST = 2**16 - 1
LEFT_OUT = "its extra channel is not said to be transparency and was left out"
_BITS, _PHOTOMETRIC, _MAX_SAMPLE, _PLANES, _EXTRA_SAMPLES = 258, 262, 281, 284, 338  # TIFF tags
_WHITE_IS_ZERO, _SEPARATE_PLANES, _PREMULTIPLIED = 0, 2, 1

Deep = tuple[np.ndarray, tuple[str, ...]]


def is_deep(image: PIL.Image.Image) -> bool:
    """Whether an opened picture, not yet loaded, keeps unsigned whole numbers of more than eight bits a channel."""
    if image.mode.startswith("I;16"):
        return True
    parts = getattr(image, "tile", [])  # how an opened file is laid out
    is_coloured = image.mode in ("RGB", "RGBA", "LA")
    return is_coloured and (
        any(";16" in _raw_mode(part.args) for part in parts[:1]) or _one(_tags(image).get(_BITS, 8)) > 8
    )


def extra_channel_of(image: PIL.Image.Image) -> int | None:
    """What a TIFF says its fourth channel is: 1 or 2 transparency, 0 or None anything, infrared perhaps.

    Pictures of other formats have no fourth channel but transparency: 2.
    """
    extra = _tags(image).get(_EXTRA_SAMPLES, ())
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return 2
    return int(extra[0]) if extra else None


def eight_bits(image: PIL.Image.Image, data: bytes, name: str) -> Deep:
    """(uint8 (H, W, 3), notes) of an opened picture that `is_deep`, and of its bytes."""
    if _tags(image).get(_PLANES) == _SEPARATE_PLANES:
        raise BadFileError(f"{name} has its 16-bit colours in separate planes; save it with them interleaved")
    deep = _deep_pixels(image, data)
    colours, opacity = (deep[..., :3], deep[..., 3]) if deep.shape[2] == 4 else (deep, None)
    full, notes = _full_scale(image, data, int(colours.max()))
    table = np.rint(np.minimum(np.arange(DEEPEST + 1), full) * (255 / full)).astype(np.uint8)
    if _tags(image).get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        table = 255 - table
    pixels = np.broadcast_to(table[colours], (*deep.shape[:2], 3))
    if opacity is None:
        return np.ascontiguousarray(pixels), notes
    return _over_black(pixels, opacity, extra_channel_of(image), full, notes)


def _deep_pixels(image: PIL.Image.Image, data: bytes) -> np.ndarray:
    """uint16 (H, W, 1), (H, W, 3) or, with a fourth channel, (H, W, 4)."""
    image.load()  # Pillow refuses what is cut short
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16, copy=False)[:, :, None]
    # of colours Pillow keeps the upper eight bits alone
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if (
        decoded is None
        or decoded.dtype != np.uint16
        or decoded.ndim != 3
        or decoded.shape[:2] != image.size[::-1]
    ):
        raise ValueError("OpenCV and Pillow do not read the same picture")
    return decoded[..., [2, 1, 0, 3][: decoded.shape[2]]]


def _full_scale(image: PIL.Image.Image, data: bytes, largest: int) -> tuple[int, tuple[str, ...]]:
    """The number that is as bright as can be, and a note unless it is that of all 16 bits."""
    tags = _tags(image)
    said = tags.get(_MAX_SAMPLE) or (2 ** _one(tags[_BITS]) - 1 if _BITS in tags else _png_significant(data))
    said = _one(said)
    if said < DEEPEST and largest <= said:
        return said, (f"its numbers go up to {said}, as the file says, and were scaled by that",)
    bits = next(bits for bits in USUAL_BITS if largest < 2**bits)
    if bits == 16:
        return DEEPEST, ()
    full = 2**bits - 1
    return full, (
        f"its 16-bit numbers end at {largest}, so they were taken for {bits} bits and scaled by {full}",
    )


def _png_significant(data: bytes) -> int:
    """The largest number of the bits that an sBIT chunk calls significant; of all 16 where there is none."""
    place = data.find(b"sBIT", 0, max(0, data.find(b"IDAT")))
    bits = data[place + 4] if place > 0 else 16
    return 2**bits - 1 if 8 <= bits <= 16 else DEEPEST


def _over_black(
    pixels: np.ndarray, opacity: np.ndarray, kind: int | None, full: int, notes: tuple[str, ...]
) -> Deep:
    if not kind:
        return np.ascontiguousarray(pixels), (*notes, LEFT_OUT)
    if kind == _PREMULTIPLIED:
        return np.ascontiguousarray(pixels), notes
    opaque = full if opacity.max() <= full else DEEPEST
    share = opacity.astype(np.float32)[:, :, None] / opaque
    return np.rint(pixels * share).astype(np.uint8), notes


def _tags(image: PIL.Image.Image) -> Mapping[int, Any]:
    """Those of a TIFF; of another format none."""
    return image.tag_v2 if isinstance(image, TiffImagePlugin.TiffImageFile) else {}


def _one(value: Any) -> int:
    """The largest where a tag has one number a channel."""
    return int(max(value)) if isinstance(value, tuple) else int(value)


def _raw_mode(arguments: Any) -> str:
    """How the pixels lie in the file, in Pillow's words."""
    return str(arguments[0] if isinstance(arguments, tuple) and arguments else arguments)
