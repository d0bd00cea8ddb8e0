"""Widgets that are bound to the address, where Streamlit does not foresee all that an address may say."""

from collections.abc import Sequence
from typing import Any

import streamlit as st


def one_of(label: str, options: Sequence[str], *, default: str, help: str, **how: Any) -> str:
    """One of `options`, side by side; the default where an address says that none is chosen, which no click can."""
    return st.segmented_control(label, options, default=default, required=True, help=help, **how) or default


def whole_number(label: str, most: int, *, key: str, help: str, **how: Any) -> int:
    """A number from 1 to `most`. An address that says infinity is not followed, nor changed, by the widget."""
    try:
        return st.number_input(label, 1, most, key=key, help=help, **how)
    except OverflowError:
        return st.number_input(
            label, 1, most, key=f"{key}_here", help=help, width=how.get("width", "stretch")
        )
