"""Galaxies chosen on one page for another, named in the address by the beginning of their file's sha256 and rows."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
import words.gallery
from foreign import fill
from places import sha256_of
from samples import Pool, common_data
from state import examples_of, overview_of, probabilities_of

from parts.choice import Choice

ROWS = "rows"
MOST_CHOSEN = 60
"""All networks of a sweep look at all of them before the first is shown."""
_ASKED = re.compile(r"([0-9a-f]{8})((?:\.[0-9]{1,7})+)")


def in_address(file: Path, rows: Sequence[int]) -> str:
    """Rows of a file, the first MOST_CHOSEN of them, as the parameter ROWS of the Gallery."""
    return ".".join([sha256_of(file)[:8], *map(str, rows[:MOST_CHOSEN])])


def chosen_pool(choice: Choice) -> Pool | None:
    """The galaxies that the address names, as a pool; None where it names none, or none of the networks' file."""
    asked = st.query_params.get(ROWS)
    if asked is None:
        return None
    file, found = common_data(choice.cuts), _ASKED.fullmatch(asked)
    rows = np.unique(np.array(found[2].split(".")[1:][:MOST_CHOSEN], int)) if found else np.zeros(0, int)
    is_of_file = file is not None and found is not None and sha256_of(file).startswith(found[1])
    if file is None or not is_of_file or rows[-1] >= len(overview_of(file).labels):
        st.info(words.gallery.CHOSEN_GONE, icon=":material/search_off:")
        return None
    trained = np.unique(np.concatenate([entry.run.split().train for entry in choice.cuts]))
    n_trained = int(np.isin(rows, trained).sum())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(fill(words.gallery.CHOSEN, n=len(rows), file=file.name, n_trained=n_trained))
        st.button(words.gallery.SHOW_ALL, on_click=st.query_params.pop, args=(ROWS,), key="show_all_galaxies")
    probabilities = probabilities_of(choice.cuts, examples_of(file, rows.tolist()))
    if choice.entry.name not in probabilities:  # its weights are refused, which is said where it is asked
        return None
    names = tuple(f"galaxy {row}" for row in rows)
    return Pool(overview_of(file).labels[rows], names, probabilities, fill(""), rows, str(file))
