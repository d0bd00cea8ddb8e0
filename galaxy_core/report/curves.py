"""Accuracy over the share that was taken over, with the paper's points beside ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

from galaxy_core.data.classes import GALAXY10
from galaxy_core.report.axes import (
    N_SERIES,
    Axes,
    legend,
    line,
    mark,
    rising_ticks,
    swatch,
    whisker,
)
from galaxy_core.report.markup import Markup, element
from galaxy_core.results.paper import PAPER_ROWS, REFERENCE_6, REFERENCE_6_CITATION
from galaxy_core.results.setting import NO_SOURCE, recipe_of, told_apart
from galaxy_core.results.table import TableRow

_SHIFT = 7.0  # pixels between marks that would lie on each other
_PAPER_SHAPE = 3

Curve = dict[int, list[TableRow]]
"""Percent to its rows (seeds), of one policy, source and recipe."""


def accuracy_curve(rows: Sequence[TableRow]) -> Markup:
    """Test accuracy of our rows with 95 % intervals, the paper's points and its reference [6]."""
    curves = _curves(rows)
    axes = Axes((0, 20, 40, 60, 80, 100), _y_ticks(rows), "layers taken over, %", "test accuracy", x_margin=5)
    parts = [*_reference(axes), *_paper(axes)] if _is_beside_paper(rows) else []
    for number, curve in enumerate(curves.values()):
        parts += _ours(axes, curve, number, len(curves))
    entries = [swatch(_colour(number), name, number, number) for number, name in enumerate(curves)]
    entries += _is_beside_paper(rows) * [
        swatch("paper", "the paper (one run a point, no interval)", _PAPER_SHAPE, 2),
        swatch("reference", f"{REFERENCE_6:.2f}: {REFERENCE_6_CITATION}", None, 1),
    ]
    words = element(
        "figcaption", "Test accuracy over the share of layers taken over; bars are 95 % intervals."
    )
    return element(
        "figure",
        legend(entries),
        axes.drawing(parts, _in_words(curves, is_beside_paper=_is_beside_paper(rows))),
        words,
    )


def _curves(rows: Sequence[TableRow]) -> dict[str, Curve]:
    """By policy, source and recipe; a row that takes nothing over is part of the curves of all sources."""
    measured = [row for row in rows if row.test_accuracy is not None]
    kinds = dict.fromkeys((row.policy, row.source, recipe_of(row.setting)) for row in measured)
    with_source = {(policy, recipe) for policy, source, recipe in kinds if source != NO_SOURCE}
    shown = [kind for kind in kinds if kind[1] != NO_SOURCE or (kind[0], kind[2]) not in with_source]
    curves: dict[str, Curve] = {}
    for (policy, source, recipe), told in zip(shown, told_apart([kind[2] for kind in shown]), strict=True):
        curve = curves.setdefault(f"{policy}, source {source}{told and ', '}{told}", {})
        for row in measured:
            if (row.policy, recipe_of(row.setting)) == (policy, recipe) and row.source in (source, NO_SOURCE):
                curve.setdefault(row.imagenet_percent, []).append(row)
    return curves


def _ours(axes: Axes, curve: Curve, number: int, n_curves: int) -> Iterator[Markup]:
    colour = _colour(number)
    yield line(axes, [(x, fmean(_accuracies(seeds))) for x, seeds in sorted(curve.items())], colour, number)
    aside = _SHIFT * (number - (n_curves - 1) / 2) if n_curves > 1 else 0.0
    for x, seeds in curve.items():
        for k, row in enumerate(seeds):
            shift = aside + _SHIFT * (k - (len(seeds) - 1) / 2)
            if row.test_low is not None and row.test_high is not None:
                yield whisker(axes, x, row.test_low, row.test_high, colour, shift)
            yield mark(axes, (x, row.test_accuracy or 0.0), colour, number, shift)


def _paper(axes: Axes) -> Iterator[Markup]:
    points = [(x, row.test_accuracy) for x, row in PAPER_ROWS.items()]
    yield line(axes, points, "paper", 2)
    for point in points:
        yield mark(axes, point, "paper", _PAPER_SHAPE)


def _reference(axes: Axes) -> Iterator[Markup]:
    ends = [axes.x_ticks[0] - axes.x_margin, axes.x_ticks[-1] + axes.x_margin]
    yield line(axes, [(x, REFERENCE_6) for x in ends], "reference", 1)


def _y_ticks(rows: Sequence[TableRow]) -> list[float]:
    ours = [x for row in rows for x in (row.test_accuracy, row.test_low, row.test_high) if x is not None]
    theirs = [*(row.test_accuracy for row in PAPER_ROWS.values()), REFERENCE_6]
    shown = [*ours, *theirs] if _is_beside_paper(rows) else [*ours, 1 / len(rows[0].classes)]
    return rising_ticks(max(0.0, min(shown)), min(1.0, max(shown)), 0.1)


def _is_beside_paper(rows: Sequence[TableRow]) -> bool:
    """Whether the classes are those the paper's points are of."""
    return all(row.classes == GALAXY10 for row in rows)


def _accuracies(seeds: Sequence[TableRow]) -> list[float]:
    return [row.test_accuracy for row in seeds if row.test_accuracy is not None]


def _colour(number: int) -> str:
    return f"series-{number % N_SERIES}"


def _in_words(curves: dict[str, Curve], *, is_beside_paper: bool) -> str:
    ours = "; ".join(
        f"{name}: "
        + ", ".join(f"{x} % {fmean(_accuracies(seeds)):.3f}" for x, seeds in sorted(curve.items()))
        for name, curve in curves.items()
    )
    paper = ", ".join(f"{x} % {row.test_accuracy:.2f}" for x, row in PAPER_ROWS.items())
    if not is_beside_paper:
        return f"Test accuracy over the share taken over. {ours}."
    return f"Test accuracy over the share taken over. {ours}. The paper: {paper}. Reference 6: {REFERENCE_6:.2f}."
