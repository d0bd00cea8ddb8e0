"""What the cache folder holds, how large it is, and buttons that clear it."""

import streamlit as st
import words.data
from catalogue import Catalogue
from children import fetching_place
from foreign import fill, told
from places import fetched_file

from galaxy_core.data.cache import default_cache_folder
from galaxy_core.data.inventory import FETCHED, KINDS, cache_sizes, clear_cache
from galaxy_core.numerals import counted
from galaxy_core.runs.launch import is_at_work


def show_caches(catalogue: Catalogue) -> None:
    """A row a kind. While a training is at work nothing is cleared under it."""
    st.header(words.data.CACHES_TITLE, anchor=False)
    st.markdown(fill(words.data.CACHES_LEAD, folder=default_cache_folder()))
    freed = st.session_state.pop("freed", None)
    if freed is not None:
        st.success(fill(words.data.CLEARED, size=size_in_words(freed)), icon=":material/check_circle:")
    if catalogue.active:
        st.caption(words.data.CLEAR_LATER)
    is_fetching = is_at_work(fetching_place(fetched_file()))
    kept = {kind: sizes for kind, sizes in cache_sizes().items() if sizes[0]}
    if not kept:
        st.caption(words.data.CACHES_EMPTY)
    for kind, (n_files, n_bytes) in kept.items():
        _show_kind(kind, n_files, n_bytes, bool(catalogue.active) or (kind == FETCHED and is_fetching))


def size_in_words(n_bytes: int) -> str:
    """Bytes as a person says them."""
    if n_bytes < 1e6:
        return f"{max(1, n_bytes / 1e3):.0f} kB"
    return f"{n_bytes / 1e6:.0f} MB" if n_bytes < 1e9 else f"{n_bytes / 1e9:.1f} GB"


def _show_kind(kind: str, n_files: int, n_bytes: int, is_busy: bool) -> None:
    what, size, button = st.columns([4, 2, 1], vertical_alignment="center")
    what.markdown(f"**{told(kind)}**: {told(KINDS[kind])}")
    size.markdown(f"{counted(n_files, 'file')}, {size_in_words(n_bytes)}")
    button.button(
        words.data.CLEAR,
        key=f"clear_{kind}",
        on_click=_clear,
        args=(kind,),
        disabled=is_busy,
    )


def _clear(kind: str) -> None:
    st.session_state["freed"] = clear_cache([kind])
