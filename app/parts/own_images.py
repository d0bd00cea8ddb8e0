"""Images for the networks: the reader's own, brought to the scale of the training images, or a mock galaxy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
import words.images
import words.predict
from samples import mock_galaxy

from galaxy_core.data.galaxy10 import CLASS_NAMES
from galaxy_core.errors import GalaxyError, one_line
from parts.upload import TYPES

OWN, MOCK = "my own images", "a mock galaxy"
N_MOCK = 8
MOST_IMAGES = 60
"""They are kept in the server's memory while the page is open."""


@dataclass(frozen=True)
class Given:
    """What is to be predicted: uint8 (N, 256, 256, 3), their names, every file with its reason if it was refused,
    which of the images is looked at, what was cut off it, and its class where that is known.
    """

    images: np.ndarray
    names: tuple[str, ...]
    files: tuple[tuple[str, str | None], ...]
    chosen: int = 0
    framed: np.ndarray | None = None
    label: int | None = None

    @property
    def chosen_image(self) -> np.ndarray:
        """The image that is looked at, (1, 256, 256, 3)."""
        return self.images[self.chosen][None]

    @property
    def chosen_name(self) -> str:
        """Its name."""
        return self.names[self.chosen]


NOTHING = Given(np.zeros((0, 256, 256, 3), np.uint8), (), ())


def choose_images() -> Given:
    """The controls of the Predict page; `NOTHING` while there is nothing to predict."""
    kind = st.segmented_control(
        "Images", [OWN, MOCK], default=OWN, required=True, key="images", bind="query-params"
    )
    return _choose_mock() if kind == MOCK else _choose_own()


def choose_mock() -> tuple[int, int]:
    """A class and a number from 0, for a horizontal container."""
    name = st.selectbox("Class", CLASS_NAMES, key="mock", bind="query-params", width=260)
    number = st.number_input("Number", 1, N_MOCK, key="number", bind="query-params", width=140)
    return CLASS_NAMES.index(name), number - 1


def choose_field() -> float:
    """How much of the own images is shown to the networks."""
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


def view_of(file: Any, share: float) -> np.ndarray | str:
    """An uploaded file as the networks are shown it, uint8 (256, 256, 3), or the sentence that refuses it."""
    try:
        return _view(file.file_id, file.name, share, file)
    except GalaxyError as error:
        return one_line(error)


def framed_of(file: Any, share: float) -> np.ndarray:
    """The file as it is, what is left out dimmed."""
    return _framed(file.file_id, file.name, share, file)


def show_field(view: np.ndarray, before: np.ndarray | None) -> None:
    """The file as it is and what the networks are shown; a warning where that is unlike the training images."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if before is not None:
            width = min(before.shape[1], 256)
            st.image(before, width=width, caption=words.images.FIELD_BEFORE, alt="The uploaded image.")
        st.image(view, width=256, caption=words.images.FIELD_AFTER, alt="What the networks are shown.")
    _warn_if_unlike(view)


def _warn_if_unlike(view: np.ndarray) -> None:
    from galaxy_core.evaluation.familiarity import unlike_training

    reasons = unlike_training(view)
    if reasons:
        st.warning(words.images.UNLIKE.format(reasons=" ".join(reasons)), icon=":material/help:")


def _choose_mock() -> Given:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label, number = choose_mock()
    image = mock_galaxy(label, number)
    name = f"mock {CLASS_NAMES[label]} {number + 1}"
    return Given(image[None], (name,), ((name, None),), label=label)


def _choose_own() -> Given:
    files = st.file_uploader(
        words.predict.LABEL,
        TYPES,
        accept_multiple_files=True,
        key="own",
        help=words.predict.HELP.format(most=MOST_IMAGES),
    )
    if not files:
        st.caption(words.predict.IDLE)
        return NOTHING
    if len(files) > MOST_IMAGES:
        st.warning(words.predict.TOO_MANY.format(most=MOST_IMAGES), icon=":material/warning:")
    return _read(files[:MOST_IMAGES])


def _read(files: Sequence[Any]) -> Given:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        share = choose_field()
        views = [view_of(file, share) for file in files]
        sound = [i for i, view in enumerate(views) if isinstance(view, np.ndarray)]
        chosen = _choose_one(files, sound)
    refused = [view for view in views if isinstance(view, str)]
    if refused:
        st.error("  \n".join(refused), icon=":material/error:")
    if not sound:
        return NOTHING
    framed = framed_of(files[sound[chosen]], share)
    listed = tuple(
        (file.name, view if isinstance(view, str) else None) for file, view in zip(files, views, strict=True)
    )
    return Given(
        np.stack([views[i] for i in sound]), tuple(files[i].name for i in sound), listed, chosen, framed
    )


def _choose_one(files: Sequence[Any], sound: Sequence[int]) -> int:
    """Which of the sound images is looked at, as its place among them."""
    if len(sound) < 2:
        return 0
    places = range(len(sound))
    if st.session_state.get("look_at", 0) not in places:
        st.session_state["look_at"] = 0
    return st.selectbox(
        words.predict.LOOK_AT, places, format_func=lambda i: files[sound[i]].name, key="look_at", width=320
    )


@st.cache_data(max_entries=256, show_spinner=False)
def _view(file_id: str, name: str, share: float, _file: Any) -> np.ndarray:
    from galaxy_core.data.field_of_view import field_of_view
    from galaxy_core.data.images import read_image

    return field_of_view(read_image(_file.getvalue(), name=name), share)


@st.cache_data(max_entries=32, show_spinner=False)
def _framed(file_id: str, name: str, share: float, _file: Any) -> np.ndarray:
    from galaxy_core.data.field_of_view import framed
    from galaxy_core.data.images import read_image

    return framed(read_image(_file.getvalue(), name=name), share)
