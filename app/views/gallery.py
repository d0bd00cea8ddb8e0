"""Gallery: test galaxies class by class, what the networks answer and where they look."""

import streamlit as st
import words.gallery
import words.maps
from catalogue import Catalogue, read_catalogue
from parts.choice import choose_run
from parts.gallery.rows import show_gallery
from parts.run_choice import show_how_to_begin
from parts.shield import plain_errors


def show_page(catalogue: Catalogue) -> None:
    """The page with whatever there is."""
    st.title(words.gallery.TITLE, anchor=False)
    st.markdown(words.gallery.LEAD)
    if not any(entry.run.is_whole for entry in catalogue.entries):
        show_how_to_begin()
        return
    choice = choose_run(catalogue)
    if not choice.entry.run.is_whole:
        st.info(words.maps.TOO_EARLY, icon=":material/hourglass_empty:")
        return
    with plain_errors():
        show_gallery(choice)


with plain_errors():
    show_page(read_catalogue())
