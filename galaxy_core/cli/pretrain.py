"""`galaxy pretrain`: a source of weights from labelled images that need not be galaxies."""

from pathlib import Path
from typing import Annotated

import typer

from galaxy_core.cli.shell.sentences import say
from galaxy_core.cli.shell.source_card import show_source
from galaxy_core.cli.train import carry_out


def pretrain(
    images: Annotated[
        Path,
        typer.Option(help="A folder with a folder of images a class, a folder of zip files, or a zip file."),
    ],
    name: Annotated[str, typer.Option(help="Of the source; one that exists is carried on with.")],
    image_size: Annotated[
        int | None, typer.Option(help="Side in pixels (64 on a processor, 224 on a graphics card).")
    ] = None,
    epochs: Annotated[float | None, typer.Option(help="Passes over the images; need not be whole.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Images a step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="The highest of its schedule.")] = None,
    label_smoothing: Annotated[float | None, typer.Option(help="0 switches it off (default 0.1).")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="0 switches it off.")] = None,
    held_out: Annotated[
        float | None, typer.Option(help="Share of every class that is never trained on (default 0.03).")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Draws weights, order and views (default 0).")] = None,
    precision: Annotated[str | None, typer.Option(help="auto, float32 or mixed.")] = None,
    keep_at: Annotated[
        list[float] | None,
        typer.Option(
            help="Keep a source of its own at this share of the training, 0.1 as NAME-010; repeatable."
        ),
    ] = None,
    terms: Annotated[str | None, typer.Option(help="What the weights may be used for.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end.")] = False,
) -> None:
    """Train a source of weights on images; its card says what it saw. Interrupted, the same command carries on."""
    asked = {key: value for key, value in locals().items() if key not in ("images", "name", "as_json")}
    from galaxy_core.runs.unstarted import removed_unless_begun
    from galaxy_core.training.source import plan_source

    run = plan_source(str(images.absolute()), name, **{**asked, "keep_at": tuple(keep_at or ())})
    say(f"source {run.name} in {run.path}")
    with removed_unless_begun([run]):
        carry_out(run)
    show_source(run, as_json)
