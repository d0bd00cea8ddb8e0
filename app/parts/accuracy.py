"""Test accuracy over the share taken over: our runs with their intervals, the paper's points, its reference [6]."""

from collections.abc import Sequence
from typing import Any

import streamlit as st
import words.results
from catalogue import Entry
from foreign import fill, told
from row_curves import in_folds, pooled_of, row_curves

from galaxy_core.data.classes import GALAXY10
from galaxy_core.metrics.label_limit import limit_in_words, published_limit
from galaxy_core.results import curves as plotted
from galaxy_core.results.downloads import accuracy_csv
from galaxy_core.results.render import PUBLISHED_LABELS
from galaxy_core.results.setting import NO_SOURCE
from galaxy_core.results.table import TableRow
from parts import look

HEIGHT = 300
"""With it the whole curve is in a window of 1024 by 768 before anybody scrolls."""


def show_accuracy(entries: Sequence[Entry], chosen: Entry | None, *, is_survey: bool = False) -> None:
    """The curves; the chosen run is ringed, or its row where all folds of it are there. Without entries, the paper's
    points alone.
    """
    st.header(words.results.CURVE_TITLE, anchor=False)
    classes = chosen.classes if chosen else GALAXY10
    is_of_paper = classes == GALAXY10
    paper = [plotted.paper_line(look.series()[4])] if is_of_paper else []
    first = _first_row(entries, chosen)
    curves = row_curves(entries)
    data = [*_ours(curves, first), *paper, *_ring(first)]
    layout = look.layout(HEIGHT, **plotted.accuracy_layout(len(classes), look.ink, is_of_paper=is_of_paper))
    drawn = [row for curve in curves for row in curve.rows]
    alt = plotted.accuracy_in_words(drawn, is_of_paper=is_of_paper)
    look.chart({"data": data, "layout": layout}, alt=alt, key="accuracy")
    pooled = pooled_of(entries)
    if pooled and pooled.missing:
        st.caption(fill(words.results.NOT_POOLED, sentences=" ".join(pooled.missing)))
    other = "" if is_survey or not entries else words.results.CURVE_OTHER_DATA
    if not is_of_paper:
        st.caption(words.results.CURVE_OTHER_CLASSES)
        return
    st.caption(fill(words.results.CURVE_NOTE, other=other), help=words.results.ACCURACY_HELP)
    st.caption(told(f"{PUBLISHED_LABELS}{limit_in_words(published_limit())}"))


def offer_accuracy(entries: Sequence[Entry], name: str) -> None:
    """The numbers of the curves as a file."""
    look.offer_csv("accuracy.csv", lambda: accuracy_csv(entry.run for entry in entries), name)


def _first_row(entries: Sequence[Entry], chosen: Entry | None) -> TableRow | None:
    """What is known best of the chosen run: all folds of it, or of its recipe; else its own test part."""
    if chosen is None:
        return None
    return in_folds(entries, chosen) or chosen.row


def _ours(curves: Sequence[plotted.Curve], first: TableRow | None) -> list[dict[str, Any]]:
    sources = list(dict.fromkeys(curve.source for curve in curves))
    return [
        _line(
            curve,
            look.series()[_place(curve.policy)],
            plotted.DASHES[sources.index(curve.source) % 4],
            first,
        )
        for curve in curves
    ]


def _place(policy: str) -> int:
    """One colour a policy, whatever else is shown: transfer_frozen has the first."""
    order = ("transfer_frozen", "freeze_prefix", "scratch", "transfer_tuned", "random_frozen")
    return order.index(policy) if policy in order else len(order)


def _line(curve: plotted.Curve, colour: str, dash: str, first: TableRow | None) -> dict[str, Any]:
    is_chosen = first is not None and any(row.run == first.run for row in curve.rows)
    line = {"color": colour, "width": 2.4 if is_chosen else 1.4, "dash": dash}
    return plotted.accuracy_line(curve.rows, _name(curve), colour, opacity=1 if is_chosen else 0.5, line=line)


def _name(curve: plotted.Curve) -> str:
    source = "" if curve.source == NO_SOURCE else f" from {curve.source}"
    return f"ours: {curve.policy}{source}, {curve.told}"


def _ring(row: TableRow | None) -> list[dict[str, Any]]:
    if row is None or row.test_accuracy is None:
        return []
    ring = {"symbol": "circle-open", "size": 20, "color": look.ink(), "line": {"width": 2}}
    x, y = [row.imagenet_percent], [row.test_accuracy]
    return [{"x": x, "y": y, "mode": "markers", "marker": ring, "showlegend": False, "hoverinfo": "skip"}]
