"""Which classes a run finds and which it takes for one another, below the table: as text and as Markdown.

The lists are those of metrics.json; pooled rows have the same, with counts averaged over their seeds.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from galaxy_core.results.render import digits, rendered
from galaxy_core.runs.run import Run

Classes = Sequence[dict[str, Any]]
Counts = Sequence[Sequence[float]]
Measured = tuple[str, Classes, Counts]
"""A name, its classes and its confusion."""


def measured_classes(runs: Iterable[Run]) -> list[Measured]:
    """Name, classes and confusion of the runs that were tested; the others are left out."""
    found = [(run.name, run.measured()) for run in runs if run.is_whole and not run.is_source]
    return [(name, metrics["per_class"], metrics["confusion"]) for name, metrics in found if metrics]


def classes_text(measured: Iterable[Measured], width: int = 100) -> str:
    """For a terminal: each run by its name, its classes and its confusion."""
    return "".join(
        f"\n{name}\n{per_class_text(classes, width)}{confusion_text(counts, width)}"
        for name, classes, counts in measured
    )


def per_class_text(classes: Classes, width: int = 100) -> str:
    """Completeness and purity of each class."""
    from rich.table import Table

    table = Table()
    for heading in ("class", "name", "galaxies", "completeness", "purity"):
        table.add_column(heading, justify="left" if heading == "name" else "right")
    for fields in map(_class_fields, classes):
        table.add_row(*fields)
    return rendered(table, width)


def confusion_text(counts: Counts, width: int = 100) -> str:
    """Counts: rows are true classes, columns predicted ones."""
    from rich.table import Table

    table = Table(title="true class down, predicted class across", title_justify="left", title_style="")
    table.add_column("")
    for c in range(len(counts)):
        table.add_column(str(c), justify="right")
    for c, row in enumerate(counts):
        table.add_row(str(c), *map(_count, row))
    return rendered(table, width)


def classes_markdown(measured: Iterable[Measured]) -> str:
    """A heading, a table of classes and one of the confusion for each run; "" where there is none."""
    return "".join(
        f"\n### {name}\n\n"
        + _markdown(("class", "name", "galaxies", "completeness", "purity"), map(_class_fields, classes))
        + "\nTrue class down, predicted class across.\n\n"
        + _markdown(
            ("", *map(str, range(len(counts)))),
            ([str(c), *map(_count, row)] for c, row in enumerate(counts)),
        )
        for name, classes, counts in measured
    )


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


def _markdown(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(headings) + " |", "|" + " --- |" * len(headings)]
    lines += [
        "| " + " | ".join(field.replace("|", "\\|").replace("<", "&lt;") for field in row) + " |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"
