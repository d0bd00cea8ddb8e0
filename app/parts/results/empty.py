"""Before there is any run: what will be here, and the quick experiment that fills it."""

import os
import time

import streamlit as st
import words.results
from children import begin_sweep
from foreign import fill, told

from galaxy_core.networks.cut import cut_at
from galaxy_core.networks.policy import DEFAULT_POLICY, POLICIES
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone
from galaxy_core.runs.launch import is_sweep_alive, last_words, sweep_log
from galaxy_core.runs.run import list_runs
from parts.accuracy import show_accuracy
from parts.choice import slide_paper_cuts
from parts.network import draw_network
from parts.shield import plain_errors

FIRST = "first"


def show_empty() -> None:
    """The start button (or the start itself, under `make explore`), and the cut on the network to play with."""
    with plain_errors():
        if os.environ.get("GALAXY_AUTOSTART") == "1":
            _start_once()
        with st.container(border=True):
            _show_start()
    percent = slide_paper_cuts()
    draw_network(cut_at(get_backbone(DEFAULT_BACKBONE), percent / 100), POLICIES[DEFAULT_POLICY], "imagenet")
    show_accuracy([], None)


@st.cache_resource(show_spinner=False)
def _start_once() -> float:
    """Once a server, whoever opens the page: an experiment that fails at once is not started again and again."""
    _launch()
    return time.time()


def _launch() -> None:
    begin_sweep(FIRST, "--data=mock", "--preset=quick")


def _show_start() -> None:
    if is_sweep_alive(FIRST):
        _wait()
        return
    last = last_words(sweep_log(FIRST))
    if last:
        st.error(fill(words.results.DEAD_START, tail=last), icon=":material/error:")
    st.markdown(words.results.EMPTY_LEAD)
    if st.button(words.results.EMPTY_BUTTON, type="primary", icon=":material/play_arrow:", key="start"):
        _launch()
        st.rerun()
    st.caption(words.results.EMPTY_TIME)
    st.caption(words.results.EMPTY_SHIPPED)
    st.page_link("views/data.py", label=words.results.TO_OWN, icon=":material/add_photo_alternate:")


@st.fragment(run_every=2)
def _wait() -> None:
    if list_runs() or not is_sweep_alive(FIRST):
        st.rerun()
    st.markdown(f":material/hourglass_top: {words.results.STARTING}")
    last = last_words(sweep_log(FIRST))
    if last:
        st.caption(told(last))
