"""The reader's own images, brought to the scale of the training images, before and after, and what is seen of them."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import streamlit as st
import words.images
from catalogue import Entry
from foreign import fill, joined

from galaxy_core.errors import GalaxyError, one_line
from galaxy_core.images.field_of_view import framed
from galaxy_core.images.read import Image, read_image
from galaxy_core.images.to_classify import read_to_classify
from galaxy_core.images.view import dimmed_outside, with_frames
from galaxy_core.prediction.familiarity import unlike_training
from parts.dropped import bytes_of
from parts.picture import as_url

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


def view_of(file: Any, share: float) -> Image | str:
    """An uploaded file as the networks are given it, 256 px, or the sentence that refuses it."""
    try:
        return _view(file.file_id, file.name, share, file)
    except GalaxyError as error:
        return one_line(error)


def shares_seen(entries: Iterable[Entry]) -> tuple[float, ...]:
    """What each of the networks sees of an image it is given, as shares of its side."""
    return tuple({entry.config.view.share((SIDE, SIDE)) for entry in entries})


def framed_of(file: Any, share: float, entries: Iterable[Entry]) -> np.ndarray:
    """The file as it is, dimmed where no network sees anything of it, with a frame for each of their views."""
    return _framed(file.file_id, file.name, share, shares_seen(entries), file)


def show_field(
    view: np.ndarray, before: np.ndarray | None, entries: Sequence[Entry], notes: Sequence[str] = ()
) -> None:
    """The file as it is and what the networks see of it; what was done to read it, and a warning where it is unlike
    the training images.
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
    show_notes(notes)
    warn_if_unlike(view)


def show_notes(notes: Sequence[str]) -> None:
    """What was done to read an image."""
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
def _view(file_id: str, name: str, share: float, _file: Any) -> Image:

    return read_to_classify(bytes_of(_file), name=name, share=share)


@st.cache_data(max_entries=32, show_spinner=False)
def _framed(file_id: str, name: str, share: float, views: tuple[float, ...], _file: Any) -> np.ndarray:

    return framed(read_image(bytes_of(_file), name=name), share, SIDE, views)
