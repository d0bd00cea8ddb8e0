"""The table as CSV, as Markdown, and as text with the paper's columns beside ours."""

import csv
import dataclasses
import io
from collections.abc import Iterable, Sequence
from typing import Any

from galaxy_core.evaluation.paper import REFERENCE_6, REFERENCE_6_CITATION, paper_row
from galaxy_core.evaluation.spreadsheet import inert
from galaxy_core.evaluation.table import SeedSummary, TableRow
from galaxy_core.runs.run import METRICS, Run

COLUMNS = tuple(item.name for item in dataclasses.fields(TableRow))
NOTHING = "–"
REFERENCE = f"For comparison: {REFERENCE_6:.2f}, {REFERENCE_6_CITATION}; another split."


def as_csv(rows: Iterable[Any], columns: Sequence[str] = COLUMNS) -> str:
    """The contract's columns, full precision, empty where there is no number; formulas are made inert."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_csv_field(getattr(row, column)) for column in columns] for row in rows)
    return text.getvalue()


def as_markdown(rows: Iterable[Any], notes: Sequence[str] = (), columns: Sequence[str] = COLUMNS) -> str:
    """A Markdown table with the same columns, three digits, and the notes as a list below."""
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    for row in rows:
        lines.append("| " + " | ".join(_markdown_field(getattr(row, column)) for column in columns) + " |")
    if notes:
        lines += ["", *(f"- {note}" for note in notes)]
    return "\n".join(lines) + "\n"


def as_text(rows: Sequence[TableRow], notes: Sequence[str] = (), width: int = 118) -> str:
    """For a terminal: each row with its interval and, in brackets, what the paper printed."""
    from rich.table import Table

    policies = {row.policy for row in rows}
    title = "In brackets: the paper"
    if len(policies) == 1:  # said once, so that the numbers keep their line
        title = f"{policies.pop()}; in brackets: the paper"
    table = Table(title=title, title_justify="left", title_style="")
    for heading in ("run", "source") if ";" in title else ("run", "policy", "source"):
        table.add_column(heading, overflow="fold")
    for heading in ("ImageNet", "train loss", "train acc.", "test loss", "test acc.", "95 %", "balanced"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        name, policy, *others = _text_fields(row)
        table.add_row(name, *(() if ";" in title else (policy,)), *others)
    return rendered(table, width) + "".join(f"{note}\n" for note in (*notes, REFERENCE))


def seeds_text(summaries: Sequence[SeedSummary], width: int = 118) -> str:
    """Mean and spread over seeds as text; empty when no setting has two seeds."""
    from rich.table import Table

    if all(item.n_seeds < 2 for item in summaries):
        return ""
    table = Table(title="Test accuracy over seeds", title_justify="left", title_style="")
    for heading in ("policy", "source", "ImageNet", "seeds", "mean", "spread (sd)", "range"):
        table.add_column(heading)
    for item in summaries:
        table.add_row(
            item.policy,
            item.source,
            f"{item.imagenet_percent} %",
            str(item.n_seeds),
            digits(item.mean),
            digits(item.spread),
            f"{item.lowest:.3f}–{item.highest:.3f}",
        )
    return rendered(table, width)


def per_class_text(run: Run, width: int = 100) -> str:
    """Completeness and purity of each class on the run's test part."""
    from rich.table import Table

    table = Table()
    for heading in ("class", "name", "galaxies", "completeness", "purity"):
        table.add_column(heading, justify="left" if heading == "name" else "right")
    for item in run.metrics()["per_class"]:
        numbers = (digits(item["completeness"]), digits(item["purity"]))
        table.add_row(str(item["class"]), item["name"], str(item["n"]), *numbers)
    return rendered(table, width)


def confusion_text(run: Run, width: int = 100) -> str:
    """Counts on the run's test part: rows are true classes, columns predicted ones."""
    from rich.table import Table

    table = Table(title="true class down, predicted class across", title_justify="left", title_style="")
    counts = run.metrics()["confusion"]
    table.add_column("")
    for c in range(len(counts)):
        table.add_column(str(c), justify="right")
    for c, row in enumerate(counts):
        table.add_row(str(c), *(str(n) if n else "·" for n in row))
    return rendered(table, width)


def batch_norm_text(runs: Sequence[Run], width: int = 100) -> str:
    """Test accuracy of the same weights with both kinds of batch-normalisation statistics; "" without such runs."""
    from rich.table import Table

    title = "test accuracy by the statistics of batch normalisation (the one in use marked *)"
    table = Table(title=title, title_justify="left", title_style="")
    for heading in ("run", "Keras' moving averages", "re-estimated", "difference"):
        table.add_column(heading, justify="left" if heading == "run" else "right")
    for run in runs:
        both = run.metrics().get("batch_norm") if (run.path / METRICS).is_file() else None
        if both:
            keras, again = (both[mode]["accuracy"] for mode in ("keras", "re-estimated"))
            marks = ("*", "") if run.config.batch_norm == "keras" else ("", "*")
            numbers = (f"{keras:.3f}{marks[0]}", f"{again:.3f}{marks[1]}", f"{again - keras:+.3f}")
            table.add_row(run.name, *numbers)
    return rendered(table, width) if table.row_count else ""


def _text_fields(row: TableRow) -> list[str]:
    paper = paper_row(row.policy, row.imagenet_percent)
    printed = (
        (paper.train_loss, paper.train_accuracy, paper.test_loss, paper.test_accuracy)
        if paper
        else [None] * 4
    )
    ours = (row.train_loss, row.train_accuracy, row.test_loss, row.test_accuracy)
    interval = f"{row.test_low:.3f}–{row.test_high:.3f}" if row.test_low is not None else NOTHING
    return [
        row.run,
        row.policy,
        row.source,
        f"{row.imagenet_percent} %",
        *(digits(a) + (f" [{b:.2f}]" if b is not None else "") for a, b in zip(ours, printed, strict=True)),
        interval,
        digits(row.balanced_accuracy),
    ]


def rendered(table: Any, width: int) -> str:
    """A rich table as plain text of at most that many columns."""
    from rich.console import Console

    text = io.StringIO()
    console = Console(file=text, width=width, color_system=None, markup=False, highlight=False)
    console.print(table)
    return text.getvalue()


def _csv_field(value: Any) -> str:
    if isinstance(value, str):
        return inert(value)
    return "" if value is None else str(value)


def _markdown_field(value: Any) -> str:
    if isinstance(value, str):
        return " ".join(value.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
    return digits(value) if isinstance(value, float) or value is None else str(value)


def digits(value: float | None) -> str:
    """Three digits, a dash where there is no number."""
    return NOTHING if value is None else f"{value:.3f}"
