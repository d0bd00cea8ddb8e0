"""Curves over the share taken over, and learning curves, as plain Plotly figures: one for page and report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from galaxy_core.networks.policy import POLICIES, needs_source
from galaxy_core.numerals import counted, percent, written
from galaxy_core.results.paper import PAPER_ROWS, REFERENCE_6
from galaxy_core.results.setting import NO_SOURCE, recipe_of, told_apart
from galaxy_core.results.table import TableRow, finite

Figure = dict[str, Any]
History = Sequence[dict[str, Any]]
Ink = Callable[[float], str]
"""The colour of words and lines at some opacity."""

SHARE_AXIS = {"title": {"text": "share of layers below the cut, %"}, "range": [-5, 105], "dtick": 20}
DASHES = ("solid", "dash", "dashdot", "longdash")
"""One a source or curve; the paper's is dotted."""
_LEARNING = (
    ("accuracy", "training", 0, "solid", "y2"),
    ("val_accuracy", "validation", 0, "dash", "y2"),
    ("loss", "training loss", 1, "solid", "y"),
    ("val_loss", "validation loss", 1, "dash", "y"),
)


def ticks(spec: str, step: int = 1) -> Figure:
    """How the numbers along an axis are written: with a space before the percent sign, which Plotly leaves out, and no
    sign before zero, which it puts there.
    """
    if not spec.endswith("%"):
        return {"tickformat": spec, "labelalias": {written(0, spec): "0"} if spec.startswith("+") else {}}
    labels = [written(percent / 100, spec) for percent in range(-100, 101, step)]
    return {"tickformat": spec, "labelalias": {label.replace(" ", ""): label for label in labels}}


@dataclass(frozen=True)
class Curve:
    """Rows that differ in the cut only; `told` is what tells it from others of its policy and source."""

    rows: tuple[TableRow, ...]
    policy: str
    source: str
    told: str


def curves_of(rows: Sequence[TableRow], kind: Callable[[TableRow], str] = lambda row: "") -> list[Curve]:
    """A curve a policy, kind, recipe and source; a row that takes nothing over is part of those of all sources."""

    def alike(row: TableRow) -> tuple[str, str, str]:
        return row.policy, kind(row), recipe_of(row.setting)

    found = dict.fromkeys((alike(row), _source(row)) for row in rows)
    with_source = {one for one, source in found if source != NO_SOURCE}
    shown = [(one, source) for one, source in found if source != NO_SOURCE or one not in with_source]
    recipes = told_apart([one[2] for one, _ in shown]) if shown else []
    return [
        Curve(
            tuple(row for row in rows if alike(row) == one and _source(row) in (source, NO_SOURCE)),
            *(one[0], source, ", ".join(filter(None, (one[1], recipe)))),
        )
        for (one, source), recipe in zip(shown, recipes, strict=True)
    ]


def accuracy_line(rows: Sequence[TableRow], name: str, colour: str, **more: Any) -> Figure:
    """Test accuracies over the percent with their 95 % intervals."""
    high = [0.0 if row.test_high is None else row.test_high - (row.test_accuracy or 0) for row in rows]
    low = [0.0 if row.test_low is None else (row.test_accuracy or 0) - row.test_low for row in rows]
    return {
        "name": name,
        "x": [row.imagenet_percent for row in rows],
        "y": [row.test_accuracy for row in rows],
        "error_y": {"type": "data", "array": high, "arrayminus": low, "thickness": 1.2, "width": 4},
        "text": [row.run for row in rows],
        "customdata": [percent(row.test_accuracy, 1) for row in rows],
        "hovertemplate": "<b>%{text}</b><br>%{x} % below the cut: %{customdata}<extra></extra>",
        "mode": "lines+markers",
        "marker": {"size": 8, "color": colour},
        **more,
    }


def paper_line(colour: str) -> Figure:
    """The paper's points."""
    return {
        "name": "the paper",
        "x": list(PAPER_ROWS),
        "y": [row.test_accuracy for row in PAPER_ROWS.values()],
        "mode": "lines+markers",
        "line": {"color": colour, "width": 1.4, "dash": "dot"},
        "marker": {"symbol": "diamond-open", "size": 10, "color": colour},
        "customdata": [percent(row.test_accuracy) for row in PAPER_ROWS.values()],
        "hovertemplate": "the paper, %{x} %: %{customdata}<extra></extra>",
    }


def accuracy_layout(n_classes: int, ink: Ink, *, is_of_paper: bool) -> Figure:
    """The axes, with the levels of guessing and, where the classes are the paper's, of its reference [6]."""
    levels = [(1 / n_classes, 0.35, f"guessing: {100 / n_classes:.3g} %")]
    levels += [(REFERENCE_6, 0.75, "reference [6]: 89 %")] if is_of_paper else []
    return {
        "xaxis": SHARE_AXIS,
        "yaxis": {"title": {"text": "test accuracy"}, "range": [0, 1], "dtick": 0.2, **ticks(".0%", 20)},
        "shapes": [_level(y, ink(opacity)) for y, opacity, _ in levels],
        "annotations": [_note(y, text, ink(0.8)) for y, _, text in levels],
    }


def accuracy_in_words(rows: Sequence[TableRow], *, is_of_paper: bool) -> str:
    """The same for those who cannot see it."""
    tested = [row for row in rows if row.test_accuracy is not None]
    ours = ", ".join(f"{row.imagenet_percent} %: {row.test_accuracy:.2f}" for row in tested) or "none yet"
    if not is_of_paper:
        return f"Test accuracy over the share below the cut: {ours}."
    paper = ", ".join(f"{percent} %: {row.test_accuracy:.2f}" for percent, row in PAPER_ROWS.items())
    return f"Test accuracy over the share below the cut. Ours: {ours}. The paper: {paper}. Reference 6: 0.89."


def learning_line(history: History, column: str, name: str, colour: str, **more: Any) -> Figure:
    """One column of a history over the epochs; what is no number leaves a gap."""
    return {
        "name": name,
        "x": [finite(row.get("epoch")) for row in history],
        "y": [finite(row.get(column)) for row in history],
        "mode": "lines+markers",
        "line": {"color": colour, "width": 2, **more.pop("line", {})},
        "marker": {"size": 5, "color": colour},
        "hovertemplate": "%{fullData.name}, epoch %{x}: %{y:.3f}<extra></extra>",
        **more,
    }


def learning_figure(histories: Sequence[History], n_epochs: float, colours: Sequence[str]) -> Figure:
    """Accuracy above, loss below, training and validation, over the epochs of one run or of several alike."""
    data = [
        learning_line(
            history, column, name, colours[k], line={"dash": dash}, yaxis=axis, showlegend=number == 0
        )
        for number, history in enumerate(histories)
        for column, name, k, dash, axis in _LEARNING
    ]
    layout = {
        "xaxis": {
            "title": {"text": "epoch"},
            "range": [0.5, n_epochs + 0.5],
            "dtick": -(-n_epochs // 12),
            "anchor": "y",
        },
        "yaxis": {"title": {"text": "loss"}, "domain": [0, 0.42], "rangemode": "tozero"},
        "yaxis2": {
            "title": {"text": "accuracy"},
            "domain": [0.54, 1],
            "range": [0, 1],
            **ticks(".0%", 5),
        },
    }
    return {"data": data, "layout": layout}


def learned_in_words(history: History) -> str:
    """How many epochs there are, and the numbers of the last."""
    known = {column: finite(history[-1].get(column)) for column, *_ in _LEARNING}
    numbers = ", ".join(f"{name} {value:.2f}" for name, value in known.items() if value is not None)
    return f"{counted(len(history), 'epoch')}; at the end {numbers}."


def _source(row: TableRow) -> str:
    """Whose layers are taken over; nobody's where the cut leaves nothing to take over."""
    takes_none = row.policy in POLICIES and not needs_source(row.policy, row.imagenet_percent / 100)
    return NO_SOURCE if takes_none else row.source


def _level(y: float, colour: str) -> Figure:
    line = {"color": colour, "width": 1.2, "dash": "dash"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line}


def _note(y: float, text: str, colour: str) -> Figure:
    place = {"xref": "paper", "x": 1, "xanchor": "right", "y": y, "yanchor": "bottom"}
    return {**place, "text": text, "showarrow": False, "font": {"size": 12, "color": colour}}
