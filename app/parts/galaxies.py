"""A galaxy of each class beside what the chosen network sees in it."""

import numpy as np
import streamlit as st
import words
from samples import Sample, sample_of
from state import explained_by, loaded, probabilities_of

from galaxy_core.data.galaxy10 import CLASS_NAMES
from parts import maps
from parts.choice import Choice
from parts.shield import plain_errors

N_SETS = 8
GAP_PIXELS = 2


def show_galaxies(choice: Choice) -> None:
    """The section: which galaxies, which map, of which class; then the ten."""
    st.subheader(words.CLASSES_TITLE, anchor=False)
    if not choice.entry.run.is_whole:
        st.caption(words.CLASSES_TOO_EARLY)
        return
    with plain_errors():
        _show(choice)


def _show(choice: Choice) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = maps.choose_map()
        asked = maps.choose_class()
        number = st.pagination(N_SETS, key="set", bind="query-params")
    sample = sample_of(choice.entry, number - 1)
    st.caption(sample.origin)
    for sentence in loaded(choice.cuts).refused:
        st.warning(sentence, icon=":material/warning:")
    explained = explained_by(choice.cuts, sample.images)
    probabilities = probabilities_of(choice.cuts, sample.images)
    if choice.entry.name not in explained:
        return
    wanted = {name: _classes(asked, sample, values) for name, values in probabilities.items()}
    scale = maps.scale_of(explained, wanted, kind)
    with st.container(horizontal=True, vertical_alignment="center"):
        maps.show_scale(scale)
        st.caption(words.SCALE_NOTE)
    name = choice.entry.name
    drawn = [maps.map_of(explained[name], i, c, kind) for i, c in enumerate(wanted[name])]
    _show_grid(sample, drawn, probabilities[name], wanted[name], scale)


def _classes(asked: str, sample: Sample, probabilities: np.ndarray) -> list[int]:
    predicted = probabilities.argmax(axis=1)
    return [maps.class_index(asked, label, int(p)) for label, p in zip(sample.labels, predicted, strict=True)]


def _show_grid(
    sample: Sample, drawn: list[np.ndarray], probabilities: np.ndarray, wanted: list[int], scale: float
) -> None:
    grid = st.grid("auto", min_column_width=290)
    for i, label in enumerate(sample.labels):
        with grid.container():
            _show_one(sample.images[i], drawn[i], scale, CLASS_NAMES[label], CLASS_NAMES[wanted[i]])
            _show_answer(label, probabilities[i], sample.names[i])
            maps.say_if_blank(drawn[i], wanted[i])


def _show_one(image: np.ndarray, values: np.ndarray, scale: float, label: str, wanted: str) -> None:
    gap = np.full((len(image), GAP_PIXELS, 3), 128, np.uint8)
    pair = np.concatenate([image, gap, maps.laid_over(image, values, scale)], axis=1)
    alt = f"Left: a galaxy of class {label}. Right: the same with the evidence for {wanted} laid over it."
    st.image(pair, width="stretch", output_format="JPEG", alt=alt)


def _show_answer(label: int, probabilities: np.ndarray, name: str) -> None:
    answer = int(probabilities.argmax())
    mark = ":material/check:" if answer == label else ":material/close:"
    verdict = "right" if answer == label else f"says {CLASS_NAMES[answer]}"
    st.markdown(f"**{CLASS_NAMES[label]}**  \n{mark} {verdict}, {probabilities[answer]:.0%} sure · {name}")
