"""`galaxy report`: all that some runs have shown, as one file to attach to a paper."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.shell.chosen import galaxies_of
from galaxy_core.cli.shell.heat_pictures import HeatScale
from galaxy_core.cli.shell.output import Overwrite, check_out, tell
from galaxy_core.cli.shell.sentences import say
from galaxy_core.errors import GalaxyError
from galaxy_core.numerals import counted

if TYPE_CHECKING:
    from galaxy_core.data.galaxy10 import Galaxies
    from galaxy_core.runs.run import Run


def report(
    run: Annotated[list[str], typer.Argument(help="Runs, or a sweep, whose name means all its runs.")],
    out: Annotated[Path, typer.Option(help="The HTML file to write.")],
    data: Annotated[
        Path | None, typer.Option(help="The galaxies, where they are no longer in place.")
    ] = None,
    heat_scale: HeatScale = "this-map",
    overwrite: Overwrite = False,
) -> None:
    """Write tables, curves, heatmaps, scores, settings and citations as one HTML file that loads nothing."""
    from galaxy_core.maps.heat_scale import checked
    from galaxy_core.report.document import finished_and_absent, write_report
    from galaxy_core.runs.run import resolve_runs

    check_out(out, overwrite, data, kinds=(".html", ".htm"))
    runs = resolve_runs(run)
    finished, _ = finished_and_absent(runs)
    written = write_report(
        runs, out, _galaxies(finished, data), heat_scale=checked(heat_scale), overwrite=overwrite
    )
    for sentence in written.left_out:
        say(sentence)
    tell(out, f"report of {counted(written.n_runs, 'run')} in {out}")


def _galaxies(runs: "list[Run]", data: Path | None) -> "Galaxies | str":
    """The galaxies, or why they are not there; only a file that was asked for by name must be."""
    from galaxy_core.report.maps import galaxies_or_reason

    if data is not None:
        return galaxies_of(runs, data)
    found = galaxies_or_reason(runs)
    if isinstance(found, str):
        return found
    try:
        return galaxies_of(runs, found)
    except GalaxyError as error:
        return f"The galaxies of these runs cannot be read: {error}."
