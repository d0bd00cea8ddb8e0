"""How maps are painted on the pages where one may choose: which map, which colours, how opaque, on which scale."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import streamlit as st
import words.maps
from foreign import told

from galaxy_core.maps import overlay
from galaxy_core.maps.cam import why_blank
from galaxy_core.maps.heat_scale import SCALES, THIS_MAP, THIS_PAGE, scale_in_words
from parts import maps
from parts.bound import one_of
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
    """`kind` of map, `colormap`, the `opacity` in [0, 1] of its hottest place, and which maps share a `scale`."""

    kind: str
    colormap: str = "magma"
    opacity: float = 0.65
    scale: str = THIS_MAP

    @property
    def is_signed(self) -> bool:
        """Whether what speaks against the class is shown too."""
        return self.colormap == DIVERGING


def choose_paint(scale: str, *, one_galaxy: bool = False) -> Paint:
    """The four controls, for a horizontal container; `scale` is that of the page unless another one is chosen."""
    kind = maps.choose_map()
    chosen = choose_scale(scale, one_galaxy=one_galaxy)
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
    return Paint(kind, colormap, opacity, chosen)


def choose_scale(default: str, *, one_galaxy: bool = False) -> str:
    """Which maps share one scale of colours; kept in the address. A page of one galaxy has no third choice."""
    options = [one for one in SCALES if not (one_galaxy and one == THIS_PAGE)]
    maps.keep_among("scale", options)
    return one_of(
        "Scale of heat",
        options,
        default=default,
        key="scale",
        bind="query-params",
        help=words.maps.SCALE_HELP,
    )


def heat(values: np.ndarray, scale: float, paint: Paint, share: float) -> np.ndarray:
    """The map alone, uint8 (256, 256, 3), in its place: over the view, `share` of the image's side."""
    return overlay.heat_alone(values, SIZE, scale, share=share, colormap=paint.colormap)


def superimposed(
    image: np.ndarray, values: np.ndarray, scale: float, paint: Paint, share: float
) -> np.ndarray:
    """The map over what its network saw of the galaxy, uint8 (H, W, 3)."""
    return overlay.overlay(image, values, scale, share=share, colormap=paint.colormap, most=paint.opacity)


def if_blank(values: np.ndarray, wanted: str, paint: Paint) -> str:
    """The reason with which a blank map comes, of the class of that name; empty for every other map.

    In two colours a map is not blank where all speaks against the class.
    """
    reason = why_blank(values)
    return f"Blank for {wanted}. {reason}" if reason and not (paint.is_signed and np.any(values)) else ""


def show_scale(scales: Collection[float], paint: Paint) -> None:
    """The colour bar, which of the maps with these scales share one, and its value in logits."""
    high = f"{max(scales):.2g} logits" if len(set(scales)) == 1 else "full colour"
    low = (
        "0" if not paint.is_signed else f"−{high.removesuffix(' logits')}" if high[0].isdigit() else "against"
    )
    st.html(
        '<div style="display:flex;align-items:center;gap:0.6rem;font-size:0.87rem">'
        f'<span>{low}</span><img src="{colour_bar(paint.colormap)}" '
        f'alt="colour scale from {low} to {high}" '
        'style="width:11rem;height:0.7rem;border-radius:3px">'
        f"<span>{high}</span></div>"
    )
    st.caption(told(scale_in_words(paint.scale, scales)), help=words.maps.LOGITS_HELP)


def evidence_in_words(wanted: str, paint: Paint) -> str:
    """What a map of this paint shows, for the alternative texts."""
    sides = "for (orange) and against (blue)" if paint.is_signed else "for"
    kind = maps.CENTRED if paint.kind == maps.CENTRED else maps.PLAIN
    return f"{kind} evidence {sides} {wanted}"
