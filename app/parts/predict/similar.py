"""Galaxies of the training, and the reader's other images, that are nearest to an image as a network sees them."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st
import words.similar
import words.waiting
from catalogue import Entry, Fingerprint, fingerprint
from foreign import fill, plain, quoted
from places import data_of, sha256_of
from state import digest_of, examples_of, overview_of

from parts import maps, waiting
from parts.bound import one_of
from parts.picture import as_url
from parts.predict.feature_map import OnMap, sheet_of, show_feature_map
from parts.predict.given import Given
from parts.seen import sky_link
from parts.shield import plain_errors
from parts.waiting import Step

if TYPE_CHECKING:
    from galaxy_core.prediction.similar import Space

N_SHOWN = 6
FAR = 2.0
"""From there on nothing of the training is called near: with the network `best` 139 of 140 held-out real galaxies have
a galaxy nearer than that, none of 16 pieces of photographs has.
"""
ASKED = "similar_asked"


class _Near(NamedTuple):
    """A galaxy of the training or an own image at that distance from the image that is looked at."""

    distance: float
    image: np.ndarray
    label: str
    name: str
    place: tuple[float, float] | None = None


def show_similar(given: Given, entries: Sequence[Entry]) -> None:
    """The section: of which network, then the nearest once they were asked for."""
    st.header(words.similar.TITLE, anchor=False, help=words.similar.HELP)
    names = {plain(entry.name): entry for entry in entries}
    maps.keep_among("similar", list(names))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            words.similar.NETWORK, list(names), key="similar", bind="query-params", width=320
        )
        entry = names[chosen]
        part = words.similar.PARTS[
            one_of(
                words.similar.AMONG, list(words.similar.PARTS), default=next(iter(words.similar.PARTS)),
                key="similar_among", bind="query-params", help=words.similar.AMONG_HELP,
            )
        ]  # fmt: skip
        path = data_of(entry)
        if path is not None and st.session_state.get(ASKED) != entry.name:
            st.button(
                words.similar.FIND, key="find_similar", on_click=_ask, args=(entry.name,),
                icon=":material/image_search:",
            )  # fmt: skip
    if path is None:
        st.caption(fill(words.similar.NOT_HERE, name=entry.name))
    elif st.session_state.get(ASKED) != entry.name:
        from galaxy_core.prediction.similar import MOST_GALAXIES

        st.caption(fill(words.similar.IDLE, most=MOST_GALAXIES))
    else:
        with plain_errors():
            _show(given, entry, path, part)


def _ask(name: str) -> None:
    """Of this network from now on; another one looks when it is asked."""
    st.session_state[ASKED] = name


def _show(given: Given, entry: Entry, path: Path, part: str) -> None:
    space, sheet = _space_of(entry, path, part)
    features = _features(fingerprint([entry]), digest_of(given.images), given.images, entry)
    rows, distances = space.nearest(features[[given.chosen]], N_SHOWN)
    labels = overview_of(path).labels[rows[0]]
    _say(entry, labels, float(distances[0, 0]), is_training=part == "training")
    pictures = examples_of(path, tuple(map(int, rows[0])))
    place = overview_of(path).place
    found = [
        _Near(float(distance), image, entry.classes[int(label)], f"galaxy {row}", place(int(row)))
        for distance, image, label, row in zip(distances[0], pictures, labels, rows[0], strict=True)
    ]
    found += _own(given, space, features)
    _hang(sorted(found, key=lambda one: one.distance)[:N_SHOWN])
    st.caption(fill(words.similar.AMONG_HOW_MANY, n=len(space.rows), file=path.name, part=part))
    labels = overview_of(path).labels[space.rows]
    show_feature_map(OnMap(space, entry, path, labels, sheet, given.names, given.images, features))


def _say(entry: Entry, labels: np.ndarray, nearest: float, *, is_training: bool) -> None:
    label, n_alike = Counter(labels.tolist()).most_common(1)[0]
    if is_training and nearest > FAR:
        st.warning(fill(words.similar.FAR, nearest=nearest), icon=":material/explore:")
        return
    name = entry.classes[label]
    st.markdown(fill(words.similar.NEAREST, n_alike=n_alike, n=len(labels), label=name, nearest=nearest))


def _own(given: Given, space: "Space", features: np.ndarray) -> "list[_Near]":
    """The reader's other images with their distances from the one that is looked at."""
    distances = space.distances(features[[given.chosen]], features)[0]
    return [
        _Near(float(distances[i]), given.images[i], words.similar.OWN, name)
        for i, name in enumerate(given.names)
        if i != given.chosen
    ]


def _hang(found: "Sequence[_Near]") -> None:
    grid = st.grid("auto", min_column_width=150)
    for one in found:
        with grid.container():
            alt = words.similar.ALT.format(name=plain(f"{one.label}, {one.name}"), distance=one.distance)
            st.image(as_url(one.image), width="stretch", alt=alt)
            said = f"{quoted(one.name)} · {one.distance:.2f}{sky_link(one.place)}"
            st.markdown(f"**{quoted(one.label)}**  \n{said}")


def _space_of(entry: Entry, path: Path, part: str) -> "tuple[Space, str]":
    """The space and small pictures of what is in it, by the weights and the file; made once for all visitors."""

    def make(step: Step) -> "tuple[Space, str]":
        from galaxy_core.data.galaxy10 import open_galaxies
        from galaxy_core.prediction.similar import space_of

        galaxies = open_galaxies(path, progress=step(words.waiting.OPENING))
        space = space_of(entry.run, galaxies, part, progress=step(words.similar.LOOKING))
        return space, sheet_of(galaxies.images, space.rows)

    return waiting.work(("similar", fingerprint([entry]), sha256_of(path), part), make)


@st.cache_data(max_entries=32, show_spinner="The network is looking …")
def _features(key: Fingerprint, digest: str, _images: np.ndarray, _entry: Entry) -> np.ndarray:
    from galaxy_core.prediction.similar import final_features

    return final_features(_entry.run, _images)
