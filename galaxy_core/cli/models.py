"""`galaxy models`: the models that the project ships, made from labelled galaxies and labelled photographs."""

import os
from pathlib import Path
from typing import Annotated

import typer

from galaxy_core.cli.shell.bars import training_bar
from galaxy_core.cli.shell.sentences import existing_file, say
from galaxy_core.errors import BadValueError


def models(
    data: Annotated[Path, typer.Option(help="Labelled galaxies, a file in the Galaxy10 layout.")],
    photographs: Annotated[
        Path, typer.Option(help="Labelled photographs: a folder a class, or a folder of zip files.")
    ],
    out: Annotated[Path | None, typer.Option(help="Where they go (default: the project's models/).")] = None,
) -> None:
    """Make every shipped model, as this device allows; interrupted, the same command carries on."""
    from galaxy_core.runs.device import likely_device
    from galaxy_core.runs.names import shipped_folder
    from galaxy_core.training.models_readme import write_readme
    from galaxy_core.training.shipped import make_models

    if out is not None and (not out.name or out.is_file()):
        raise BadValueError(f"--out must name a folder, got {str(out)!r}; leave it out for the project's own")
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
            say=say,
            progress=progress,
        )
    write_readme(folder)
    typer.echo(f"{len(shipped)} models in {folder}")
