"""One layer of a network as a row of a table, and the pen that writes such tables.

It must not know any network, engine or file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil, prod
from typing import Literal

from galaxy_core.errors import BadValueError

MOVING_STATISTICS = ("moving_mean", "moving_variance")
NORM_WEIGHTS = ("gamma", "beta", *MOVING_STATISTICS)
SAME: Literal["same"] = "same"
"""Padding that gives ceil(size / stride) cells, an odd pixel more after than before, as TensorFlow pads."""

Kind = Literal[
    "input",
    "zero_padding",
    "conv",
    "depthwise_conv",
    "batch_norm",
    "relu",
    "relu6",
    "silu",
    "add",
    "multiply",
    "concatenate",
    "max_pool",
    "average_pool",
    "global_pool",
    "reshape",
    "stochastic_depth",
]
CONVOLUTIONS: tuple[Kind, ...] = ("conv", "depthwise_conv")
Padding = int | Literal["same"]
Activation = Literal["", "silu", "sigmoid"]


@dataclass(frozen=True)
class Layer:
    """One layer: `channels` it puts out, `weights` from tensor name to shape.

    Tensors are named "<layer>/<weight>"; the axes of a kernel are height, width, channels in, channels out
    (depthwise: height, width, channels, 1). `padding` is the pixels added on each side, by a zero_padding layer or
    inside a convolution, or "same". A global pool puts out one cell, which "multiply" spreads over all again;
    `stochastic_depth` passes on what it is given (see `networks.backbones.efficientnet_v2`).
    `stage` and `unit` say for a drawing to which part of the network and which block of it the layer belongs.
    """

    name: str
    kind: Kind
    inputs: tuple[str, ...]
    channels: int
    kernel: int = 1
    stride: int = 1
    padding: Padding = 0
    activation: Activation = ""  # inside the layer, after its bias
    weights: Mapping[str, tuple[int, ...]] = field(default_factory=dict, hash=False)
    stage: str = "stem"
    unit: str = "stem"

    @property
    def n_parameters(self) -> int:
        """Number of values in all tensors of the layer, the moving statistics counted, as Keras counts."""
        return sum(prod(shape) for shape in self.weights.values())

    @property
    def n_learned(self) -> int:
        """Number of values gradient descent changes: all but the moving statistics."""
        return sum(prod(s) for name, s in self.weights.items() if not name.endswith(MOVING_STATISTICS))

    def output_size(self, before: int) -> int:
        """Height (= width) of the output of this layer for inputs of `before` cells a side."""
        if self.kind == "global_pool":
            return 1
        if self.padding == SAME:
            return ceil(before / self.stride)
        return (before + 2 * int(self.padding) - self.kernel) // self.stride + 1

    def multiply_adds(self, size: int) -> int:
        """Multiply-adds for `size` x `size` cells put out; only convolutions are counted."""
        if self.kind not in CONVOLUTIONS:
            return 0
        return prod(self.weights[f"{self.name}/kernel"]) * size**2


class Pen:
    """Writes a table layer by layer; each layer reads the one before it unless told otherwise."""

    def __init__(self) -> None:
        self.layers: list[Layer] = [Layer("input", "input", (), 3)]
        self._names = {"input"}
        self._stage = self._unit = "stem"

    def begin(self, stage: str, unit: str) -> None:
        """What is written from now on belongs to this part of the network."""
        self._stage, self._unit = stage, unit

    @property
    def last(self) -> Layer:
        """The layer written last."""
        return self.layers[-1]

    def write(self, name: str, kind: Kind, *inputs: Layer, **facts: object) -> Layer:
        """Any layer without weights; it puts out as many channels as its first input unless `channels` says."""
        sources = inputs or (self.last,)
        facts.setdefault("channels", sources[0].channels)
        return self._put(Layer(name, kind, tuple(source.name for source in sources), **facts))  # type: ignore[arg-type]

    def conv(
        self,
        name: str,
        channels: int,
        *,
        kernel: int = 1,
        stride: int = 1,
        padding: Padding = 0,
        activation: Activation = "",
        has_bias: bool = False,
    ) -> Layer:
        """A convolution of what was written last."""
        weights: dict[str, tuple[int, ...]] = {
            f"{name}/kernel": (kernel, kernel, self.last.channels, channels)
        }
        if has_bias:
            weights[f"{name}/bias"] = (channels,)
        return self._put(
            Layer(name, "conv", (self.last.name,), channels, kernel, stride, padding, activation, weights)
        )

    def depthwise_conv(self, name: str, *, kernel: int, stride: int, padding: Padding = SAME) -> Layer:
        """A convolution of each channel for itself."""
        channels = self.last.channels
        weights = {f"{name}/kernel": (kernel, kernel, channels, 1)}
        source = (self.last.name,)
        return self._put(
            Layer(name, "depthwise_conv", source, channels, kernel, stride, padding, weights=weights)
        )

    def batch_norm(self, name: str) -> Layer:
        """Batch normalisation of what was written last."""
        weights = {f"{name}/{weight}": (self.last.channels,) for weight in NORM_WEIGHTS}
        return self._put(Layer(name, "batch_norm", (self.last.name,), self.last.channels, weights=weights))

    def _put(self, layer: Layer) -> Layer:
        if layer.name in self._names:
            raise BadValueError(
                f"a table has one layer of a name, got {layer.name} twice; name one otherwise"
            )
        self._names.add(layer.name)
        self.layers.append(replace(layer, stage=self._stage, unit=self._unit))
        return self.last
