"""Test accuracy over the share taken over: our runs with their intervals, the paper's points, its reference [6]."""

from collections.abc import Sequence
from typing import Any

import streamlit as st
import words.results
from catalogue import Entry
from foreign import fill
from row_curves import Curve, pooled_of, row_curves

from galaxy_core.data.classes import GALAXY10
from galaxy_core.results.downloads import accuracy_csv
from galaxy_core.results.paper import PAPER_ROWS, REFERENCE_6
from galaxy_core.results.table import NO_SOURCE
from parts import look

DASHES = ("solid", "dash", "dashdot", "longdash")
"""One a source; the paper's curve is dotted."""


def show_accuracy(entries: Sequence[Entry], chosen: Entry | None, *, is_survey: bool = False) -> None:
    """The curves; the chosen run is ringed. Without entries, the paper's points alone."""
    st.subheader(words.results.CURVE_TITLE, anchor=False)
    classes = chosen.classes if chosen else GALAXY10
    is_of_paper = classes == GALAXY10
    paper = [_paper()] if is_of_paper else []
    figure = {
        "data": [*_ours(entries, chosen), *paper, *_ring(chosen)],
        "layout": _layout(len(classes), paper),
    }
    look.chart(figure, alt=_in_words(entries, is_of_paper=is_of_paper), key="accuracy")
    pooled = pooled_of(entries)
    if pooled and pooled.missing:
        st.caption(fill(words.results.NOT_POOLED, sentences=" ".join(pooled.missing)))
    other = "" if is_survey or not entries else words.results.CURVE_OTHER_DATA
    if not is_of_paper:
        st.caption(words.results.CURVE_OTHER_CLASSES)
        return
    st.caption(fill(words.results.CURVE_NOTE, other=other), help=words.results.ACCURACY_HELP)


def offer_accuracy(entries: Sequence[Entry], name: str) -> None:
    """The numbers of the curves as a file."""
    look.offer_csv("accuracy.csv", lambda: accuracy_csv(entry.run for entry in entries), name)


def _ours(entries: Sequence[Entry], chosen: Entry | None) -> list[dict[str, Any]]:
    curves = row_curves(entries)
    sources = list(dict.fromkeys(curve.source for curve in curves))
    return [
        _line(curve, look.series()[_place(curve.policy)], DASHES[sources.index(curve.source) % 4], chosen)
        for curve in curves
    ]


def _place(policy: str) -> int:
    """One colour a policy, whatever else is shown: transfer_frozen has the first."""
    order = ("transfer_frozen", "freeze_prefix", "scratch", "transfer_tuned", "random_frozen")
    return order.index(policy) if policy in order else len(order)


def _line(curve: Curve, colour: str, dash: str, chosen: Entry | None) -> dict[str, Any]:
    rows = curve.rows
    high = [0.0 if row.test_high is None else row.test_high - row.test_accuracy for row in rows]
    low = [0.0 if row.test_low is None else row.test_accuracy - row.test_low for row in rows]
    is_chosen = chosen is not None and chosen.name in curve.runs
    return {
        "name": _name(curve),
        "x": [row.imagenet_percent for row in rows],
        "y": [row.test_accuracy for row in rows],
        "error_y": {"type": "data", "array": high, "arrayminus": low, "thickness": 1.2, "width": 4},
        "text": [row.run for row in rows],
        "hovertemplate": "<b>%{text}</b><br>%{x} % taken over: %{y:.1%}<extra></extra>",
        "mode": "lines+markers",
        "opacity": 1 if is_chosen else 0.6,
        "line": {"color": colour, "width": 2.4 if is_chosen else 1.4, "dash": dash},
        "marker": {"size": 8, "color": colour},
    }


def _name(curve: Curve) -> str:
    source = "" if curve.source == NO_SOURCE else f" from {curve.source}"
    return f"ours: {curve.policy}{source}, {curve.told}"


def _paper() -> dict[str, Any]:
    return {
        "name": "the paper",
        "x": list(PAPER_ROWS),
        "y": [row.test_accuracy for row in PAPER_ROWS.values()],
        "mode": "lines+markers",
        "line": {"color": look.series()[4], "width": 1.4, "dash": "dot"},
        "marker": {"symbol": "diamond-open", "size": 10, "color": look.series()[4]},
        "hovertemplate": "the paper, %{x} % ImageNet: %{y:.0%}<extra></extra>",
    }


def _ring(chosen: Entry | None) -> list[dict[str, Any]]:
    if chosen is None or chosen.row.test_accuracy is None:
        return []
    ring = {"symbol": "circle-open", "size": 20, "color": look.ink(), "line": {"width": 2}}
    x, y = [chosen.percent], [chosen.row.test_accuracy]
    return [{"x": x, "y": y, "mode": "markers", "marker": ring, "showlegend": False, "hoverinfo": "skip"}]


def _layout(n_classes: int, paper: Sequence[object]) -> dict[str, Any]:
    guessing = 1 / n_classes
    levels = [_level(REFERENCE_6, 0.75)] if paper else []
    notes = [_note(REFERENCE_6, "reference [6]: 89 %")] if paper else []
    return look.layout(
        390,
        xaxis={
            "title": {"text": "ImageNet % (share of layers below the cut)"},
            "range": [-5, 105],
            "dtick": 20,
        },
        yaxis={"title": {"text": "test accuracy"}, "range": [0, 1], "tickformat": ".0%", "dtick": 0.2},
        shapes=[*levels, _level(guessing, 0.35)],
        annotations=[*notes, _note(guessing, f"guessing: {100 * guessing:.3g} %")],
    )


def _level(y: float, opacity: float) -> dict[str, Any]:
    line = {"color": look.ink(opacity), "width": 1.2, "dash": "dash"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line}


def _note(y: float, text: str) -> dict[str, Any]:
    place = {"xref": "paper", "x": 1, "xanchor": "right", "y": y, "yanchor": "bottom"}
    return {**place, "text": text, "showarrow": False, "font": {"size": 12, "color": look.ink(0.8)}}


def _in_words(entries: Sequence[Entry], *, is_of_paper: bool) -> str:
    rows = [entry.row for entry in entries if entry.row.test_accuracy is not None]
    ours = ", ".join(f"{row.imagenet_percent} %: {row.test_accuracy:.2f}" for row in rows)
    if not is_of_paper:
        return f"Test accuracy over ImageNet percent: {ours or 'none yet'}."
    paper = ", ".join(f"{percent} %: {row.test_accuracy:.2f}" for percent, row in PAPER_ROWS.items())
    return f"Test accuracy over ImageNet percent. Ours: {ours or 'none yet'}. The paper: {paper}. Reference 6: 0.89."
