"""`galaxy focus`: is the heat on the galaxy, and do the runs look at the same places."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.bars import counting_bar
from galaxy_core.cli.chosen import finished_classifiers
from galaxy_core.cli.columns import check_csv, write_csv
from galaxy_core.cli.sentences import existing_file, say

if TYPE_CHECKING:
    from galaxy_core.data.galaxy10 import Galaxies
    from galaxy_core.explain.studies.focus import RunFocus
    from galaxy_core.runs.run import Run


def focus(
    run: Annotated[
        list[str], typer.Argument(help="Finished runs, or a sweep, whose name means all its runs.")
    ],
    data: Annotated[Path, typer.Option(help="The galaxies, a file in the Galaxy10 layout.")],
    out: Annotated[Path, typer.Option(help="The CSV to write: a row a run and score.")],
    agreement: Annotated[
        Path | None, typer.Option(help="A second CSV: how far the maps of each two runs agree.")
    ] = None,
    shift: Annotated[
        int, typer.Option(help="How many galaxies to move for the shift test; 0: none.", min=0)
    ] = 50,
    centred: Annotated[
        bool, typer.Option("--centred", help="Score class-centred maps instead of plain Grad-CAM.")
    ] = False,
    seed: Annotated[
        int, typer.Option(help="Of the bootstrap and of the sky behind moved galaxies.", min=0)
    ] = 0,
) -> None:
    """Measure where the heat of each run is on its own test galaxies, and hold it against the paper's words."""
    from galaxy_core.data.galaxy10 import open_galaxies
    from galaxy_core.explain.cells import refuse_coarse
    from galaxy_core.explain.studies.focus import COLUMNS, study_focus

    for path in (out, agreement):
        if path:
            check_csv(path)
    runs = finished_classifiers(run)
    refuse_coarse(runs)  # before a large file is read
    with counting_bar("reading") as progress:
        galaxies = open_galaxies(existing_file(data), progress=progress)
    with counting_bar("explaining") as progress:
        found = study_focus(runs, galaxies, n_shifted=shift, centred=centred, seed=seed, progress=progress)
    write_csv(out, COLUMNS, (row for one in found for row in one.rows()))
    for one in found:
        say(one.sentence)
    for one in found:
        typer.echo(_line(one))
    if agreement:
        _agree(runs, galaxies, agreement, seed)
    if any(one.is_shipped for one in runs):
        say("Shipped runs are read-only: their scores are in the CSV alone.")


def _agree(runs: "list[Run]", galaxies: "Galaxies", out: Path, seed: int) -> None:
    from galaxy_core.explain.studies.agreement import COLUMNS, study_agreement

    with counting_bar("comparing") as progress:
        found = study_agreement(runs, galaxies, seed=seed, progress=progress)
    write_csv(out, COLUMNS, found.rows())
    typer.echo(found.sentence)


def _line(focus: "RunFocus") -> str:
    """One run in one or two lines: the share of heat on the galaxy beyond a blob, and the paper's sentence."""
    energy, beyond = focus.scores["energy_galaxy"], focus.minus["gaussian"]["energy_galaxy"]
    text = (
        f"{focus.setting.run}: {100 * energy.value:.0f} % of the heat on the galaxy, {100 * beyond.value:+.0f} points "
        f"({100 * beyond.low:+.0f} to {100 * beyond.high:+.0f}) beyond a centred blob"
    )
    if focus.follow:
        text += f"; moved galaxies followed at slope {focus.follow.value:.2f}"
    if focus.claim:
        text += f'\n  paper: "{focus.claim.sentence}": {focus.claim.verdict(focus.scores)} ({focus.claim.criterion})'
    return text
