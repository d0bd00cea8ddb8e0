"""The table as CSV, as Markdown, and as text with the paper's columns beside ours."""

import dataclasses
import io
from collections.abc import Iterable, Sequence
from typing import Any

from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.files.csv_text import csv_text
from galaxy_core.results.paper import REFERENCE_6, REFERENCE_6_CITATION
from galaxy_core.results.table import SeedSummary, TableRow
from galaxy_core.runs.run import Run

BALANCED_INTERVAL = ("balanced_low", "balanced_high")
NOT_PLAIN = ("setting", "classes")
_NO_COLUMNS = (*BALANCED_INTERVAL, *NOT_PLAIN)
COLUMNS = tuple(item.name for item in dataclasses.fields(TableRow) if item.name not in _NO_COLUMNS)
"""Of the CSV: scripts rely on them."""
MARKDOWN_COLUMNS = (*COLUMNS, *BALANCED_INTERVAL)
WIDE = 124  # columns; in fewer there is no room for the interval of the balanced accuracy
NOTHING = "–"
REFERENCE = f"For comparison: {REFERENCE_6:.2f}, {REFERENCE_6_CITATION}; another split."


def references(classes: Classes) -> list[str]:
    """The number that others have published, where it is of these classes."""
    return [REFERENCE] if classes == GALAXY10 else []


def as_csv(rows: Iterable[Any], columns: Sequence[str] = COLUMNS, *, spreadsheet_safe: bool = True) -> str:
    """The contract's columns, full precision, empty where there is no number."""
    lines = ([getattr(row, column) for column in columns] for row in rows)
    return csv_text(columns, lines, spreadsheet_safe=spreadsheet_safe)


def as_plain(row: Any) -> dict[str, Any]:
    """The numbers of a row, of a run or pooled, as plain JSON; what is for comparing alone is left out."""
    return {name: value for name, value in dataclasses.asdict(row).items() if name not in NOT_PLAIN}


def as_markdown(
    rows: Iterable[Any], notes: Sequence[str] = (), columns: Sequence[str] = MARKDOWN_COLUMNS
) -> str:
    """A Markdown table with all that the paper printed beside ours, three digits, and the notes as a list below."""
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    for row in rows:
        lines.append("| " + " | ".join(_markdown_field(getattr(row, column)) for column in columns) + " |")
    if notes:
        lines += ["", *(f"- {note}" for note in notes)]
    return "\n".join(lines) + "\n"


def as_text(rows: Sequence[TableRow], notes: Sequence[str] = (), width: int = 118) -> str:
    """For a terminal: each row with its intervals and, in brackets, what the paper printed.

    The interval of the balanced accuracy is left out where there is no room for it.
    """
    from rich.table import Table

    policies = {row.policy for row in rows}
    classes = rows[0].classes if rows else GALAXY10
    words = [policies.pop()] if len(policies) == 1 else []  # said once, so that the numbers keep their line
    is_one_policy, printed = bool(words), ["in brackets: the paper"] if classes == GALAXY10 else []
    title = "; ".join([*words, *printed])
    table = Table(title=title if words else title.capitalize(), title_justify="left", title_style="")
    for heading in ("run", "source") if is_one_policy else ("run", "policy", "source"):
        table.add_column(heading, overflow="fold")
    numbers = ("ImageNet", "train loss", "train acc.", "test loss", "test acc.", "95 %", "balanced", "95 %")
    for heading in numbers if width >= WIDE else numbers[:-1]:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        name, policy, *others = _text_fields(row)
        fields = others if width >= WIDE else others[:-1]
        table.add_row(name, *(() if is_one_policy else (policy,)), *fields)
    return rendered(table, width) + "".join(f"{note}\n" for note in (*notes, *references(classes)))


def seeds_text(summaries: Sequence[SeedSummary], width: int = 118) -> str:
    """Mean and spread over seeds as text; empty when no setting has two seeds."""
    from rich.table import Table

    if all(item.n_seeds < 2 for item in summaries):
        return ""
    table = Table(title="Test accuracy over seeds", title_justify="left", title_style="")
    told = ("told apart by",) if any(item.told for item in summaries) else ()
    for heading in ("policy", "source", "ImageNet", "seeds", "mean", "spread (sd)", "range", *told):
        table.add_column(heading, overflow="fold")
    for item in summaries:
        table.add_row(
            item.policy,
            item.source,
            f"{item.imagenet_percent} %",
            str(item.n_seeds),
            digits(item.mean),
            digits(item.spread),
            f"{item.lowest:.3f}–{item.highest:.3f}",
            *([item.told] if told else []),
        )
    return rendered(table, width)


def batch_norm_text(runs: Sequence[Run], width: int = 100) -> str:
    """Test accuracy of the same weights with both kinds of batch-normalisation statistics; "" without such runs."""
    from rich.table import Table

    title = "test accuracy by the statistics of batch normalisation (the one in use marked *)"
    table = Table(title=title, title_justify="left", title_style="")
    for heading in ("run", "Keras' moving averages", "re-estimated", "difference"):
        table.add_column(heading, justify="left" if heading == "run" else "right")
    for run in runs:
        both = (run.measured() or {}).get("batch_norm")
        if both:
            keras, again = (both[mode]["accuracy"] for mode in ("keras", "re-estimated"))
            marks = ("*", "") if run.config.batch_norm == "keras" else ("", "*")
            numbers = (f"{keras:.3f}{marks[0]}", f"{again:.3f}{marks[1]}", f"{again - keras:+.3f}")
            table.add_row(run.name, *numbers)
    return rendered(table, width) if table.row_count else ""


def _text_fields(row: TableRow) -> list[str]:
    names = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
    both = [(getattr(row, name), getattr(row, f"paper_{name}")) for name in names]
    return [
        row.run,
        row.policy,
        row.source,
        f"{row.imagenet_percent} %",
        *(digits(a) + (f" [{b:.2f}]" if b is not None else "") for a, b in both),
        _interval(row.test_low, row.test_high),
        digits(row.balanced_accuracy),
        _interval(row.balanced_low, row.balanced_high),
    ]


def _interval(low: float | None, high: float | None) -> str:
    return NOTHING if low is None or high is None else f"{low:.3f}–{high:.3f}"


def rendered(table: Any, width: int) -> str:
    """A rich table as plain text of at most that many columns."""
    from rich.console import Console

    text = io.StringIO()
    console = Console(file=text, width=width, color_system=None, markup=False, highlight=False)
    console.print(table)
    return text.getvalue()


def _markdown_field(value: Any) -> str:
    if isinstance(value, str):
        return " ".join(value.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
    return digits(value) if isinstance(value, float) or value is None else str(value)


def digits(value: float | None) -> str:
    """Three digits, a dash where there is no number."""
    return NOTHING if value is None else f"{value:.3f}"
