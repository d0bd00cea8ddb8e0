"""Where the galaxy is, drawn as lines over a picture that hides it: isophotes, lines of equal brightness.

It knows one image and one picture of the same size; what the picture shows is not its business.
"""

import cv2
import numpy as np

from galaxy_core.errors import BadValueError

LEVELS = (0.15, 0.5)
"""Of the brightest place of the smoothed middle, above the sky: the outskirts and the core."""
BLUR_SHARE = 0.012
INK = (40, 44, 52)


def with_isophotes(picture: np.ndarray, image: np.ndarray) -> np.ndarray:
    """`picture` uint8 (H, W, 3) with the isophotes of `image`, uint8 of the same shape, in dark lines.

    The sky is the median of the image; the image is smoothed, so that noise has no lines of its own. An image
    without any light in its middle has no lines.
    """
    if picture.dtype != np.uint8 or picture.shape != image.shape:
        raise BadValueError(
            f"picture and image must be uint8 of one shape, got {picture.shape} and {image.shape}; resize one"
        )
    smooth = cv2.GaussianBlur(image.astype(np.float32).mean(axis=2), (0, 0), BLUR_SHARE * image.shape[0])
    sky = float(np.median(smooth))
    light = float(_middle(smooth).max()) - sky
    drawn = picture.copy()
    for share in LEVELS if light > 1 else ():
        above = (smooth > sky + share * light).astype(np.uint8)
        lines, _ = cv2.findContours(above, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(drawn, lines, -1, INK, 1, cv2.LINE_AA)
    return drawn


def _middle(values: np.ndarray) -> np.ndarray:
    height, width = values.shape
    return values[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4]
