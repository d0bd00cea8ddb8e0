"""Compare: one galaxy, two to six networks, and how far their maps agree."""

from dataclasses import replace

import streamlit as st
import words.compare
from catalogue import Catalogue, by_classes, read_catalogue
from parts.compare.difference import show_pair
from parts.galaxy_choice import choose_galaxy
from parts.own_images import is_unlike
from parts.run_choice import choose_runs
from parts.seen import see
from parts.shield import plain_errors
from parts.side_by_side import show_maps


def show_page(catalogue: Catalogue) -> None:
    """The page with whatever there is."""
    st.title(words.compare.TITLE, anchor=False)
    st.markdown(words.compare.LEAD)
    entries = choose_runs(catalogue, fewest=2)
    if not entries:
        return
    if len(by_classes(entries)) > 1:
        st.info(words.compare.OTHER_CLASSES, icon=":material/compare_arrows:")
        return
    with plain_errors():
        galaxy = choose_galaxy(entries)
        if galaxy is None:
            return
        seen = see(entries, galaxy.image[None], [galaxy.name], [galaxy.label], [galaxy.place])[0]
        if is_unlike(galaxy.image):
            seen = replace(seen, doubted=frozenset(seen.short))
        show_pair(seen, show_maps(seen, name="compare", origin=galaxy.origin))


with plain_errors():
    show_page(read_catalogue())
