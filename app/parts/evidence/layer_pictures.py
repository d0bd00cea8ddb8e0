"""Alignments of layers as pictures: a matrix, its diagonal over the depth, and a row a run against their source."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from galaxy_core.studies.sources.layers import LayerAlignment
from parts import look
from parts.evidence.sides import Side

COLOURS = "Cividis"


def show_matrix(found: LayerAlignment, first: Side, second: Side) -> None:
    """Rows the first network's layers from the image down to the answer, columns the second's."""
    labels = _labels(found)
    figure = {
        "data": [_heat(found.values.tolist(), labels, [str(round(p)) for p in found.percents])],
        "layout": look.layout(
            470,
            xaxis={"title": {"text": f"{second.name}: layers at or below (%)"}, "type": "category"},
            yaxis={"autorange": "reversed", "automargin": True, "type": "category"},
            shapes=[_outline(i) for i in range(len(labels))],
        ),
    }
    pairs = zip(found.layers, found.diagonal.tolist(), strict=True)
    diagonal = ", ".join(f"{layer} {_text(value)}" for layer, value in pairs)
    alt = f"Alignment of every layer of {first.name} with every layer of {second.name}. Each with itself: {diagonal}."
    look.chart(figure, alt=alt, key="layers_matrix")


def show_diagonal(found: LayerAlignment, first: Side, second: Side) -> None:
    """Each layer with itself over how deep it lies, with the cuts of both networks."""
    colour = look.series()[0]
    line = {
        "x": found.percents,
        "y": [_known(value) for value in found.diagonal.tolist()],
        "text": list(found.layers),
        "mode": "lines+markers",
        "line": {"color": colour, "width": 2},
        "marker": {"size": 7, "color": colour},
        "hovertemplate": "%{text} (%{x:.0f} %): %{y:.3f}<extra></extra>",
    }
    cuts = {round(100 * side.cut): side.name for side in (second, first) if side.cut is not None}
    layout = look.layout(
        470,
        xaxis={"title": {"text": "layers at or below (%)"}, "range": [-3, 103], "dtick": 20},
        yaxis={"title": {"text": "linear CKA"}, "range": [-0.05, 1.05]},
        showlegend=False,
        shapes=[_cut_line(percent) for percent in cuts],
        annotations=[_cut_note(percent, i) for i, percent in enumerate(sorted(cuts))],
    )
    at = ", ".join(f"{name} {percent} %" for percent, name in cuts.items())
    said = ", ".join(f"{p:.0f} %: {_text(v)}" for p, v in zip(found.percents, found.diagonal, strict=True))
    alt = f"Alignment of each layer with itself over depth: {said}. Cuts: {at or 'none'}."
    look.chart({"data": [line], "layout": layout}, alt=alt, key="layers_diagonal")


def show_runs(found: Mapping[str, LayerAlignment], source: Side, sides: Sequence[Side]) -> None:
    """Each run against its source at every layer; a white line at its cut."""
    first = next(iter(found.values()))
    columns = _labels(first)
    rows = [one.diagonal.tolist() for one in found.values()]
    shapes = [
        _cut_mark(row, first.n_below(side.cut)) for row, side in enumerate(sides) if side.cut is not None
    ]
    layout = look.layout(
        150 + 36 * len(rows),
        xaxis={"type": "category", "tickangle": -30, "automargin": True},
        yaxis={"autorange": "reversed", "automargin": True, "type": "category"},
        shapes=shapes,
    )
    said = "; ".join(f"{run}: {', '.join(map(_text, row))}" for run, row in zip(found, rows, strict=True))
    alt = f"Alignment of each run with {source.name} at {', '.join(columns)}. {said}."
    figure = {"data": [_heat(rows, list(found), columns)], "layout": layout}
    look.chart(figure, alt=alt, key=f"layers_of_{source.name}")


def _labels(found: LayerAlignment) -> list[str]:
    return [f"{layer} ({percent:.0f} %)" for layer, percent in zip(found.layers, found.percents, strict=True)]


def _heat(values: list[list[float]], rows: list[str], columns: list[str]) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "x": columns,
        "y": rows,
        "z": [[_known(value) for value in row] for row in values],
        "zmin": 0,
        "zmax": 1,
        "colorscale": COLOURS,
        "text": [[_text(value) for value in row] for row in values],
        "texttemplate": "%{text}",
        "hovertemplate": "%{y} with %{x}: %{text}<extra></extra>",
        "xgap": 1,
        "ygap": 1,
        "colorbar": {"thickness": 10, "outlinewidth": 0},
    }


def _outline(i: int) -> dict[str, Any]:
    line = {"color": look.LEARNED, "width": 2}
    return {"type": "rect", "x0": i - 0.5, "x1": i + 0.5, "y0": i - 0.5, "y1": i + 0.5, "line": line}


def _cut_mark(row: int, n_below: int) -> dict[str, Any]:
    line = {"color": "white", "width": 4}
    x = n_below - 0.5
    return {"type": "line", "x0": x, "x1": x, "y0": row - 0.5, "y1": row + 0.5, "line": line}


def _cut_line(percent: int) -> dict[str, Any]:
    line = {"color": look.LEARNED, "width": 1.5, "dash": "dash"}
    return {"type": "line", "x0": percent, "x1": percent, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _cut_note(percent: int, place: int) -> dict[str, Any]:
    """At the foot of its line, where the curve is not; one above the other, so that near cuts stay legible."""
    side = "left" if percent < 70 else "right"
    at = {"x": percent, "xanchor": side, "yref": "paper", "y": 0.02 + 0.07 * place, "yanchor": "bottom"}
    return {
        **at,
        "text": f"cut at {percent} %",
        "showarrow": False,
        "font": {"size": 12, "color": look.ink(0.8)},
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _text(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"
