"""The training galaxies of a network and the reader's images on a flat map of what the network makes of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
import words.similar
from catalogue import Entry
from foreign import fill, plain

from parts import look

if TYPE_CHECKING:
    from galaxy_core.prediction.similar import Space

SYMBOLS = ("circle", "diamond")
"""Of six classes each, for which there are colours that all eyes tell apart."""


def show_feature_map(
    space: "Space", entry: Entry, labels: np.ndarray, names: Sequence[str], features: np.ndarray
) -> None:
    """labels int (N,) of the galaxies of the space; names and features (M, D) of the reader's images."""
    there, own = space.on_map(space.features), space.on_map(features)
    traces = [
        _points(
            there[labels == label],
            entry.classes[int(label)],
            [words.similar.MAP_POINT.format(row=row) for row in space.rows[labels == label]],
            color=look.series()[label % 6], symbol=SYMBOLS[label // 6 % len(SYMBOLS)], size=6, opacity=0.6,
        )
        for label in np.unique(labels)
    ]  # fmt: skip
    line = {"width": 1, "color": look.ink(0.2)}
    traces.append(
        _points(own, words.similar.MAP_YOURS, names, color=look.ink(), symbol="star", size=15, line=line)
    )
    layout = look.layout(
        460,
        xaxis={"title": {"text": words.similar.MAP_X}, "zeroline": False},
        yaxis={"title": {"text": words.similar.MAP_Y}, "zeroline": False},
        legend={"orientation": "h", "yanchor": "top", "y": -0.2, "x": 0, "font": {"size": 11}},
    )
    alt = words.similar.MAP_ALT.format(n=len(labels), name=plain(entry.name), n_own=len(names))
    look.chart({"data": traces, "layout": layout}, alt=alt, key="feature_map")
    st.caption(fill(words.similar.MAP_NOTE, share=space.share_on_map))


def _points(there: np.ndarray, name: str, texts: Sequence[str], **marker: Any) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "name": name, "x": there[:, 0].tolist(), "y": there[:, 1].tolist(),
        "text": list(texts), "hovertemplate": "%{text}<extra>%{fullData.name}</extra>", "marker": marker,
    }  # fmt: skip
