"""Test accuracy over the share taken over: our runs with their intervals, the paper's points, its reference [6]."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import streamlit as st
import words
from catalogue import Entry

from galaxy_core.evaluation.paper import PAPER_ROWS, REFERENCE_6
from galaxy_core.evaluation.table import TableRow
from parts import look


def show_accuracy(rows: Sequence[TableRow], chosen: Entry | None, *, is_survey: bool = False) -> None:
    """The curve; the chosen run is ringed. Without rows, the paper's points alone."""
    st.subheader(words.CURVE_TITLE, anchor=False)
    figure = {"data": [*_ours(rows, chosen), _paper(), *_ring(chosen)], "layout": _layout()}
    look.chart(figure, alt=_in_words(rows), key="accuracy")
    other = "" if is_survey or not rows else words.CURVE_OTHER_DATA
    st.caption(words.CURVE_NOTE.format(other=other), help=words.ACCURACY_HELP)


def _ours(rows: Sequence[TableRow], chosen: Entry | None) -> list[dict[str, Any]]:
    measured = [row for row in rows if row.test_accuracy is not None]
    lines = [list(line) for _, line in groupby(measured, key=lambda row: (row.policy, row.seed))]
    return [_line(line, look.series()[_place(line[0])], _is_of(chosen, line[0])) for line in lines]


def _place(row: TableRow) -> int:
    """One colour a policy, whatever else is shown: transfer_frozen has the first."""
    order = ("transfer_frozen", "freeze_prefix", "scratch", "transfer_tuned", "random_frozen")
    return order.index(row.policy) if row.policy in order else len(order)


def _is_of(chosen: Entry | None, row: TableRow) -> bool:
    return chosen is not None and (chosen.row.policy, chosen.row.seed) == (row.policy, row.seed)


def _line(line: Sequence[TableRow], colour: str, is_chosen: bool) -> dict[str, Any]:
    high = [(row.test_high or row.test_accuracy) - row.test_accuracy for row in line]
    low = [row.test_accuracy - (row.test_low or row.test_accuracy) for row in line]
    return {
        "name": f"ours, {line[0].policy}, seed {line[0].seed}",
        "x": [row.imagenet_percent for row in line],
        "y": [row.test_accuracy for row in line],
        "error_y": {"type": "data", "array": high, "arrayminus": low, "thickness": 1.2, "width": 4},
        "text": [row.run for row in line],
        "hovertemplate": "<b>%{text}</b><br>%{x} % taken over: %{y:.1%}<extra></extra>",
        "mode": "lines+markers",
        "opacity": 1 if is_chosen else 0.6,
        "line": {"color": colour, "width": 2.4 if is_chosen else 1.4},
        "marker": {"size": 8, "color": colour},
    }


def _paper() -> dict[str, Any]:
    return {
        "name": "the paper (survey galaxies)",
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


def _layout() -> dict[str, Any]:
    return look.layout(
        390,
        xaxis={
            "title": {"text": "ImageNet % (share of layers below the cut)"},
            "range": [-5, 105],
            "dtick": 20,
        },
        yaxis={"title": {"text": "test accuracy"}, "range": [0, 1], "tickformat": ".0%", "dtick": 0.2},
        shapes=[_level(REFERENCE_6, 0.75), _level(0.1, 0.35)],
        annotations=[_note(REFERENCE_6, "reference [6]: 89 %"), _note(0.1, "guessing: 10 %")],
    )


def _level(y: float, opacity: float) -> dict[str, Any]:
    line = {"color": look.ink(opacity), "width": 1.2, "dash": "dash"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line}


def _note(y: float, text: str) -> dict[str, Any]:
    place = {"xref": "paper", "x": 1, "xanchor": "right", "y": y, "yanchor": "bottom"}
    return {**place, "text": text, "showarrow": False, "font": {"size": 12, "color": look.ink(0.8)}}


def _in_words(rows: Sequence[TableRow]) -> str:
    ours = ", ".join(
        f"{row.imagenet_percent} %: {row.test_accuracy:.2f}" for row in rows if row.test_accuracy is not None
    )
    paper = ", ".join(f"{percent} %: {row.test_accuracy:.2f}" for percent, row in PAPER_ROWS.items())
    return f"Test accuracy over ImageNet percent. Ours: {ours or 'none yet'}. The paper: {paper}. Reference 6: 0.89."
