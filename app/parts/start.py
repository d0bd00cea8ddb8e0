"""The start of a training: in a process of its own, which a reload or a restart of this page does not touch."""

from dataclasses import replace

import streamlit as st
import words.train
from state import overview_of

from galaxy_core.errors import MissingError
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.free_name import free_name
from galaxy_core.runs.launch import launch
from galaxy_core.training.stand_in import DATA_MOCK, mock_galaxies
from parts.files import path_of
from parts.shield import plain_errors


def show_start(config: TrainConfig, name: str) -> None:
    """The button, and under which name it starts."""
    with st.container(horizontal=True, vertical_alignment="center"):
        is_wanted = st.button(
            words.train.START, type="primary", icon=":material/play_arrow:", key="start_training"
        )
        st.caption(words.train.START_NAME.format(name=name or free_name(config)))
    if is_wanted:
        with plain_errors():
            st.query_params["run"] = _start(config, name)
            st.rerun()


def _start(config: TrainConfig, name: str) -> str:
    """Launch it; what can be refused at once is refused before a folder is made."""
    return launch(replace(config, data=_file(config.data)), name or free_name(config)).name


def _file(data: str) -> str:
    if data == DATA_MOCK:
        with st.spinner(words.train.RENDERING):
            return mock_galaxies()
    path = path_of(data)
    if not path.is_file():
        raise MissingError(f"there is no file {path}; type the path of a Galaxy10 file, or choose mock")
    overview_of(path)
    return str(path)
