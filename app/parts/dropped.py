"""Images that a visitor drops: one widget and one limit on every page, checked again before a byte is read.

A file is known by what it holds and not by its name, so the widget takes every name; what is no image is refused in
the sentence of `read_image`.
"""

from typing import Any

import streamlit as st

from galaxy_core.errors import BadFileError

MOST_MEGABYTES = 25
"""The server takes 200 MB, which is for checkpoints; no image of one galaxy is near this."""


def drop_image(label: str, key: str, explanation: str) -> Any:
    """The file that was dropped, or None."""
    return st.file_uploader(label, key=key, max_upload_size=MOST_MEGABYTES, help=explanation)


def drop_images(label: str, key: str, explanation: str) -> list[Any]:
    """The files that were dropped, in their order."""
    return st.file_uploader(
        label,
        accept_multiple_files=True,
        key=key,
        max_upload_size=MOST_MEGABYTES,
        help=explanation,
    )


def bytes_of(file: Any) -> bytes:
    """What is in a dropped file. BadFileError where it is larger than the widget allows: a browser may be bypassed."""
    if file.size > MOST_MEGABYTES * 2**20:
        raise BadFileError(
            f"{file.name} has {file.size / 2**20:.0f} MB, and an image may have {MOST_MEGABYTES}; save it smaller"
        )
    return bytes(file.getvalue())
