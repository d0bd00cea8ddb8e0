"""How maps are painted on the pages where one may choose: which map, which colours, how opaque; one scale for all."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import streamlit as st
import words.maps
from foreign import told

from galaxy_core.maps import overlay
from galaxy_core.maps.cam import why_blank
from parts import maps
from parts.picture import colour_bar

DIVERGING = "blue_orange"
COLOURS = {
    "magma": "magma",
    "viridis": "viridis",
    "cividis": "cividis",
    DIVERGING: "blue against, orange for",
}
SIZE = 256


@dataclass(frozen=True)
class Paint:
    """`kind` of map, `colormap`, and the `opacity` in [0, 1] of its hottest place."""

    kind: str
    colormap: str = "magma"
    opacity: float = 0.65

    @property
    def is_signed(self) -> bool:
        """Whether what speaks against the class is shown too."""
        return self.colormap == DIVERGING


def choose_paint() -> Paint:
    """The three controls, for a horizontal container."""
    kind = maps.choose_map()
    colormap = st.selectbox(
        "Colours",
        list(COLOURS),
        format_func=COLOURS.__getitem__,
        key="colours",
        bind="query-params",
        help=words.maps.COLOURS_HELP,
        width=190,
    )
    opacity = st.slider(
        "Opacity",
        0.0,
        1.0,
        0.65,
        0.05,
        key="opacity",
        bind="query-params",
        help=words.maps.OPACITY_HELP,
        width=170,
    )
    return Paint(kind, colormap, opacity)


def scale_of(values: Iterable[np.ndarray], paint: Paint) -> float:
    """The one scale, in logits, of all these maps."""
    return overlay.common_scale(values, signed=paint.is_signed)


def heat(values: np.ndarray, scale: float, paint: Paint, share: float) -> np.ndarray:
    """The map alone, uint8 (256, 256, 3), in its place: over the view, `share` of the image's side."""
    return overlay.heat_alone(values, SIZE, scale, share=share, colormap=paint.colormap)


def superimposed(
    image: np.ndarray, values: np.ndarray, scale: float, paint: Paint, share: float
) -> np.ndarray:
    """The map over what its network saw of the galaxy, uint8 (H, W, 3)."""
    return overlay.overlay(image, values, scale, share=share, colormap=paint.colormap, most=paint.opacity)


def say_if_blank(values: np.ndarray, wanted: str, paint: Paint) -> None:
    """A blank map comes with its reason; in two colours it is not blank where all speaks against the class."""
    if not (paint.is_signed and np.any(values)) and (reason := if_blank(values, wanted)):
        st.caption(told(reason))


def if_blank(values: np.ndarray, wanted: str) -> str:
    """The reason with which a blank map comes, of the class of that name; empty for every other map."""
    reason = why_blank(values)
    return f"Blank for {wanted}. {reason}" if reason else ""


def show_scale(scale: float, paint: Paint) -> None:
    """The colour bar with its two ends in logits."""
    low = f"−{scale:.2g}" if paint.is_signed else "0"
    st.html(
        '<div style="display:flex;align-items:center;gap:0.6rem;font-size:0.87rem">'
        f'<span>{low}</span><img src="{colour_bar(paint.colormap)}" '
        f'alt="colour scale from {low} to {scale:.2g} logits" '
        'style="width:11rem;height:0.7rem;border-radius:3px">'
        f"<span>{scale:.2g} logits</span></div>"
    )


def evidence_in_words(wanted: str, paint: Paint) -> str:
    """What a map of this paint shows, for the alternative texts."""
    sides = "for (orange) and against (blue)" if paint.is_signed else "for"
    return f"{paint.kind} evidence {sides} {wanted}"
