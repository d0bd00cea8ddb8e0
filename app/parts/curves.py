"""Learning curves: of one run in full, and of several that are growing."""

from collections.abc import Sequence
from typing import Any

import streamlit as st
import words.results
from catalogue import SOURCES, Entry
from foreign import fill, label

from galaxy_core.results.downloads import history_csv
from parts import look

History = Sequence[dict[str, Any]]


def show_curves(entry: Entry) -> None:
    """Accuracy above, loss below, training and validation, over the epochs of one run."""
    st.subheader(fill(words.results.LEARNING_TITLE, name=f"the run at {entry.percent} %"), anchor=False)
    history = entry.run.history()
    if not history:
        st.caption(words.results.NO_HISTORY)
        return
    blue, orange = look.series()[:2]
    data = [
        _line(history, "accuracy", "training", blue, "solid", "y2"),
        _line(history, "val_accuracy", "validation", blue, "dash", "y2"),
        _line(history, "loss", "training loss", orange, "solid", "y"),
        _line(history, "val_loss", "validation loss", orange, "dash", "y"),
    ]
    look.chart({"data": data, "layout": _two_panels(entry)}, alt=_in_words(entry, history), key="curves")
    with st.container(horizontal=True, vertical_alignment="center"):
        look.offer_csv("curves.csv", lambda: history_csv(entry.run), entry.name)
        st.caption(words.results.LEARNING_NOTE)


def show_growing(entries: Sequence[Entry], key: str) -> None:
    """Validation accuracy of several runs over their epochs, one line a cut."""
    data = [
        _line(entry.run.history(), "val_accuracy", _name(entry), colour, "solid", "y")
        for entry, colour in zip(entries, look.series() * len(entries), strict=False)
    ]
    epochs = max((entry.config.epochs for entry in entries), default=1)
    axis = {"title": {"text": "validation accuracy"}, "range": [0, 1], "tickformat": ".0%"}
    layout = look.layout(260, xaxis={"title": {"text": "epoch"}, "range": [0.5, epochs + 0.5]}, yaxis=axis)
    look.chart(
        {"data": data, "layout": layout}, alt="Validation accuracy over epochs, one line a cut.", key=key
    )


def _name(entry: Entry) -> str:
    return entry.name if entry.sweep == SOURCES else f"{entry.percent} %"


def _line(history: History, column: str, name: str, colour: str, dash: str, axis: str) -> dict[str, Any]:
    return {
        "name": name,
        "x": [row.get("epoch") for row in history],
        "y": [row.get(column) for row in history],
        "yaxis": axis,
        "mode": "lines+markers",
        "line": {"color": colour, "width": 2, "dash": dash},
        "marker": {"size": 5, "color": colour},
        "hovertemplate": f"{label(name)}, epoch %{{x}}: %{{y:.3f}}<extra></extra>",
    }


def _two_panels(entry: Entry) -> dict[str, Any]:
    epochs = {"title": {"text": "epoch"}, "range": [0.5, entry.config.epochs + 0.5], "anchor": "y"}
    return look.layout(
        390,
        xaxis=epochs,
        yaxis={"title": {"text": "loss"}, "domain": [0, 0.42], "rangemode": "tozero"},
        yaxis2={"title": {"text": "accuracy"}, "domain": [0.54, 1], "range": [0, 1], "tickformat": ".0%"},
    )


def _in_words(entry: Entry, history: History) -> str:
    last = history[-1]
    numbers = ", ".join(f"{name} {last[name]:.2f}" for name in _COLUMNS if isinstance(last.get(name), float))
    return f"Learning curves of {entry.name}, {len(history)} epochs; at the end {numbers}."


_COLUMNS = ("accuracy", "val_accuracy", "loss", "val_loss")
