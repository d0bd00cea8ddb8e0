"""One plain sentence: does the chosen row differ from the best of the others by more than chance."""

from collections.abc import Sequence
from html import escape

import streamlit as st
import words.results
from catalogue import Entry
from foreign import fill
from row_curves import pooled_of

from galaxy_core.errors import GalaxyError, one_line
from galaxy_core.metrics.paired import Pair, in_words
from parts.compared import against_best


def show_rival(entries: Sequence[Entry], folds: Sequence[Entry], chosen: Entry) -> None:
    """The sentence, and the way to all the other pairs; nothing where fewer than two rows are tested.

    Of the `folds` where the chosen row and another were tested in them: they have more galaxies than any one split.
    """
    lead = ""
    try:
        pair = _of_folds(folds, chosen)
        if pair is not None:
            lead = words.results.IN_FOLDS
        else:
            pair = against_best(entries, chosen)
    except GalaxyError as error:
        st.caption(fill(words.results.NOT_PAIRED, sentence=one_line(error)))
        return
    if pair is None:
        return

    st.html(
        f"<b>{escape(lead + in_words(pair))}.</b>"
    )  # drawn sooner than Markdown: it changes with the slider
    st.page_link(
        "views/evidence.py",
        label=words.results.TO_EVIDENCE,
        icon=":material/science:",
        help=words.results.RIVAL_HELP,
        query_params={"sweep": chosen.sweep},
    )


def _of_folds(folds: Sequence[Entry], chosen: Entry) -> Pair | None:
    """Of the rows of which all folds are there, where they are two or more."""
    pooled = pooled_of(folds)
    if pooled is None or len(pooled.rows) < 2:
        return None
    whole = [fold for fold in folds if fold.name in pooled.runs]
    of_chosen = (
        fold for fold in whole if fold.percent == chosen.percent and fold.row.policy == chosen.row.policy
    )
    first = next(of_chosen, None)
    return against_best(whole, first) if first else None
