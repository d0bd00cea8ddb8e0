"""How the rows of a sweep learned: validation accuracy over the epochs, all runs in one figure."""

from collections.abc import Sequence
from typing import Any

import streamlit as st
import words.evidence
from catalogue import Entry
from foreign import label

from parts import look
from parts.run_choice import short_names

History = Sequence[dict[str, Any]]
DASHES = ("solid", "dash", "dot", "dashdot")
"""One each time all colours were used."""


def show_learning(entries: Sequence[Entry]) -> None:
    """One line a run; a sentence where no run kept its history."""
    st.subheader(words.evidence.LEARNING_TITLE, anchor=False)
    names = short_names(entries)
    histories = {names[entry.name]: entry.run.history() for entry in entries}
    kept = {name: history for name, history in histories.items() if history}
    if not kept:
        st.caption(words.evidence.NO_HISTORY)
        return
    data = [_line(name, history, place) for place, (name, history) in enumerate(kept.items())]
    layout = look.layout(
        390,
        xaxis={"title": {"text": "epoch"}, "rangemode": "tozero"},
        yaxis={"title": {"text": "validation accuracy"}, "range": [0, 1], "tickformat": ".0%"},
    )
    ends = ", ".join(f"{name} {_last(history)}" for name, history in kept.items())
    alt = f"Validation accuracy over the epochs of {len(kept)} runs; at the end {ends}."
    look.chart({"data": data, "layout": layout}, alt=alt, key="learning")
    st.caption(words.evidence.LEARNING_NOTE)


def _line(name: str, history: History, place: int) -> dict[str, Any]:
    colours = look.series()
    times_used, which = divmod(place, len(colours))
    return {
        "name": name,
        "x": [epoch.get("epoch") for epoch in history],
        "y": [epoch.get("val_accuracy") for epoch in history],
        "mode": "lines+markers",
        "line": {"color": colours[which], "width": 2, "dash": DASHES[times_used % len(DASHES)]},
        "marker": {"size": 5, "color": colours[which]},
        "hovertemplate": f"{label(name)}, epoch %{{x}}: %{{y:.1%}}<extra></extra>",
    }


def _last(history: History) -> str:
    value = history[-1].get("val_accuracy")
    return f"{value:.2f}" if isinstance(value, float) else "unknown"
