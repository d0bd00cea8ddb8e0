"""A small chart as SVG: a frame with ticks, lines and marks in the units of the data.

Colours are classes of the style sheet (`series-0` …), so that a chart follows light, dark and paper. It knows no run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from galaxy_core.report.markup import Markup, element, joined

N_SERIES = 6
"""Colours in the style sheet; the shape of the mark tells apart what a grey print would not."""
_SHAPES = ("circle", "square", "triangle", "diamond", "cross", "bar")
_DASHES = (None, "7 3", "2 3", "9 3 2 3")

Point = tuple[float, float]


@dataclass(frozen=True)
class Axes:
    """The frame: ranges of the data, ticks, size and margins in pixels of the drawing."""

    x_ticks: Sequence[float]
    y_ticks: Sequence[float]
    x_label: str
    y_label: str
    width: int = 860
    height: int = 400
    left: int = 56
    bottom: int = 44
    top: int = 12
    right: int = 16
    x_margin: float = 0.0

    def place(self, x: float, y: float) -> Point:
        """Where a point of the data lies in the drawing."""
        low, high = self.x_ticks[0] - self.x_margin, self.x_ticks[-1] + self.x_margin
        bottom, top = self.y_ticks[0], self.y_ticks[-1]
        across = (x - low) / ((high - low) or 1)
        up = (min(max(y, bottom), top) - bottom) / ((top - bottom) or 1)
        return (
            round(self.left + across * (self.width - self.left - self.right), 1),
            round(self.height - self.bottom - up * (self.height - self.bottom - self.top), 1),
        )

    def drawing(self, parts: Sequence[Markup], alt: str) -> Markup:
        """The frame with these parts in it; `alt` says what it shows."""
        x, y = (self.left + self.width - self.right) / 2, (self.top + self.height - self.bottom) / 2
        words = [
            element("text", self.x_label, x=x, y=self.height - 6, text_anchor="middle"),
            element("text", self.y_label, x=14, y=y, text_anchor="middle", transform=f"rotate(-90 14 {y:g})"),
        ]
        return element(
            "svg",
            *self._grid(),
            *words,
            *parts,
            viewBox=f"0 0 {self.width} {self.height}",
            role="img",
            aria_label=alt,
        )

    def _grid(self) -> list[Markup]:
        left, right = self.left, self.width - self.right
        lines = []
        for y in self.y_ticks:
            _, at = self.place(self.x_ticks[0], y)
            lines.append(element("line", x1=left, x2=right, y1=at, y2=at, class_="grid"))
            lines.append(element("text", f"{y:g}", x=left - 8, y=at + 4, text_anchor="end"))
        for x in self.x_ticks:
            at, _ = self.place(x, self.y_ticks[0])
            below = self.height - self.bottom + 18
            lines.append(element("text", f"{x:g}", x=at, y=below, text_anchor="middle"))
        return lines


def line(axes: Axes, points: Sequence[Point], class_: str, dash: int = 0) -> Markup:
    """A line through points of the data."""
    places = " ".join(f"{x:g},{y:g}" for x, y in (axes.place(*point) for point in points))
    return element("polyline", points=places, class_=f"line {class_}", stroke_dasharray=_DASHES[dash % 4])


def whisker(axes: Axes, x: float, low: float, high: float, class_: str, shift: float = 0.0) -> Markup:
    """An interval as an upright line, moved `shift` pixels to the side."""
    (at, bottom), (_, top) = axes.place(x, low), axes.place(x, high)
    return element("line", x1=at + shift, x2=at + shift, y1=bottom, y2=top, class_=f"line {class_}")


def mark(axes: Axes, point: Point, class_: str, shape: int, shift: float = 0.0) -> Markup:
    """A point of the data as a mark, moved `shift` pixels to the side."""
    x, y = axes.place(*point)
    return shape_at(x + shift, y, class_, shape)


def shape_at(x: float, y: float, class_: str, shape: int) -> Markup:
    """The mark number `shape` in the drawing itself."""
    kind, class_ = _SHAPES[shape % len(_SHAPES)], f"mark {class_}"
    if kind == "circle":
        return element("circle", cx=x, cy=y, r=4.5, class_=class_)
    corners = {
        "square": ((-4, -4), (4, -4), (4, 4), (-4, 4)),
        "triangle": ((0, -5.5), (5, 4), (-5, 4)),
        "diamond": ((0, -6), (6, 0), (0, 6), (-6, 0)),
        "cross": ((-5, -2), (-5, 2), (5, 2), (5, -2)),
        "bar": ((-2, -6), (2, -6), (2, 6), (-2, 6)),
    }[kind]
    return element("polygon", points=" ".join(f"{x + a:g},{y + b:g}" for a, b in corners), class_=class_)


def swatch(class_: str, words: object, shape: int | None = None, dash: int = 0) -> Markup:
    """One entry of a legend: a piece of line, its mark, and what they stand for."""
    sample = [
        element("line", x1=1, x2=31, y1=8, y2=8, class_=f"line {class_}", stroke_dasharray=_DASHES[dash % 4])
    ]
    if shape is not None:
        sample.append(shape_at(16, 8, class_, shape))
    drawn = element("svg", *sample, viewBox="0 0 32 16", width=32, height=16, aria_hidden="true")
    return element("span", drawn, " ", words, class_="entry")


def legend(entries: Sequence[Markup]) -> Markup:
    """Entries one after the other."""
    return element("p", joined(entries), class_="legend")


def rising_ticks(low: float, high: float, step: float) -> list[float]:
    """Multiples of `step` from the last at or below `low` to the first at or above `high`, two at least."""
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(k * step, 10) for k in range(first, max(last, first + 1) + 1)]


def round_step(width: float, most: int) -> float:
    """The smallest of 1, 2, 5, 10, … (and of their tenths) that divides a range into at most so many steps."""
    power = 10.0 ** math.floor(math.log10(max(width / most, 1e-9)))
    return next(power * k for k in (1, 2, 5, 10) if width <= most * power * k * (1 + 1e-9))
