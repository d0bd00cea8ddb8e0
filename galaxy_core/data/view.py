"""What the network is shown of a galaxy: a central crop, resized. One way to resample, for training and test.

Pure NumPy and OpenCV, so that every engine sees the same pixels. It must not know labels or randomness.
"""

import math

import cv2
import numpy as np

from galaxy_core.errors import BadValueError

SMALLEST_SIZE = 8  # pixels: below, no backbone has anything to look at


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


def _corner(shape: tuple[int, ...], crop: int) -> tuple[int, int]:
    return (shape[0] - crop) // 2, (shape[1] - crop) // 2


def _averaged(image: np.ndarray, size: int) -> np.ndarray:
    if image.shape[0] == size:
        return image
    return cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
