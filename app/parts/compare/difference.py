"""Two maps against each other: a wipe, their difference, and how far all networks rank the places alike."""

from collections.abc import Iterable

import numpy as np
import streamlit as st
import words.compare
import words.maps
from foreign import fill

from galaxy_core.maps.agreement import difference_map, on_one_grid, rank_correlations
from galaxy_core.maps.cells import is_coarse
from galaxy_core.maps.isophotes import with_isophotes
from galaxy_core.maps.overlay import common_scale
from galaxy_core.numerals import number
from parts import maps, paint
from parts.compare.wipe import show_wipe
from parts.drawn import Drawn
from parts.paint import DIVERGING, Paint
from parts.picture import as_url
from parts.seen import Seen
from parts.side_by_side import Shown
from parts.zoom import linked


def show_pair(seen: Seen, shown: Shown) -> None:
    """Two networks of the reader's choice: the wipe on the left, the difference on the right."""
    if len(seen.short) < 2:
        return
    st.header(words.compare.WIPE_TITLE, anchor=False)
    with st.container(horizontal=True):
        left = _choose(seen, "left", 0, words.compare.LEFT_HELP)
        right = _choose(seen, "right", len(seen.short) - 1, words.compare.RIGHT_HELP)
    grid = linked(seen, has_controls=False).grid("auto", min_column_width=390, gap="medium")
    with grid.container():
        show_wipe(_side(shown.drawn[left]), _side(shown.drawn[right]), key="wipe")
        st.caption(words.compare.WIPE_NOTE)
    with grid.container():
        _show_difference(seen, left, right, shown)
    with grid.container():
        _show_ranks(seen, shown)


def _show_ranks(seen: Seen, shown: Shown) -> None:
    """The rank correlation of each network with each, of those whose maps have cells enough to be ranked."""
    st.markdown(f"**{words.compare.RANKS_TITLE}**")
    short = {run: text for run, text in seen.short.items() if not is_coarse(seen.view(run))}
    if len(short) < 2:
        st.caption(words.compare.TOO_COARSE_TO_RANK)
        return
    centred = Paint(maps.CENTRED, DIVERGING, 1.0)
    values = [seen.values(run, shown.wanted, centred) for run in short]
    table = rank_correlations(values, [seen.view(run) for run in short])
    rows = [{"network": text, **_cells(short.values(), table[i])} for i, text in enumerate(short.values())]
    columns = {text: st.column_config.TextColumn(alignment="right") for text in short.values()}
    alt = "Rank correlation of the maps of each network with each."
    st.dataframe(rows, hide_index=True, column_config=columns, key="ranks", alt=alt)
    st.caption(words.compare.RANKS_NOTE)


def _cells(names: Iterable[str], row: np.ndarray) -> dict[str, str]:
    return dict(zip(names, (number(value, 2) for value in row), strict=True))


def _choose(seen: Seen, side: str, place: int, explanation: str) -> str:
    runs = list(seen.short)
    if st.session_state.get(side) not in runs:
        st.session_state.pop(side, None)
    return st.selectbox(
        side.capitalize(), runs, place, format_func=seen.short.__getitem__, key=side, bind="query-params",
        help=explanation, width=200,
    )  # fmt: skip


def _side(drawn: Drawn) -> tuple[str, np.ndarray, str]:
    short = drawn.seen.short[drawn.run]
    return short, drawn.superimposed(), f"{short}: {drawn.evidence}."


def _show_difference(seen: Seen, left: str, right: str, shown: Shown) -> None:

    pair = (left, right)
    both = on_one_grid([seen.all_maps(run) for run in pair], [seen.view(run) for run in pair])
    values = difference_map(*both, shown.wanted)
    signed = Paint(maps.CENTRED, DIVERGING, 1.0)
    scale = common_scale([values], signed=True)
    names = {"left": seen.short[left], "right": seen.short[right], "name": seen.classes[shown.wanted]}
    share = min(seen.share(run) for run in pair)
    picture = with_isophotes(paint.heat(values, scale, signed, share), seen.image)
    alt = f"Difference of the maps of {names['right']} and {names['left']}, with the outline of the galaxy."
    st.image(as_url(picture), width=440, alt=alt)
    st.markdown(f"**{fill(words.compare.DIFFERENCE_TITLE, **names)}**")
    paint.show_scale([scale], signed)
    st.caption(fill(words.compare.DIFFERENCE_NOTE, **names), help=words.maps.LOGITS_HELP)
