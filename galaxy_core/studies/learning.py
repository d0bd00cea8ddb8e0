"""How each run learned: accuracy and loss over the epochs, of training and validation, as training wrote them down."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from galaxy_core.results.curves import ticks
from galaxy_core.studies.charts import in_panels, points
from galaxy_core.studies.study import DIFFERENCE, Asked, Figure, Progress, Row, Study, span_in_words

if TYPE_CHECKING:
    from pandas import DataFrame

PANELS = {
    "accuracy": ("validation accuracy", "training accuracy"),
    "loss": ("validation loss", "training loss"),
}
KEYS = {
    "validation accuracy": "val_accuracy",
    "training accuracy": "accuracy",
    "validation loss": "val_loss",
    "training loss": "loss",
}
MOST_LOSS = 3.0
"""Nats: an untrained network of ten classes starts at 2.3, and one bad epoch must not set the scale."""
LAST = "validation accuracy of the last epoch"


def rows(asked: Asked, progress: Progress) -> Iterator[Row]:
    """Each number of each epoch, and the validation accuracy that was reached; a run without a history is told."""
    for run in asked.runs:
        history = run.history()
        if not history:
            asked.told.append(f"{run.name} did not keep its learning curve")
            continue
        for score, key in KEYS.items():
            for epoch in history:
                place, value = _number(epoch.get("epoch")), _number(epoch.get(key))
                if place is not None and value is not None:
                    yield Row(run.name, score, value, at=place)
        if (last := _number(history[-1].get("val_accuracy"))) is not None:
            yield Row(run.name, LAST, last)


def sentence(frame: DataFrame) -> str:
    """What was reached at the end."""
    return span_in_words(frame, LAST)


def chart(frame: DataFrame) -> Figure:
    """Accuracy and loss side by side, a colour a run; validation is the whole line, training the dotted one."""
    names = list(dict.fromkeys(frame.of))
    panels = {
        kind: [
            points(frame[(frame.of == name) & (frame.score == score)], name, k, dash=dash)
            for k, name in enumerate(names)
            for score, dash in zip(scores, ("solid", "dot"), strict=True)
        ]
        for kind, scores in PANELS.items()
    }
    tops = frame[frame.score.isin(PANELS["loss"])].value
    yaxes: list[Figure] = [{"range": [0, 1], **ticks(".0%", 5)}, {"range": [0, min(MOST_LOSS, tops.max())]}]
    return in_panels(panels, {"title": {"text": "epoch"}}, yaxes)


def _number(value: Any) -> float | None:
    """What a history holds may be anything."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number else None


STUDY = Study(
    *("learning", 15, DIFFERENCE, "How did each run learn?", rows, sentence, chart),
    needs_galaxies=False,
    note="Whole lines: validation; dotted: training, on augmented batches. Where a line still rises at its end, the "
    "run was stopped while it learned: a difference between two such rows may be one of speed.",
)
