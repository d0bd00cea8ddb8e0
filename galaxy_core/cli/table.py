"""`galaxy table`: the accuracy table of some runs, beside the paper's."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from galaxy_core.cli.shell.output import Overwrite, SpreadsheetSafe, check_out, tell
from galaxy_core.cli.shell.sentences import print_json
from galaxy_core.errors import MissingError

if TYPE_CHECKING:
    from galaxy_core.results.pooled_table import PooledTable
    from galaxy_core.results.render_classes import Measured
    from galaxy_core.runs.run import Run

NARROWEST = 110  # columns; below this the numbers would be folded
WIDTH_OF_A_FILE = 140


def table(
    run: Annotated[list[str], typer.Argument(help="Runs, or a sweep, whose name means all its runs.")],
    out: Annotated[Path | None, typer.Option(help="Write it here instead: .csv or .md.")] = None,
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
    pooled: Annotated[
        bool, typer.Option("--pooled", help="The folds of a cross-validation as one line; nothing else.")
    ] = False,
    classes: Annotated[
        bool,
        typer.Option("--classes", help="Add each run's classes and confusion, as .md and --json always do."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Accuracies of some runs beside the paper's, with the uncertainty of ours; where there are folds, pooled.

    The folds of a sweep called NAME-folds stand below the rows of NAME.
    """
    from galaxy_core.files.atomic import write_text_atomically
    from galaxy_core.runs.names import folds_of
    from galaxy_core.runs.run import resolve_runs, sweep_runs

    check_out(out, overwrite, kinds=(".csv", ".md"))
    runs = resolve_runs(run)
    if out is not None:
        write_text_atomically(out, _text_for(out, runs, pooled, spreadsheet_safe), overwrite=overwrite)
    if as_json:
        print_json(_values(runs, pooled))
    elif out is None:
        told = text_of(
            resolve_runs([*run, *(folds_of(name) for name in run if sweep_runs(folds_of(name)))]), pooled
        )
        typer.echo(told + (_classes_of(runs, pooled) if classes else ""), nl=False)
    else:
        tell(out, f"table of {len(runs)} runs in {out}")


def text_of(runs: "list[Run]", only_pooled: bool = False) -> str:
    """The table as text as wide as the terminal: runs one by one, but the folds of a cross-validation as one line."""
    from galaxy_core.results.cross_validation import is_fold
    from galaxy_core.results.render import as_text, batch_norm_text, references, seeds_text
    from galaxy_core.results.render_pooled import pooled_text
    from galaxy_core.results.table import seed_summary, table_notes, table_rows

    width = _width()
    folds, notes = _pooled(runs, only_pooled), table_notes(runs)
    singles = [] if only_pooled else [one for one in runs if one.name not in folds.runs]
    if not singles:
        return pooled_text(folds, [*notes, *references(runs[0].classes)], width)
    seeds = seed_summary(table_rows(one for one in singles if not is_fold(one)))
    below = seeds_text(seeds, width) + batch_norm_text(singles, width)
    if folds.rows or folds.missing:
        below, notes = below + pooled_text(folds, notes, width), []
    return as_text(table_rows(singles), notes, width) + below


def _classes_of(runs: "list[Run]", only_pooled: bool) -> str:
    """What stands below the table: classes and confusion of its lines."""
    from galaxy_core.results.render_classes import classes_text

    return classes_text(_measured(runs, _pooled(runs, only_pooled), only_pooled), _width())


def _measured(runs: "list[Run]", folds: "PooledTable", only_pooled: bool) -> "list[Measured]":
    """Classes and confusion of each line of the table: of a cross-validation its pooled lines, not its folds."""
    from galaxy_core.results.render_classes import measured_classes
    from galaxy_core.results.render_pooled import pooled_classes

    singles = [] if only_pooled else [one for one in runs if one.name not in folds.runs]
    return [*measured_classes(singles), *pooled_classes(folds)]


def _width() -> int:
    return max(NARROWEST, shutil.get_terminal_size((WIDTH_OF_A_FILE, 24)).columns)


def _values(runs: "list[Run]", only_pooled: bool) -> dict[str, Any]:
    from galaxy_core.results.render import as_plain
    from galaxy_core.results.render_pooled import pooled_notes
    from galaxy_core.results.table import table_notes, table_rows

    folds = _pooled(runs, only_pooled)
    rows = [] if only_pooled else [as_plain(row) for row in table_rows(runs)]
    pooled = [as_plain(row) for row in folds.rows]
    classes = {
        name: {"per_class": per_class, "confusion": confusion}
        for name, per_class, confusion in _measured(runs, folds, only_pooled)
    }
    notes = [*table_notes(runs), *pooled_notes(folds)]
    return {"rows": rows, "pooled": pooled, "classes": classes, "notes": notes}


def _pooled(runs: "list[Run]", only_pooled: bool) -> "PooledTable":
    """The cross-validations among the runs; MissingError where nothing else is asked for and there is none."""
    from galaxy_core.results.pooled_table import pooled_table

    folds = pooled_table(runs)
    if only_pooled and not folds.rows:
        reason = " ".join(folds.missing) or "none of these runs is a fold; train with --folds."
        raise MissingError(f"there is nothing to pool: {reason}")
    return folds


def _text_for(out: Path, runs: "list[Run]", only_pooled: bool, spreadsheet_safe: bool) -> str:
    """The table as the suffix of `out` says: Markdown, else CSV."""
    from galaxy_core.results.render import as_csv, as_markdown
    from galaxy_core.results.render_classes import classes_markdown
    from galaxy_core.results.render_pooled import pooled_csv, pooled_markdown
    from galaxy_core.results.table import table_notes, table_rows

    folds = _pooled(runs, only_pooled)
    if out.suffix.lower() != ".md":
        if only_pooled:
            return pooled_csv(folds, spreadsheet_safe=spreadsheet_safe)
        return as_csv(table_rows(runs), spreadsheet_safe=spreadsheet_safe)
    text = "" if only_pooled else as_markdown(table_rows(runs), table_notes(runs))
    text += "\n" if text and folds.rows else ""
    text += pooled_markdown(folds) if folds.rows else ""
    return text + classes_markdown(_measured(runs, folds, only_pooled))
