"""Galaxies as several networks see them, asked once and shown by every part of a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import streamlit as st
import words.maps
from catalogue import Entry
from foreign import Markdown, link, told
from state import digest_of, explained_by, loaded, shares_of

from galaxy_core.catalogues.cutouts import viewer_at
from galaxy_core.data.classes import Classes
from galaxy_core.images.view import View
from galaxy_core.maps.cells import views_in_words
from galaxy_core.maps.figure import FigureRow, explained_cell, heatmap_figure
from galaxy_core.maps.galaxy_mask import GalaxyMask, find_galaxy
from galaxy_core.serving.lineup import Explained
from parts import look, maps
from parts.paint import Paint
from parts.run_choice import short_names


@dataclass(frozen=True)
class Seen:
    """One galaxy: its image, class (None where unknown), and by run: short name, probabilities of the `classes`, and
    all maps of the same pass.

    `doubted`: the runs whose answer on it is not to be believed, and so is said quietly. `place`: right ascension and
    declination in degrees, None where they are not known.
    """

    image: np.ndarray
    name: str
    label: int | None
    short: dict[str, str]
    shares: dict[str, np.ndarray]
    maps: dict[str, Explained]
    position: int
    classes: Classes
    doubted: frozenset[str] = frozenset()
    place: tuple[float, float] | None = None

    def values(self, run: str, wanted: int, how: Paint) -> np.ndarray:
        """The map (h, w) of one run and class, in logits."""
        return maps.map_of(self.maps[run], self.position, wanted, how.kind)

    def all_maps(self, run: str) -> np.ndarray:
        """The maps of all classes (classes, h, w) of one run."""
        return np.asarray(self.maps[run].maps[self.position])

    @cached_property
    def mask(self) -> GalaxyMask:
        """Where the galaxy is in the image; kept, since every move of the slider asks for it again."""
        return _mask(digest_of(self.image), self.image)

    @property
    def believed(self) -> dict[str, np.ndarray]:
        """The probabilities of each run that is not doubted."""
        return {run: shares for run, shares in self.shares.items() if run not in self.doubted}

    def view(self, run: str) -> View:
        """What this run sees of the image: its answer and its maps are of that alone."""
        return self.maps[run].view

    def share(self, run: str) -> float:
        """The same as a share of the image's side."""
        return self.view(run).share(self.image.shape)

    def answer(self, run: str) -> int:
        """The class this run names."""
        return int(self.shares[run].argmax())


@st.cache_resource(max_entries=256, show_spinner=False)
def _mask(digest: str, _image: np.ndarray) -> GalaxyMask:
    return find_galaxy(_image)


def see(
    entries: Sequence[Entry],
    images: np.ndarray,
    names: Sequence[str],
    labels: Sequence[int | None],
    places: Sequence[tuple[float, float] | None] | None = None,
) -> list[Seen]:
    """Ask the sound ones of `entries` about images uint8 (N, 256, 256, 3); those refused are said on the page.

    All entries tell the same classes apart.
    """
    for sentence in loaded(entries).refused:
        st.warning(told(sentence), icon=":material/warning:")
    explained = explained_by(entries, images)
    shares = shares_of({run: one.logits for run, one in explained.items()})
    short = {name: text for name, text in short_names(entries).items() if name in explained}
    own, classes = [{run: shares[run][i] for run in short} for i in range(len(images))], entries[0].classes
    where = places or [None] * len(images)
    return [
        Seen(image, names[i], labels[i], short, own[i], explained, i, classes, place=where[i])
        for i, image in enumerate(images)
    ]


def sky_link(place: tuple[float, float] | None) -> Markdown:
    """` · ` and a link to the survey's viewer, for behind a name; nothing of a galaxy whose place is not known."""
    found = link(words.maps.SKY_LINK, viewer_at(place))
    return Markdown(f" · {found}" if found else "")


def say_what_is_seen(views: Mapping[str, View]) -> None:
    """What the frames on a page are, and that maps are coarse where they are; `views` by the name on the page."""
    for sentence in views_in_words(views):
        st.caption(told(sentence))


def figure_row(seen: Seen, wanted: dict[str, int], how: Paint) -> FigureRow:
    """The same galaxy as a row of the picture that can be downloaded."""
    cells = (
        explained_cell(
            short, seen.maps[run], seen.position, seen.classes, wanted[run], centred=how.kind == maps.CENTRED
        )
        for run, short in seen.short.items()
    )
    return FigureRow(seen.image, "" if seen.label is None else seen.classes[seen.label], tuple(cells))


def offer_picture(
    galaxies: Sequence[Seen], wanted: Sequence[dict[str, int]], how: Paint, *, title: str, name: str
) -> None:
    """A button that draws what is shown as a PNG when it is pressed."""

    def png() -> bytes:
        import cv2

        rows = [figure_row(seen, classes, how) for seen, classes in zip(galaxies, wanted, strict=True)]
        picture = heatmap_figure(rows, title=title, colormap=how.colormap, scale=how.scale)
        return cv2.imencode(".png", picture[..., ::-1])[1].tobytes()

    look.offer(f"{name}.png", png, f"{name}.png", "image/png", f"png_{name}")
