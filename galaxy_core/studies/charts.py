"""Charts of studies as plain Plotly figures, the same wherever they are shown: lines over the share, and intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import cycle
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from galaxy_core.numerals import number
from galaxy_core.results.curves import SHARE_AXIS, ticks
from galaxy_core.studies.study import Figure, in_words

if TYPE_CHECKING:
    from pandas import DataFrame

COLOURS = ("#2F77B0", "#B0590F", "#00795A", "#9C4F82", "#6B6F76", "#8A6D00")
"""Mid tones after Okabe & Ito that are told apart by all eyes, on a light page and on a dark one."""
DASHES = ("solid", "dot", "dash", "dashdot", "longdash")
MOST_INTERVALS, MOST_IN_A_ROW, MOST_PANELS = 60, 3, 12
MOST_OF_A_NAME = 60
"""Letters of a curve in a legend; each point says its run."""
Trace = dict[str, Any]


def over_share(frame: DataFrame, scores: Mapping[str, str], title: str, tickformat: str = "") -> Figure:
    """Each of these scores over the percent taken over, a line for each curve of runs, with its intervals.

    `scores` gives each score its name in the legend; with one score the curve's name is enough.
    """
    curves = [curve for curve in dict.fromkeys(frame.curve) if curve]
    traces = []
    for k, curve in enumerate(curves):
        for j, (score, label) in enumerate(scores.items()):
            rows = frame[(frame.curve == curve) & (frame.score == score)].sort_values("percent")
            if rows.empty:
                continue
            told = shorten(curve, MOST_OF_A_NAME, placeholder=" …")
            name = told if len(scores) == 1 else label if len(curves) == 1 else f"{label}: {told}"
            colour = COLOURS[(k if len(curves) > 1 else j) % len(COLOURS)]
            line = {"color": colour, "dash": DASHES[j % len(DASHES)]}
            trace = {"name": name, "mode": "lines+markers", "x": rows.percent.tolist(), "line": line}
            texts = [f"{row.of}: {in_words(row)}" for row in rows.itertuples()]
            traces.append({**trace, "y": _plain(rows.value), "error_y": _bars(rows), "text": texts})
    axis = {**SHARE_AXIS, "zeroline": False}
    yaxis = {"title": {"text": title}, **ticks(tickformat), "zeroline": False}
    return {"data": traces, "layout": {"height": 380, "xaxis": axis, "yaxis": yaxis}}


def intervals(
    frame: DataFrame, scores: Sequence[str] | Mapping[str, str], title: str, tickformat: str = ""
) -> Figure:
    """A point with its interval for each run or pair, a colour a score; the first sixty where there are more."""
    traces: list[dict[str, Any]] = []
    own = scores if isinstance(scores, Mapping) else dict(zip(scores, cycle(COLOURS), strict=False))
    for score, colour in own.items():
        rows = frame[(frame.score == score) & frame.value.notna()].head(MOST_INTERVALS)
        if not rows.empty:
            marker = {"color": colour, "size": 8}
            trace = {"name": score, "mode": "markers", "y": rows.of.tolist(), "marker": marker}
            traces.append({**trace, "x": _plain(rows.value), "error_x": _bars(rows)})
    n_lines = len({name for trace in traces for name in trace["y"]})
    zero = {"zeroline": True, "zerolinewidth": 2, "zerolinecolor": COLOURS[4]}
    xaxis = {"title": {"text": title}, **ticks(tickformat), **zero}
    yaxis = {"autorange": "reversed", "automargin": True, "type": "category"}
    return {"data": traces, "layout": {"height": 160 + 24 * n_lines, "xaxis": xaxis, "yaxis": yaxis}}


def points(rows: DataFrame, name: str, place: int, **line: Any) -> Trace:
    """A line through the points of one curve, with their intervals where they have any.

    `place` is that among the curves: other colours first, then other marks.
    """
    rows, colour = rows.sort_values("at"), COLOURS[place % len(COLOURS)]
    symbol = ("circle", "diamond-open", "square-open", "cross")[place // len(COLOURS) % 4]
    style = {"color": colour, "width": 2, **line}
    trace = {"name": name, "mode": "lines+markers", "x": rows["at"].tolist(), "y": _plain(rows.value)}
    bars = {"error_y": _bars(rows)} if rows.low.notna().any() else {}
    return {
        **trace,
        **bars,
        "line": style,
        "marker": {"size": 6, "color": colour, "symbol": symbol},
        "hovertext": name,
    }


def in_panels(panels: Mapping[str, Sequence[Trace]], xaxis: Figure, yaxes: Sequence[Figure]) -> Figure:
    """The traces under each title side by side, at most three in a row; the vertical axes in turn of `yaxes`, one that
    all share with its title at the left alone.

    A name is in the legend once, and a click on it hides its traces everywhere.
    """
    n_columns = min(len(panels), MOST_IN_A_ROW) or 1
    n_rows = math.ceil(len(panels) / n_columns) or 1
    layout: dict[str, Any] = {"height": 120 + 300 * n_rows, "annotations": []}
    data, named = [], set[str]()
    for k, (title, traces) in enumerate(panels.items()):
        row, column = divmod(k, n_columns)
        across = [(column + 0.08) / n_columns, (column + 0.94) / n_columns]
        up = [1 - (row + 0.8) / n_rows, 1 - (row + 0.1) / n_rows]
        number = str(k + 1) if k else ""
        layout[f"xaxis{number}"] = {**xaxis, "domain": across, "anchor": f"y{number}"}
        yaxis = {**yaxes[k % len(yaxes)], "domain": up, "anchor": f"x{number}"}
        if column and len(yaxes) == 1:
            yaxis.pop("title", None)
        layout[f"yaxis{number}"] = yaxis
        place = {
            "x": sum(across) / 2,
            "y": up[1],
            "xref": "paper",
            "yref": "paper",
            "xanchor": "center",
            "yanchor": "bottom",
        }
        layout["annotations"].append({**place, "text": title, "showarrow": False})
        for trace in traces:
            name = str(trace["name"])
            own = {"legendgroup": name, "showlegend": name not in named}
            data.append({**trace, "xaxis": f"x{number}", "yaxis": f"y{number}", **own})
            named.add(name)
    return {"data": data, "layout": layout}


def rows_of_cells(frame: DataFrame) -> Figure:
    """A number a cell, 0 to 1: a row `of` each run, a column `column`; a white line after those `is_below`."""
    runs, columns = (list(dict.fromkeys(one)) for one in (frame.of, frame.column))
    table = frame.pivot(index="of", columns="column", values="value").loc[runs, columns]
    cuts = [
        columns.index(own.column.iloc[0]) + own.is_below.sum() - 0.5
        for _, own in frame.groupby("of", sort=False)
    ]
    texts = [[number(one, 2) for one in row] for row in table.to_numpy()]
    heat: dict[str, Any] = {
        "type": "heatmap",
        "x": columns,
        "y": runs,
        "z": [_plain(row) for row in table.to_numpy()],
    }
    heat |= {
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, "#1D2733"], [1, COLOURS[0]]],
        "colorbar": {"thickness": 10, "outlinewidth": 0},
    }
    heat |= {"text": texts, "texttemplate": "%{text}", "textfont": {"color": "white"}, "xgap": 1, "ygap": 1}
    heat["hovertemplate"] = "%{y}, %{x}: %{text}<extra></extra>"
    line = {"type": "line", "line": {"color": "white", "width": 4}}
    shapes = [
        {**line, "x0": x, "x1": x, "y0": k - 0.5, "y1": k + 0.5} for k, x in enumerate(map(float, cuts))
    ]
    xaxis = {"type": "category", "tickangle": -30, "automargin": True}
    yaxis = {"autorange": "reversed", "automargin": True, "type": "category"}
    layout = {"height": 150 + 36 * len(runs), "xaxis": xaxis, "yaxis": yaxis, "shapes": shapes}
    return {"data": [heat] if runs else [], "layout": layout}


def _bars(rows: DataFrame) -> dict[str, Any]:
    high, low = _plain(rows.high - rows.value), _plain(rows.value - rows.low)
    return {"type": "data", "array": high, "arrayminus": low, "thickness": 1.2, "width": 4}


def _plain(values: Any) -> list[float | None]:
    return [None if math.isnan(one) else float(one) for one in values]
