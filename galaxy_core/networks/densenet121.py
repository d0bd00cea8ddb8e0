"""DenseNet-121 as a table: every layer in Keras' own order, with its tensors, shapes and cost.

Generated from the block structure (Huang et al. 2017, table 1: 6, 12, 24, 16 dense layers, growth rate 32,
compression 0.5), in exactly the order of `keras.applications.DenseNet121(include_top=False).layers`: 427
layers, the input layer counted. Keras names three layers by a counter that depends on the session
(`input_layer`, `zero_padding2d`, `zero_padding2d_1`); here they are `input`, `pad1` and `pad2`, and have no
tensors.

This module must not know Keras, nor any policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from math import prod

import numpy as np

from galaxy_core.errors import BadFileError, BadValueError

BLOCKS = (6, 12, 24, 16)
GROWTH_RATE = 32
COMPRESSION = 0.5
BOTTLENECK = 4 * GROWTH_RATE
STEM_CHANNELS = 64
BATCH_NORM_EPSILON = 1.001e-5
SMALLEST_IMAGE = 32
"""The network halves the image five times: below 32 px nothing is left."""
HEAD = "predictions"
MOVING_STATISTICS = ("moving_mean", "moving_variance")


@dataclass(frozen=True)
class Layer:
    """One layer: `channels` it puts out, `weights` from tensor name to shape.

    Tensors are named "<layer>/<weight>"; the axes of a kernel are height, width, channels in, channels out.
    """

    name: str
    kind: str  # input, zero_padding, conv, batch_norm, relu, max_pool, average_pool, concatenate
    inputs: tuple[str, ...]
    channels: int
    kernel: int = 1
    stride: int = 1
    padding: int = 0  # pixels added on each side, by a zero_padding layer or inside a "same" convolution
    weights: Mapping[str, tuple[int, ...]] = field(default_factory=dict, hash=False)

    @property
    def n_parameters(self) -> int:
        """Number of values in all tensors of the layer, the moving statistics counted, as Keras counts."""
        return sum(prod(shape) for shape in self.weights.values())

    @property
    def n_learned(self) -> int:
        """Number of values gradient descent changes: all but the moving statistics."""
        return sum(prod(s) for name, s in self.weights.items() if not name.endswith(MOVING_STATISTICS))


def _conv(name: str, source: Layer, channels: int, kernel: int, stride: int = 1, padding: int = 0) -> Layer:
    weights = {f"{name}/kernel": (kernel, kernel, source.channels, channels)}
    return Layer(name, "conv", (source.name,), channels, kernel, stride, padding, weights)


def _batch_norm(name: str, source: Layer) -> Layer:
    names = ("gamma", "beta", *MOVING_STATISTICS)
    weights = {f"{name}/{weight}": (source.channels,) for weight in names}
    return Layer(name, "batch_norm", (source.name,), source.channels, weights=weights)


def _relu(name: str, source: Layer) -> Layer:
    return Layer(name, "relu", (source.name,), source.channels)


def _stem() -> list[Layer]:
    image = Layer("input", "input", (), 3)
    pad1 = Layer("pad1", "zero_padding", ("input",), 3, padding=3)
    conv = _conv("conv1_conv", pad1, STEM_CHANNELS, kernel=7, stride=2)
    norm = _batch_norm("conv1_bn", conv)
    relu = _relu("conv1_relu", norm)
    pad2 = Layer("pad2", "zero_padding", (relu.name,), STEM_CHANNELS, padding=1)
    pool = Layer("pool1", "max_pool", ("pad2",), STEM_CHANNELS, kernel=3, stride=2)
    return [image, pad1, conv, norm, relu, pad2, pool]


def _dense_layer(name: str, source: Layer) -> list[Layer]:
    norm0 = _batch_norm(f"{name}_0_bn", source)
    relu0 = _relu(f"{name}_0_relu", norm0)
    conv1 = _conv(f"{name}_1_conv", relu0, BOTTLENECK, kernel=1)
    norm1 = _batch_norm(f"{name}_1_bn", conv1)
    relu1 = _relu(f"{name}_1_relu", norm1)
    conv2 = _conv(f"{name}_2_conv", relu1, GROWTH_RATE, kernel=3, padding=1)
    inputs = (source.name, conv2.name)
    concat = Layer(f"{name}_concat", "concatenate", inputs, source.channels + GROWTH_RATE)
    return [norm0, relu0, conv1, norm1, relu1, conv2, concat]


def _transition(name: str, source: Layer) -> list[Layer]:
    norm = _batch_norm(f"{name}_bn", source)
    relu = _relu(f"{name}_relu", norm)
    conv = _conv(f"{name}_conv", relu, int(source.channels * COMPRESSION), kernel=1)
    pool = Layer(f"{name}_pool", "average_pool", (conv.name,), conv.channels, kernel=2, stride=2)
    return [norm, relu, conv, pool]


def _generate() -> tuple[Layer, ...]:
    layers = _stem()
    for number, n_dense_layers in enumerate(BLOCKS, start=2):
        for i in range(n_dense_layers):
            layers += _dense_layer(f"conv{number}_block{i + 1}", layers[-1])
        if number <= len(BLOCKS):
            layers += _transition(f"pool{number}", layers[-1])
    norm = _batch_norm("bn", layers[-1])
    return (*layers, norm, _relu("relu", norm))


LAYERS: tuple[Layer, ...] = _generate()
N_LAYERS = len(LAYERS)
N_PARAMETERS = sum(layer.n_parameters for layer in LAYERS)
FEATURE_CHANNELS = LAYERS[-1].channels
N_STEM_LAYERS = len(_stem())


def get_layer(name: str) -> Layer:
    """The layer of this name; `BadValueError` if the table has none."""
    for layer in LAYERS:
        if layer.name == name:
            return layer
    raise BadValueError(
        f"DenseNet-121 has no layer {name!r}; names are like {LAYERS[2].name}, {LAYERS[-3].name}"
    )


def tensor_shapes(n_classes: int = 10) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of the classifier, in order, the head last."""
    shapes = {name: shape for layer in LAYERS for name, shape in layer.weights.items()}
    return shapes | {f"{HEAD}/kernel": (FEATURE_CHANNELS, n_classes), f"{HEAD}/bias": (n_classes,)}


def check_tensors(
    tensors: Mapping[str, np.ndarray], expected: Mapping[str, tuple[int, ...]], whose: str
) -> None:
    """Refuse tensors that lack an `expected` one or have another shape; `BadFileError` names the first."""
    for name, shape in expected.items():
        if name not in tensors:
            raise BadFileError(
                f"{whose} has no tensor {name}, expected shape {shape}; use weights of DenseNet-121"
            )
        if tensors[name].shape != shape:
            raise BadFileError(
                f"{whose} has tensor {name} of shape {tensors[name].shape}, expected {shape}; "
                "use weights of DenseNet-121"
            )


@cache
def output_sizes(image_size: int) -> dict[str, int]:
    """Height (= width) of every layer's output for a square image of `image_size` pixels (32 or more)."""
    if image_size < SMALLEST_IMAGE:
        raise BadValueError(
            f"image_size must be at least {SMALLEST_IMAGE} pixels, got {image_size}; "
            "the network halves it five times, so use a larger image"
        )
    sizes: dict[str, int] = {}
    for layer in LAYERS:
        before = sizes[layer.inputs[0]] if layer.inputs else image_size
        sizes[layer.name] = (before + 2 * layer.padding - layer.kernel) // layer.stride + 1
    return sizes


def feature_shape(name: str, image_size: int) -> tuple[int, int, int]:
    """Shape (height, width, channels) of the output of layer `name` for a square image."""
    layer = get_layer(name)
    size = output_sizes(image_size)[name]
    return size, size, layer.channels


def map_cells(image_size: int) -> int:
    """Cells a side of a class activation map: those of the last feature map of an image of `image_size` pixels."""
    return feature_shape("relu", image_size)[0]


@cache
def multiply_adds(image_size: int) -> dict[str, int]:
    """Multiply-adds of every layer for one square image; only convolutions are counted."""
    sizes = output_sizes(image_size)
    return {layer.name: _kernel_values(layer) * sizes[layer.name] ** 2 for layer in LAYERS}


def _kernel_values(layer: Layer) -> int:
    return layer.n_parameters if layer.kind == "conv" else 0


@dataclass(frozen=True)
class Cut:
    """Where the network is divided: `n_layers` lie below it, `boundary` is the last of them (or "none")."""

    fraction: float
    n_layers: int
    boundary: str
    parameter_share: float  # of the 7,037,504 parameters of the backbone, in [0, 1]
    flop_share: float  # of the multiply-adds at 256 px, in [0, 1]; the same at every multiple of 32 px
    n_trainable_parameters: int  # what is learned when all below is frozen, the head of ten classes counted

    @property
    def below(self) -> tuple[Layer, ...]:
        """The layers below the cut, the input layer first."""
        return LAYERS[: self.n_layers]


@cache
def cut_at(cut: float) -> Cut:
    """The division that leaves `round(cut * 427)` layers below it; `BadValueError` unless 0 <= cut <= 1."""
    if not 0 <= cut <= 1:
        raise BadValueError(
            f"cut must lie in [0, 1], got {cut}; 0 leaves no layer below it, 1 all but the head"
        )
    n_layers = round(cut * N_LAYERS)
    below, above = LAYERS[:n_layers], LAYERS[n_layers:]
    cost = multiply_adds(256)
    return Cut(
        fraction=float(cut),
        n_layers=n_layers,
        boundary=below[-1].name if below else "none",
        parameter_share=sum(layer.n_parameters for layer in below) / N_PARAMETERS,
        flop_share=sum(cost[layer.name] for layer in below) / sum(cost.values()),
        n_trainable_parameters=sum(layer.n_learned for layer in above) + (FEATURE_CHANNELS + 1) * 10,
    )


def tap_at(cut: float) -> Layer:
    """The last layer at or below the cut whose output is all that the layers above it need.

    Prefix features are taken there. Inside a dense layer the network is two tensors wide, since the
    concatenation at its end still needs the tensor from before it. In the stem (below `pool1`) features are
    larger than the image, so the answer is the `input` layer: the image itself.
    """
    last_use = {source: i for i, layer in enumerate(LAYERS) for source in layer.inputs}
    tap, reach = LAYERS[0], 0  # reach: the last layer that needs an output from before the present one
    for i, layer in enumerate(cut_at(cut).below):
        if reach <= i and i >= N_STEM_LAYERS - 1:
            tap = layer
        reach = max(reach, last_use.get(layer.name, 0))
    return tap
