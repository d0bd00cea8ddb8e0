"""`galaxy evaluate`: a finished run on a file of labelled galaxies."""

from pathlib import Path
from typing import Annotated

import typer

from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.chosen import Device, Precision, finished_classifiers, open_lineup
from galaxy_core.cli.shell.doubt import say_doubt
from galaxy_core.cli.shell.sentences import existing_file, print_json


def evaluate(
    run: Annotated[str, typer.Argument(help="A finished run.")],
    data: Annotated[Path, typer.Option(help="A file in the Galaxy10 layout.")],
    device: Device = "auto",
    precision: Precision = "float32",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Test a run: on its own test part where the file is the one it was trained on, on all galaxies otherwise."""
    from galaxy_core.data.galaxy10 import open_galaxies
    from galaxy_core.prediction.evaluate import evaluate_run
    from galaxy_core.runs.run import find_run

    (chosen,) = finished_classifiers([find_run(run).name])
    with counting_bar("reading") as progress:
        galaxies = open_galaxies(existing_file(data), progress=progress)
    lineup = open_lineup([chosen], device, precision)
    with counting_bar("testing") as progress:
        values = evaluate_run(chosen, galaxies, lineup=lineup, progress=progress)
    if chosen.card().get(
        "loaded_from"
    ):  # only of a network of others may the scaling be another than in training
        say_doubt(chosen, galaxies)
    if as_json:
        print_json(values)
        return
    typer.echo(values["sentence"])
    for name, low in (("accuracy", "accuracy"), ("balanced_accuracy", "balanced")):
        bounds = f"{values[f'{low}_low']:.3f}–{values[f'{low}_high']:.3f}"
        typer.echo(f"{name.replace('_', ' ')} {values[name]:.3f} (95 % {bounds})")
    typer.echo(f"loss {values['loss']:.3f}")
