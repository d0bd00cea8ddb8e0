"""A galaxy of each class beside what the chosen network sees in it."""

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st
import words.maps
import words.results
from foreign import told
from samples import Sample, sample_of
from state import digest_of, explained_by, loaded, shares_of

from galaxy_core.data.classes import Classes
from galaxy_core.images.view import View
from galaxy_core.results.downloads import maps_csv
from parts import look, maps
from parts.choice import Choice
from parts.picture import as_url
from parts.seen import say_what_is_seen
from parts.shield import plain_errors

N_SETS = 8
GAP_PIXELS = 2
GRID = "display:grid;grid-template-columns:repeat(auto-fill,minmax(270px,1fr));gap:1.1rem 1rem"
PICTURE = "width:100%;border-radius:6px;display:block;margin-bottom:0.35rem"


def show_galaxies(choice: Choice) -> None:
    """The section: which galaxies, which map, of which class; then the ten."""
    st.subheader(words.results.GALAXIES_TITLE, anchor=False)
    if not choice.entry.run.is_whole:
        st.caption(words.maps.TOO_EARLY)
        return
    with plain_errors():
        _show(choice)


def _show(choice: Choice) -> None:
    classes = choice.entry.classes
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = maps.choose_map()
        asked = maps.choose_class(classes)
        number = st.pagination(N_SETS, key="set", bind="query-params")
    sample = sample_of(choice.entry, number - 1)
    st.caption(told(sample.origin))
    for sentence in loaded(choice.cuts).refused:
        st.warning(told(sentence), icon=":material/warning:")
    explained = explained_by(choice.cuts, sample.images)
    probabilities = shares_of({name: one.logits for name, one in explained.items()})
    if choice.entry.name not in explained:
        return
    wanted = {name: _classes(classes, asked, sample, values) for name, values in probabilities.items()}
    scale = maps.scale_of(explained, wanted, kind)
    with st.container(horizontal=True, vertical_alignment="center"):
        maps.show_scale(scale)
        st.caption(words.maps.SCALE_NOTE, help=words.maps.LOGITS_HELP)
        name = choice.entry.name
        drawn = [maps.map_of(explained[name], i, c, kind) for i, c in enumerate(wanted[name])]
        look.offer_csv("maps.csv", lambda: _numbers(name, classes, sample, drawn, wanted[name]), name)
    say_what_is_seen({name: explained[name].view})
    _show_grid(classes, sample, drawn, explained[name].view, probabilities[name], wanted[name], scale)


def _numbers(
    name: str, classes: Classes, sample: Sample, drawn: Sequence[np.ndarray], wanted: Sequence[int]
) -> str:
    triples = zip(sample.names, wanted, drawn, strict=True)
    return maps_csv((galaxy, name, classes[c], values) for galaxy, c, values in triples)


def _classes(classes: Classes, asked: str, sample: Sample, probabilities: np.ndarray) -> list[int]:
    predicted = probabilities.argmax(axis=1)
    return [
        maps.class_index(classes, asked, label, int(p))
        for label, p in zip(sample.labels, predicted, strict=True)
    ]


def _show_grid(
    classes: Classes,
    sample: Sample,
    drawn: list[np.ndarray],
    view: View,
    probabilities: np.ndarray,
    wanted: list[int],
    scale: float,
) -> None:
    """All in one element: the slider redraws it, and thirty of them take a browser twice as long."""
    pictures = _pairs(digest_of(sample.images, *drawn), scale, view, sample.images, drawn)
    figures = [
        _figure(picture, _in_words(classes[label], classes[c]), classes[label], lines)
        for picture, label, c, lines in zip(
            pictures,
            sample.labels,
            wanted,
            _lines(classes, sample, drawn, probabilities, wanted),
            strict=True,
        )
    ]
    st.html(f'<div style="{GRID}">{"".join(figures)}</div>')


def _lines(
    classes: Classes, sample: Sample, drawn: list[np.ndarray], probabilities: np.ndarray, wanted: list[int]
) -> list[list[str]]:
    """What stands below each galaxy: the answer, and why its map is blank where it is."""
    lines = []
    for i, label in enumerate(sample.labels):
        reason = maps.if_blank(drawn[i], classes[wanted[i]])
        lines.append(
            [_answer(classes, label, probabilities[i], sample.names[i]), *([reason] if reason else [])]
        )
    return lines


def _figure(picture: str, alt: str, title: str, lines: list[str]) -> str:
    below = "".join(f"<br>{html.escape(line)}" for line in lines)
    return (
        f'<figure style="margin:0"><img src="{picture}" alt="{html.escape(alt)}" style="{PICTURE}">'
        f'<figcaption style="font-size:0.93rem"><b>{html.escape(title)}</b>{below}</figcaption></figure>'
    )


@st.cache_data(max_entries=128, show_spinner=False)
def _pairs(digest: str, scale: float, view: View, _images: np.ndarray, _drawn: list[np.ndarray]) -> list[str]:
    """Each galaxy beside the same with its map laid over it, as the address of a JPEG that holds it all.

    So the browser asks ten times less of the server; kept, since the slider comes back to them.
    """
    gap = np.full((_images.shape[1], GAP_PIXELS, 3), 128, np.uint8)
    pairs = [
        np.concatenate([image, gap, maps.laid_over(image, values, scale, view)], axis=1)
        for image, values in zip(_images, _drawn, strict=True)
    ]
    return [as_url(pair) for pair in pairs]


def _in_words(label: str, wanted: str) -> str:
    return f"Left: a galaxy of class {label}. Right: the same with the evidence for {wanted} laid over it."


def _answer(classes: Classes, label: int, probabilities: np.ndarray, name: str) -> str:
    answer = int(probabilities.argmax())
    verdict = "✓ right" if answer == label else f"✗ says {classes[answer]}"
    return f"{verdict}, {probabilities[answer]:.0%} sure · {name}"
