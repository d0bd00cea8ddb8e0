"""A galaxy of each class as the file has it, a set at a time."""

import streamlit as st
import words.data
from foreign import quoted
from state import examples_of

from galaxy_core.data.overview import Overview, example_rows
from parts.correct import Asked, ledger_of_file, offer_correction, offer_corrections
from parts.data.take_corrections import take_corrections
from parts.picture import as_url
from parts.seen import sky_link

N_SETS = 12


def show_examples(overview: Overview) -> None:
    """A picture a class; the numbered buttons turn the pages."""
    st.header(words.data.EXAMPLES_TITLE, anchor=False)
    number = st.pagination(N_SETS, key="examples", bind="query-params")
    rows = example_rows(overview.labels, number - 1)
    images = examples_of(overview.path, rows)
    ledger = ledger_of_file(str(overview.path))
    grid = st.grid("auto", min_column_width=150)
    for row, image in zip(rows, images, strict=True):
        name = overview.classes[overview.labels[row]]
        with grid.container():
            st.image(as_url(image), width="stretch", alt=f"Galaxy {row}, of class {name}.")
            st.markdown(f"**{quoted(name)}**  \ngalaxy {row:d}{sky_link(overview.place(row))}")
            if ledger is not None:
                offer_correction(Asked(ledger, str(row), overview.classes, name))
    st.caption(words.data.EXAMPLES_NOTE)
    if ledger is not None:
        offer_corrections(ledger, overview.path)
        take_corrections(ledger, overview)
