"""Which map of which class the networks are asked for; `paint.py` shows it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
import words.maps

from galaxy_core.data.classes import Classes
from galaxy_core.maps.cam import centred_map, class_map
from galaxy_core.serving.lineup import Explained
from parts.bound import one_of

CENTRED, PLAIN, PAPERS = "class-centred", "Grad-CAM", "Grad-CAM of the predicted class"
OWN, PREDICTED, ANSWER = "the true class", "the predicted class", "the answer above"


def choose_map() -> str:
    """Which map is shown, that of the paper in one click; kept in the address."""
    return one_of(
        "Map",
        [CENTRED, PLAIN, PAPERS],
        default=CENTRED,
        key="map",
        bind="query-params",
        help=words.maps.MAP_HELP,
    )


def choose_class(
    classes: Classes,
    others: Sequence[str] = (OWN, PREDICTED),
    help: str = words.maps.MAP_OF_HELP,
    width: int = 280,
) -> str:
    """What the networks are asked about: one of the classes, or what one of `others` means; kept in the address."""
    options = [*others, *classes]
    keep_among("class", options)
    return st.selectbox("Evidence for", options, key="class", bind="query-params", help=help, width=width)


def keep_among(key: str, options: Sequence[str]) -> None:
    """Networks of other classes were looked at before: what was chosen then is none of these."""
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)


def class_index(classes: Classes, asked: str, label: int, predicted: int) -> int:
    """The class meant by `choose_class` for one galaxy of class `label`."""
    if asked in classes:
        return classes.index(asked)
    return predicted if asked == PREDICTED else label


def map_of(explained: Explained, image: int, wanted: int, kind: str) -> np.ndarray:
    """Map (h, w) in logits of one image and class, of the chosen kind."""
    pick = centred_map if kind == CENTRED else class_map
    return pick(explained.maps[image], wanted)
