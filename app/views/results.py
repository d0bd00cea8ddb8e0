"""Results: the cut on the network, what it did to the accuracy, and where the network looks."""

import streamlit as st
import words
from catalogue import Catalogue, Entry, read_catalogue
from parts.accuracy import show_accuracy
from parts.choice import Choice, choose_run
from parts.classes import show_classes
from parts.curves import show_curves
from parts.empty import show_empty
from parts.facts import show_data, show_facts
from parts.galaxies import show_galaxies
from parts.live import show_live
from parts.network import draw_network
from parts.shield import plain_errors
from parts.table import show_table
from parts.troubles import show_troubles
from parts.upload import show_upload

from galaxy_core.evaluation.table import table_notes
from galaxy_core.transfer.densenet121 import cut_at
from galaxy_core.transfer.policy import get_policy


def show_page(catalogue: Catalogue) -> None:
    """The page with whatever there is."""
    st.title(words.QUESTION, anchor=False)
    st.markdown(words.LEAD)
    show_troubles(catalogue)
    if not catalogue.entries:
        show_empty()
        return
    if catalogue.active:
        show_live(catalogue)
    show_results(catalogue)


def show_results(catalogue: Catalogue) -> None:
    """Everything that depends on the chosen run."""
    badge = st.container()
    choice = choose_run(catalogue)
    entry = choice.entry
    with plain_errors():
        with badge:
            show_data(entry)
        draw_network(cut_at(entry.config.cut), get_policy(entry.row.policy), entry.row.source)
        show_facts(entry)
    show_numbers(choice)
    show_galaxies(choice)
    show_upload(choice)


def show_numbers(choice: Choice) -> None:
    """The curve over the cuts, the learning curve of the chosen one, and the table."""
    left, right = st.columns([3, 2], gap="medium")
    rows = [entry.row for entry in choice.sweep]
    with left:
        show_accuracy(rows, choice.entry, is_survey=_is_survey(choice.entry))
    with right:
        show_curves(choice.entry)
    with plain_errors():
        show_table(rows, table_notes([entry.run for entry in choice.sweep]), choice.entry.sweep)
    with plain_errors():
        show_classes(choice.entry)


def _is_survey(entry: Entry) -> bool:
    return entry.data().get("origin") == "survey"


with plain_errors():
    show_page(read_catalogue())
