"""Train: choose a cut and a recipe, or the whole table, see what it will do, start, watch, stop, keep or delete it."""

import streamlit as st
import words.table
import words.train
from catalogue import Catalogue, read_catalogue
from parts.bound import one_of
from parts.network import draw_network
from parts.shield import plain_errors
from parts.train.intent import show_intent
from parts.train.load import show_load
from parts.train.manage import show_manage
from parts.train.settings import choose_cut, choose_settings
from parts.train.start import show_start
from parts.train.table import show_table_form
from parts.train.tables import show_unfinished
from parts.train.watch import show_watch

from galaxy_core.networks.cut import cut_at
from galaxy_core.networks.policy import get_policy


def show_page(catalogue: Catalogue) -> None:
    """What is at work, then a new training, then what to do with those there are."""
    st.title(words.train.TITLE, anchor=False)
    show_watch(catalogue)
    show_new(catalogue)
    show_manage(catalogue)
    show_load(catalogue)


def show_new(catalogue: Catalogue) -> None:
    """One network or the whole table: the settings, the network they cut, and the start."""
    st.header(words.train.NEW_TITLE, anchor=False)
    options = [words.table.ONE, words.table.ALL]
    what = one_of(
        words.table.WHAT, options, default=words.table.ONE, key="what", bind="query-params",
        help=words.table.WHAT_HELP,
    )  # fmt: skip
    if what == words.table.ALL:
        show_unfinished(catalogue)
        show_table_form(catalogue)
        return
    st.markdown(words.train.NEW_LEAD)
    with plain_errors():
        cut = choose_cut()
        drawing = st.container()  # under the slider's thumb, though the policy is chosen further down
        config, name = choose_settings(catalogue, cut)
        with drawing:
            draw_network(cut_at(config.network, cut), get_policy(config.policy), config.source)
        show_intent(config, catalogue)
        show_start(config, name)


with plain_errors():
    show_page(read_catalogue())
