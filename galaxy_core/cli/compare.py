"""`galaxy compare`: whether the differences between some runs are real."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from galaxy_core.cli.shell.chosen import finished_classifiers
from galaxy_core.cli.shell.output import Overwrite, SpreadsheetSafe, check_out, tell
from galaxy_core.cli.shell.sentences import print_json

WIDTH_OF_A_FILE = 140


def compare(
    run: Annotated[list[str], typer.Argument(help="Runs or sweeps; seeds of one setting are one row.")],
    out: Annotated[Path | None, typer.Option(help="Write the pairs as CSV.")] = None,
    across: Annotated[
        list[str] | None,
        typer.Option(help="What else is compared than policy and share: source, mocks, epochs, view, …"),
    ] = None,
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Which rows differ by more than chance, each pair on the same test galaxies.

    Of rows that differ in more than policy and share, the difference is named and no winner, unless --across asks.
    """
    from galaxy_core.files.atomic import write_text_atomically
    from galaxy_core.results import comparison
    from galaxy_core.results.setting import check_across

    check_out(out, overwrite)
    asked = check_across(across or ())
    pairs = comparison.compare_runs(finished_classifiers(run), across=asked)
    if out is not None:
        text = comparison.comparison_csv(pairs, spreadsheet_safe=spreadsheet_safe)
        write_text_atomically(out, text, overwrite=overwrite)
    if as_json:
        print_json(comparison.comparison_json(pairs))
    elif out is not None:
        tell(out, f"{len(pairs)} pairs in {out}")
    else:
        width = max(WIDTH_OF_A_FILE, shutil.get_terminal_size((WIDTH_OF_A_FILE, 24)).columns)
        typer.echo(comparison.comparison_text(pairs, width), nl=False)
