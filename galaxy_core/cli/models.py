"""`galaxy models`: the models that the project ships, fetched or made from labelled galaxies and photographs."""

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.shell import apart
from galaxy_core.cli.shell.bars import bytes_bar, training_bar
from galaxy_core.cli.shell.sentences import existing_file, say
from galaxy_core.errors import BadValueError, StoppedError, quoted

if TYPE_CHECKING:
    from galaxy_core.training.shipped import Train

app = typer.Typer(help="The shipped models: fetch them, or make them again.", invoke_without_command=True)


@app.callback()
def models(
    context: typer.Context,
    data: Annotated[
        Path | None, typer.Option(help="To make them: labelled galaxies, a file in the Galaxy10 layout.")
    ] = None,
    photographs: Annotated[
        Path | None,
        typer.Option(help="To make them: labelled photographs, a folder a class, or a folder of zip files."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where they go (default: the project's models/).")] = None,
    workers: apart.Where = None,
    cluster: apart.Cluster = None,
    recipe: Annotated[
        str | None,
        typer.Option(help="processor or gpu: how much is done (default: as this device allows)."),
    ] = None,
) -> None:
    """Make every shipped model, as this device allows, or fetch them; interrupted, the same command carries on.

    With --workers each training is a task of its own, the source first, then all others.
    """
    if context.invoked_subcommand is None:
        if data is None or photographs is None:
            raise BadValueError(
                "to make the shipped models name --data and --photographs; `galaxy models fetch` fetches them"
            )
        hands = None if workers is None else partial(apart.train_apart, where=workers, cluster=cluster)
        _make(data, photographs, out, recipe, hands)


@app.command()
def fetch(
    from_: Annotated[
        Path | None, typer.Option("--from", help="Copy them from this folder, the models/ of a checkout.")
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(help="Where models/ of a release lies on the web.", envvar="GALAXY_MODELS_URL"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where they go (default: where the explorer looks for them).")
    ] = None,
) -> None:
    """Fetch the shipped models (some 140 MB), each file checked; run again, it carries on."""
    from galaxy_core.runs.names import shipped_folder
    from galaxy_core.runs.shipped import fetch_shipped

    folder = (out or shipped_folder()).absolute()
    try:
        with bytes_bar("models") as progress:
            missing = fetch_shipped(folder, address=url, from_folder=from_, progress=progress, say=say)
    except KeyboardInterrupt as stop:
        raise StoppedError("interrupted; what came so far is kept, run it again to carry on") from stop
    typer.echo(f"the shipped models are in {folder}" + ("" if missing else ", as they should be"))


def _make(
    data: Path, photographs: Path, out: Path | None, recipe: str | None, train_apart: "Train | None"
) -> None:
    from galaxy_core.runs.device import likely_device
    from galaxy_core.runs.names import shipped_folder
    from galaxy_core.runs.shipped import write_shipped_list
    from galaxy_core.training.models_readme import write_readme
    from galaxy_core.training.shipped import RECIPES, make_models

    if out is not None and (not out.name or out.is_file()):
        raise BadValueError(f"--out must name a folder, got {str(out)!r}; leave it out for the project's own")
    if recipe is not None and recipe not in RECIPES:
        raise BadValueError(f"--recipe must be one of {', '.join(RECIPES)}, got {quoted(recipe)}")
    folder, device = (out or shipped_folder()).absolute(), likely_device()
    # for this command they are what ships: names that the project's own have are free
    os.environ["GALAXY_MODELS"] = str(folder)
    say(f"{device.sentence}; every step can be interrupted and carried on with")
    with training_bar() as progress:
        shipped = make_models(
            str(existing_file(data)),
            str(photographs.absolute()),
            folder,
            device=device,
            recipe=None if recipe is None else RECIPES[recipe],
            say=say,
            progress=progress,
            train_apart=train_apart,
        )
    write_readme(folder)
    if out is None:
        write_shipped_list(folder)
    typer.echo(f"{len(shipped)} models in {folder}")
