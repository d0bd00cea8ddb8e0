"""What the network is shown of a galaxy: a central crop, resized. One way to resample, for training and test.

Pure NumPy and OpenCV, so that every engine sees the same pixels. It must not know labels or randomness.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from galaxy_core.errors import BadValueError

SMALLEST_SIZE = 8  # pixels: below, no backbone has anything to look at
FRAME_INK = (255, 255, 255)

Square = tuple[slice, slice]
"""Rows and columns of an image."""


@dataclass(frozen=True)
class View:
    """The central `crop` pixels of an image, brought to `size` pixels: all that a network sees of it."""

    crop: int
    size: int

    def of(self, images: np.ndarray) -> np.ndarray:
        """`training_view` of these images, uint8 (N, size, size, 3)."""
        return training_view(images, self.crop, self.size)

    def square(self, shape: tuple[int, ...]) -> Square:
        """Where it lies in an image of that shape (H, W, …)."""
        return central_square(shape, self.crop)

    def share(self, shape: tuple[int, ...]) -> float:
        """Its side as a share of the shorter side of an image of that shape (H, W, …); 1 is all of it."""
        return self.crop / min(shape[:2])


def training_view(images: np.ndarray, crop: int, size: int) -> np.ndarray:
    """The central `crop` pixels of every image, resized to `size` pixels: uint8 (N, size, size, 3).

    images uint8 (N, H, W, 3), crop at most H and W. This is `augment` with all its randomness at rest. With
    crop == size the pixels are copied, when shrinking they are averaged, else interpolated linearly.
    """
    check_view(images.shape[1:], crop, size)
    views = np.empty((len(images), size, size, 3), np.uint8)
    for image, view in zip(images, views, strict=True):
        view[:] = central_view(image, crop, size)
    return views


def central_view(image: np.ndarray, crop: int, size: int) -> np.ndarray:
    """`training_view` of one image (H, W, 3), unchecked."""
    n_averaged = averaging_factor(crop, size)
    if crop != n_averaged * size:
        return sample(image, np.eye(2), np.zeros(2), crop, size)
    top, left = _corner(image.shape, crop)
    return _averaged(np.asarray(image[top : top + crop, left : left + crop]), size)


def sample(image: np.ndarray, turn: np.ndarray, shift: np.ndarray, crop: int, size: int) -> np.ndarray:
    """The `crop` pixels around the centre, moved, resized to `size`: one cv2.warpAffine, then an average.

    turn (2, 2) maps directions in the view to directions in the image (x, y), shift (2,) is in image pixels.
    What a turned or shifted view sees beyond the crop comes from the image; only beyond the image itself is
    it mirrored. Where the view is coarser than the image by more than 1.5, the warp works at a whole multiple
    of `size` and the surplus pixels are averaged, so that nothing is skipped.
    """
    fine = size * averaging_factor(crop, size)
    top, left = _corner(image.shape, crop)
    centre = np.array([left, top]) + (crop - 1) / 2
    matrix = np.empty((2, 3))
    matrix[:, :2] = turn * (crop / fine)
    matrix[:, 2] = centre + shift - matrix[:, :2] @ np.full(2, (fine - 1) / 2)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(image, matrix, (fine, fine), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    return _averaged(warped, size)


def averaging_factor(crop: int, size: int) -> int:
    """How many pixels a side are averaged into one: crop / size to the nearest whole number, 1 or more."""
    return max(1, math.floor(crop / size + 0.5))


def check_view(shape: tuple[int, ...], crop: int, size: int) -> None:
    """Raise BadValueError unless a `crop` fits an image of that shape (H, W, 3) and `size` can be seen."""
    if len(shape) != 3 or shape[2] != 3:
        raise BadValueError(f"images must be (N, height, width, 3), got (N, {', '.join(map(str, shape))})")
    if not SMALLEST_SIZE <= crop <= min(shape[:2]):
        raise BadValueError(
            f"crop must lie in [{SMALLEST_SIZE}, {min(shape[:2])}] pixels for images of {shape[1]} by "
            f"{shape[0]}, got {crop}"
        )
    if not SMALLEST_SIZE <= size <= 1024:
        raise BadValueError(f"size must lie in [{SMALLEST_SIZE}, 1024] pixels, got {size}; 256 is native")


def central_square(shape: tuple[int, ...], side: int) -> Square:
    """Rows and columns of the central `side` pixels of an image of that shape (H, W, …)."""
    top, left = _corner(shape, side)
    return slice(top, top + side), slice(left, left + side)


def dimmed_outside(picture: np.ndarray, share: float) -> np.ndarray:
    """A picture, uint8 (H, W, 3), dark but for the central square of `share` of its shorter side."""
    rows, columns = square_of(share, picture.shape)
    dimmed = picture // 3
    dimmed[rows, columns] = picture[rows, columns]
    return dimmed


def with_frames(picture: np.ndarray, shares: Iterable[float]) -> np.ndarray:
    """A picture, uint8 (H, W, 3), with the frame of the central square of each share of its shorter side.

    A frame lies just outside of its square and covers nothing of it; around a share of 1 it is not seen.
    """
    drawn = picture.copy()
    for share in set(shares):
        rows, columns = square_of(share, picture.shape)
        cv2.rectangle(drawn, (columns.start - 1, rows.start - 1), (columns.stop, rows.stop), FRAME_INK, 1)
    return drawn


def square_of(share: float, shape: tuple[int, ...]) -> Square:
    """Rows and columns of the central square of that share of the shorter side, at least a pixel."""
    return central_square(shape, max(1, round(share * min(shape[:2]))))


def _corner(shape: tuple[int, ...], crop: int) -> tuple[int, int]:
    return (shape[0] - crop) // 2, (shape[1] - crop) // 2


def _averaged(image: np.ndarray, size: int) -> np.ndarray:
    if image.shape[0] == size:
        return image
    return cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
