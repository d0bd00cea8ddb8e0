"""What the Predict page asks about: the reader's own images, a test galaxy where its file is here, or a mock one."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
import words.images
import words.predict
from catalogue import Entry
from foreign import fill, joined
from samples import common_data, mock_galaxy, pool_of

from galaxy_core.data.classes import GALAXY10
from parts.bound import one_of, whole_number
from parts.dropped import bytes_of, drop_images
from parts.galaxy_choice import choose_test_galaxy
from parts.own_images import choose_field, choose_fits, framed_of, view_of
from parts.predict.many import show_many
from parts.predict.sky import choose_place

OWN, SKY, TEST, MOCK = "my own images", "a place on the sky", "a test galaxy", "a mock galaxy"
MANY = "a folder or catalogue"
N_MOCK = 8
SAMPLE = GALAXY10.index("Barred Spiral")
MOST_IMAGES = 60
"""They are kept in the server's memory while the page is open."""


@dataclass(frozen=True)
class Given:
    """What is to be predicted: uint8 (N, 256, 256, 3), their names, every file with its reason if it was refused,
    which of the images is looked at, what was cut off it, its class where that is known, what was done to read it,
    its scale and stretch in words and its place on the sky where these are known. Of own images `sha256` names the
    content of each file.
    """

    images: np.ndarray
    names: tuple[str, ...]
    files: tuple[tuple[str, str | None], ...]
    chosen: int = 0
    framed: np.ndarray | None = None
    label: int | None = None
    notes: tuple[str, ...] = ()
    shown: str = ""
    sha256: tuple[str, ...] = ()
    place: tuple[float, float] | None = None

    @property
    def chosen_image(self) -> np.ndarray:
        """The image that is looked at, (1, 256, 256, 3)."""
        return self.images[self.chosen][None]

    @property
    def chosen_name(self) -> str:
        """Its name."""
        return self.names[self.chosen]


NOTHING = Given(np.zeros((0, 256, 256, 3), np.uint8), (), ())


def choose_images(entries: Sequence[Entry]) -> Given:
    """The controls of the Predict page; `NOTHING` while there is nothing to predict."""
    kinds = [OWN, MANY, SKY, MOCK] if common_data(entries) is None else [OWN, MANY, SKY, TEST, MOCK]
    if st.session_state.get("images", OWN) not in kinds:
        st.session_state.pop("images")
    kind = one_of(
        "Images",
        kinds,
        default=OWN,
        key="images",
        bind="query-params",
        help=words.predict.IMAGES_HELP,
    )
    if kind == MANY:
        show_many(entries)
        return NOTHING
    if kind == TEST:
        return _choose_test(entries)
    if kind == SKY:
        file = choose_place()
        return NOTHING if file is None else _read([file], entries)
    return _choose_mock(entries) if kind == MOCK else _choose_own(entries)


def _choose_test(entries: Sequence[Entry]) -> Given:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        galaxy = choose_test_galaxy(entries)
    if galaxy is None:
        return NOTHING
    return Given(
        galaxy.image[None], (galaxy.name,), ((galaxy.name, None),), label=galaxy.label, place=galaxy.place
    )


def _choose_mock(entries: Sequence[Entry]) -> Given:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Class", GALAXY10.names, key="mock", bind="query-params", width=260, help=words.predict.CLASS_HELP
        )
        number = whole_number(
            "Number", N_MOCK, key="number", bind="query-params", width=140, help=words.predict.NUMBER_HELP
        )
    label, is_known = GALAXY10.index(name), all(entry.classes == GALAXY10 for entry in entries)
    called = f"mock {name} {number}"
    return Given(
        mock_galaxy(label, number - 1)[None], (called,), ((called, None),), label=label if is_known else None
    )


def _choose_own(entries: Sequence[Entry]) -> Given:
    files = drop_images(words.predict.LABEL, "own", fill(words.predict.HELP, most=MOST_IMAGES))
    if not files:
        return _sample(entries)
    if len(files) > MOST_IMAGES:
        st.warning(fill(words.predict.TOO_MANY, most=MOST_IMAGES), icon=":material/warning:")
    return _read(files[:MOST_IMAGES], entries)


def _sample(entries: Sequence[Entry]) -> Given:
    """A galaxy that none of the networks was trained on, until there is one of the reader's own."""
    label, is_known = SAMPLE, all(entry.classes == GALAXY10 for entry in entries)
    name, image, note = f"mock {GALAXY10[label]}", mock_galaxy(label, 0), words.predict.SAMPLE_MOCK
    place = None
    if is_known and common_data(entries) is not None and len((pool := pool_of(entries)).of_class(label)):
        position = int(pool.of_class(label)[0])
        name, image, note = pool.names[position], pool.images([position])[0], words.predict.SAMPLE
        place = pool.place(position)
    st.caption(note)
    return Given(image[None], (name,), ((name, None),), label=label if is_known else None, place=place)


def _read(files: Sequence[Any], entries: Sequence[Entry]) -> Given:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        share, fits = choose_field(), choose_fits(files)
        views = [view_of(file, share, fits) for file in files]
        sound = [i for i, view in enumerate(views) if not isinstance(view, str)]
        chosen = _choose_one(files, sound)
    refused = [view for view in views if isinstance(view, str)]
    if refused:
        st.error(joined("  \n", refused), icon=":material/error:")
    if not sound:
        return NOTHING
    framed, looked_at = framed_of(files[sound[chosen]], share, entries, fits), views[sound[chosen]]
    listed = tuple(
        (file.name, view if isinstance(view, str) else None) for file, view in zip(files, views, strict=True)
    )
    images = np.stack([views[i].pixels for i in sound])
    names = tuple(files[i].name for i in sound)
    digests = tuple(_digest(files[i].file_id, files[i]) for i in sound)
    said = (looked_at.notes, looked_at.shown, digests, looked_at.place)
    return Given(images, names, listed, chosen, framed, None, *said)


@st.cache_data(max_entries=256, show_spinner=False)
def _digest(file_id: str, _file: Any) -> str:
    return hashlib.sha256(bytes_of(_file)).hexdigest()


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
