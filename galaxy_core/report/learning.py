"""Learning curves: a small chart a setting, all on one scale, from the lines that training wrote after each epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from galaxy_core.report.axes import Axes, legend, line, rising_ticks, round_step, swatch
from galaxy_core.report.markup import LeftOut, Markup, Section, element, is_number, joined
from galaxy_core.report.rows import Material, share_taken_over
from galaxy_core.results.table import table_rows

_KINDS = (("accuracy", "accuracy"), ("loss", "loss, nats"))
_PARTS = (("val_", "series-0", 0, "validation"), ("", "series-1", 1, "training, on augmented batches"))
_MOST_LOSS = (
    3.0  # nats; an untrained network of ten classes starts at 2.3, and one bad epoch must not set the scale
)
_FEWEST_EPOCHS = 2

Histories = Mapping[str, Sequence[Sequence[dict[str, Any]]]]
"""By the words above a chart, the histories of its seeds and folds."""


def learning_section(material: Material) -> Section | LeftOut:
    """Accuracy and loss over the epochs, of training and validation."""
    key, title = "learning", "Learning curves"
    histories = _histories(material)
    if not histories:
        return LeftOut(key, title, f"No run has a history of {_FEWEST_EPOCHS} epochs or more.")
    entries = [swatch(colour, words, None, dash) for _, colour, dash, words in _PARTS]
    charts = [element("div", *_charts(histories, *kind), class_="panels") for kind in _KINDS]
    words = "Seeds and folds of a setting share a chart. Losses above the scale are drawn at its edge."
    return Section(key, title, joined([legend(entries), *charts, element("p", words, class_="note")]))


def _histories(material: Material) -> dict[str, list[list[dict[str, Any]]]]:
    found: dict[str, list[list[dict[str, Any]]]] = {}
    for run, row in zip(material.runs, table_rows(material.runs), strict=True):
        epochs = [one for one in run.history() if is_number(one.get("epoch"))]
        if len(epochs) >= _FEWEST_EPOCHS:
            found.setdefault(f"{share_taken_over(row)} · {row.policy}", []).append(epochs)
    return found


def _charts(histories: Histories, kind: str, label: str) -> list[Markup]:
    axes = _axes(histories, kind, label)
    return [_chart(axes, title, runs, kind) for title, runs in histories.items()]


def _chart(axes: Axes, title: str, runs: Sequence[Sequence[dict[str, Any]]], kind: str) -> Markup:
    lines = [
        line(axes, points, colour, dash)
        for epochs in runs
        for prefix, colour, dash, _ in _PARTS
        if len(points := _points(epochs, prefix + kind)) > 1
    ]
    ends = ", ".join(
        f"{words} {points[-1][1]:.3f}"
        for prefix, _, _, words in _PARTS
        if (points := _points(runs[0], prefix + kind))
    )
    alt = f"{title}: {kind} over {len(runs[0])} epochs; at the end {ends or 'not known'}."
    return element("figure", element("figcaption", title), axes.drawing(lines, alt), class_="panel")


def _axes(histories: Histories, kind: str, label: str) -> Axes:
    every = [epochs for runs in histories.values() for epochs in runs]
    first, last = (choose(one["epoch"] for epochs in every for one in epochs) for choose in (min, max))
    values = [y for epochs in every for prefix, *_ in _PARTS for _, y in _points(epochs, prefix + kind)]
    top = 1.0 if kind == "accuracy" else min(_MOST_LOSS, max(values, default=1.0))
    return Axes(
        [
            first,
            *[x for x in rising_ticks(first, last, round_step(last - first, 5)) if first < x < last],
            last,
        ],
        rising_ticks(0.0, top, round_step(top, 4) if kind == "loss" else 0.25),
        *("epoch", label),
        width=280,
        height=190,
        left=50,
        bottom=38,
        right=12,
    )


def _points(epochs: Sequence[dict[str, Any]], key: str) -> list[tuple[float, float]]:
    return [(float(one["epoch"]), float(one[key])) for one in epochs if is_number(one.get(key))]
