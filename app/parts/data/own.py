"""Galaxies of one's own: what is dropped or named is shown as it was understood, and then made into a file."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st
import words.data
from children import begin_importing, forget_dropped, importing_place
from foreign import fill, plain, told
from places import is_here, own_file, path_of

from galaxy_core.catalogues.own_galaxies import Understood, look_at
from galaxy_core.data.classes import Classes, UnnamedError
from galaxy_core.errors import BadFileError, BadValueError, GalaxyError
from galaxy_core.files.atomic import write_bytes_atomically
from galaxy_core.runs.launch import is_at_work
from galaxy_core.runs.names import LONGEST_NAME
from parts.data.dropped_folder import dropped_folder
from parts.data.own_work import follow, show_outcome
from parts.shield import plain_errors

ANCHOR = "galaxies-of-your-own"
MOST_MEGABYTES = 200
"""As `server.maxUploadSize` in app/.streamlit/config.toml: whatever a widget says, the server takes no more."""
DROPPED = [".zip", ".parquet", ".csv"]
SECONDS_KEPT = 60
"""How long what was understood of a path is shown without looking again."""


@dataclass(frozen=True)
class Given:
    """What a visitor gave: `name` for people, `mark` another for whatever else was given, and where it is."""

    name: str
    mark: str
    dropped: Any = None
    path: Path | None = None


def show_own() -> None:
    """The two ways in, what was understood, and the work, which every window sees."""
    st.header(words.data.OWN_TITLE, anchor=ANCHOR)
    st.markdown(words.data.OWN_LEAD)
    if is_at_work(importing_place()):
        follow()
        return
    show_outcome()
    with plain_errors():
        given = _ask()
        if given is not None:
            _offer(given)


def _ask() -> Given | None:
    left, right = st.columns(2, gap="medium")
    file = left.file_uploader(
        words.data.OWN_DROP,
        DROPPED,
        key="own_dropped",
        max_upload_size=MOST_MEGABYTES,
        help=words.data.OWN_DROP_HELP,
    )
    files = left.file_uploader(
        words.data.OWN_FOLDER,
        accept_multiple_files="directory",
        key="own_folder",
        max_upload_size=MOST_MEGABYTES,
        help=words.data.OWN_FOLDER_HELP,
    )
    typed = right.text_input(
        words.data.OWN_PATH,
        key="own_path",
        placeholder=words.data.OWN_PATH_EXAMPLE,
        help=words.data.OWN_PATH_HELP,
    ).strip()
    if file is not None:
        return _dropped(file)
    if files:
        folder = dropped_folder(files, MOST_MEGABYTES)
        return Given(folder.name, folder.file_id, dropped=folder)
    return Given(typed, typed, path=path_of(typed)) if typed else None


def _dropped(file: Any) -> Given:
    """BadFileError where it is larger, or of another kind, than the widget allows: a browser may be bypassed."""
    if file.size > MOST_MEGABYTES * 2**20 or _suffix(file.name) not in DROPPED:
        raise BadFileError(
            f"{file.name} is no zip or Parquet file of at most {MOST_MEGABYTES} MB; type the path of what is larger"
        )
    if _suffix(file.name) == ".csv":
        raise BadFileError(
            f"{file.name} names pictures and has none; drop the folder that holds both (as labels.csv), a zip "
            "of it, or type the path of the CSV"
        )
    return Given(file.name, file.file_id, dropped=file)


def _offer(given: Given) -> None:
    classes = st.text_input(
        words.data.OWN_CLASSES,
        key="own_classes",
        width=640,
        placeholder=words.data.OWN_CLASSES_EXAMPLE,
        help=words.data.OWN_CLASSES_HELP,
    ).strip()
    try:
        understood = _understood(given.mark, classes, given)
    except UnnamedError as error:
        st.warning(
            fill(words.data.OWN_NUMBERS, numbers=", ".join(map(str, error.numbers))), icon=":material/pin:"
        )
        return
    _show(understood)
    with st.form("own", border=False):
        name = st.text_input(
            "Name",
            _name_of(given.name),
            key="own_name",
            width=420,
            max_chars=LONGEST_NAME,
            help=words.data.OWN_NAME_HELP,
        )
        is_wanted = st.form_submit_button(
            words.data.OWN_MAKE, type="primary", icon=":material/add_photo_alternate:"
        )
    if is_wanted:
        _begin(given, name.strip(), classes)


def _show(understood: Understood) -> None:
    n = sum(understood.class_counts)
    st.markdown(fill(words.data.OWN_UNDERSTOOD, n=n, n_classes=len(understood.classes)))
    numbers = [f"{i}: " if understood.are_numbers else "" for i in range(len(understood.classes))]
    names = [f"{number}{plain(name)}" for number, name in zip(numbers, understood.classes, strict=True)]
    st.dataframe(
        {"class": names, "galaxies": list(understood.class_counts)},
        hide_index=True,
        width=420,
        key="own_seen",
    )
    if understood.left_out:
        left_out = understood.left_out_in_words
        st.caption(told(f"{left_out[0].upper()}{left_out[1:]}."))


def _begin(given: Given, name: str, classes: str) -> None:
    out = own_file(name)
    if is_here(out):
        raise BadValueError(f"there is a file {out.name} already; choose another name")
    source = given.path or _keep(given.dropped)
    begin_importing(source, out, classes)
    st.session_state["own_made"] = str(out)
    st.rerun()


def _keep(file: Any) -> Path:
    """The dropped file where the process that imports it finds it."""
    place = importing_place()
    forget_dropped()
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"dropped{_suffix(file.name)}"
    write_bytes_atomically(path, file.getvalue())
    return path


@st.cache_resource(max_entries=8, ttl=SECONDS_KEPT, show_spinner=words.data.OWN_LOOKING)
def _understood(mark: str, classes: str, _given: Given) -> Understood:
    named = Classes([name.strip() for name in classes.split(",")]) if classes else None
    with TemporaryDirectory() as folder, _at_hand(_given, Path(folder)) as path:
        return look_at(path, Path(folder) / "file.h5", classes=named)


@contextmanager
def _at_hand(given: Given, folder: Path) -> Iterator[Path]:
    """Its path; a dropped file is put into `folder` for a while, and errors call it by its own name."""
    if given.path is not None:
        yield given.path
        return
    path = folder / f"dropped{_suffix(given.name)}"
    path.write_bytes(given.dropped.getbuffer())
    try:
        yield path
    except GalaxyError as error:
        error.args = (str(error).replace(str(path), given.name), *error.args[1:])
        raise


def _suffix(name: str) -> str:
    return Path(name).suffix.lower()


def _name_of(given: str) -> str:
    """A name for the file, of the letters that it may have."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", Path(given).stem).strip(".-")[:LONGEST_NAME]
