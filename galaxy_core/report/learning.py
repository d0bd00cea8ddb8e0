"""Learning curves: a chart a setting, all on one scale, from the lines that training wrote after each epoch."""

from typing import Any

from galaxy_core.report.figures import figure
from galaxy_core.report.markup import LeftOut, Markup, Section, element, is_number, joined
from galaxy_core.report.rows import Material, share_taken_over
from galaxy_core.results.curves import learned_in_words, learning_figure
from galaxy_core.results.table import table_rows
from galaxy_core.studies.charts import COLOURS

_MOST_LOSS = (
    3.0  # nats; an untrained network of ten classes starts at 2.3, and one bad epoch must not set the scale
)
_FEWEST_EPOCHS = 2

Histories = list[list[dict[str, Any]]]


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
    drawn = learning_figure(histories, n_epochs, COLOURS)
    drawn["layout"]["yaxis"]["range"] = [0, 1.05 * top]
    alt = f"Learning curves of {title}, {learned_in_words(histories[0])}"
    return element("figure", element("figcaption", title), figure(drawn, alt), class_="panel")
