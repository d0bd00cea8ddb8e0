"""Two networks layer by layer as a picture, and each run against its source: what stayed, what changed."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
import words.layers
from catalogue import Entry
from foreign import fill, quoted, told
from places import data_of

from galaxy_core.results.table import NO_SOURCE
from parts import look
from parts.evidence.sides import Side, known_alignment, measured_alignments, sides_of, source_of
from parts.shield import plain_errors

if TYPE_CHECKING:
    from galaxy_core.studies.sources.layers import LayerAlignment

FIRST, SECOND = "layers_first", "layers_second"


def show_layers(entries: Sequence[Entry]) -> None:
    """Two networks of the reader's choice, then all runs against the source they have in common."""
    st.subheader(words.layers.TITLE, anchor=False)
    st.markdown(words.layers.LEAD)
    sides = sides_of(entries)
    if not sides:
        st.info(words.layers.NONE, icon=":material/info:")
        return
    runs = [entry for entry in entries if entry.name in sides]
    with plain_errors():
        _show_pair(sides, runs)
    with plain_errors():
        _show_sources(sides, runs)


def _show_pair(sides: Mapping[str, Side], runs: Sequence[Entry]) -> None:
    """The two selects, then the pictures, or how to get them."""
    with st.container(horizontal=True):
        first = sides[_choose(words.layers.FIRST, [e.name for e in runs], FIRST, 0, words.layers.FIRST_HELP)]
        others = [name for name in sides if name != first.name]
        if not others:
            st.caption(words.layers.ALONE)
            return
        place = max(0, len(runs) - 2)  # the last run, now that the first is none of them
        second = sides[_choose(words.layers.SECOND, others, SECOND, place, words.layers.SECOND_HELP)]
    entry = next(entry for entry in runs if entry.name == first.name)
    found = known_alignment(first, second, _mark(entry)) or _ask_pair(first, second, entry)
    if found is not None:
        _show_alignment(found, first, second)


def _choose(label: str, names: Sequence[str], key: str, place: int, explanation: str) -> str:
    if st.session_state.get(key) not in names:
        st.session_state.pop(key, None)
    return st.selectbox(label, names, place, key=key, bind="query-params", help=explanation, width=280)


def _ask_pair(first: Side, second: Side, entry: Entry) -> "LayerAlignment | None":
    """How to get the picture; and, once the reader wants it, what it is drawn from, in its place."""
    place = st.empty()
    with place.container():
        st.markdown(fill(words.layers.NOT_MEASURED, first=first.name, second=second.name))
        path = data_of(entry)
        st.code(_command(first, second, entry, path), language="bash")
        if path is None:
            st.caption(fill(words.layers.NO_GALAXIES, file=entry.data().get("file")))
            return None
        if not st.button(words.layers.MEASURE, icon=":material/grid_on:", key="measure_layers"):
            return None
        found = measured_alignments([(first, second)], _mark(entry), path)
    place.empty()
    return found[first.name, second.name]


def _show_alignment(found: "LayerAlignment", first: Side, second: Side) -> None:
    from galaxy_core.studies.sources.layers import stayed_in_words
    from parts.evidence import layer_pictures

    st.markdown(told(stayed_in_words(found, first.name, second.name)))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        layer_pictures.show_matrix(found, first, second)
        st.caption(fill(words.layers.MATRIX_NOTE, first=first.name, second=second.name))
    with right:
        layer_pictures.show_diagonal(found, first, second)
        st.caption(words.layers.DIAGONAL_NOTE)
    _offer({(first.name, second.name): found}, "layers.csv", first.name)


def _show_sources(sides: Mapping[str, Side], runs: Sequence[Entry]) -> None:
    """For each source the runs that came from it, one row a run."""
    for name in dict.fromkeys(entry.source for entry in runs if entry.source != NO_SOURCE):
        of_source = [entry for entry in runs if entry.source == name]
        st.markdown(f"**{words.layers.SOURCE_TITLE}: {quoted(name)}**")
        source = source_of(of_source[0])
        if source is None:
            st.caption(fill(words.layers.SOURCE_NO_WEIGHTS, source=name))
            continue
        pairs = {entry.name: (sides[entry.name], source) for entry in of_source}
        found = {run: known_alignment(*pair, _mark(of_source[0])) for run, pair in pairs.items()}
        missing = [pairs[run] for run, one in found.items() if one is None]
        if missing:
            found.update(_ask_source(missing, source, of_source))
        known = {run: one for run, one in found.items() if one is not None}
        if known:
            _show_source(known, source, sides)


def _ask_source(
    missing: Sequence[tuple[Side, Side]], source: Side, runs: Sequence[Entry]
) -> "dict[str, LayerAlignment]":
    place = st.empty()
    with place.container():
        counts = {"n": len(missing), "n_all": len(runs)}
        st.caption(fill(words.layers.SOURCE_NOT_MEASURED, source=source.name, **counts))
        path = data_of(runs[0])
        if path is None:
            st.caption(fill(words.layers.NO_GALAXIES, file=runs[0].data().get("file")))
            return {}
        key = f"measure_against_{source.name}"
        if not st.button(words.layers.SOURCE_MEASURE, icon=":material/grid_on:", key=key):
            return {}
        found = measured_alignments(missing, _mark(runs[0]), path)
    place.empty()
    return {run: one for (run, _), one in found.items()}


def _show_source(found: "Mapping[str, LayerAlignment]", source: Side, sides: Mapping[str, Side]) -> None:
    from parts.evidence import layer_pictures

    layer_pictures.show_runs(found, source, [sides[run] for run in found])
    st.caption(fill(words.layers.SOURCE_NOTE, source=source.name))
    _offer({(run, source.name): one for run, one in found.items()}, "layers-source.csv", source.name)


def _offer(found: "Mapping[tuple[str, str], LayerAlignment]", label: str, name: str) -> None:
    from galaxy_core.studies.sources.layers import similarity_csv

    n_images = next(iter(found.values())).n_images
    with st.container(horizontal=True, vertical_alignment="center"):
        look.offer_csv(label, lambda: similarity_csv(found), name)
        st.caption(fill(words.layers.N_IMAGES, n=n_images))


def _command(first: Side, second: Side, entry: Entry, path: Path | None) -> str:
    file = str(path or entry.data().get("file"))
    return shlex.join(["galaxy", "similarity", first.name, second.name, "--data", file])


def _mark(entry: Entry) -> str:
    """Which galaxies a run learned from, by the sha256 of their file."""
    return str(entry.data().get("sha256"))
