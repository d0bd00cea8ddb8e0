"""Where all of it is told: the paper, the documents with their tables, the source."""

from pathlib import Path

import streamlit as st
import words.table
from foreign import fill, quoted

import galaxy_core
from parts import look

DOCS = Path(galaxy_core.__file__).parents[1] / "docs"
"""Of a checkout; beside an installed package there is none."""


def show_sources() -> None:
    """The way to a table of one's own, and what there is to read."""
    st.page_link(
        "views/train.py",
        label=words.table.TO_TABLE,
        icon=":material/table_chart:",
        query_params={"what": words.table.ALL},
    )
    with st.expander(words.table.SOURCES_TITLE, icon=":material/menu_book:"):
        st.markdown(words.table.SOURCES)
        st.caption(fill(words.table.SOURCE, path=DOCS.parent))
        with st.container(horizontal=True):
            for path in sorted(DOCS.glob("results*.csv")):
                look.offer(quoted(path.name), path.read_bytes, path.name, "text/csv", f"evidence_{path.name}")
