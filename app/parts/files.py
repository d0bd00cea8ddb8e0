"""Which file of galaxies: those that runs were trained on, the mock ones, or any path that is typed."""

from pathlib import Path

import streamlit as st
import words.train
from catalogue import Catalogue

from galaxy_core.data.cache import default_cache_folder
from galaxy_core.data.fetch import FILE_NAME
from galaxy_core.training.stand_in import DATA_MOCK, N_TRY, SEED_TRY

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


def known_files(catalogue: Catalogue) -> list[str]:
    """Files that are here and that runs were trained on, and the fetched one."""
    paths = [entry.config.data for entry in catalogue.entries] + [str(fetched_file())]
    here = dict.fromkeys(str(Path(path).absolute()) for path in paths if Path(path).is_file())
    return [path for path in here if path != str(mock_path())]


def in_words(file: str) -> str:
    """How the picker names a file."""
    return words.train.MOCK_FILE if file == DATA_MOCK else file


def mock_path() -> Path:
    """Where the rendered galaxies of `mock` lie once they are rendered."""
    return (default_cache_folder() / f"mock-{N_TRY}-{SEED_TRY}.h5").absolute()


def path_of(file: str) -> Path:
    """The file itself, which for `mock` may not be there yet."""
    return mock_path() if file == DATA_MOCK else Path(file).expanduser().absolute()


def fetched_file() -> Path:
    """Where this app fetches the published file to."""
    return default_cache_folder().absolute() / FILE_NAME
