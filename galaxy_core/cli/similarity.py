"""`galaxy similarity`: what two runs make alike of the same galaxies, layer by layer."""

from pathlib import Path
from typing import Annotated

import typer

from galaxy_core.cli.bars import counting_bar
from galaxy_core.cli.chosen import finished_classifiers, galaxies_of
from galaxy_core.cli.sentences import print_json


def similarity(
    first: Annotated[str, typer.Argument(help="A finished run.")],
    second: Annotated[str, typer.Argument(help="Another one.")],
    data: Annotated[
        Path | None, typer.Option(help="Galaxies to show both (default: those the first was trained on).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Linear CKA between the layers of two runs: 1 where they make the same of an image, 0 where nothing alike."""
    from galaxy_core.evaluation.layers import compare_layers
    from galaxy_core.runs.run import find_run

    runs = [finished_classifiers([find_run(name).name])[0] for name in (first, second)]
    galaxies = galaxies_of(runs, data)
    with counting_bar("features") as progress:
        found = compare_layers(runs[0], runs[1], galaxies, progress=progress)
    if as_json:
        print_json({"first": first, "second": second, **found.to_json()})
        return
    typer.echo(f"{first} (rows) and {second} (columns), linear CKA on {found.n_images} galaxies")
    typer.echo(" " * 22 + "".join(f"{layer:>22}" for layer in found.layers))
    for layer, row in zip(found.layers, found.values, strict=True):
        typer.echo(f"{layer:<22}" + "".join(f"{value:>22.3f}" for value in row))
