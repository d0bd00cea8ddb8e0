"""Which file of galaxies: those that runs were trained on, the mock ones, or any path that is typed."""

import streamlit as st
import words.train
from catalogue import Catalogue
from places import known_files

from galaxy_core.training.stand_in import DATA_MOCK, N_TRY

MOCK_COUNTS = (N_TRY // 10,) * 10
"""Every class is as frequent in mock galaxies."""


def choose_file(catalogue: Catalogue, key: str) -> str:
    """A path, or `mock` for the few hundred rendered galaxies."""
    options = [DATA_MOCK, *known_files(catalogue)]
    typed = st.session_state.get(key)
    if typed and typed not in options:
        options.append(typed)
    file = st.selectbox(
        "Galaxies",
        options,
        key=key,
        format_func=in_words,
        accept_new_options=True,
        placeholder=words.train.FILE_PLACEHOLDER,
        help=words.train.FILE_HELP,
        filter_mode="contains",
    )
    return str(file or DATA_MOCK).strip()


def in_words(file: str) -> str:
    """How the picker names a file."""
    return words.train.MOCK_FILE if file == DATA_MOCK else file
