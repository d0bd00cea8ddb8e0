"""Options that `train` and `reproduce` share: what a preset sets and a user may set otherwise.

None everywhere means: as the preset says.
"""

from typing import Annotated

import typer

Epochs = Annotated[int | None, typer.Option(help="Passes over the training part.")]
LearningRate = Annotated[float | None, typer.Option(help="Of Adam; the paper uses 5e-4.")]
BatchSize = Annotated[int | None, typer.Option(help="Galaxies a step.")]
Crop = Annotated[int | None, typer.Option(help="Side in pixels of the central square trained on.")]
ImageSize = Annotated[int | None, typer.Option(help="Side in pixels that square is brought to.")]
BatchNorm = Annotated[
    str | None, typer.Option(help="Statistics of batch normalisation at test time: re-estimated or keras.")
]
Precision = Annotated[str | None, typer.Option(help="auto, float32 or mixed.")]
Schedule = Annotated[str | None, typer.Option(help="Of the learning rate: constant or cosine.")]
Source = Annotated[
    str | None,
    typer.Option(help="Weights to transfer: auto (default), imagenet, none, or the name of a run."),
]
Preset = Annotated[str | None, typer.Option(help="paper (default) or quick.")]
Data = Annotated[str | None, typer.Option(help="A file in the Galaxy10 layout, or `mock`.")]

POLICIES = "scratch, transfer_frozen (default), freeze_prefix, transfer_tuned or random_frozen"
