"""The start of a training: in a process of its own, which a reload or a restart of this page does not touch."""

from dataclasses import replace

import streamlit as st
import words.train
from children import begin_training
from foreign import fill
from places import path_of

from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.data.galaxy10 import classes_of
from galaxy_core.errors import BadValueError, MissingError
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.free_name import free_name, is_taken
from galaxy_core.runs.names import check_name
from galaxy_core.transfer.source import AUTO, settle_source
from parts.files import check_file
from parts.shield import plain_errors


def show_start(config: TrainConfig, name: str) -> None:
    """The button, and under which name it starts."""
    with st.container(horizontal=True, vertical_alignment="center"):
        is_wanted = st.button(
            words.train.START, type="primary", icon=":material/play_arrow:", key="start_training"
        )
        st.caption(fill(words.train.START_NAME, name=name or free_name(config)))
    if is_wanted:
        with plain_errors():
            started = st.query_params["run"] = _start(config, name or free_name(config))
            st.toast(
                fill(words.train.STARTED, name=started), icon=":material/model_training:", duration="long"
            )
            st.rerun()


def _start(config: TrainConfig, name: str) -> str:
    """Launch it; what can be refused at once is refused before a folder is made.

    Nothing is drawn, and nothing slow is done, between the click and the launch: a visitor who leaves meanwhile ends
    what draws the page at its next element, and the training must have been started by then.
    """
    _check_free(name)
    check_file(config.data)
    with st.spinner(words.train.STARTING):
        # mock galaxies that are not rendered yet are rendered by the training itself
        path = path_of(config.data)
        return begin_training(
            replace(_of_classes(_settled(config), classes_of(path)), data=str(path)), name
        ).name


def _of_classes(config: TrainConfig, classes: Classes) -> TrainConfig:
    """Of the classes of the file, without the mock galaxies of a preset where they are others than theirs."""
    mocks = {} if classes == GALAXY10 else {"n_mocks": 0, "mock_epochs": None}
    return replace(config, classes=classes, **mocks)


def _check_free(name: str) -> None:
    """BadValueError for a name that cannot be had, before its source may have to be fetched."""
    if is_taken(check_name(name)):
        raise BadValueError(f"a run named {name} exists; choose another name")


def _settled(config: TrainConfig) -> TrainConfig:
    """With its source by name, as config.json must say it. MissingError where it is not to be had."""
    try:
        return settle_source(config)
    except MissingError as error:
        if config.source != AUTO:
            raise
        raise MissingError(words.train.NO_SOURCE) from error
