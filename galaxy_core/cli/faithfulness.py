"""`galaxy faithfulness`: does a run rely on what its maps point at."""

from pathlib import Path
from typing import Annotated

import typer

from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.chosen import finished_classifiers
from galaxy_core.cli.shell.columns import write_csv
from galaxy_core.cli.shell.output import Overwrite, SpreadsheetSafe, check_out, tell
from galaxy_core.cli.shell.sentences import existing_file


def faithfulness(
    run: Annotated[
        list[str], typer.Argument(help="Finished runs, or a sweep, whose name means all its runs.")
    ],
    data: Annotated[Path, typer.Option(help="The galaxies, a file in the Galaxy10 layout.")],
    out: Annotated[Path, typer.Option(help="The CSV to write: a row a run and score.")],
    galaxies: Annotated[int, typer.Option(help="How many test galaxies of each run.", min=2)] = 20,
    layer: Annotated[
        str | None,
        typer.Option(help="LayerCAM at an earlier layer of the network, by its name; takes Keras."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the sky, the noise and the bootstrap.", min=0)] = 0,
    overwrite: Overwrite = False,
    spreadsheet_safe: SpreadsheetSafe = False,
) -> None:
    """Delete and insert what the maps call hot, remove and impute it, and let the network forget its weights."""
    from galaxy_core.data.galaxy10 import open_galaxies
    from galaxy_core.maps.cam import LAST_FEATURES
    from galaxy_core.maps.cells import refuse_coarse
    from galaxy_core.studies.earlier_layer import LayerCamMaps
    from galaxy_core.studies.faithfulness import COLUMNS, study_faithfulness

    check_out(out, overwrite, data, kinds=(".csv",))
    runs = finished_classifiers(run)
    refuse_coarse(runs)  # before a large file is read
    with counting_bar("reading") as progress:
        opened = open_galaxies(existing_file(data), progress=progress)
    with counting_bar("testing") as progress:
        found = study_faithfulness(
            runs,
            opened,
            n_galaxies=galaxies,
            layer=layer or LAST_FEATURES,
            maps_at=LayerCamMaps(layer) if layer else None,
            seed=seed,
            progress=progress,
        )
    write_csv(
        out,
        COLUMNS,
        (row for one in found for row in one.rows()),
        overwrite=overwrite,
        spreadsheet_safe=spreadsheet_safe,
    )
    for one in found:
        scores = ", ".join(
            f"{name} {value.value:.2f} ({one.minus_random[name].value:+.2f} against a random map)"
            for name, value in one.scores.items()
        )
        forgotten = ", ".join(f"{part} {value.value:.2f}" for part, value in one.randomised.items())
        tell(out, f"{one.setting.run}: {scores}; correlation of maps after forgetting the {forgotten}")
