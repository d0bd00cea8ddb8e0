"""`galaxy elements`: which part of a galaxy the runs look at, on rendered galaxies that know their parts."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.chosen import finished_classifiers
from galaxy_core.cli.shell.columns import write_csv
from galaxy_core.cli.shell.output import Overwrite, SpreadsheetSafe, check_out, tell

if TYPE_CHECKING:
    from galaxy_core.studies.elements import ElementHeat


def elements(
    run: Annotated[
        list[str], typer.Argument(help="Finished runs, or a sweep, whose name means all its runs.")
    ],
    out: Annotated[Path, typer.Option(help="The CSV to write: a row a run, class and element.")],
    galaxies: Annotated[int, typer.Option(help="How many galaxies to render.", min=10, max=10_000)] = 200,
    seed: Annotated[
        int | None,
        typer.Option(help="Of the galaxies; not one a run was trained on (default: 770001).", min=0),
    ] = None,
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
) -> None:
    """Measure the heat on bulge, bar, arms, companion and the rest, against their true places."""
    from galaxy_core.studies.elements import ALL, COLUMNS, SEED, study_elements

    check_out(out, overwrite, kinds=(".csv",))
    runs = finished_classifiers(run)
    with counting_bar("explaining") as progress:
        found = study_elements(
            runs, n_galaxies=galaxies, seed=SEED if seed is None else seed, progress=progress
        )
    write_csv(
        out, COLUMNS, (heat.row() for heat in found), overwrite=overwrite, spreadsheet_safe=spreadsheet_safe
    )
    for name in dict.fromkeys(heat.setting.run for heat in found):
        own = [heat for heat in found if heat.setting.run == name and heat.class_name == ALL]
        tell(out, f"{name}: {_words(own)}")
    tell(out, f"heat over area, 1 is no preference; every class and its interval in {out}")


def _words(heats: "list[ElementHeat]") -> str:
    ordered = sorted(heats, key=lambda heat: -heat.enrichment.value)
    return ", ".join(f"{heat.element} {heat.enrichment.value:.1f}" for heat in ordered)
