"""Errors as one sentence on the page, never a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
import words.explorer
from foreign import fill, told

from galaxy_core.errors import GalaxyError, one_line


@contextmanager
def plain_errors() -> Iterator[None]:
    """What the package or the system refuses inside is shown as a sentence; the rest of the page is still drawn."""
    try:
        yield
    except GalaxyError as error:
        st.error(told(one_line(error)), icon=":material/error:")
    except OSError as error:
        st.error(fill(words.explorer.REFUSED_BY_SYSTEM, reason=_reason(error)), icon=":material/error:")


def _reason(error: OSError) -> str:
    """What the system says, and of which file; a name may be longer than anybody reads."""
    name = str(error.filename)
    short = name if len(name) <= 120 else f"{name[:60]} … {name[-40:]}"
    return f"{short}: {error.strerror}" if error.filename and error.strerror else one_line(error)[:300]
