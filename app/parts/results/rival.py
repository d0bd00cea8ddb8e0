"""One plain sentence: does the chosen row differ from the best of the others by more than chance."""

from collections.abc import Sequence
from html import escape

import streamlit as st
import words.results
from catalogue import Entry
from foreign import fill
from row_curves import whole_folds

from galaxy_core.errors import GalaxyError, one_line
from galaxy_core.metrics.paired import Pair, in_words
from galaxy_core.results.setting import is_same_recipe
from parts.compared import against_best


def show_rival(entries: Sequence[Entry], folds: Sequence[Entry], chosen: Entry) -> None:
    """The sentence, and the way to all the other pairs; nothing where fewer than two rows are tested.

    Of the `folds` where the chosen row and another were tested in them: they have more galaxies than any one split.
    """
    try:
        of_folds = _of_folds(folds, chosen)
        pair = of_folds or against_best(entries, chosen)
    except GalaxyError as error:
        st.caption(fill(words.results.NOT_PAIRED, sentence=one_line(error)))
        return
    if pair is None:
        return

    lead = words.results.IN_FOLDS if of_folds else ""
    # drawn sooner than Markdown: it changes with the slider
    st.html(f"<b>{escape(lead + in_words(pair))}.</b>")
    st.page_link(
        "views/evidence.py",
        label=words.results.TO_EVIDENCE,
        icon=":material/science:",
        help=words.results.RIVAL_HELP,
        query_params={"sweep": chosen.sweep},
    )


def _of_folds(folds: Sequence[Entry], chosen: Entry) -> Pair | None:
    """Of the rows of which all folds are there; None where they are not two or more, or not the chosen one."""
    whole = whole_folds(folds)
    first = next((one for one in whole if is_same_recipe(one.row.setting, chosen.row.setting)), None)
    is_alone = first is None or all(is_same_recipe(one.row.setting, first.row.setting) for one in whole)
    return None if first is None or is_alone else against_best(whole, first)
