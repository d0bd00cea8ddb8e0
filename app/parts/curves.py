"""Learning curves: of one run in full, and of several that are growing."""

from collections.abc import Sequence

import streamlit as st
import words.results
from catalogue import SOURCES, Entry
from foreign import fill

from galaxy_core.results.curves import learned_in_words, learning_figure, learning_line, ticks
from galaxy_core.results.downloads import history_csv
from parts import look


def show_curves(entry: Entry) -> None:
    """Accuracy above, loss below, training and validation, over the epochs of one run."""
    st.header(fill(words.results.LEARNING_TITLE, name=f"the run at {entry.percent} %"), anchor=False)
    history = entry.run.history()
    if not history:
        st.caption(words.results.NO_HISTORY)
        return
    figure = learning_figure([history], entry.config.epochs, look.series())
    alt = f"Learning curves of {entry.name}, {learned_in_words(history)}"
    look.chart({**figure, "layout": look.layout(390, **figure["layout"])}, alt=alt, key="curves")
    with st.container(horizontal=True, vertical_alignment="center"):
        look.offer_csv("curves.csv", lambda: history_csv(entry.run), entry.name)
        st.caption(words.results.LEARNING_NOTE)


def show_growing(entries: Sequence[Entry], key: str) -> None:
    """Validation accuracy of several runs over their epochs, one line a cut."""
    data = [
        learning_line(entry.run.history(), "val_accuracy", _name(entry), colour)
        for entry, colour in zip(entries, look.series() * len(entries), strict=False)
    ]
    epochs = max((entry.config.epochs for entry in entries), default=1)
    axis = {"title": {"text": "validation accuracy"}, "range": [0, 1], **ticks(".0%", 5)}
    layout = look.layout(260, xaxis={"title": {"text": "epoch"}, "range": [0.5, epochs + 0.5]}, yaxis=axis)
    look.chart(
        {"data": data, "layout": layout}, alt="Validation accuracy over epochs, one line a cut.", key=key
    )


def _name(entry: Entry) -> str:
    return entry.name if entry.sweep == SOURCES else f"{entry.percent} %"
