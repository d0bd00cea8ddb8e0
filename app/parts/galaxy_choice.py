"""One galaxy to compare networks on: of the test part, by class and number, or the reader's own image."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
import words.compare
import words.gallery
import words.images
from catalogue import Entry
from foreign import told
from samples import pool_of

from parts import maps
from parts.bound import one_of, whole_number
from parts.dropped import drop_image
from parts.own_images import choose_field, framed_of, show_field, view_of

TEST, OWN = "a test galaxy", "my own image"


@dataclass(frozen=True)
class Galaxy:
    """image uint8 (256, 256, 3), its class or None, its name, where it comes from, and its place on the sky."""

    image: np.ndarray
    label: int | None
    name: str
    origin: str
    place: tuple[float, float] | None = None


def choose_galaxy(entries: Sequence[Entry]) -> Galaxy | None:
    """The controls; None while there is none."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = one_of(
            "Galaxy", [TEST, OWN], default=TEST, key="galaxy", bind="query-params",
            help=words.compare.GALAXY_HELP,
        )  # fmt: skip
        if kind == TEST:
            return choose_test_galaxy(entries)
    return _own(entries)


def choose_test_galaxy(entries: Sequence[Entry]) -> Galaxy | None:
    """One that none of `entries` was trained on, by class and number; None where the class has none."""
    pool, classes = pool_of(entries), entries[0].classes
    maps.keep_among("galaxies", classes)
    name = st.selectbox(
        "Class", classes.names, key="galaxies", bind="query-params", width=240, help=words.gallery.CLASS_HELP
    )
    label = classes.index(name)
    positions = pool.of_class(label)
    if not len(positions):
        st.info(words.gallery.NONE, icon=":material/search_off:")
        return None
    if st.session_state.get("number", 1) > len(positions):
        st.session_state["number"] = 1
    number = whole_number(
        f"Number, of {len(positions)}", len(positions), key="number", bind="query-params", width=150,
        help=words.compare.NUMBER_HELP,
    )  # fmt: skip
    st.caption(told(pool.origin), width=420)
    chosen = int(positions[number - 1])
    return Galaxy(pool.images([chosen])[0], label, pool.names[chosen], pool.names[chosen], pool.place(chosen))


def _own(entries: Sequence[Entry]) -> Galaxy | None:
    file = drop_image(words.images.UPLOAD_LABEL, "own_galaxy", words.images.UPLOAD_HELP)
    if file is None:
        st.caption(words.compare.IDLE)
        return None
    share = choose_field()
    view = view_of(file, share)
    if isinstance(view, str):
        st.error(told(view), icon=":material/error:")
        return None
    show_field(view.pixels, framed_of(file, share, entries), entries, view.notes, view.shown)
    return Galaxy(view.pixels, None, file.name, "your image", view.place)
