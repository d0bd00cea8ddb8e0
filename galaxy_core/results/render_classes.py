"""Which classes a run finds and which it takes for one another, below the table: as text and as Markdown.

The lists are those of metrics.json; pooled rows have the same, with counts averaged over their seeds.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from galaxy_core.results.render import digits, markdown_table, text_table
from galaxy_core.runs.run import Run

Classes = Sequence[dict[str, Any]]
Counts = Sequence[Sequence[float]]
HEADINGS = ("class", "name", "galaxies", "completeness", "purity")
Measured = tuple[str, Classes, Counts]
"""A name, its classes and its confusion."""


def measured_classes(runs: Iterable[Run]) -> list[Measured]:
    """Name, classes and confusion of the runs that were tested; the others are left out."""
    found = [(run.name, run.measured()) for run in runs if run.is_finished and not run.is_source]
    return [(name, metrics["per_class"], metrics["confusion"]) for name, metrics in found if metrics]


def classes_text(measured: Iterable[Measured], width: int = 100) -> str:
    """For a terminal: each run by its name, its classes and its confusion."""
    return "".join(
        f"\n{name}\n{per_class_text(classes, width)}{confusion_text(counts, width)}"
        for name, classes, counts in measured
    )


def per_class_text(classes: Classes, width: int = 100) -> str:
    """Completeness and purity of each class, with its number and name."""
    return text_table(HEADINGS, map(_class_fields, classes), width, left=["name"])


def confusion_text(counts: Counts, width: int = 100) -> str:
    """The confusion matrix by class numbers; a dot where there is nothing."""
    title, headings = "true class down, predicted class across", ("", *map(str, range(len(counts))))
    return text_table(headings, _count_rows(counts), width, left=[""], title=title, no_wrap=False)


def classes_markdown(measured: Iterable[Measured]) -> str:
    """The same as Markdown."""
    return "".join(
        f"\n### {name}\n\n"
        + markdown_table(HEADINGS, map(_class_fields, classes))
        + "\nTrue class down, predicted class across.\n\n"
        + markdown_table(("", *map(str, range(len(counts)))), _count_rows(counts))
        for name, classes, counts in measured
    )


def _count_rows(counts: Counts) -> list[list[str]]:
    return [[str(c), *map(_count, row)] for c, row in enumerate(counts)]


def _class_fields(item: dict[str, Any]) -> list[str]:
    return [
        str(item["class"]),
        str(item["name"]),
        str(item["n"]),
        digits(item["completeness"]),
        digits(item["purity"]),
    ]


def _count(n: float) -> str:
    """A mean over seeds need not be whole."""
    return "·" if n == 0 else f"{n:g}"
