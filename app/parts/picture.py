"""Pictures as text that a page carries in itself.

Nothing has to be fetched for them: a page that is redrawn while the browser still asks for the pictures of the last
one, or that another server answers, has none missing.
"""

import base64

import numpy as np
import streamlit as st

from galaxy_core.maps.overlay import palette

QUALITY = 92


def as_url(image: np.ndarray) -> str:
    """The image, uint8 (H, W, 3) in RGB, as a JPEG in a `data:` address."""
    import cv2

    encoded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
    return f"data:image/jpeg;base64,{_text(encoded)}"


@st.cache_data(show_spinner=False)
def colour_bar(colormap: str) -> str:
    """The colours from low to high as a PNG in a `data:` address."""
    import cv2

    ramp = np.ascontiguousarray(np.repeat(palette(colormap)[None, :, ::-1], 8, axis=0))
    return f"data:image/png;base64,{_text(cv2.imencode('.png', ramp)[1])}"


def _text(encoded: np.ndarray) -> str:
    return base64.b64encode(encoded.tobytes()).decode("ascii")
