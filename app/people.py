"""Who asks, as far as that can be told without accounts: a browser, by the name that the door gave it; and which files
of galaxies each has opened, kept over a restart. Knows nothing of pages.
"""

import hashlib
import json
import re
from contextlib import suppress
from pathlib import Path

import streamlit as st
from door import BROWSER

from galaxy_core.files.atomic import write_text_atomically
from galaxy_core.runs.names import people_folder

MOST_FILES, MOST_PEOPLE = 20, 500
_NAME = re.compile(r"[A-Za-z0-9_-]{32}\Z")
_SESSION = "opened_files"
"""Where a browser that keeps no name is remembered, until its window is closed."""


def opened_files() -> list[str]:
    """The paths that this person has opened, the last one first."""
    place = _place()
    return list(st.session_state.get(_SESSION, [])) if place is None else _read(place)


def remember_opened(path: str) -> None:
    """Put it first among the files of this person."""
    _write([path, *(one for one in opened_files() if one != path)][:MOST_FILES])


def forget_opened(path: str) -> None:
    """Take it from the files of this person."""
    _write([one for one in opened_files() if one != path])


def _place() -> Path | None:
    """The file of this person; the name itself is nowhere on the disk."""
    name = str(st.context.cookies.get(BROWSER, ""))
    if not _NAME.match(name):
        return None
    return people_folder() / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"


def _read(place: Path) -> list[str]:
    """Nothing where the file is not there or damaged: what it says is a convenience."""
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    return [one for one in found if isinstance(one, str)][:MOST_FILES] if isinstance(found, list) else []


def _write(files: list[str]) -> None:
    place = _place()
    if place is None:
        st.session_state[_SESSION] = files
    elif files != _read(place):
        with suppress(OSError):  # a folder that cannot be written: this person types the path again
            place.parent.mkdir(parents=True, exist_ok=True)
            write_text_atomically(place, json.dumps(files))
            _forget_the_longest_away(place.parent)


def _forget_the_longest_away(folder: Path) -> None:
    by_time = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    for path in by_time[:-MOST_PEOPLE]:
        path.unlink(missing_ok=True)
