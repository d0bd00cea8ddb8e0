"""`galaxy sources`: weights of others become a source to start from, and what sources there are."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from galaxy_core.cli.shell.options import ForeignBackbone, Scaling
from galaxy_core.cli.shell.sentences import existing_file, print_json, say
from galaxy_core.errors import GalaxyError, one_line

if TYPE_CHECKING:
    from galaxy_core.runs.run import Run

app = typer.Typer(help="Sources of weights: import those of others, list them.", no_args_is_help=True)


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="Weights: `.weights.h5`, `.h5` or `.keras` of Keras, `.safetensors` or `.pth` of PyTorch."
        ),
    ],
    name: Annotated[str, typer.Option(help="Of the new source.")],
    backbone: ForeignBackbone = None,
    scaling: Scaling = None,
) -> None:
    """Make a source of weights that were trained elsewhere, every tensor used or named."""
    from galaxy_core.transfer.weights.imported import import_source

    made = import_source(existing_file(file), name, backbone=backbone, scaling=scaling)
    say(f"taken as: {made.taken_as}; --backbone and --scaling say otherwise")
    if left_out := made.run.card()["left_out"]:
        say(f"left out, since a source needs none of it: {', '.join(left_out)}")
    typer.echo(
        f"{name} is in {made.run.path}; use it with `--source {name} --backbone {made.run.network.name}`"
    )


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """The sources there are: ImageNet weights that are here, those imported, and those trained."""
    from galaxy_core.networks.registry import BACKBONES, get_backbone
    from galaxy_core.runs.run import list_runs
    from galaxy_core.transfer.imagenet import imagenet_is_here

    backbones = [get_backbone(name) for name in BACKBONES]
    found = [
        {
            "name": "imagenet",
            "backbone": one.name,
            "scaling": one.preprocessing.name,
            "from": one.published.place,
        }
        for one in backbones
        if imagenet_is_here(one)
    ]
    found += [_told(run) for run in list_runs() if run.is_source and run.is_whole]
    if as_json:
        print_json({"sources": found})
    elif not found:
        typer.echo("There are no sources yet. Bring one with: galaxy sources import FILE --name NAME")
    else:
        rows = [("name", "backbone", "scaling", "from"), *(tuple(one.values()) for one in found)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            typer.echo("  ".join(map(str.ljust, row, widths)).rstrip())


def _told(run: "Run") -> dict[str, Any]:
    """One line of the list; a source that cannot be read says so."""
    try:
        card, network = run.card(), run.network
        origin = card.get("loaded_from")
        came = f"{origin['file']}, {origin['format']}" if isinstance(origin, dict) else "trained here"
        came = "shipped with the project" if run.is_shipped else came
        return {
            "name": run.name,
            "backbone": network.name,
            "scaling": network.preprocessing.name,
            "from": came,
        }
    except (GalaxyError, KeyError) as error:
        return {"name": run.name, "backbone": "", "scaling": "", "from": f"damaged: {one_line(error)}"}
