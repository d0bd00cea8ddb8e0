"""Options that `train` and `reproduce` share: what a preset sets and a user may set otherwise.

None everywhere means: as the preset says.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from galaxy_core.errors import BadValueError
from galaxy_core.networks.registry import BACKBONES

if TYPE_CHECKING:
    from galaxy_core.data.augment import Augmentation

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
    "channel_shift": ChannelShift,
    "mocks": Mocks,
    "backbone": Backbone,
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
    """Options by the names that a config has for them; BadValueError for a --channel-shift that is none."""
    settings = {_SETTINGS.get(option, option): value for option, value in given.items()}
    shift = settings.pop("channel_shift", None)
    return settings if shift is None else {**settings, "augmentation": _augmentation(shift)}


def _augmentation(channel_shift: str) -> "Augmentation":
    """That of the presets, its colours changed in another way."""
    from galaxy_core.data.augment import CHANNEL_SHIFT_MODES, Augmentation

    by_word = {mode.replace("_", "-"): mode for mode in CHANNEL_SHIFT_MODES}
    if channel_shift not in by_word:
        raise BadValueError(
            f"--channel-shift must be one of {', '.join(by_word)}, got {channel_shift!r}; the default is common"
        )
    return Augmentation(channel_shift_mode=by_word[channel_shift])
