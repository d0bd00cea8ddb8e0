"""`galaxy table`: the accuracy table of some runs, beside the paper's."""

import dataclasses
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.sentences import print_json
from galaxy_core.errors import BadValueError

if TYPE_CHECKING:
    from galaxy_core.runs.run import Run

NARROWEST = 110  # columns; below this the numbers would be folded
WIDTH_OF_A_FILE = 140


def table(
    run: Annotated[list[str], typer.Argument(help="Runs, or a sweep, whose name means all its runs.")],
    out: Annotated[Path | None, typer.Option(help="Write it here instead: .csv or .md.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Accuracies of some runs beside the paper's, with the uncertainty of ours."""
    from galaxy_core.evaluation.table import table_notes, table_rows
    from galaxy_core.runs.run import resolve_runs

    runs = resolve_runs(run)
    if out is not None:
        _write(out, runs)
    if as_json:
        rows = [dataclasses.asdict(row) for row in table_rows(runs)]
        print_json({"rows": rows, "notes": table_notes(runs)})
    elif out is None:
        typer.echo(text_of(runs), nl=False)
    else:
        typer.echo(f"table of {len(runs)} runs in {out}")


def text_of(runs: "list[Run]") -> str:
    """The table as text as wide as the terminal, with the spread over seeds where there are several."""
    from galaxy_core.evaluation.render import as_text, batch_norm_text, seeds_text
    from galaxy_core.evaluation.table import seed_summary, table_notes, table_rows

    width = max(NARROWEST, shutil.get_terminal_size((WIDTH_OF_A_FILE, 24)).columns)
    rows = table_rows(runs)
    seeds = seeds_text(seed_summary(rows), width)
    return as_text(rows, table_notes(runs), width) + seeds + batch_norm_text(runs, width)


def _write(out: Path, runs: "list[Run]") -> None:
    from galaxy_core.data.atomic import write_text_atomically
    from galaxy_core.evaluation.render import as_csv, as_markdown
    from galaxy_core.evaluation.table import table_notes, table_rows

    kind = out.suffix.lower()
    if kind not in (".csv", ".md"):
        raise BadValueError(f"--out must end in .csv or .md, got {out.name}; choose one of the two")
    rows = table_rows(runs)
    write_text_atomically(out, as_csv(rows) if kind == ".csv" else as_markdown(rows, table_notes(runs)))
