"""Accuracy over the share that was taken over, with the paper's points beside ours, and how each setting learned."""

from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any

from galaxy_core.data.classes import GALAXY10
from galaxy_core.report.figures import figure
from galaxy_core.report.markup import LeftOut, Markup, Section, element, is_number, joined
from galaxy_core.report.rows import Material, share_taken_over
from galaxy_core.results import curves as plotted
from galaxy_core.results.paper import REFERENCE_6_CITATION
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.studies.charts import COLOURS

_SHIFT = 0.7  # percent between the marks of seeds, which would lie on each other
_FAINT = COLOURS[4]
_MOST_LOSS = (
    3.0  # nats; an untrained network of ten classes starts at 2.3, and one bad epoch must not set the scale
)
_FEWEST_EPOCHS = 2

Histories = list[list[dict[str, Any]]]


def accuracy_curve(rows: Sequence[TableRow]) -> Markup:
    """Test accuracy of our rows with 95 % intervals, the paper's points and its reference [6]."""
    is_of_paper = all(row.classes == GALAXY10 for row in rows)
    curves = plotted.curves_of([row for row in rows if row.test_accuracy is not None])
    data = [trace for number, curve in enumerate(curves) for trace in _traces(curve, number)]
    data += [plotted.paper_line(_FAINT)] if is_of_paper else []
    layout = plotted.accuracy_layout(len(rows[0].classes), lambda _: _FAINT, is_of_paper=is_of_paper)
    words = "Test accuracy over the share of layers taken over; bars are 95 % intervals."
    words += f" Reference [6]: {REFERENCE_6_CITATION}." if is_of_paper else ""
    drawn = figure(
        {"data": data, "layout": {"height": 400, **layout}},
        plotted.accuracy_in_words(rows, is_of_paper=is_of_paper),
    )
    return element("figure", drawn, element("figcaption", words))


def _traces(curve: plotted.Curve, number: int) -> Iterator[plotted.Figure]:
    """A line through the means of the seeds, and a mark with its interval for each row."""
    colour, name = COLOURS[number % len(COLOURS)], f"{curve.policy}, source {curve.source}"
    name += f", {curve.told}" if curve.told else ""
    seeds: dict[int, list[TableRow]] = {}
    for row in curve.rows:
        seeds.setdefault(row.imagenet_percent, []).append(row)
    means = [fmean(row.test_accuracy or 0.0 for row in seeds[percent]) for percent in sorted(seeds)]
    line = {"color": colour, "dash": plotted.DASHES[number % len(plotted.DASHES)]}
    own = {"name": name, "legendgroup": name, "line": line}
    yield {**own, "x": sorted(seeds), "y": means, "mode": "lines", "hoverinfo": "skip"}
    places = [
        percent + _SHIFT * (k - (len(rows) - 1) / 2)
        for percent, rows in seeds.items()
        for k in range(len(rows))
    ]
    shown = [row for rows in seeds.values() for row in rows]
    yield plotted.accuracy_line(
        shown, name, colour, x=places, mode="markers", legendgroup=name, showlegend=False
    )


def learning_section(material: Material) -> Section | LeftOut:
    """Accuracy and loss over the epochs, of training and validation."""
    key, title = "learning", "Learning curves"
    found: dict[str, Histories] = {}
    for run, row in zip(material.runs, table_rows(material.runs), strict=True):
        epochs = [one for one in run.history() if is_number(one.get("epoch"))]
        if len(epochs) >= _FEWEST_EPOCHS:
            found.setdefault(f"{share_taken_over(row)} · {row.policy}", []).append(epochs)
    if not found:
        return LeftOut(key, title, f"No run has a history of {_FEWEST_EPOCHS} epochs or more.")
    every = [one for histories in found.values() for epochs in histories for one in epochs]
    losses = [one[name] for one in every for name in ("loss", "val_loss") if is_number(one.get(name))]
    n_epochs, top = max(one["epoch"] for one in every), min(_MOST_LOSS, max(losses, default=1.0))
    charts = [_chart(title, histories, n_epochs, top) for title, histories in found.items()]
    words = f"Seeds and folds of a setting share a chart. Losses above {top:.3g} nats are beyond its edge."
    return Section(
        key, title, joined([element("div", *charts, class_="panels"), element("p", words, class_="note")])
    )


def _chart(title: str, histories: Histories, n_epochs: float, top: float) -> Markup:
    drawn = plotted.learning_figure(histories, n_epochs, COLOURS)
    drawn["layout"]["yaxis"]["range"] = [0, 1.05 * top]
    alt = f"Learning curves of {title}, {plotted.learned_in_words(histories[0])}"
    return element("figure", element("figcaption", title), figure(drawn, alt), class_="panel")
