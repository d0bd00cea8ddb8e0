"""The reader's own images, brought to the scale of the training images, before and after, and what is seen of them."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
import words.images
from catalogue import Entry
from foreign import fill, joined

from galaxy_core.errors import GalaxyError, one_line
from galaxy_core.images.fits_options import AS_THE_SURVEY, COLOURS, KNOWN_SCALES_ARCSEC, FitsOptions
from galaxy_core.images.view import dimmed_outside, with_frames
from galaxy_core.prediction.familiarity import unlike_training
from parts.dropped import MOST_MEGABYTES, bytes_of
from parts.picture import as_url

if TYPE_CHECKING:
    from galaxy_core.images.image import Image

SIDE = 256


def choose_field() -> float:
    """How much of the own images is given to the networks."""
    return st.slider(
        words.images.FIELD_LABEL,
        0.1,
        1.0,
        1.0,
        0.05,
        format="percent",
        key="field",
        bind="query-params",
        width=300,
        help=words.images.FIELD_HELP,
    )


def choose_fits(files: Iterable[Any]) -> FitsOptions:
    """How FITS images among the files are shown; nothing is asked where there are none."""
    from galaxy_core.images.fits_checks import is_fits

    if not any(is_fits(bytes_of(file)) for file in files if file.size <= MOST_MEGABYTES * 2**20):
        return AS_THE_SURVEY
    colours = st.selectbox(
        words.images.COLOURS_LABEL, COLOURS, key="fits_colours", width=180, help=words.images.COLOURS_HELP
    )
    scale = st.selectbox(
        words.images.SCALE_LABEL,
        [*KNOWN_SCALES_ARCSEC, None],
        format_func=lambda one: words.images.AS_IT_IS if one is None else f'{one:g}" a pixel',
        key="fits_scale",
        width=180,
        help=words.images.SCALE_HELP,
    )
    bands = st.text_input(
        words.images.BANDS_LABEL, key="fits_bands", max_chars=6, width=100, help=words.images.BANDS_HELP
    )
    as_jpeg = st.toggle(words.images.JPEG_LABEL, key="fits_jpeg", help=words.images.JPEG_HELP)
    return FitsOptions(colours, bands.strip().lower() or None, scale, as_jpeg)


def view_of(file: Any, share: float, fits: FitsOptions = AS_THE_SURVEY) -> "Image | str":
    """An uploaded file as the networks are given it, 256 px, or the sentence that refuses it.

    A cutout that was fetched knows its scale, which a picture does not say.
    """
    try:
        view = _view(file.file_id, file.name, share, astuple(fits), file)
    except GalaxyError as error:
        return one_line(error)
    scale = getattr(file, "pixel_scale_arcsec", None)
    if scale is None:
        return view
    return replace(view, pixel_scale_arcsec=scale * share, stretch=words.images.VIEWERS)


def shares_seen(entries: Iterable[Entry]) -> tuple[float, ...]:
    """What each of the networks sees of an image it is given, as shares of its side."""
    return tuple({entry.config.view.share((SIDE, SIDE)) for entry in entries})


def framed_of(
    file: Any, share: float, entries: Iterable[Entry], fits: FitsOptions = AS_THE_SURVEY
) -> np.ndarray:
    """The file as it is, dimmed where no network sees anything of it, with a frame for each of their views."""
    shares = shares_seen(entries)
    return _framed(file.file_id, file.name, share, shares, astuple(fits), file)


def show_field(
    view: np.ndarray,
    before: np.ndarray | None,
    entries: Sequence[Entry],
    notes: Sequence[str] = (),
    shown: str = "",
) -> None:
    """The file as it is and what the networks see of it; its scale and stretch where they are known, what was done to
    read it, and a warning where it is unlike the training images.
    """
    shares = shares_seen(entries)
    seen = with_frames(dimmed_outside(view, max(shares)), shares)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if before is not None:
            width = min(before.shape[1], 256)
            st.image(
                as_url(before), width=width, caption=words.images.FIELD_BEFORE, alt="The uploaded image."
            )
        st.image(as_url(seen), width=256, caption=words.images.FIELD_AFTER, alt="What the networks see.")
    show_notes(notes, shown)
    warn_if_unlike(view)


def show_notes(notes: Sequence[str], shown: str = "") -> None:
    """Scale and stretch of an image where they are known, and what was done to read it."""
    if shown:
        st.caption(fill(words.images.SHOWN, shown=shown))
    if notes:
        st.caption(fill(words.images.NOTES, notes=joined("; ", notes)))


def is_unlike(view: np.ndarray) -> bool:
    """Whether what the networks are shown looks unlike the training images, so that no answer is to be believed."""
    return bool(unlike_training(view))


def warn_if_unlike(view: np.ndarray) -> None:
    """In what the picture is unlike the training images, if it is."""
    reasons = unlike_training(view)
    if reasons:
        st.warning(fill(words.images.UNLIKE, reasons=" ".join(reasons)), icon=":material/help:")


@st.cache_data(max_entries=256, show_spinner=False)
def _view(file_id: str, name: str, share: float, how: tuple[Any, ...], _file: Any) -> "Image":
    from galaxy_core.images.to_classify import read_to_classify

    return read_to_classify(bytes_of(_file), name=name, share=share, fits=FitsOptions(*how))


@st.cache_data(max_entries=32, show_spinner=False)
def _framed(
    file_id: str,
    name: str,
    share: float,
    views: tuple[float, ...],
    how: tuple[Any, ...],
    _file: Any,
) -> np.ndarray:
    from galaxy_core.images.field_of_view import framed
    from galaxy_core.images.read import open_image

    read = open_image(bytes_of(_file), name=name, fits=FitsOptions(*how))
    return framed(read.pixels, share, SIDE, views)
