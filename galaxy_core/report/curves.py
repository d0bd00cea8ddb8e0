"""Accuracy over the share that was taken over, with the paper's points beside ours."""

from collections.abc import Iterator, Sequence
from statistics import fmean

from galaxy_core.data.classes import GALAXY10
from galaxy_core.report.figures import figure
from galaxy_core.report.markup import Markup, element
from galaxy_core.results.curves import (
    DASHES,
    Curve,
    Figure,
    accuracy_in_words,
    accuracy_layout,
    accuracy_line,
    curves_of,
    paper_line,
)
from galaxy_core.results.paper import REFERENCE_6_CITATION
from galaxy_core.results.table import TableRow
from galaxy_core.studies.charts import COLOURS

_SHIFT = 0.7  # percent between the marks of seeds, which would lie on each other
_FAINT = COLOURS[4]


def accuracy_curve(rows: Sequence[TableRow]) -> Markup:
    """Test accuracy of our rows with 95 % intervals, the paper's points and its reference [6]."""
    is_of_paper = all(row.classes == GALAXY10 for row in rows)
    curves = curves_of([row for row in rows if row.test_accuracy is not None])
    data = [trace for number, curve in enumerate(curves) for trace in _traces(curve, number)]
    data += [paper_line(_FAINT)] if is_of_paper else []
    layout = accuracy_layout(len(rows[0].classes), lambda _: _FAINT, is_of_paper=is_of_paper)
    words = "Test accuracy over the share of layers taken over; bars are 95 % intervals."
    words += f" Reference [6]: {REFERENCE_6_CITATION}." if is_of_paper else ""
    drawn = figure(
        {"data": data, "layout": {"height": 400, **layout}}, accuracy_in_words(rows, is_of_paper=is_of_paper)
    )
    return element("figure", drawn, element("figcaption", words))


def _traces(curve: Curve, number: int) -> Iterator[Figure]:
    """A line through the means of the seeds, and a mark with its interval for each row."""
    colour, name = COLOURS[number % len(COLOURS)], f"{curve.policy}, source {curve.source}"
    name += f", {curve.told}" if curve.told else ""
    seeds: dict[int, list[TableRow]] = {}
    for row in curve.rows:
        seeds.setdefault(row.imagenet_percent, []).append(row)
    means = [fmean(row.test_accuracy or 0.0 for row in seeds[percent]) for percent in sorted(seeds)]
    line = {"color": colour, "dash": DASHES[number % len(DASHES)]}
    own = {"name": name, "legendgroup": name, "line": line}
    yield {**own, "x": sorted(seeds), "y": means, "mode": "lines", "hoverinfo": "skip"}
    places = [
        percent + _SHIFT * (k - (len(rows) - 1) / 2)
        for percent, rows in seeds.items()
        for k in range(len(rows))
    ]
    shown = [row for rows in seeds.values() for row in rows]
    yield accuracy_line(shown, name, colour, x=places, mode="markers", legendgroup=name, showlegend=False)
