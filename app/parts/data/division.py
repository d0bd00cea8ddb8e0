"""How a file is divided into training, validation and test, and the hash that names the division."""

from pathlib import Path

import streamlit as st
import words.data
from catalogue import Catalogue, Entry
from foreign import fill, told
from places import is_here, sha256_of
from state import new_split_of

from galaxy_core.data.overview import Overview, counts_by_part
from galaxy_core.data.split import Split
from galaxy_core.errors import GalaxyError
from galaxy_core.runs.run import SPLIT
from parts import look

SEPARATION_ARCSEC = 67.0
"""The side of a Galaxy10 image, which `split_galaxies` links galaxies by."""


def choose_split(overview: Overview, catalogue: Catalogue) -> tuple[Split, str]:
    """The split of a run that was trained on this file, or the one that a new training makes; and whose it is."""
    owners = {entry.name: entry for entry in catalogue.entries if _is_of(entry, overview)}
    options = [*owners, words.data.SPLIT_NEW]
    if st.session_state.get("split_of") not in options:
        wanted = st.query_params.get("run")
        st.session_state["split_of"] = wanted if wanted in owners else options[0]
    owner = st.selectbox(
        words.data.SPLIT_OF, options, key="split_of", help=words.data.SPLIT_OF_HELP, width=320
    )
    if owner in owners:
        st.query_params["run"] = owner
        return owners[owner].run.split(), owner
    return new_split_of(overview.path), owner


def show_split(overview: Overview, split: Split, owner: str) -> None:
    """Three bars a class, the sizes and the hash."""
    st.header(words.data.SPLIT_TITLE, anchor=False)
    parts = counts_by_part(overview.labels, split, len(overview.classes))
    bars = [
        look.bars(part, counts, list(overview.classes), colour)
        for (part, counts), colour in zip(parts.items(), look.series()[2::-1], strict=True)
    ]
    layout = look.bar_layout(430, "galaxies", "stack")
    sizes = ", ".join(f"{sum(counts):,} {part}" for part, counts in parts.items())
    look.chart({"data": bars, "layout": layout}, alt=f"The split of {owner}: {sizes}.", key="split")
    st.markdown(
        f"{told(sizes)} · {fill(words.data.SPLIT_HASH, hash=split.hash[:12])}",
        help=words.data.SPLIT_HASH_HELP,
    )
    st.caption(fill(words.data.SPLIT_NOTE, separation=SEPARATION_ARCSEC))


def _is_of(entry: Entry, overview: Overview) -> bool:
    """Whether the run was trained on this very file and its split can be read and fits."""
    if not (entry.run.path / SPLIT).is_file() or not _is_data_of(entry, overview.path):
        return False
    try:
        counts_by_part(overview.labels, entry.run.split(), len(overview.classes))
    except GalaxyError:
        return False
    return True


def _is_data_of(entry: Entry, path: Path) -> bool:
    """By its path; a file is hashed, which may take seconds, only for a run whose own path leads nowhere here."""
    if is_here(entry.config.data) or not entry.data().get("sha256"):
        return entry.config.data == str(path)
    return sha256_of(path) == entry.data()["sha256"]
