"""`galaxy cues`: what each run loses when its images lose texture, colour or outline."""

from pathlib import Path
from typing import Annotated

import typer

from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.chosen import finished_classifiers
from galaxy_core.cli.shell.columns import write_csv
from galaxy_core.cli.shell.output import Overwrite, SpreadsheetSafe, check_out, tell
from galaxy_core.cli.shell.sentences import existing_file


def cues(
    run: Annotated[
        list[str], typer.Argument(help="Finished runs, or a sweep, whose name means all its runs.")
    ],
    data: Annotated[Path, typer.Option(help="The galaxies, a file in the Galaxy10 layout.")],
    out: Annotated[Path, typer.Option(help="The CSV to write: a row a run and cue.")],
    seed: Annotated[int, typer.Option(help="Of the shuffled patches and of the bootstrap.", min=0)] = 0,
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
) -> None:
    """Test the paper's thesis: does a run live by contours and shapes, by texture, or by colour?"""
    from galaxy_core.data.galaxy10 import open_galaxies
    from galaxy_core.studies.cues import COLUMNS, study_cues
    from galaxy_core.studies.thesis import curves_of, in_words, thesis_test

    check_out(out, overwrite, data, kinds=(".csv",))
    runs = finished_classifiers(run)
    with counting_bar("reading") as progress:
        galaxies = open_galaxies(existing_file(data), progress=progress)
    with counting_bar("predicting") as progress:
        found = study_cues(runs, galaxies, seed=seed, progress=progress)
    write_csv(
        out,
        COLUMNS,
        (row for one in found for row in one.rows()),
        overwrite=overwrite,
        spreadsheet_safe=spreadsheet_safe,
    )
    for one in found:
        drops = "; ".join(
            f"{name} {100 * drop.value:+.0f} ({100 * drop.low:+.0f} to {100 * drop.high:+.0f})"
            for name, drop in one.drops.items()
        )
        tell(out, f"{one.setting.run}: accuracy {one.accuracy.value:.2f}; points lost without {drops}")
    for curve, members in curves_of(found).items():
        test = thesis_test(members)
        if test:
            tell(out, f"{curve}: {in_words(test)}")
