"""A rendered galaxy with the marks that JPEG leaves, for where it stands beside photographs that went through it."""

import cv2
import numpy as np
from numpy.typing import NDArray

# 90 is what the Legacy Survey viewer's cutouts are made with, 75 what most programs save with unasked; a range,
# so that no single quality marks the mocks
QUALITIES = (75, 92)


def through_jpeg(image: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """The image uint8 (H, W, 3), red, green, blue, encoded as JPEG of that quality (1 to 100) and decoded again.

    Colour at half the resolution (4:2:0), as survey cutouts have it.
    """
    settings = [cv2.IMWRITE_JPEG_QUALITY, int(quality)]
    is_encoded, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), settings)
    assert is_encoded
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)


def draw_quality(rng: np.random.Generator) -> int:
    """One of QUALITIES, both ends included, all alike."""
    return int(rng.integers(QUALITIES[0], QUALITIES[1] + 1))
