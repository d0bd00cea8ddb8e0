"""The table as CSV, as Markdown, and as text with the paper's columns beside ours."""

import dataclasses
import io
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.files.csv_text import csv_text
from galaxy_core.metrics.label_limit import limit_in_words, published_limit
from galaxy_core.numerals import NOTHING, number
from galaxy_core.results.paper import REFERENCE_6, REFERENCE_6_CITATION
from galaxy_core.results.table import SeedSummary, TableRow
from galaxy_core.runs.run import Run

BALANCED_INTERVAL = ("balanced_low", "balanced_high")
NOT_PLAIN = ("setting", "classes")
_NO_COLUMNS = (*BALANCED_INTERVAL, *NOT_PLAIN)
COLUMNS = tuple(item.name for item in dataclasses.fields(TableRow) if item.name not in _NO_COLUMNS)
"""Of the CSV: scripts rely on them."""
MARKDOWN_COLUMNS = (*COLUMNS, *BALANCED_INTERVAL)
NUMBERS = ("below cut", "train loss", "train acc.", "test loss", "test acc.", "95 %", "balanced", "95 %")
LEAST_NEEDED = (-1, -2, -7, -6, -5)
"""The places from the end of what a narrow terminal goes without: balanced accuracy, training, test loss."""
NARROW = "This terminal is too narrow for all columns; --json, or --out with a .csv, has them."
PUBLISHED_LABELS = "What the labels of the published Galaxy10 allow: "
REFERENCE = f"For comparison: {REFERENCE_6:.2f}, {REFERENCE_6_CITATION}; another split."


def references(classes: Classes) -> list[str]:
    """The number that others have published, where it is of these classes, and what the labels under it allow."""
    return (
        [REFERENCE, f"{PUBLISHED_LABELS}{limit_in_words(published_limit())}"] if classes == GALAXY10 else []
    )


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
    """A Markdown table with notes below; losses and accuracies with three digits, a dash where there is none."""
    text = markdown_table(columns, ([getattr(row, column) for column in columns] for row in rows))
    return text + "".join(["\n", *(f"- {note}\n" for note in notes)] if notes else [])


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The bare table."""
    fields = (" | ".join(map(_markdown_field, row)) for row in rows)
    lines = [" | ".join(headings), " | ".join(["---"] * len(headings)), *fields]
    return "".join(f"| {line} |\n" for line in lines)


def as_text(rows: Sequence[TableRow], notes: Sequence[str] = (), width: int = 118) -> str:
    """A table for a terminal of `width` columns, the paper's numbers in brackets, with notes below."""
    policies = {row.policy for row in rows}
    classes = rows[0].classes if rows else GALAXY10
    words = [policies.pop()] if len(policies) == 1 else []  # said once, so that the numbers keep their line
    is_one_policy, printed = bool(words), ["in brackets: the paper"] if classes == GALAXY10 else []
    title = "; ".join([*words, *printed])
    names = ("run", "source") if is_one_policy else ("run", "policy", "source")
    headings = (*names, *NUMBERS)
    lines = [
        [name, *(() if is_one_policy else (policy,)), *others]
        for name, policy, *others in map(_text_fields, rows)
    ]
    places = that_fit([headings, *lines], width)
    shown = [headings[place] for place in places]
    table = text_table(
        shown, ([line[place] for place in places] for line in lines), width, left=names,
        title=title if words else title.capitalize(),
    )  # fmt: skip
    narrow = [] if len(shown) == len(headings) else [NARROW]
    return table + "".join(f"{note}\n" for note in (*notes, *references(classes), *narrow))


def that_fit(
    lines: Sequence[Sequence[str]], width: int, least_needed: Sequence[int] = LEAST_NEEDED
) -> list[int]:
    """The places of the columns for which there is room without breaking a name; those least needed go first,
    named by their places from the end.
    """
    widths = [3 + max(map(len, column)) for column in zip(*lines, strict=True)]
    places = list(range(len(widths)))
    for least in least_needed:
        if 1 + sum(widths[place] for place in places) <= width:
            break
        places.remove(len(widths) + least)
    return places


def seeds_text(summaries: Sequence[SeedSummary], width: int = 118) -> str:
    """Mean and spread over seeds as a table; empty where no setting has two seeds."""
    if all(item.n_seeds < 2 for item in summaries):
        return ""
    headings = ("policy", "source", "below cut", "seeds", "mean", "spread (sd)", "range", "told apart by")
    shown = headings if any(item.told for item in summaries) else headings[:-1]
    lines = [seed_fields(item)[: len(shown)] for item in summaries]
    return text_table(shown, lines, width, left=shown, title="Test accuracy over seeds")


def seed_fields(item: SeedSummary) -> tuple[str, ...]:
    """Policy, source, share, seeds, mean, spread, range, and what tells it from others of these."""
    share, span = f"{item.imagenet_percent} %", f"{item.lowest:.3f}–{item.highest:.3f}"
    numbers = (str(item.n_seeds), digits(item.mean), digits(item.spread), span)
    return (item.policy, item.source, share, *numbers, item.told)


def batch_norm_text(runs: Sequence[Run], width: int = 100) -> str:
    """Test accuracy with both statistics of batch normalisation, where both were measured; the one in use marked."""
    lines = []
    for run in runs:
        both = (run.measured() or {}).get("batch_norm")
        if both:
            keras, again = (both[mode]["accuracy"] for mode in ("keras", "re-estimated"))
            marks = ("*", "") if run.config.batch_norm == "keras" else ("", "*")
            lines.append(
                (
                    run.name,
                    f"{keras:.3f}{marks[0]}",
                    f"{again:.3f}{marks[1]}",
                    number(again - keras, 3, "+"),
                )
            )
    title = "test accuracy by the statistics of batch normalisation (the one in use marked *)"
    headings = ("run", "Keras' moving averages", "re-estimated", "difference")
    return text_table(headings, lines, width, left=["run"], title=title) if lines else ""


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


def text_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    width: int,
    *,
    left: Collection[str],
    title: str = "",
    no_wrap: bool = True,
) -> str:
    """A table for a terminal: the columns headed by `left` are words, the others numbers, on one line if `no_wrap`."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", title_style="")
    for heading in headings:
        if heading in left:
            table.add_column(heading, overflow="fold")
        else:
            table.add_column(heading, justify="right", no_wrap=no_wrap)
    for row in rows:
        table.add_row(*row)
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
    return number(value)
