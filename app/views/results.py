"""Results: the cut on the network, what it did to the accuracy, and where the network looks."""

from collections.abc import Sequence

import streamlit as st
import words.results
from catalogue import Catalogue, Entry, read_catalogue
from parts.accuracy import offer_accuracy, show_accuracy
from parts.choice import Choice, choose_run
from parts.curves import show_curves
from parts.network import draw_network
from parts.results.classes import show_classes
from parts.results.empty import show_empty
from parts.results.facts import show_data, show_facts
from parts.results.galaxies import show_galaxies, show_glance
from parts.results.live import show_live
from parts.results.rival import show_rival
from parts.results.sources import show_sources
from parts.results.table import show_table
from parts.results.troubles import show_troubles
from parts.results.upload import show_upload
from parts.shield import plain_errors
from row_curves import in_folds, pooled_rows

from galaxy_core.networks.cut import cut_at
from galaxy_core.networks.policy import get_policy
from galaxy_core.results.table import table_notes


def show_page(catalogue: Catalogue) -> None:
    """The page with whatever there is."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(words.results.QUESTION, anchor=False)
        if st.button(
            words.results.TO_PREDICT, type="primary", icon=":material/help_center:", key="to_predict"
        ):
            st.switch_page("views/predict.py")
        show_troubles(catalogue)
    st.markdown(words.results.LEAD)
    if not catalogue.entries:
        show_empty()
        return
    if catalogue.active:
        show_live(catalogue)
    show_results(catalogue)


@st.fragment
def show_results(catalogue: Catalogue) -> None:
    """Everything that depends on the chosen run; a move of the slider redraws this and no more."""
    with plain_errors():
        choice = choose_run(catalogue)
        left, right = st.columns([2, 3], gap="medium")
        with right:
            shown, folds = show_curve(choice, catalogue)
        with plain_errors():
            show_cut(choice.entry, folds)
        show_numbers(choice, shown, folds)
        with left, plain_errors():  # late, though it stands above: the networks may have to be loaded for it
            show_data(choice.entry)
            show_glance(choice)
        show_galaxies(choice)
        show_upload(choice)


def show_curve(choice: Choice, catalogue: Catalogue) -> tuple[Sequence[Entry], Sequence[Entry]]:
    """The curve over the cuts, and what it is drawn of; returns the runs that are in it, and the folds beside them."""
    curve = st.container()
    shown, folds = choose_extent(choice, catalogue)
    with curve, plain_errors():
        show_accuracy([*shown, *folds], choice.entry, is_survey=_is_survey(choice.entry))
    return shown, folds


def show_cut(entry: Entry, folds: Sequence[Entry]) -> None:
    """The cut in the network, and the main numbers."""
    draw_network(
        cut_at(entry.config.network, entry.config.cut), get_policy(entry.row.policy), entry.row.source
    )
    show_facts(entry, in_folds(folds, entry))


def show_numbers(choice: Choice, shown: Sequence[Entry], folds: Sequence[Entry]) -> None:
    """The rows of the curve as sentence and table; of one of them learning curve and confusion."""
    show_rival(shown, folds, choice.entry)
    with plain_errors():
        rows = [*pooled_rows([*folds, *shown]), *(entry.row for entry in shown)]
        show_table(rows, table_notes([entry.run for entry in (*shown, *folds)]), choice.entry.sweep)
    show_sources()
    show_curves(choice.entry)
    with plain_errors():
        show_classes(choice.entry)


def choose_extent(choice: Choice, catalogue: Catalogue) -> tuple[Sequence[Entry], Sequence[Entry]]:
    """The runs of the curve and the table, those of the chosen policy and source, or all of the sweep; and the folds
    in which they were tested.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        downloads = st.container(width="content")
        is_all = len(choice.sweep) > len(choice.alike) and st.toggle(
            words.results.ALL_ROWS, key="all_rows", bind="query-params", help=words.results.ALL_ROWS_HELP
        )
    shown = choice.sweep if is_all else choice.alike
    folds = catalogue.folds_beside(shown)
    with downloads:
        offer_accuracy([*shown, *folds], choice.entry.sweep)
    return shown, folds


def _is_survey(entry: Entry) -> bool:
    return entry.data().get("origin") == "survey"


with plain_errors():
    show_page(read_catalogue())
