"""What may be done with the runs there are: look at one, pack and download, rename, delete."""

from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st
import words.train
from catalogue import Catalogue
from foreign import Markdown, fill, joined

from galaxy_core.errors import GalaxyError, one_line
from galaxy_core.runs.names import LONGEST_NAME
from galaxy_core.runs.run import Run, delete_run, list_runs, rename_run
from parts import look
from parts.shield import plain_errors


def show_manage(catalogue: Catalogue) -> None:
    """The section; an empty state where there is no run."""
    st.header(words.train.MANAGE_TITLE, anchor=False)
    runs = {run.name: run for run in list_runs()}
    if not runs:
        st.caption(words.train.MANAGE_EMPTY)
        return
    _follow_address(runs)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Run", list(runs), key="managed", width=320, on_change=_watch_it)
        _show_buttons(runs[name])
    st.caption(_in_a_sentence(runs[name]))


def _follow_address(runs: dict[str, Run]) -> None:
    """The run that is watched is the one to act on; a run that is gone is nobody's choice any more."""
    wanted = st.query_params.get("run")
    if wanted in runs:
        st.session_state["managed"] = wanted
    elif st.session_state.get("managed") not in runs:
        st.session_state["managed"] = next(iter(runs))


def _watch_it() -> None:
    st.query_params["run"] = st.session_state["managed"]


def _show_buttons(run: Run) -> None:
    if run.is_whole and find_spec("galaxy_core.runs.pack") is not None:
        look.offer(
            words.train.DOWNLOAD,
            lambda: _packed(run),
            f"{run.name}.zip",
            "application/zip",
            "download_run",
            help=words.train.DOWNLOAD_HELP,
        )
    is_own = not run.is_shipped
    with st.popover("Rename", icon=":material/edit:", disabled=not is_own, help=words.train.RENAME_HELP):
        _ask_new_name(run)
    with st.popover("Delete", icon=":material/delete:", disabled=not is_own, help=words.train.DELETE_HELP):
        _ask_to_delete(run)


def _packed(run: Run) -> bytes:
    from galaxy_core.runs.pack import pack_run

    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{run.name}.zip"
        pack_run(run, path)
        return path.read_bytes()


def _ask_new_name(run: Run) -> None:
    name = st.text_input("New name", run.name, max_chars=LONGEST_NAME, key=f"new_name_of_{run.name}")
    if st.button("Rename it", type="primary", key="rename_now"):
        with plain_errors():
            st.query_params["run"] = rename_run(run.name, name.strip()).name
            st.rerun()


def _ask_to_delete(run: Run) -> None:
    st.markdown(fill(words.train.DELETE_ASK, name=run.name))
    if st.button("Delete it", type="primary", icon=":material/delete:", key="delete_now"):
        with plain_errors():
            delete_run(run.name)
            st.query_params.pop("run", None)
            st.rerun()


def _in_a_sentence(run: Run) -> Markdown:
    where = fill("in `{path}`", path=run.path)
    if run.is_shipped:
        where = Markdown("shipped with the project, read-only")
    try:
        return joined("; ", [run.status().sentence, where])
    except (GalaxyError, OSError) as error:
        return joined("; ", [one_line(error), where])
