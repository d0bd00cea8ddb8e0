"""Which differences between the rows of a sweep are real: one pair in a sentence, all in a picture and a table, and
how the rows learned.
"""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st
import words.evidence
from catalogue import Entry
from foreign import Markdown, fill, joined, told

from parts.compared import pairs_of, tested
from parts.evidence.learning import show_learning
from parts.evidence.pairs import points, show_pairs, show_picture
from parts.shield import plain_errors

if TYPE_CHECKING:
    from galaxy_core.metrics.paired import Pair


def show_difference(entries: Sequence[Entry]) -> None:
    """The section: the pairs, and below them the learning curves, which explain some of the differences."""
    with plain_errors():
        _show_rows(entries)
    with plain_errors():
        show_learning(entries)


def _show_rows(entries: Sequence[Entry]) -> None:
    st.subheader(words.evidence.DIFFERENCE_TITLE, anchor=False)
    pairs = pairs_of(entries)
    if not pairs:
        n = len(tested(entries)) or "none"
        st.info(fill(words.evidence.ONE_ROW, n=n), icon=":material/hourglass_empty:")
        return
    st.markdown(words.evidence.DIFFERENCE_LEAD)
    _show_chosen(pairs)
    show_picture(pairs)
    st.subheader(words.evidence.PAIRS_TITLE, anchor=False)
    show_pairs(pairs, "differences.csv", entries[0].sweep)


def _show_chosen(pairs: "Sequence[Pair]") -> None:
    """Two rows of the reader's choice, and what may be said of them."""
    from galaxy_core.metrics.paired import in_words

    best = _from_the_best(pairs)
    with st.container(horizontal=True):
        first = _choose(words.evidence.FIRST_ROW, best, "first_row", words.evidence.FIRST_ROW_HELP)
        others = [name for name in best if name != first]
        second = _choose(words.evidence.SECOND_ROW, others, "second_row", words.evidence.SECOND_ROW_HELP)
    pair = next(pair for pair in pairs if {pair.first, pair.second} == {first, second})
    st.markdown(f"### {told(in_words(pair))}.")
    st.caption(_facts(pair))


def _choose(label: str, names: Sequence[str], key: str, explanation: str) -> str:
    if st.session_state.get(key) not in names:
        st.session_state.pop(key, None)
    return st.selectbox(label, names, key=key, bind="query-params", help=explanation, width=260)


def _from_the_best(pairs: "Sequence[Pair]") -> list[str]:
    """The rows, that which is right most often first."""
    right: dict[str, float] = {}
    for pair in pairs:
        right |= {pair.first: pair.accuracy_first, pair.second: pair.accuracy_second}
    return sorted(right, key=lambda name: -right[name])


def _facts(pair: "Pair") -> Markdown:
    in_words = {
        "low": points(pair.low),
        "high": points(pair.high),
        "only_first": _count(pair.only_first),
        "only_second": _count(pair.only_second),
        "pairs": "pair" if pair.n_pairs == 1 else "pairs",
    }
    text = fill(words.evidence.PAIR_FACTS, **{**dataclasses.asdict(pair), **in_words})
    if pair.draw_low is None or pair.draw_high is None:
        return text
    low, high = points(pair.draw_low), points(pair.draw_high)
    draws = fill(words.evidence.PAIR_DRAWS, n=pair.n_draws, low=low, high=high)
    return joined("", [text, draws])


def _count(galaxies: float) -> str:
    """A number of galaxies, of which several seeds may have had a share right."""
    return f"{abs(galaxies):,.1f}".removesuffix(".0")
