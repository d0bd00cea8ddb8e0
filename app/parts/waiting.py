"""Work that takes a while and is asked for: done once for all visitors, under a bar, and kept while the server runs.

One piece of work at a time: a computer that draws pages has few cores, and who asks for the same waits for it.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st
import words.waiting
from foreign import told

Key = tuple[Hashable, ...]
Progress = Callable[[int, int], None]
Step = Callable[[str], Progress]
"""`step("Reading")` begins a part of the work and is told `(done, total)` of it."""
T = TypeVar("T")

MOST_KEPT = 48
"""The largest pieces are features of 2,000 galaxies, some 25 MB a network."""


class _Shelf:
    """What was worked out, by its key; the oldest goes first."""

    def __init__(self) -> None:
        self.turn = threading.RLock()
        """One for the whole server; whoever has it may ask for it again, as a piece of work within another does."""
        self._guard = threading.Lock()
        self._kept: OrderedDict[Key, Any] = OrderedDict()

    def find(self, key: Key) -> Any:
        with self._guard:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: Key, value: Any) -> None:
        with self._guard:
            self._kept[key] = value
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


def turn() -> threading.RLock:
    """Held while anything heavy is worked out: two at once would take twice as long each, and twice the memory."""
    return _shelf().turn


def work(key: Key, make: Callable[[Step], T]) -> T:
    """What is known under that key, or else made now, with a bar that says which part is under way."""
    shelf, place = _shelf(), st.empty()
    bar = place.progress(0.0, words.waiting.TURN)

    def step(title: str) -> Progress:
        def move(done: int, total: int) -> None:
            bar.progress(min(1.0, done / max(total, 1)), f"{told(title)}: {done:,} of {total:,}")

        bar.progress(0.0, f"{told(title)} …")
        return move

    try:
        with shelf.turn:
            value = shelf.find(key)
            if value is None:
                value = make(step)
                shelf.keep(key, value)
    finally:
        place.empty()
    return value


@st.cache_resource(show_spinner=False)
def _shelf() -> _Shelf:
    return _Shelf()
