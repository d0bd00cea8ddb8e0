"""`galaxy focus`: is the heat on the galaxy, and do the runs look at the same places."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.chosen import finished_classifiers
from galaxy_core.cli.shell.columns import write_csv
from galaxy_core.cli.shell.output import Overwrite, SpreadsheetSafe, check_out, tell
from galaxy_core.cli.shell.sentences import existing_file, say
from galaxy_core.errors import BadValueError

if TYPE_CHECKING:
    from galaxy_core.studies.focus import RunFocus


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
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
) -> None:
    """Measure where the heat of each run is on its own test galaxies, and hold it against the paper's words."""
    from galaxy_core.data.galaxy10 import open_galaxies
    from galaxy_core.maps.cells import refuse_coarse
    from galaxy_core.studies.agreement import COLUMNS as AGREEMENT_COLUMNS
    from galaxy_core.studies.agreement import study_agreement
    from galaxy_core.studies.focus import COLUMNS, study_focus

    check_out(out, overwrite, data, kinds=(".csv",))
    check_out(agreement, overwrite, data, kinds=(".csv",), option="--agreement")
    if agreement is not None and agreement.absolute() == out.absolute():
        raise BadValueError(f"--agreement and --out are both {out}; give each table a file of its own")
    runs = finished_classifiers(run)
    refuse_coarse(runs)  # before a large file is read
    with counting_bar("reading") as progress:
        galaxies = open_galaxies(existing_file(data), progress=progress)
    with counting_bar("explaining") as progress:
        found = study_focus(runs, galaxies, n_shifted=shift, centred=centred, seed=seed, progress=progress)
    write_csv(
        out,
        COLUMNS,
        (row for one in found for row in one.rows()),
        overwrite=overwrite,
        spreadsheet_safe=spreadsheet_safe,
    )
    for one in found:
        say(one.sentence)
    for one in found:
        tell(out, _line(one))
    if agreement:
        with counting_bar("comparing") as progress:
            pairs = study_agreement(runs, galaxies, seed=seed, progress=progress)
        write_csv(
            agreement, AGREEMENT_COLUMNS, pairs.rows(), overwrite=overwrite, spreadsheet_safe=spreadsheet_safe
        )
        tell(out, pairs.sentence)
    if any(one.is_shipped for one in runs):
        say("Shipped runs are read-only: their scores are in the CSV alone.")


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
