"""One image of the reader's own: the probabilities from the chosen network, and a map from each of the sweep."""

from contextlib import nullcontext

import numpy as np
import streamlit as st
import words.images
import words.maps
import words.predict
import words.results
from catalogue import Entry
from foreign import fill, quoted, told

from galaxy_core.data.classes import Classes
from galaxy_core.images.field_of_view import framed
from galaxy_core.images.to_classify import read_to_classify
from galaxy_core.maps.heat_scale import THIS_MAP
from galaxy_core.networks.policy import taken_in_words
from galaxy_core.numerals import percent
from galaxy_core.prediction.answers import answers_csv
from galaxy_core.results.curves import ticks
from galaxy_core.results.downloads import maps_csv
from parts import look, maps
from parts.choice import Choice
from parts.drawn import asked_of, draw, say_notes, show_scale
from parts.dropped import bytes_of, drop_image
from parts.own_images import is_unlike, shares_seen, show_notes, warn_if_unlike
from parts.paint import Paint
from parts.picture import as_url
from parts.seen import Seen, say_what_is_seen, see
from parts.shield import plain_errors


def show_upload(choice: Choice) -> None:
    """The section: a place to drop a file, and the answers."""
    st.header(words.results.UPLOAD_TITLE, anchor="upload")
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

    image = read_to_classify(data, name=name)
    show_notes(image.notes, image.shown)
    warn_if_unlike(image.pixels)
    _show_answers(choice, image.pixels, name)


def _show_answers(choice: Choice, image: np.ndarray, file: str) -> None:
    seen = see(choice.cuts, image[None], [file], [None])[0]
    name = choice.entry.name if choice.entry.name in seen.short else next(iter(seen.short))
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
            _show_bars(seen.classes, seen.shares[name], name)
    with st.container(horizontal=True, vertical_alignment="center"):
        csv, classes = "predictions.csv", {entry.name: entry.classes for entry in choice.cuts}
        shares = {run: of_run[None] for run, of_run in seen.shares.items()}
        look.offer_csv(csv, lambda: answers_csv([(file, None)], shares, classes), choice.entry.sweep)
        st.caption(words.images.UPLOAD_NOT_GALAXY)
    options, explanation = [maps.ANSWER, *seen.classes], words.maps.UPLOAD_CLASS_HELP
    maps.keep_among("upload_class", options)
    asked = st.selectbox(
        "Evidence for", options, key="upload_class", bind="query-params", help=explanation, width=280
    )
    wanted = seen.classes.index(asked) if asked in seen.classes else seen.answer(name)
    _show_maps(choice, seen, wanted, is_doubted=is_doubted)


def _show_maps(choice: Choice, seen: Seen, wanted: int, *, is_doubted: bool) -> None:
    """The same class in every network of the row, or what each predicts; painted as the galaxies above."""
    kind, scale = (st.session_state.get(key) for key in ("map", "scale"))
    how = Paint(kind or maps.CENTRED, scale=scale or THIS_MAP)
    (drawn,) = draw([seen], asked_of([seen], seen.classes[wanted], how), how)
    named = words.maps.OWN_ANSWERS if how.kind == maps.PAPERS else seen.classes[wanted]
    st.markdown(fill(words.maps.MAPS_NOTE, name=named))
    with st.container(horizontal=True, vertical_alignment="center"):
        show_scale([drawn], how)
        lines = [(seen.name, run, one.name, one.values) for run, one in drawn.items()]
        look.offer_csv("upload-maps.csv", lambda: maps_csv(lines), choice.entry.sweep)
    shown = [entry for entry in choice.cuts if entry.name in drawn]
    say_what_is_seen({f"{entry.percent} %": seen.view(entry.name) for entry in shown})
    grid = st.grid("auto", min_column_width=150)
    for entry in shown:
        one = drawn[entry.name]
        alt = f"Evidence for {one.name} in the network at {entry.percent} %."
        with grid.container():
            st.image(as_url(one.superimposed()), width="stretch", alt=alt)
            _show_verdict(entry, seen.shares[entry.name], is_doubted=is_doubted)
            say_notes(one)


def _show_verdict(entry: Entry, answer: np.ndarray, *, is_doubted: bool) -> None:
    name = entry.classes[int(answer.argmax())]
    said = (
        fill(words.maps.DOUBTED, name=name) if is_doubted else f"says {quoted(name)}, {percent(answer.max())}"
    )
    st.markdown(f"**{told(taken_in_words(entry.row.policy, entry.percent))}**  \n{said}")


def _show_bars(classes: Classes, probabilities: np.ndarray, name: str) -> None:
    best = int(probabilities.argmax())
    colours = [look.LEARNED if c == best else look.TAKEN_OVER for c in range(len(classes))]
    bars = look.bars(
        name,
        [float(p) for p in probabilities],
        list(classes),
        colours,
        text=[percent(p) for p in probabilities],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    axis = {"range": [0, 1.08], "tickvals": [0, 0.25, 0.5, 0.75, 1], **ticks(".0%", 25)}
    layout = look.layout(
        330, xaxis=axis, yaxis={"autorange": "reversed"}, title={"text": f"What {name} says"}
    )
    in_words = ", ".join(f"{c} {percent(p)}" for c, p in zip(classes, probabilities, strict=True))
    look.chart({"data": [bars], "layout": layout}, alt=f"Probabilities: {in_words}.", key="answer")
