"""Predict: the reader's own images, or a mock galaxy, before up to six networks."""

import streamlit as st
import words.predict
from catalogue import Catalogue, read_catalogue
from parts.answers import offer_answers, show_all, show_answers
from parts.own_images import choose_images, show_field
from parts.run_choice import choose_runs
from parts.seen import see
from parts.shield import plain_errors
from parts.side_by_side import show_maps


def show_page(catalogue: Catalogue) -> None:
    """The page with whatever there is."""
    st.title(words.predict.TITLE, anchor=False)
    st.markdown(words.predict.LEAD)
    entries = choose_runs(catalogue)
    if not entries:
        return
    with plain_errors():
        given = choose_images()
        if given.names:
            show_all(given, entries)
            seen = see(entries, given.chosen_image, [given.chosen_name], [given.label])[0]
            pictures, answers = st.columns([2, 3], gap="medium")
            with pictures:
                show_field(seen.image, given.framed)
                offer_answers(given, entries)
            with answers:
                show_answers(seen)
            show_maps(seen, name="predict")


with plain_errors():
    show_page(read_catalogue())
