"""One image of the reader's own: the probabilities from the chosen network, and a map from each of the sweep."""

from contextlib import nullcontext

import numpy as np
import streamlit as st
import words.images
import words.maps
import words.predict
import words.results
from catalogue import Entry
from foreign import fill, quoted
from state import explained_by, probabilities_of

from galaxy_core.data.classes import Classes
from galaxy_core.images.field_of_view import framed
from galaxy_core.images.view import View
from galaxy_core.prediction.answers import answers_csv
from galaxy_core.results.downloads import maps_csv
from parts import look, maps
from parts.choice import Choice
from parts.dropped import bytes_of, drop_image
from parts.own_images import is_unlike, shares_seen, show_notes, warn_if_unlike
from parts.picture import as_url
from parts.seen import say_what_is_seen
from parts.shield import plain_errors


def show_upload(choice: Choice) -> None:
    """The section: a place to drop a file, and the answers."""
    st.subheader(words.results.UPLOAD_TITLE, anchor=False)
    if not choice.cuts:
        st.caption(words.results.UPLOAD_TOO_EARLY)
        return
    file = drop_image(words.images.UPLOAD_LABEL, "upload", words.images.UPLOAD_HELP)
    if file is None:
        st.caption(words.results.UPLOAD_IDLE)
        return
    with plain_errors():
        _read_and_show(choice, bytes_of(file), file.name)


def _read_and_show(choice: Choice, data: bytes, name: str) -> None:
    from galaxy_core.images.to_classify import read_to_classify

    image = read_to_classify(data, name=name)
    show_notes(image.notes, image.shown)
    warn_if_unlike(image.pixels)
    _show_answers(choice, image.pixels, name)


def _show_answers(choice: Choice, image: np.ndarray, file: str) -> None:
    probabilities = probabilities_of(choice.cuts, image[None])
    name = choice.entry.name if choice.entry.name in probabilities else next(iter(probabilities))
    left, right = st.columns([1, 3], gap="medium")
    left.image(
        as_url(framed(image, 1.0, views=shares_seen(choice.cuts))),
        width="stretch",
        caption=words.images.FIELD_AFTER,
        alt="The uploaded image as a square.",
    )
    is_doubted = is_unlike(image)
    with right:
        if is_doubted:
            st.markdown(words.predict.NOT_BELIEVED)
        with st.expander(words.predict.DOUBTED_LABEL) if is_doubted else nullcontext():
            _show_bars(choice.entry.classes, probabilities[name][0], name)
    with st.container(horizontal=True, vertical_alignment="center"):
        csv, classes = "predictions.csv", {entry.name: entry.classes for entry in choice.cuts}
        look.offer_csv(csv, lambda: answers_csv([(file, None)], probabilities, classes), choice.entry.sweep)
        st.caption(words.images.UPLOAD_NOT_GALAXY)
    wanted = maps.choose_class_of_upload(choice.entry.classes, int(probabilities[name][0].argmax()))
    _show_maps(choice, image, file, probabilities, wanted)


def _show_maps(
    choice: Choice, image: np.ndarray, file: str, answers: dict[str, np.ndarray], wanted: int
) -> None:
    """The same class in every network of the row, on one scale."""
    explained, is_doubted = explained_by(choice.cuts, image[None]), is_unlike(image)
    asked = choice.entry.classes[wanted]
    kind = st.session_state.get("map", maps.CENTRED)
    scale = maps.scale_of(explained, {name: [wanted] for name in explained}, kind)
    st.markdown(fill(words.results.UPLOAD_MAPS, name=asked), help=words.maps.LOGITS_HELP)
    drawn = {name: maps.map_of(one, 0, wanted, kind) for name, one in explained.items()}
    with st.container(horizontal=True, vertical_alignment="center"):
        maps.show_scale(scale)
        look.offer_csv("upload-maps.csv", lambda: _numbers(file, drawn, asked), choice.entry.sweep)
    percents = {f"{entry.percent} %": entry.name for entry in choice.cuts if entry.name in explained}
    say_what_is_seen({percent: explained[name].view for percent, name in percents.items()})
    grid = st.grid("auto", min_column_width=150)
    for entry in choice.cuts:
        if entry.name in explained:
            values = drawn[entry.name]
            with grid.container():
                _show_map(image, values, scale, explained[entry.name].view, entry.percent, asked)
                _show_verdict(entry, answers[entry.name][0], is_doubted=is_doubted)
                maps.say_if_blank(values, asked)


def _numbers(file: str, drawn: dict[str, np.ndarray], asked: str) -> str:
    return maps_csv((file, name, asked, values) for name, values in drawn.items())


def _show_map(
    image: np.ndarray, values: np.ndarray, scale: float, view: View, percent: int, asked: str
) -> None:
    alt = f"Evidence for {asked} in the network with {percent} % taken over."
    st.image(as_url(maps.laid_over(image, values, scale, view)), width="stretch", alt=alt)


def _show_verdict(entry: Entry, answer: np.ndarray, *, is_doubted: bool) -> None:
    name = entry.classes[int(answer.argmax())]
    said = fill(words.maps.DOUBTED, name=name) if is_doubted else f"says {quoted(name)}, {answer.max():.0%}"
    st.markdown(f"**{entry.percent:d} %** taken over  \n{said}")


def _show_bars(classes: Classes, probabilities: np.ndarray, name: str) -> None:
    best = int(probabilities.argmax())
    colours = [look.LEARNED if c == best else look.TAKEN_OVER for c in range(len(classes))]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [float(p) for p in probabilities],
        "y": list(classes),
        "text": [f"{p:.0%}" for p in probabilities],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": colours},
        "hovertemplate": "%{y}: %{x:.1%}<extra></extra>",
    }
    axis = {"range": [0, 1.08], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}
    layout = look.layout(
        330, xaxis=axis, yaxis={"autorange": "reversed"}, title={"text": f"What {name} says"}
    )
    in_words = ", ".join(f"{c} {p:.0%}" for c, p in zip(classes, probabilities, strict=True))
    look.chart({"data": [bars], "layout": layout}, alt=f"Probabilities: {in_words}.", key="answer")
