"""The pictures of one galaxy, looked at together: enlarging or moving one does it with all of them, in the browser.

`zoom.js` follows pointer, fingers and keys, and `pages.css` draws what it says; no page is drawn again for it.
"""

import html

import streamlit as st
import words.zoom
from state import digest_of
from streamlit.delta_generator import DeltaGenerator

from parts.seen import Seen

MORE = "_more"
"""Ends the key of a container that follows another one of the same galaxy."""


def linked(seen: Seen, *, has_controls: bool = True) -> DeltaGenerator:
    """A container for the pictures of this galaxy, known by what the image holds and its place on the page.

    The controls lie on the first picture of the first container; a second one, without, follows it.
    """
    key = f"zoom_{digest_of(seen.image)[:16]}_{seen.position}"
    if not has_controls:
        return st.container(key=key + MORE)
    together = st.container(key=key)
    buttons = "".join(
        f'<button tabindex="-1" data-zoom="{factor}" title="{html.escape(said)}">{sign}</button>'
        for sign, factor, said in words.zoom.BUTTONS
    )
    about = html.escape(words.zoom.ABOUT)
    together.html(f'<div class="zoom-bar" role="group" tabindex="0" aria-label="{about}">{buttons}</div>')
    return together
