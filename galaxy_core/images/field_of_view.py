"""How much of a stranger's picture the networks are given: its central square, or a smaller one, at 256 px.

Each of them sees the middle of that through its own view (`images.view`).

The training images show one galaxy with some sky around it; a picture that shows more has to be cut to that.
"""

from collections.abc import Sequence

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.images.read import to_square
from galaxy_core.images.view import dimmed_outside, with_frames

SMALLEST_SHARE = 0.1


def field_of_view(image: np.ndarray, share: float = 1.0, size: int = 256) -> np.ndarray:
    """The central square of `share` of the shorter side, resized: uint8 (H, W, 3) to (size, size, 3)."""
    rows, columns = central_square(image.shape[:2], share)
    return to_square(image[rows, columns], size)


def central_square(shape: tuple[int, ...], share: float) -> tuple[slice, slice]:
    """Rows and columns of the central square of `share` of the shorter side, at least 8 px where there are 8."""
    if not SMALLEST_SHARE <= share <= 1:
        raise BadValueError(
            f"the field of view must lie in [{SMALLEST_SHARE:g}, 1] of the shorter side, got {share:g}; 1 is all"
        )
    shorter = min(shape[:2])
    side = min(shorter, max(8, round(share * shorter)))
    top, left = (shape[0] - side) // 2, (shape[1] - side) // 2
    return slice(top, top + side), slice(left, left + side)


def framed(image: np.ndarray, share: float, size: int = 256, views: Sequence[float] = (1.0,)) -> np.ndarray:
    """The picture at a height of `size` px, dark where no network sees anything of it: uint8 (size, W, 3).

    `views`: what each network sees of the field, as a share of its side; each has its frame.
    """
    import cv2

    width = max(1, round(image.shape[1] * size / image.shape[0]))
    small = cv2.resize(image, (width, size), interpolation=cv2.INTER_AREA)
    rows, _ = central_square(small.shape[:2], share)
    seen = [view * (rows.stop - rows.start) / min(small.shape[:2]) for view in views]
    return with_frames(dimmed_outside(small, max(seen)), seen)
