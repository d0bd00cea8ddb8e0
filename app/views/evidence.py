"""Evidence: is the difference real, is the heat on the galaxy, can the answer be trusted."""

from collections.abc import Sequence

import streamlit as st
import words.choice
import words.evidence
from catalogue import Catalogue, Entry, read_catalogue
from foreign import fill
from parts.bound import one_of
from parts.evidence import FORMER, section_of
from parts.evidence.report import offer_report
from parts.evidence.studies import show_study
from parts.run_choice import in_table_order, show_how_to_begin
from parts.shield import plain_errors
from row_curves import in_folds, whole_folds

from galaxy_core.studies.registry import all_studies
from galaxy_core.studies.study import Study

# studies of answers alone, in which more galaxies say more
OF_FOLDS = ("accuracy", "difference", "policies")


def show_page(catalogue: Catalogue) -> None:
    """The page with whatever there is."""
    st.title(words.evidence.TITLE, anchor=False)
    st.markdown(words.evidence.LEAD)
    finished = in_table_order(catalogue)
    if not finished:
        show_how_to_begin()
        return
    entries = choose_sweep(finished)
    with plain_errors():
        offer_report(entries)
    with plain_errors():
        study = _studies()[choose_section()]
        show_study(study, choose_test(study, entries, catalogue))


def choose_sweep(finished: Sequence[Entry]) -> list[Entry]:
    """The finished runs of the sweep that was chosen, on any page or by the address; else of the fullest one."""
    sweeps = list(dict.fromkeys(entry.sweep for entry in finished))
    wanted = (st.session_state.get("sweep"), st.query_params.get("sweep"), sweeps[0])
    st.session_state["sweep"] = next(sweep for sweep in wanted if sweep in sweeps)
    sweep = st.session_state["sweep"]
    if len(sweeps) > 1:
        sweep = st.selectbox("Sweep", sweeps, key="sweep", help=words.choice.SWEEP_HELP, width=260)
    st.query_params["sweep"] = sweep
    return [entry for entry in finished if entry.sweep == sweep]


def choose_test(study: Study, entries: list[Entry], catalogue: Catalogue) -> Sequence[Entry]:
    """The runs themselves, or all folds in which their recipes were tested, which say more; rows without are named."""
    folds = whole_folds(catalogue.folds_beside(entries)) if study.name in OF_FOLDS else []
    if not folds:
        return entries
    is_in_folds = st.toggle(
        words.evidence.IN_FOLDS,
        value=True,
        key="folds",
        bind="query-params",
        help=words.evidence.IN_FOLDS_HELP,
    )
    if is_in_folds and (without := [one.name for one in entries if in_folds(folds, one) is None]):
        st.caption(fill(words.evidence.NOT_IN_FOLDS, names=", ".join(without)))
    return folds if is_in_folds else entries


def choose_section() -> str:
    """The section of a study; the address says which, an older one by its former name."""
    named = st.query_params.get("section")
    return one_of(
        "Section", list(_studies()), default=FORMER.get(named, "Difference"), key="section",
        bind="query-params", help=words.evidence.SECTION_HELP,
    )  # fmt: skip


def _studies() -> dict[str, Study]:
    """By the name of its section, each study that a page can show."""
    return {section_of(study.name): study for study in all_studies() if study.is_shown}


with plain_errors():
    show_page(read_catalogue())
