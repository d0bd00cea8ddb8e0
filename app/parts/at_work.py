"""What the pages that watch trainings share: how often they look, what they look for, and the button that stops."""

from collections.abc import Sequence

import streamlit as st
import words.train
from catalogue import Catalogue, Entry

from galaxy_core.runs.status import request_stop

SECONDS_BETWEEN_LOOKS = 2


def states(catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """What, when it changes, changes the page beyond the panel that watches."""
    return tuple((entry.name, entry.status.state) for entry in catalogue.entries)


def offer_stop(entries: Sequence[Entry], key: str) -> None:
    """Ask all of them to stop at the end of a batch."""
    icon, explanation = ":material/stop_circle:", words.train.STOP_HELP
    st.button(words.train.STOP, key=key, on_click=_ask, args=(entries,), icon=icon, help=explanation)


def _ask(entries: Sequence[Entry]) -> None:
    for entry in entries:
        request_stop(entry.run.path)
