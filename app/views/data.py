"""Data: which galaxies, how many of each class, how they are divided, where they are, what the disk keeps of them."""

from pathlib import Path

import streamlit as st
import words.data
from catalogue import Catalogue, read_catalogue
from parts.data.caches import show_caches
from parts.data.dataset import choose_dataset, show_counts, show_dataset
from parts.data.division import choose_split, show_split
from parts.data.examples import show_examples
from parts.data.fetch import show_fetch
from parts.data.leaks import show_leaks
from parts.data.own import show_own
from parts.data.own_work import offer_training
from parts.data.sky import show_duplicates, show_sky
from parts.shield import plain_errors
from state import overview_of


def show_page(catalogue: Catalogue) -> None:
    """Galaxies of one's own, the chosen file in full, the real file and the caches, whatever each is worth."""
    st.title(words.data.TITLE, anchor=False)
    st.markdown(words.data.LEAD)
    with plain_errors():
        show_own()
    st.header(words.data.FILE_TITLE, anchor=False)
    with plain_errors():
        path = choose_dataset(catalogue)
        if path is not None:
            show_file(path, catalogue)
    with plain_errors():
        show_fetch()
    with plain_errors():
        show_caches(catalogue)


def show_file(path: Path, catalogue: Catalogue) -> None:
    """One file of galaxies."""
    overview = overview_of(path)
    show_dataset(overview)
    if str(path) != st.session_state.get("own_made"):  # of which it is offered above
        offer_training(st.query_params["file"])
    split, owner = choose_split(overview, catalogue)
    left, right = st.columns(2, gap="medium")
    with left:
        show_counts(overview, split)
    with right, plain_errors():
        show_split(overview, split, owner)
    show_examples(overview)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_sky(overview)
    with right:
        show_duplicates(overview)
    show_leaks(overview)


with plain_errors():
    show_page(read_catalogue())
