"""Galaxies to look at: of the test part of the runs where their data file is here, else rendered for the page."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
import words.maps
from catalogue import Entry, Fingerprint, fingerprint
from foreign import Markdown, fill
from places import data_of
from state import overview_of, probabilities_of

from galaxy_core.data.classes import GALAXY10
from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.errors import GalaxyError, MissingError
from galaxy_core.results.order import shared_answers

SEED_OF_THE_PAGE = 10
"""Mock galaxies drawn for the page, the same for everybody. Of a few seeds the one whose first three sets, small,
medium and large galaxies among them, the shipped `best` has right: a page of examples is no test."""
N_RENDERED = 3
"""Mock galaxies of each class, where a page wants many and the test galaxies are not here."""


@dataclass(frozen=True)
class Sample:
    """images uint8 (N, 256, 256, 3), labels (N,), what each is called, and where they come from."""

    images: np.ndarray
    labels: tuple[int, ...]
    names: tuple[str, ...]
    origin: Markdown


def sample_of(entry: Entry, number: int) -> Sample:
    """The `number`-th galaxy of each class (from 0) that this run has not been trained on."""
    path, key = data_of(entry), fingerprint([entry])
    if path is not None:
        with suppress(GalaxyError, OSError):
            return _of_test_part(str(path), path.stat().st_mtime_ns, number, key, entry)
    _require_mock_classes(entry)
    return _rendered(_name_of_data(entry), number)


def _require_mock_classes(entry: Entry) -> None:
    if entry.classes != GALAXY10:
        raise MissingError(words.maps.NO_MOCKS.format(file=_name_of_data(entry), name=entry.name))


@st.cache_data(max_entries=32, show_spinner="Opening the galaxies …")
def _of_test_part(path: str, mtime_ns: int, number: int, key: Fingerprint, _entry: Entry) -> Sample:

    galaxies = open_galaxies(path)
    test = _entry.run.split().test
    by_class = [test[galaxies.labels[test] == label] for label in range(len(galaxies.classes))]
    rows = [int(rows[number % len(rows)]) for rows in by_class if len(rows)]
    labels = tuple(int(galaxies.labels[row]) for row in rows)
    names = tuple(f"galaxy {row}" for row in rows)
    return Sample(
        np.array(galaxies.images[rows]), labels, names, fill(words.maps.SAMPLE_TEST, file=galaxies.path.name)
    )


@st.cache_data(max_entries=32, show_spinner=False)
def _rendered(file: str, number: int) -> Sample:
    from galaxy_core.data.mock import render

    labels = tuple(range(len(GALAXY10)))
    drawn = [
        render(label, np.random.default_rng([SEED_OF_THE_PAGE, number, label])).image for label in labels
    ]
    names = tuple("mock galaxy" for _ in labels)
    return Sample(np.stack(drawn), labels, names, fill(words.maps.SAMPLE_MOCK, file=file))


@dataclass(frozen=True)
class Pool:
    """Galaxies that no run among some was trained on: int labels (N,), names, and (N, C) probabilities by run.

    `rows` int (N,) are those of the file, or of the renderings where `file` is None.
    """

    labels: np.ndarray
    names: tuple[str, ...]
    probabilities: dict[str, np.ndarray]
    origin: Markdown
    rows: np.ndarray
    file: str | None

    def of_class(self, label: int) -> np.ndarray:
        """Positions of the galaxies of one class, in the order of the file."""
        return np.flatnonzero(self.labels == label)

    def place(self, position: int) -> tuple[float, float] | None:
        """Where the galaxy at this position is on the sky; None where that is not known."""
        return None if self.file is None else overview_of(Path(self.file)).place(int(self.rows[position]))

    def images(self, positions: Sequence[int]) -> np.ndarray:
        """uint8 (n, 256, 256, 3) of these galaxies."""
        rows = tuple(int(self.rows[i]) for i in positions)
        if self.file is None:
            return np.concatenate([_rendered("", row // 10).images[[row % 10]] for row in rows])
        return _read(self.file, Path(self.file).stat().st_mtime_ns, rows)


def pool_of(entries: Sequence[Entry]) -> Pool:
    """The common test part of `entries`; mock galaxies where their data is not on this computer, or not the same."""
    file = common_data(entries)
    if file is not None:
        return _test_pool(fingerprint(entries), str(file), file.stat().st_mtime_ns, entries)
    _require_mock_classes(entries[0])
    return _mock_pool(fingerprint(entries), _name_of_data(entries[0]), entries)


def common_data(entries: Sequence[Entry]) -> Path | None:
    """The one file that all of `entries` were trained and tested on; None where there is none, or it is not here."""
    is_one = len({str(entry.data().get("sha256")) for entry in entries}) == 1
    return data_of(entries[0]) if is_one else None


def mock_galaxy(label: int, number: int) -> np.ndarray:
    """The `number`-th (from 0) mock galaxy of a class, uint8 (256, 256, 3)."""
    return _rendered("", number).images[label]


@st.cache_resource(max_entries=16, show_spinner="Opening the galaxies …")
def _test_pool(key: Fingerprint, path: str, mtime_ns: int, _entries: Sequence[Entry]) -> Pool:

    shared = shared_answers(entry.run for entry in _entries)
    names = tuple(f"galaxy {row}" for row in shared.index)
    origin = fill(words.maps.POOL_TEST, n=len(names), file=Path(path).name)
    return Pool(shared.labels, names, shared.probabilities, origin, shared.index, path)


@st.cache_resource(max_entries=4, show_spinner="Rendering mock galaxies …")
def _mock_pool(key: Fingerprint, file: str, _entries: Sequence[Entry]) -> Pool:
    sets = [_rendered("", number) for number in range(N_RENDERED)]
    images = np.concatenate([one.images for one in sets])
    labels = np.array([label for one in sets for label in one.labels])
    names = tuple(f"mock galaxy {row}" for row in range(len(labels)))
    origin = fill(words.maps.POOL_MOCK, file=file)
    return Pool(labels, names, probabilities_of(_entries, images), origin, np.arange(len(labels)), None)


def _name_of_data(entry: Entry) -> str:
    return str(entry.data().get("file") or Path(entry.config.data).name)[:100]


@st.cache_data(max_entries=64, show_spinner=False)
def _read(path: str, mtime_ns: int, rows: tuple[int, ...]) -> np.ndarray:

    galaxies = open_galaxies(path)
    return np.stack([galaxies.images[row] for row in rows])
