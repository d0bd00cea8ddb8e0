"""`galaxy evidence`: every number that answers the three questions, in one table with the verb that shows each."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.chosen import finished_classifiers, galaxies_of
from galaxy_core.cli.shell.output import Overwrite, SpreadsheetSafe, check_out
from galaxy_core.cli.shell.sentences import existing_file, say
from galaxy_core.errors import MissingError
from galaxy_core.numerals import counted

if TYPE_CHECKING:
    from galaxy_core.studies.evidence import Outcome


def evidence(
    run: Annotated[
        list[str], typer.Argument(help="Finished runs, or a sweep, whose name means all its runs.")
    ],
    data: Annotated[Path, typer.Option(help="The galaxies, a file in the Galaxy10 layout.")],
    out: Annotated[Path, typer.Option(help="The CSV to write, or to carry on with.")],
    only: Annotated[
        str | None, typer.Option(help="Some questions alone, between commas, such as difference,focus.")
    ] = None,
    mocks: Annotated[
        int, typer.Option(help="How many galaxies to render for the elements.", min=10, max=10_000)
    ] = 200,
    test: Annotated[
        int,
        typer.Option(
            "--galaxies", help="How many test galaxies of each run for faithfulness, the slowest.", min=2
        ),
    ] = 20,
    seed: Annotated[
        int, typer.Option(help="Of the bootstrap, the sky and the split, where the verb takes one.", min=0)
    ] = 0,
    again: Annotated[bool, typer.Option("--again", help="Measure anew what the CSV has already.")] = False,
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
) -> None:
    """Is the heat on the galaxy, is the difference real, can the answer be trusted: one table of all numbers.

    Every row names the command that shows its number alone. What is interrupted carries on where it was; beside
    the CSV, a file that ends in .made.json says of which weights and galaxies each question was answered.
    """
    from galaxy_core.studies.evidence import answer_all, caveats
    from galaxy_core.studies.evidence_table import EvidenceTable
    from galaxy_core.studies.registry import chosen, names
    from galaxy_core.studies.study import Asked

    # what is there is carried on with, and refused where it is anything else
    check_out(out, True, data, kinds=(".csv",), may_be_stream=False)
    questions = chosen(only)
    table = EvidenceTable(out, names(), overwrite=overwrite, spreadsheet_safe=spreadsheet_safe)
    runs = finished_classifiers(run, with_weights=not all(one.is_at_once for one in questions))
    galaxies = galaxies_of(runs, existing_file(data))
    options = {"mocks": mocks, "galaxies": test}
    asked = Asked(tuple(runs), tuple(run), galaxies, data.name, seed, options, again)
    for sentence in caveats(asked):
        say(sentence)
    outcomes = []
    for outcome in answer_all(questions, asked, table, counting_bar):
        outcomes.append(outcome)
        for sentence in outcome.sentences:
            say(f"{outcome.study.name}: {sentence}")
    if not any(outcome.n_rows for outcome in outcomes):
        raise MissingError(
            f"none of these questions can be asked of these runs, so {out.name} has no row of them"
        )
    for outcome in outcomes:
        typer.echo(_line(outcome))


def _line(outcome: "Outcome") -> str:
    study, n = outcome.study, outcome.n_rows
    if not n:
        return f"{study.name}: left out"
    how = "kept from before" if outcome.seconds is None else f"measured in {outcome.seconds:.1f} s"
    return f"{study.name} ({study.belongs_to}): {counted(n, 'row')}, {how}"
