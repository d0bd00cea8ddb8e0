"""`galaxy counts`: how many of each class a table of answers holds, as answered and corrected, with intervals."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.sentences import print_json, say
from galaxy_core.numerals import percent

if TYPE_CHECKING:
    from galaxy_core.prediction.counts import Counted


def counts(
    answers: Annotated[
        Path, typer.Argument(help="A table that `galaxy predict` wrote, in any of its formats.")
    ],
    run: Annotated[str | None, typer.Option(help="Of one run alone (default: each in the table).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Count the classes of a table of answers: as answered, and corrected for what the network was shown and what it
    mistakes for what, which its test part tells.
    """
    from galaxy_core.catalogues.formats import open_catalogue
    from galaxy_core.prediction.counts import counts_of

    table = open_catalogue(answers)
    with counting_bar("counting") as progress:
        counted = counts_of(table, run, progress)
    if as_json:
        print_json({"answers": str(answers), "runs": [one.to_json() for one in counted]})
        return
    for one in counted:
        _show(one)


def _show(one: "Counted") -> None:
    without = f", {one.n_without} without" if one.n_without else ""
    typer.echo(f"{one.run}: {one.n} objects with a class{without}")
    width = max(map(len, one.classes)) + 2
    corrected = f"{'corrected':>20}{'95 %':>20}" if one.corrected else ""
    typer.echo(f"{'class':<{width}}{'as answered':>20}{corrected}")
    for c, name in enumerate(one.classes):
        line = f"{name:<{width}}{_count(one.raw[c], one.n):>20}"
        if one.corrected:
            line += f"{_count(one.corrected.shares[c] * one.n, one.n):>20}"
            bounds = f"{one.corrected.low[c] * one.n:.0f}–{one.corrected.high[c] * one.n:.0f}"
            line += f"{bounds:>20}"
        typer.echo(line)
    for sentence in one.sentences:
        say(f"{one.run}: {sentence}")


def _count(n: float, of: int) -> str:
    return f"{n:.0f} ({percent(n / of, 1)})"
