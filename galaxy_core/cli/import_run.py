"""`galaxy runs import`: weights that Keras or PyTorch saved elsewhere become a run, or what does not fit is named.

What the file does not say is taken by a default that is told in one line; options say otherwise.
"""

from pathlib import Path
from typing import Annotated

import typer

from galaxy_core.cli.shell.doubt import say_doubt
from galaxy_core.cli.shell.options import POLICIES, ForeignBackbone, Scaling
from galaxy_core.cli.shell.sentences import existing_file, say
from galaxy_core.errors import BadValueError

UNKNOWN_DATA = "unknown"


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="Weights with one dense layer: `.weights.h5`, `.h5` or `.keras` of Keras, `.safetensors` or `.pth` of "
            "PyTorch."
        ),
    ],
    name: Annotated[str, typer.Option(help="Of the new run.")],
    backbone: ForeignBackbone = None,
    scaling: Scaling = None,
    classes: Annotated[
        str | None,
        typer.Option(
            help="Names in the order of its outputs, with commas between; or galaxy10 (the default for ten), or "
            "galaxy10-sorted (by name, as readers of folders order them)."
        ),
    ] = None,
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
    percent: Annotated[
        int, typer.Option(help="Percent of its layers below the cut, the paper's ImageNet %.")
    ] = 20,
    source: Annotated[str, typer.Option(help="Where the layers it took over came from.")] = "imagenet",
    data: Annotated[
        str,
        typer.Option(
            help="The galaxies it was trained on, where known; those of a file that is here name its classes, and "
            "whether the scaling is right is tried on them."
        ),
    ] = UNKNOWN_DATA,
) -> None:
    """Make a run of weights that Keras or PyTorch saved elsewhere, every tensor used or named."""
    from galaxy_core.data.galaxy10 import classes_of, open_galaxies
    from galaxy_core.runs.config import TrainConfig
    from galaxy_core.transfer.weights.imported import import_classifier

    if not 0 <= percent <= 100:
        raise BadValueError(f"--percent must lie in 0..100, got {percent}; 0 is a network from scratch")
    is_here = data != UNKNOWN_DATA and Path(data).is_file()
    if is_here:
        data = str(Path(data).absolute())
    trainable = round(1 - percent / 100, 6)
    config = TrainConfig(data, policy, trainable, source, crop=crop, image_size=image_size)
    made = import_classifier(
        existing_file(file),
        name,
        config,
        backbone=backbone,
        scaling=scaling,
        classes=classes,
        data_classes=classes_of(data) if is_here else None,
        epsilon=epsilon,
    )
    say(
        f"taken as: {made.taken_as}; --backbone, --scaling, --classes, --crop, --image-size, --policy, --percent and "
        "--source say otherwise"
    )
    card = made.run.card()
    if card["folded_in"]:
        say(f"folded into the dense layer: {', '.join(card['folded_in'])}")
    if card["left_out"]:
        say(f"left out, since only training needs it: {', '.join(card['left_out'])}")
    if is_here:
        say_doubt(made.run, open_galaxies(data))
    typer.echo(f"{made.run.name} is in {made.run.path}")
