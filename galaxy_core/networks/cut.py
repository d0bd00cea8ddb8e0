"""Where a network is divided, counted in the layers of its own table, and where its two parts can be handed over."""

from dataclasses import dataclass
from functools import lru_cache

from galaxy_core.errors import BadValueError
from galaxy_core.networks.backbone import COST_SIZE, Backbone
from galaxy_core.networks.layer import Layer


@dataclass(frozen=True)
class Cut:
    """Where a backbone is divided: `n_layers` lie below it, `boundary` is the last of them (or "none")."""

    backbone: Backbone
    n_layers: int
    boundary: str
    parameter_share: float  # of the backbone's parameters, in [0, 1]
    flop_share: float  # of the multiply-adds at 256 px, in [0, 1]; the same at every multiple of 32 px

    @property
    def below(self) -> tuple[Layer, ...]:
        """The layers below the cut, the input layer first."""
        return self.backbone.layers[: self.n_layers]

    def n_trainable_parameters(self, n_classes: int) -> int:
        """What is learned when all below is frozen, the head of so many classes counted."""
        return self.backbone.n_learned(n_classes) - sum(layer.n_learned for layer in self.below)


@lru_cache(maxsize=256)
def cut_at(backbone: Backbone, cut: float) -> Cut:
    """The division that leaves `round(cut * n_layers)` layers below it; `BadValueError` unless 0 <= cut <= 1."""
    if not 0 <= cut <= 1:
        raise BadValueError(
            f"cut must lie in [0, 1], got {cut}; 0 leaves no layer below it, 1 all but the head"
        )
    n_layers = round(cut * backbone.n_layers)
    below = backbone.layers[:n_layers]
    cost = backbone.multiply_adds(COST_SIZE)
    return Cut(
        backbone,
        n_layers=n_layers,
        boundary=below[-1].name if below else "none",
        parameter_share=sum(layer.n_parameters for layer in below) / backbone.n_parameters,
        flop_share=sum(cost[layer.name] for layer in below) / sum(cost.values()),
    )


def tap_at(backbone: Backbone, cut: float) -> Layer:
    """The last layer at or below the cut whose output is all that the layers above it need.

    Prefix features are taken there. Inside a block with a branch the network is two tensors wide, since its end
    still needs the tensor from before it. Where a backbone names its joints it is only taken there. In the stem
    features are larger than the image, so the answer is the `input` layer: the image itself.
    """
    place = {layer.name: i for i, layer in enumerate(backbone.layers)}
    last_use = {source: place[layer.name] for layer in backbone.layers for source in layer.inputs}
    tap, reach = (
        backbone.layers[0],
        0,
    )  # reach: the last layer that needs an output from before the present one
    for i, layer in enumerate(cut_at(backbone, cut).below):
        is_joint = layer.name in backbone.joints if backbone.joints else reach <= i
        if is_joint and i >= backbone.n_stem_layers - 1:
            tap = layer
        reach = max(reach, last_use.get(layer.name, 0))
    return tap
