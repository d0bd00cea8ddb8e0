"""`galaxy transferability`: what a source promises before anything is trained from it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from galaxy_core.cli.shell import options
from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.sentences import existing_file, print_json, say
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone

NATIVE = 256


def transferability(
    source: Annotated[str, typer.Option(help="A run, `imagenet` or `auto`.")],
    data: Annotated[Path, typer.Option(help="A file in the Galaxy10 layout.")],
    crop: Annotated[int | None, typer.Option(help="Side in pixels of the central square shown.")] = None,
    image_size: Annotated[int | None, typer.Option(help="Side in pixels that square is brought to.")] = None,
    seed: Annotated[int, typer.Option(help="Of the split.", min=0)] = 0,
    backbone: options.NamedBackbone = DEFAULT_BACKBONE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Score frozen features at each cut, before anything is trained: neighbours, linear probe, LogME, H-score, LEEP.

    The numbers are kept as forecast.json with the source. `galaxy study transferability` asks the same of finished
    runs, and how well each score ranks them.
    """
    from galaxy_core.data.galaxy10 import open_galaxies
    from galaxy_core.data.split import split_galaxies
    from galaxy_core.studies.study import line_of
    from galaxy_core.studies.transferability import depth_rows, forecast_of, keep_forecast, measured_forecast
    from galaxy_core.transfer.source import load_source, resolve_source

    network = get_backbone(backbone)
    name = resolve_source(source, network, say)
    weights = load_source(name, network)
    if weights is None:
        raise typer.BadParameter("there are no features to score without a source", param_hint="--source")
    view = _view(name, crop, image_size)
    with counting_bar("reading") as progress:
        galaxies = open_galaxies(existing_file(data), progress=progress)
    split = split_galaxies(galaxies.labels, galaxies.ra, galaxies.dec, seed=seed)
    with counting_bar("features") as progress:
        record = measured_forecast(weights, galaxies, split, view, seed=seed, progress=progress)
    if as_json:
        print_json({**record})
    else:
        typer.echo(f"{name}, the central {view[0]} px at {view[1]} px, {record['n_test']} test galaxies")
        for row in depth_rows(name, forecast_of(record)):
            typer.echo(line_of(row))
    keep_forecast(record)


def _view(name: str, crop: int | None, image_size: int | None) -> tuple[int, int]:
    """As asked, else as the source saw its images, else whole."""
    from galaxy_core.runs.run import find_run

    seen: dict[str, Any] = {}
    if name != "imagenet":
        run = find_run(name)
        seen = run.card() if run.is_source else vars(run.config)
    side = crop or int(seen.get("crop", NATIVE))
    return side, image_size or int(seen.get("image_size", side))
