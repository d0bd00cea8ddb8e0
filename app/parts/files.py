"""Which file of galaxies: those that are known here, the mock ones, or any path that is typed."""

from pathlib import Path

import streamlit as st
import words.files
import words.train
from catalogue import Catalogue
from foreign import fill
from people import remember_opened
from places import files_of_all, is_here, known_files, path_of
from state import overview_of

from galaxy_core.errors import BadFileError, GalaxyError, MissingError, one_line
from galaxy_core.training.stand_in import DATA_MOCK, N_TRY

MOCK_COUNTS = (N_TRY // 10,) * 10
"""Every class is as frequent in mock galaxies."""


def choose_file(catalogue: Catalogue, key: str) -> str:
    """A path, or `mock` for the few hundred rendered galaxies; what is wrong with it is said below."""
    options = [DATA_MOCK, *known_files(catalogue)]
    typed = st.session_state.get(key)
    if typed and typed not in options:
        options.append(typed)
    chosen = st.selectbox(
        "Galaxies",
        options,
        key=key,
        format_func=in_words,
        accept_new_options=True,
        placeholder=words.train.FILE_PLACEHOLDER,
        help=words.train.FILE_HELP,
        filter_mode="contains",
    )
    file = str(chosen or DATA_MOCK).strip()
    if wrong := what_is_wrong(file):
        st.caption(fill(words.files.WRONG, wrong=wrong))
    elif file != DATA_MOCK and (path := str(path_of(file))) not in files_of_all(catalogue):
        remember_opened(path)
    return file


def choose_or_type_file(catalogue: Catalogue, key: str) -> str:
    """The same with a field below, which says what is wrong while one types; not for forms, where nothing is said."""
    file = choose_file(catalogue, key)
    typed = st.text_input(
        words.files.TYPED,
        key=f"{key}_typed",
        live=True,
        on_change=_take,
        args=(key,),
        placeholder=words.files.EXAMPLE,
        help=words.files.TYPED_HELP,
    ).strip()
    if typed and (wrong := what_is_wrong(typed)):
        st.caption(fill(words.files.WRONG, wrong=wrong))
    elif typed and str(path_of(typed)) == file:
        overview = overview_of(path_of(typed))
        st.caption(fill(words.files.OPENED, n=len(overview.labels), n_classes=len(overview.classes)))
    return file


def _take(key: str) -> None:
    """Choose what was typed, once it can be opened."""
    typed = st.session_state[f"{key}_typed"].strip()
    if typed and not what_is_wrong(typed):
        st.session_state[key] = str(path_of(typed))


def what_is_wrong(file: str) -> str:
    """Why these galaxies cannot be opened, in one sentence; empty where they can, or can be rendered."""
    try:
        check_file(file)
    except GalaxyError as error:
        return one_line(error)
    return ""


def check_file(file: str) -> None:
    """MissingError or BadFileError for galaxies that cannot be opened; mock ones are rendered when they are needed."""
    if file == DATA_MOCK:
        return
    path = path_of(file)
    if not is_here(path):
        if _is_folder(path):
            raise BadFileError(words.files.FOLDER.format(path=path))
        raise MissingError(what_is_missing(path))
    overview_of(path)


def what_is_missing(path: Path) -> str:
    """The first part of the path that leads nowhere, in a sentence; empty where there is a file or folder."""
    if is_here(path) or _is_folder(path):
        return ""
    here = next(one for one in (path, *path.parents) if one == one.parent or _is_folder(one.parent))
    return words.files.NOTHING.format(path=path, parent=here.parent, name=here.name)


def in_words(file: str) -> str:
    """How the picker names a file."""
    return words.train.MOCK_FILE if file == DATA_MOCK else file


def _is_folder(path: Path) -> bool:
    """False too where the system refuses to look."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
