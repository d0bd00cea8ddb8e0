"""`galaxy runs import`: weights that Keras saved elsewhere become a run, or what does not fit is named.

What the file does not say is taken as this project does it and told in one line; options say otherwise.
"""

from pathlib import Path
from typing import Annotated

import typer

from galaxy_core.cli.shell.options import POLICIES
from galaxy_core.cli.shell.sentences import existing_file, say
from galaxy_core.errors import BadValueError

UNKNOWN_DATA = "unknown"


def import_(
    file: Annotated[
        Path, typer.Argument(help="Weights that Keras 3 saved of a DenseNet-121 (`.weights.h5`).")
    ],
    name: Annotated[str, typer.Option(help="Of the new run.")],
    classes: Annotated[
        str | None,
        typer.Option(help="Galaxy10's ten class names in the order of its outputs, with commas between."),
    ] = None,
    scaling: Annotated[
        str, typer.Option(help="How it is shown images: imagenet; 0-255, 0-1 and -1-1 are refused.")
    ] = "imagenet",
    epsilon: Annotated[
        float | None,
        typer.Option(
            help="Of a batch normalisation before the dense layer (that of Keras: 0.001); it is folded in."
        ),
    ] = None,
    crop: Annotated[
        int, typer.Option(help="Side in pixels of the central square of 256 px it is shown.")
    ] = 256,
    image_size: Annotated[int, typer.Option(help="Side in pixels that square is brought to.")] = 256,
    policy: Annotated[str, typer.Option(help=POLICIES)] = "transfer_frozen",
    percent: Annotated[int, typer.Option(help="ImageNet % of its row.")] = 20,
    source: Annotated[str, typer.Option(help="Where the layers it took over came from.")] = "imagenet",
    data: Annotated[str, typer.Option(help="The galaxies it was trained on, where known.")] = UNKNOWN_DATA,
) -> None:
    """Make a run of weights that Keras saved elsewhere, every tensor used or named."""
    from galaxy_core.data.classes import GALAXY10
    from galaxy_core.runs.config import TrainConfig
    from galaxy_core.transfer.weights.keras_weights import SCALINGS, check_scaling, read_bytes, run_from_keras

    check_scaling(scaling)
    if not 0 <= percent <= 100:
        raise BadValueError(f"--percent must lie in 0..100, got {percent}; 0 is a network from scratch")
    trainable = round(1 - percent / 100, 6)
    config = TrainConfig(data, policy, trainable, source, crop=crop, image_size=image_size)
    order = GALAXY10 if classes is None else classes.split(",")
    content = read_bytes(existing_file(file))
    run = run_from_keras(content, file.name, config, name, classes=order, epsilon=epsilon)
    say(
        f"taken as: outputs {'in the order of Galaxy10' if classes is None else 'ordered as told'}, "
        f"{SCALINGS[scaling]}, a view of {crop} px at {image_size} px, {policy} with {percent} % of {source}; "
        "--classes, --scaling, --crop, --image-size, --policy, --percent and --source say otherwise"
    )
    card = run.card()
    if card["folded_in"]:
        say(f"folded into the dense layer: {', '.join(card['folded_in'])}")
    if card["left_out"]:
        say(f"left out, since only training needs it: {', '.join(card['left_out'])}")
    typer.echo(f"{run.name} is in {run.path}")
