"""Options that `train` and `reproduce` share: what a preset sets and a user may set otherwise.

None everywhere means: as the preset says.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

import typer

from galaxy_core.networks.registry import BACKBONES

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
ChannelShift = Annotated[
    str | None,
    typer.Option(
        help="Random change of colour: one offset for all channels (common), one each (per-channel) or none."
    ),
]
Mocks = Annotated[
    int | None, typer.Option(help="Mock galaxies added to the training part, never to validation or test.")
]
MockEpochs = Annotated[
    int | None,
    typer.Option(help="The mock galaxies are seen in the first so many epochs only (default: all)."),
]
Corrections = Annotated[
    bool | None,
    typer.Option(
        "--corrections",
        help="Train as people have corrected the galaxies on the page Gallery: other labels, doubtful ones left out; "
        "validation and test stay as they are.",
    ),
]
Scale = Annotated[
    float | None, typer.Option(help="A galaxy is shown up to 1 + scale times larger or smaller (default 0).")
]
Flip = Annotated[bool | None, typer.Option(help="Show galaxies mirrored as well.")]
WeightDecay = Annotated[float | None, typer.Option(help="That of AdamW; 0 (default) is plain Adam.")]
Turns = Annotated[
    int | None,
    typer.Option(
        help="Answers are means over so many ways an image can lie: 1 (default), 4 turns, 8 with mirrored."
    ),
]
Track = Annotated[
    list[str] | None,
    typer.Option("--track", help="Write the history for tensorboard or mlflow too; may be given again."),
]
_BACKBONES = f"The network: {', '.join(BACKBONES)} (the first is the default)."
Backbone = Annotated[str | None, typer.Option(help=_BACKBONES)]
NamedBackbone = Annotated[str, typer.Option("--backbone", help=_BACKBONES)]
ForeignBackbone = Annotated[
    str | None,
    typer.Option(
        "--backbone",
        help=f"Whose weights they are: {', '.join(BACKBONES)}; told by their shapes where not given.",
    ),
]
Scaling = Annotated[
    str | None,
    typer.Option(
        help="How it is shown values 0 to 255: imagenet (mean and deviation), 0-255, 0-1, -1-1 or efficientnet_lite; "
        "where not given, as the file says, else as the network's ImageNet weights."
    ),
]
Source = Annotated[
    str | None,
    typer.Option(help="Weights to transfer: auto (default), imagenet, none, or the name of a run."),
]
Preset = Annotated[str | None, typer.Option(help="paper (default), quick or thorough.")]
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
    "weight_decay": WeightDecay,
    "channel_shift": ChannelShift,
    "scale": Scale,
    "flip": Flip,
    "turns": Turns,
    "mocks": Mocks,
    "mock_epochs": MockEpochs,
    "corrections": Corrections,
    "backbone": Backbone,
}
"""Every option that changes the recipe and not which runs there are."""
_SETTINGS = {"folds": "n_folds", "mocks": "n_mocks"}
_AUGMENTATION = {"channel_shift": "channel_shift_mode", "scale": "scale", "flip": "flip"}

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
    """Options by the names that a config has for them, those of the augmentation under `augmentation`."""
    settings = {
        _SETTINGS.get(name, name): value for name, value in given.items() if name not in _AUGMENTATION
    }
    changed = {field: given[name] for name, field in _AUGMENTATION.items() if given.get(name) is not None}
    if "channel_shift_mode" in changed:
        changed["channel_shift_mode"] = changed["channel_shift_mode"].replace("-", "_")
    return {**settings, "augmentation": changed} if changed else settings
