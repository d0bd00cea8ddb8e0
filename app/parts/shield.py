"""Errors as one sentence on the page, never a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from galaxy_core.errors import GalaxyError, one_line


@contextmanager
def plain_errors() -> Iterator[None]:
    """Whatever the package refuses inside is shown as its sentence; the rest of the page is still drawn."""
    try:
        yield
    except GalaxyError as error:
        st.error(one_line(error), icon=":material/error:")
