"""Pictures of class activation maps: a galaxy, what a network sees in it, and the one scale of a comparison."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
import words.maps
from foreign import told

from galaxy_core.data.classes import Classes
from parts.bound import one_of
from parts.picture import colour_bar

if TYPE_CHECKING:
    from galaxy_core.images.view import View
    from galaxy_core.serving.lineup import Explained

COLORMAP = "magma"
CENTRED, PLAIN = "class-centred", "Grad-CAM"
OWN, PREDICTED, ANSWER = "the true class", "the predicted class", "the answer above"


def choose_map() -> str:
    """Which of the two maps is shown; kept in the address."""
    return one_of(
        "Map",
        [CENTRED, PLAIN],
        default=CENTRED,
        key="map",
        bind="query-params",
        help=words.maps.MAP_HELP,
    )


def choose_class(classes: Classes) -> str:
    """The class that the networks are asked about; kept in the address."""
    options = [OWN, PREDICTED, *classes]
    keep_among("class", options)
    return st.selectbox(
        "Evidence for", options, key="class", bind="query-params", help=words.maps.MAP_OF_HELP, width=280
    )


def keep_among(key: str, options: Sequence[str]) -> None:
    """Networks of other classes were looked at before: what was chosen then is none of these."""
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)


def class_index(classes: Classes, asked: str, label: int, predicted: int) -> int:
    """The class meant by `choose_class` for one galaxy of class `label`."""
    if asked in classes:
        return classes.index(asked)
    return predicted if asked == PREDICTED else label


def choose_class_of_upload(classes: Classes, predicted: int) -> int:
    """One class for all networks, so that their maps may be compared; at first the one that was predicted."""
    options = [ANSWER, *classes]
    keep_among("upload_class", options)
    asked = st.selectbox(
        "Evidence for",
        options,
        key="upload_class",
        bind="query-params",
        help=words.maps.UPLOAD_CLASS_HELP,
        width=280,
    )
    return classes.index(asked) if asked in classes else predicted


def map_of(explained: "Explained", image: int, wanted: int, kind: str) -> np.ndarray:
    """Map (h, w) in logits of one image and class, of the chosen kind."""
    from galaxy_core.maps.cam import centred_map, class_map

    pick = centred_map if kind == CENTRED else class_map
    return pick(explained.maps[image], wanted)


def scale_of(explained: Mapping[str, "Explained"], classes: Mapping[str, Sequence[int]], kind: str) -> float:
    """The one scale, in logits, of all images and networks of a comparison."""
    from galaxy_core.maps.overlay import common_scale

    return common_scale(
        map_of(explained[name], image, wanted, kind)
        for name, wanted_classes in classes.items()
        for image, wanted in enumerate(wanted_classes)
    )


def laid_over(image: np.ndarray, values: np.ndarray, scale: float, view: "View") -> np.ndarray:
    """The map over what its network saw of the galaxy, uint8 (H, W, 3)."""
    from galaxy_core.maps.overlay import overlay

    return overlay(image, values, scale, share=view.share(image.shape), colormap=COLORMAP)


def say_if_blank(values: np.ndarray, wanted: str) -> None:
    """A blank map, of the class of that name, comes with its reason."""
    if reason := if_blank(values, wanted):
        st.caption(told(reason))


def if_blank(values: np.ndarray, wanted: str) -> str:
    """The reason with which a blank map comes; empty for every other map."""
    from galaxy_core.maps.cam import why_blank

    reason = why_blank(values)
    return f"Blank for {wanted}. {reason}" if reason else ""


def show_scale(scale: float) -> None:
    """The colour bar of the comparison."""
    st.html(
        '<div style="display:flex;align-items:center;gap:0.6rem;font-size:0.87rem">'
        f'<span>0</span><img src="{colour_bar(COLORMAP)}" alt="colour scale from 0 to {scale:.2g} logits" '
        'style="width:11rem;height:0.7rem;border-radius:3px">'
        f"<span>{scale:.2g} logits</span></div>"
    )
