"""The augmentation of the paper: turn, move, shift the colours; never the aspect ratio, the scale only when asked.

One draw of a generator, one warp, one look-up table: uint8 in, uint8 out, the same pixels for every engine.
It must not know where images come from, nor which epoch it is.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from galaxy_core.errors import BadValueError, quoted
from galaxy_core.images.view import sample

AUGMENT_VERSION = 1
"""Of what `augment` and `view.training_view` make of an image; to be raised where any pixel changes."""
CHANNEL_SHIFT_MODES = ("common", "per_channel", "none")


@dataclass(frozen=True)
class Augmentation:
    """How far each random change may go; plain values, checked at birth."""

    rotation_degrees: float = 180.0  # uniform in [-r, r]: a galaxy has no upper side
    translation_fraction: float = 0.1  # of the crop, uniform in [-t, t], each direction
    channel_shift: float = 20.0  # of 255, uniform in [-s, s]
    channel_shift_mode: str = "common"  # Keras adds one offset to all channels; per_channel draws one each
    flip: bool = False  # left-right and up-down, each for half of the views
    scale: float = 0.0  # a galaxy is up to 1 + scale times larger or smaller, uniform in the logarithm

    def __post_init__(self) -> None:
        _check_range("rotation_degrees", self.rotation_degrees, 180)
        _check_range("translation_fraction", self.translation_fraction, 0.5)
        _check_range("channel_shift", self.channel_shift, 255)
        if self.channel_shift_mode not in CHANNEL_SHIFT_MODES:
            raise BadValueError(
                f"channel_shift_mode must be one of {', '.join(CHANNEL_SHIFT_MODES)}, "
                f"got {quoted(self.channel_shift_mode)}"
            )
        _check_range("scale", self.scale, 1)
        if not isinstance(self.flip, bool):
            raise BadValueError(f"flip must be true or false, got {quoted(self.flip)}")


def augment(
    image: np.ndarray,
    augmentation: Augmentation,
    rng: np.random.Generator,
    size: int,
    crop: int | None = None,
) -> np.ndarray:
    """One random view of a galaxy: uint8 (H, W, 3) to uint8 (size, size, 3).

    The view covers `crop` pixels of the image (all of its smaller side unless told otherwise). Every draw is
    made whatever the settings, so that changing one of them leaves the others' random numbers as they are.
    """
    crop = min(image.shape[:2]) if crop is None else crop
    draws = rng.random(9)
    turn = _turn(augmentation, draws) * _zoom(augmentation, draws[8])
    shift = (2 * draws[1:3] - 1) * augmentation.translation_fraction * crop
    view = sample(image, turn, shift, crop, size)
    offsets = _offsets(augmentation, draws[5:8])
    return shift_channels(view, offsets) if offsets.any() else view


def shift_channels(image: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Add a whole number to each channel and clip to the range the image had, as Keras does.

    (keras.preprocessing.image.apply_channel_shift: the darkest and brightest values stay the limits, so a
    black sky is not lifted above white, nor sunk below black.)
    """
    low, high = int(image.min()), int(image.max())
    table = np.clip(np.arange(256)[:, None] + offsets, low, high).astype(np.uint8)
    return cv2.LUT(image, table[None])


def _turn(augmentation: Augmentation, draws: np.ndarray) -> np.ndarray:
    """Rotation after flips, as the matrix from view to image."""
    angle = math.radians((2 * draws[0] - 1) * augmentation.rotation_degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    flips = np.where(draws[3:5] < 0.5, -1.0, 1.0) if augmentation.flip else np.ones(2)
    return np.array([[cos, -sin], [sin, cos]]) * flips


def _zoom(augmentation: Augmentation, draw: float) -> float:
    """How many times what the view covers is larger than the crop; exactly 1 where the scale stays."""
    return (1 + augmentation.scale) ** (2 * draw - 1)


def _offsets(augmentation: Augmentation, draws: np.ndarray) -> np.ndarray:
    """One whole number per channel."""
    if augmentation.channel_shift_mode == "none":
        return np.zeros(3, np.int64)
    if augmentation.channel_shift_mode == "common":
        draws = np.repeat(draws[0], 3)
    return np.rint((2 * draws - 1) * augmentation.channel_shift).astype(np.int64)


def _check_range(name: str, value: object, most: float) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= most:  # type: ignore[operator]
        raise BadValueError(f"{name} must be a number in [0, {most}], got {quoted(value)}; 0 switches it off")
