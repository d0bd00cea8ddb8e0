"""Pooled rows as CSV, Markdown and text, the paper's numbers beside ours."""

import dataclasses
from collections.abc import Sequence

from galaxy_core.results.pooled_table import METHOD, PooledRow, PooledTable
from galaxy_core.results.render import NARROW, NOT_PLAIN, as_csv, as_markdown, digits, text_table, that_fit
from galaxy_core.results.render_classes import Measured

NOT_IN_A_CELL = ("per_class", "confusion", *NOT_PLAIN)
COLUMNS = tuple(item.name for item in dataclasses.fields(PooledRow) if item.name not in NOT_IN_A_CELL)


def pooled_csv(table: PooledTable, *, spreadsheet_safe: bool = True) -> str:
    """A line a setting, the columns of `PooledRow`, full precision."""
    return as_csv(table.rows, COLUMNS, spreadsheet_safe=spreadsheet_safe)


def pooled_markdown(table: PooledTable) -> str:
    """The same and all that the paper printed, three digits, what they mean and what is missing below."""
    return as_markdown(table.rows, pooled_notes(table), COLUMNS)


def pooled_classes(table: PooledTable) -> list[Measured]:
    """Name, classes and confusion of each setting."""
    return [(row.name, row.per_class, row.confusion) for row in table.rows]


def pooled_text(table: PooledTable, notes: Sequence[str] = (), width: int = 118) -> str:
    """For a terminal: a line a setting with its intervals and, in brackets, what the paper printed."""
    below = "".join(f"{note}\n" for note in (*pooled_notes(table), *notes))
    if not table.rows:
        return below
    policies = {row.policy for row in table.rows}
    # a policy that all share is said once, so that the numbers keep their line
    policy = f"{policies.pop()}, " if len(policies) == 1 else ""
    title = f"{policy}folds pooled; in brackets: the paper; sd: over the seeds"
    names = ("run",) if policy else ("run", "policy")
    numbers = ("below cut", "mocks", "seeds", "test acc.", "95 %", "sd", "balanced", "95 %")
    lines = [(row.name, *(() if policy else (row.policy,)), *_fields(row)) for row in table.rows]
    places = that_fit([(*names, *numbers), *lines], width, least_needed=(-1, -2, -3, -7))
    headings = [(*names, *numbers)[place] for place in places]
    shown = ([line[place] for place in places] for line in lines)
    narrow = "" if len(places) == len(names) + len(numbers) else f"{NARROW}\n"
    return text_table(headings, shown, width, left=names, title=title) + below + narrow


def pooled_notes(table: PooledTable) -> list[str]:
    """How the numbers are to be read, on how many galaxies they rest, and which folds are missing."""
    tested = sorted({(row.n_galaxies, row.n_folds) for row in table.rows})
    notes = [f"Each of {n} galaxies tested once by a seed, in {folds} folds." for n, folds in tested]
    return [*notes, *([METHOD] if table.rows else []), *table.missing]


def _fields(row: PooledRow) -> list[str]:
    paper = row.paper_test_accuracy
    return [
        f"{row.imagenet_percent} %",
        str(row.n_mocks),
        str(row.n_seeds),
        digits(row.test_accuracy) + (f" [{paper:.2f}]" if paper is not None else ""),
        f"{row.test_low:.3f}–{row.test_high:.3f}",
        digits(row.test_spread),
        digits(row.balanced_accuracy),
        f"{row.balanced_low:.3f}–{row.balanced_high:.3f}",
    ]
