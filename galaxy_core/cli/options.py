"""Options that `train` and `reproduce` share: what a preset sets and a user may set otherwise.

None everywhere means: as the preset says.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

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
Mocks = Annotated[
    int | None, typer.Option(help="Mock galaxies added to the training part, never to validation or test.")
]
Source = Annotated[
    str | None,
    typer.Option(help="Weights to transfer: auto (default), imagenet, none, or the name of a run."),
]
Preset = Annotated[str | None, typer.Option(help="paper (default) or quick.")]
Folds = Annotated[
    int | None, typer.Option(help="Cross-validation: every galaxy is tested once, in one of so many folds.")
]
Data = Annotated[str | None, typer.Option(help="A file in the Galaxy10 layout, or `mock`.")]

POLICIES = "scratch, transfer_frozen (default), freeze_prefix, transfer_tuned or random_frozen"

RECIPE: dict[str, Any] = {
    "epochs": Epochs,
    "learning_rate": LearningRate,
    "batch_size": BatchSize,
    "crop": Crop,
    "image_size": ImageSize,
    "batch_norm": BatchNorm,
    "precision": Precision,
    "schedule": Schedule,
    "mocks": Mocks,
}
"""Every option that changes the recipe and not which runs there are."""
_SETTINGS = {"folds": "n_folds", "mocks": "n_mocks"}

Verb = TypeVar("Verb", bound=Callable[..., None])


def with_recipe(verb: Verb) -> Verb:
    """Let Typer see the options of RECIPE where the verb says `**recipe`; each is None where it is not given."""
    signature = inspect.signature(verb)
    own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=option)
        for name, option in RECIPE.items()
    ]
    verb.__signature__ = signature.replace(parameters=[*own, *shared])  # type: ignore[attr-defined]
    return verb


def as_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Options by the names that a config has for them."""
    return {_SETTINGS.get(option, option): value for option, value in given.items()}
