"""A place on the sky, or an object by its name, as a way to an image on the Predict page: one cutout of the survey."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st
import words.predict
from foreign import fill

from galaxy_core.errors import BadFileError

if TYPE_CHECKING:
    from galaxy_core.catalogues.cutouts import Cutout
    from galaxy_core.catalogues.sesame import Place

SCALES = (0.262, 0.524, 1.048)
"""Arcseconds per pixel; the first two are those of Galaxy10."""


@dataclass(frozen=True)
class CutoutFile:
    """A cutout as the widget hands on a file that was dropped, and what is known of it beside: its scale."""

    file_id: str
    name: str
    content: bytes
    pixel_scale_arcsec: float

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.content)

    def getvalue(self) -> bytes:
        """What is in it."""
        return self.content


def choose_place() -> CutoutFile | None:
    """The controls, and the cutout once it is asked for: nobody outside is asked without a click."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            words.predict.PLACE_LABEL,
            key="place",
            bind="query-params",
            width=340,
            max_chars=100,
            placeholder=words.predict.PLACE_EXAMPLE,
            help=words.predict.PLACE_HELP,
        )
        scale = st.selectbox(
            words.predict.SCALE_LABEL,
            SCALES,
            format_func=lambda scale: f'{scale:g}" a pixel',
            key="pixscale",
            width=160,
            help=words.predict.SCALE_HELP,
        )
        is_asked = st.button(words.predict.PLACE_BUTTON, icon=":material/travel_explore:")
    if is_asked:
        st.session_state["place_asked"] = (text, scale)
    if not text.strip() or st.session_state.get("place_asked") != (text, scale):
        st.caption(words.predict.PLACE_IDLE)
        return None
    with st.spinner(words.predict.PLACE_WAIT):
        place = _place(text)
        return _fetched(place, scale)


def _fetched(place: "Place", scale: float) -> CutoutFile:
    from galaxy_core.catalogues.cutouts import Cutout

    cutout = Cutout(place.ra, place.dec, pixel_scale_arcsec=scale)
    _show_link(place, cutout)
    return CutoutFile(cutout.file_name, place.name, _content(cutout), scale)


def _show_link(place: "Place", cutout: "Cutout") -> None:
    said = fill(words.predict.PLACE_FOUND, name=place.name, ra=place.ra, dec=place.dec, layer=cutout.layer)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(said, width="content")
        st.link_button(
            words.predict.VIEWER, cutout.viewer_url, icon=":material/open_in_new:", type="tertiary"
        )


@st.cache_data(max_entries=256, show_spinner=False)
def _place(text: str) -> "Place":
    from galaxy_core.catalogues.sesame import find_place

    return find_place(text)


def _content(cutout: "Cutout") -> bytes:
    """From the cache, or else from the service, with little patience; BadFileError where there is no sky in it."""
    from galaxy_core.catalogues.cutouts_fetch import OK, fetch_cutout
    from galaxy_core.data.cache import default_cache_folder
    from galaxy_core.data.inventory import CUTOUTS
    from galaxy_core.files.http_small import BRISK

    folder = default_cache_folder() / CUTOUTS
    folder.mkdir(parents=True, exist_ok=True)
    came = fetch_cutout(cutout, folder, patience=BRISK)
    if came.status != OK:
        raise BadFileError(f"there is no cutout of {cutout.ra:.5f} {cutout.dec:+.5f}: {came.reason}")
    return (folder / came.file).read_bytes()
