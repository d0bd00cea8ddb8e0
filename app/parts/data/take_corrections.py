"""Corrections of the file that is looked at, read back in from a CSV, and what became of them."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st
import words.correct
from foreign import told

from galaxy_core.data.corrections import Ledger
from galaxy_core.data.corrections_csv import read_corrections, taken_in_words
from galaxy_core.data.overview import Overview
from galaxy_core.errors import GalaxyError, one_line
from parts.dropped import bytes_of, drop_image

FILE, TAKEN, REFUSED = "corrections_taken_from", "corrections_taken", "corrections_refused"


def take_corrections(ledger: Ledger, overview: Overview) -> None:
    """A small form, and the sentence that came of it the last time."""
    with (
        st.popover(words.correct.TAKE, icon=":material/upload_file:", type="tertiary"),
        st.form("take_corrections", border=False, clear_on_submit=True),
    ):
        drop_image(words.correct.TAKE_LABEL, FILE, words.correct.TAKE_HELP)
        take = partial(_take, ledger, overview)
        st.form_submit_button(words.correct.TAKE_BUTTON, type="primary", on_click=take)
    if said := st.session_state.pop(TAKEN, ""):
        st.success(told(said), icon=":material/check:")
    if refused := st.session_state.pop(REFUSED, ""):
        st.error(told(refused), icon=":material/error:")


def _take(ledger: Ledger, overview: Overview) -> None:
    """Before the page is drawn again, so that it is drawn with what was taken."""
    file = st.session_state.get(FILE)
    if file is None:
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "the CSV"
        try:
            path.write_bytes(bytes_of(file))
            found = read_corrections(path, overview.labels, overview.classes, ledger.of)
            later = ledger.merge({str(row): one for row, one in found.items()})
        except (GalaxyError, OSError) as error:
            st.session_state[REFUSED] = one_line(error).replace(str(path), file.name)
        else:
            st.session_state[TAKEN] = f"{file.name}: {taken_in_words(len(found), len(later))}."
