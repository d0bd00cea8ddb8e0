"""Galaxies and the reader's images on a flat map of what a network makes of them, to be pointed at and chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
import words.similar
import words.waiting
from catalogue import Entry, fingerprint
from foreign import fill, plain
from places import sha256_of
from state import digest_of

from parts import look, waiting
from parts.bound import one_of
from parts.chosen import MOST_CHOSEN, ROWS, in_address
from parts.picture import as_url
from parts.shield import plain_errors
from parts.waiting import Step

if TYPE_CHECKING:
    from galaxy_core.prediction.similar import Embedding, Space

SYMBOLS = ("circle", "diamond")
"""Of six classes each, for which there are colours that all eyes tell apart."""
SIDE = 64
"""Pixels of the small pictures: those of 2,000 galaxies are 3 MB."""
OPEN = "feature_map_open"
PCA, TSNE = WAYS = ("PCA", "t-SNE")
BUTTONS = [["select2d", "lasso2d"], ["zoom2d", "pan2d", "resetScale2d"]]


@dataclass(frozen=True, eq=False)
class OnMap:
    """What lies on the map: the galaxies of a space with labels int (N,) and the sheet of their small pictures, and the
    reader's images uint8 (M, H, W, 3) with their names and features (M, D).
    """

    space: "Space"
    entry: Entry
    file: Path
    labels: np.ndarray
    sheet: str
    names: Sequence[str]
    images: np.ndarray
    features: np.ndarray


@st.fragment
def show_feature_map(shown: OnMap) -> None:
    """The map is made once somebody opens it; what is chosen on it may go to the Gallery. Nothing else is redrawn."""
    with (
        plain_errors(),
        st.expander(words.similar.MAP, icon=":material/scatter_plot:", key=OPEN, on_change="rerun") as box,
    ):
        if box.open:
            _show(shown)


def sheet_of(images: Sequence[np.ndarray] | np.ndarray, rows: Sequence[int]) -> str:
    """Small pictures of these rows, side by side in a square of so many columns, as the address of one JPEG."""
    import cv2

    columns = int(np.ceil(np.sqrt(len(rows))))
    sheet = np.zeros((-(-len(rows) // columns) * SIDE, columns * SIDE, 3), np.uint8)
    for place, row in enumerate(rows):
        top, left = (SIDE * one for one in divmod(place, columns))
        small = cv2.resize(np.asarray(images[row]), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        sheet[top : top + SIDE, left : left + SIDE] = small
    return as_url(sheet)


def _show(shown: OnMap) -> None:
    controls = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    with controls:
        way = one_of(
            words.similar.WAY, WAYS, default=PCA, key="flat", bind="query-params", help=words.similar.WAY_HELP
        )
    if way == TSNE:
        found = _embedding_of(shown)
        there, own = found.galaxies, found.images
        names, note = ("", ""), fill(words.similar.TSNE_NOTE, perplexity=found.perplexity)
    else:
        there, own = shown.space.on_map(shown.space.features), shown.space.on_map(shown.features)
        names = (words.similar.MAP_X, words.similar.MAP_Y)
        note = fill(words.similar.MAP_NOTE, share=shown.space.share_on_map)
    st.html(_sheets(shown))
    alt = words.similar.MAP_ALT.format(
        n=len(shown.labels), name=plain(shown.entry.name), n_own=len(shown.names)
    )
    figure = {"data": _traces(shown, there, own), "layout": _layout(names)}
    chosen = look.chart(figure, alt=alt, key=f"feature_map_{way}", buttons=BUTTONS)
    st.caption(note)
    with controls:
        _offer_chosen(shown, [point["customdata"] for point in chosen])


def _offer_chosen(shown: OnMap, chosen: Sequence[Sequence[int]]) -> None:
    """The way of those that were chosen on the map to the Gallery."""
    rows = sorted({row for _, _, row in chosen if row >= 0})
    if not rows:
        st.caption(words.similar.CHOOSE)
        return
    said = words.similar.CHOSEN_FIRST if len(rows) > MOST_CHOSEN else words.similar.CHOSEN
    st.markdown(fill(said, n=len(rows), most=MOST_CHOSEN), width="content")
    if st.button(words.similar.TO_GALLERY, icon=":material/grid_view:", key="chosen_to_gallery"):
        address = {"run": shown.entry.name, ROWS: in_address(shown.file, rows)}
        st.switch_page("views/gallery.py", query_params=address)


def _embedding_of(shown: OnMap) -> "Embedding":
    def make(step: Step) -> "Embedding":
        step(words.similar.FLATTENING)
        return shown.space.embedding(shown.features)

    who = (fingerprint([shown.entry]), sha256_of(shown.file), digest_of(shown.space.rows, shown.features))
    return waiting.work(("t-SNE", *who), make)


def _sheets(shown: OnMap) -> str:
    own = sheet_of(shown.images, range(len(shown.images)))
    return "".join(
        f'<img class="picture-sheet" data-side="{SIDE}" alt="" src="{sheet}" hidden>'
        for sheet in (shown.sheet, own)
    )


def _traces(shown: OnMap, there: np.ndarray, own: np.ndarray) -> list[dict[str, Any]]:
    traces = [
        _points(
            there[places],
            shown.entry.classes[int(label)],
            [words.similar.MAP_POINT.format(row=row) for row in shown.space.rows[places]],
            [[0, int(place), int(shown.space.rows[place])] for place in places],
            color=look.series()[label % 6], symbol=SYMBOLS[label // 6 % len(SYMBOLS)], size=6, opacity=0.6,
        )
        for label in np.unique(shown.labels)
        for places in [np.flatnonzero(shown.labels == label)]
    ]  # fmt: skip
    line, about = {"width": 1, "color": look.ink(0.2)}, [[1, place, -1] for place in range(len(own))]
    star = {"color": look.ink(), "symbol": "star", "size": 15, "line": line}
    return [*traces, _points(own, words.similar.MAP_YOURS, shown.names, about, **star)]


def _points(
    there: np.ndarray, name: str, texts: Sequence[str], about: list[list[int]], **marker: Any
) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "name": name, "x": there[:, 0].tolist(), "y": there[:, 1].tolist(),
        "text": list(texts), "customdata": about, "hovertemplate": "%{text}<extra>%{fullData.name}</extra>",
        "marker": marker,
    }  # fmt: skip


def _layout(names: tuple[str, str]) -> dict[str, Any]:
    """Without numbers at the axes where these mean nothing."""
    axes = [{"title": {"text": name}, "zeroline": False, "showticklabels": bool(name)} for name in names]
    legend = {
        "orientation": "h",
        "yanchor": "top",
        "y": -0.2 if names[0] else -0.05,
        "x": 0,
        "font": {"size": 11},
    }
    return look.layout(460, xaxis=axes[0], yaxis=axes[1], legend=legend, dragmode="lasso")
