"""Scores over the share taken over: a line a row of runs with its intervals, and what a null would score in grey."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from catalogue import Entry, curves_of
from foreign import label

from galaxy_core.results.setting import NO_SOURCE, recipe_of, told_apart
from parts import look

if TYPE_CHECKING:
    from galaxy_core.metrics.resample import Estimate

DASHES = ("dot", "dash", "dashdot", "longdash")
"""One a null, or a layer beyond the first."""


@dataclass(frozen=True)
class Line:
    """Estimates over percents; `colour` is its place among the colours, None for the grey of a null."""

    name: str
    percents: tuple[int, ...]
    runs: tuple[str, ...]
    estimates: "tuple[Estimate, ...]"
    colour: int | None
    dash: str = "solid"


def lines_of(entries: Sequence[Entry], told: "Callable[[Entry], Estimate | None]") -> list[Line]:
    """A line for each set of runs that differ in the cut only; a run of which nothing is told is no point of it."""
    lines, curves = [], curves_of(entries)
    told_by = told_apart([recipe_of(curve[-1].row.setting) for curve in curves]) if curves else []
    for place, (curve, recipe) in enumerate(zip(curves, told_by, strict=True)):
        points = [(entry, one) for entry in curve if (one := told(entry)) is not None]
        if points:
            percents, runs = zip(*((entry.percent, entry.name) for entry, _ in points), strict=True)
            name = f"{name_of(curve)}{recipe and ', '}{recipe}"
            lines.append(Line(name, percents, runs, tuple(one for _, one in points), place))
    return lines


def null_lines(
    entries: Sequence[Entry], level: Callable[[Entry], float | None], name: str, dash: str = DASHES[0]
) -> list[Line]:
    """The same of a null: its mean over the same galaxies, in grey and without an interval."""
    from galaxy_core.metrics.resample import Estimate

    def told(entry: Entry) -> Estimate | None:
        value = level(entry)
        return None if value is None or math.isnan(value) else Estimate(value, math.nan, math.nan, 0)

    return [replace(line, name=name, colour=None, dash=dash) for line in lines_of(entries, told)]


def name_of(curve: Sequence[Entry]) -> str:
    """What tells a row of runs from the others: policy, source, seed and fold."""
    last = curve[-1]
    source = "" if last.source == NO_SOURCE else f" from {last.source}"
    fold = "" if last.fold is None else f", fold {last.fold[0]} of {last.fold[1]}"
    return f"{last.row.policy}{source}, seed {last.row.seed}{fold}"


def draw(lines: Sequence[Line], title: str, key: str, *, tickformat: str = "", what: str = "") -> None:
    """The chart of these lines; `title` says what the axis counts, `what` (else the title) what the chart shows."""
    traces, seen = [], set()
    for line in lines:
        traces.append(_trace(line, line.name not in seen))
        seen.add(line.name)
    axis = {"title": {"text": title}, "tickformat": tickformat, "zeroline": False}
    percents = {
        "title": {"text": "ImageNet % (share of layers below the cut)"},
        "range": [-5, 105],
        "dtick": 20,
    }
    figure = {"data": traces, "layout": look.layout(360, xaxis=percents, yaxis=axis)}
    look.chart(figure, alt=_in_words(lines, what or title), key=key)


def in_words(estimate: "Estimate", spec: str = ".2f") -> str:
    """`0.43 (0.40 to 0.46)`; a dash where there is no number, no brackets where there is no interval."""
    if math.isnan(estimate.value):
        return "–"
    text = f"{estimate.value:{spec}}"
    if math.isnan(estimate.low) or math.isnan(estimate.high):
        return text
    return f"{text} ({estimate.low:{spec}} to {estimate.high:{spec}})"


def _trace(line: Line, is_first: bool) -> dict[str, Any]:
    colour = look.ink(0.45) if line.colour is None else look.series()[line.colour % len(look.series())]
    drawn = {
        "name": line.name,
        "x": list(line.percents),
        "y": [_known(one.value) for one in line.estimates],
        "text": [f"{run}: {in_words(one)}" for run, one in zip(line.runs, line.estimates, strict=True)],
        "hovertemplate": f"<b>%{{text}}</b><br>%{{x}} % taken over<extra>{label(line.name)}</extra>",
        "showlegend": is_first,
        "legendgroup": line.name,
        "line": {"color": colour, "width": 1.4 if line.colour is None else 2, "dash": line.dash},
        "marker": {"size": 7, "color": colour},
    }
    if line.colour is None:
        return {**drawn, "mode": "lines"}
    high = [_known(one.high - one.value) for one in line.estimates]
    low = [_known(one.value - one.low) for one in line.estimates]
    bars = {"type": "data", "array": high, "arrayminus": low, "thickness": 1.2, "width": 4}
    return {**drawn, "mode": "lines+markers", "error_y": bars}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _in_words(lines: Sequence[Line], what: str) -> str:
    told = [
        f"{line.name}: "
        + ", ".join(
            f"{percent} %: {in_words(one)}"
            for percent, one in zip(line.percents, line.estimates, strict=True)
        )
        for line in lines
    ]
    return f"{what} over ImageNet percent. {'; '.join(told)}."
