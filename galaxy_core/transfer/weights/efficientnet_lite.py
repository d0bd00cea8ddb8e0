"""The names that EfficientNet-Lite has in PyTorch, and those of our table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from galaxy_core.errors import BadFileError
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.layer import Layer
from galaxy_core.transfer.weights.foreign import Asked, Foreign, checked, which_backbone
from galaxy_core.transfer.weights.torch_densenet import divided_rest

MARK, FAMILY = "_conv_stem.weight", "efficientnet_lite"
UNUSED = "num_batches_tracked"
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


def is_lite(names: Collection[str]) -> bool:
    """Whether names of such a network are among these."""
    return any(name.endswith(MARK) for name in names)


def lite_of_torch(stored: Mapping[str, np.ndarray], asked: Asked) -> Foreign:
    """The tensors of an EfficientNet-Lite in a file of PyTorch, whatever stands before the names of all of them."""
    prefix = next(name for name in stored if name.endswith(MARK)).removesuffix(MARK)
    own = {name.removeprefix(prefix): values for name, values in stored.items() if name.startswith(prefix)}
    network = which_backbone([values.shape for values in own.values()], asked.backbone)
    if not network.name.startswith(FAMILY):
        raise BadFileError(
            f"{asked.whose} has the names of an EfficientNet-Lite and is none of {network.title}; name its network "
            f"with --backbone {FAMILY}0"
        )
    names = dict(_names(network))
    used = set(names.values())
    rest = [name for name in stored if name.removeprefix(prefix) not in used and not name.endswith(UNUSED)]
    head, told = divided_rest(stored, rest, prefix, network, asked)
    body = {ours: _turned(ours, own[theirs]) for ours, theirs in names.items() if theirs in own}
    found = checked({**body, **head}, network, asked.whose)
    n_counts = sum(name.endswith(UNUSED) for name in stored)
    counted = [f"counts of batches ({n_counts} tensors)"] if n_counts else []
    return Foreign(network, found, "EfficientNet-Lite of PyTorch", left_out=[*told, *counted])


def _names(backbone: Backbone) -> Iterator[tuple[str, str]]:
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


def _turned(ours: str, values: np.ndarray) -> np.ndarray:
    """Kernels from (out, in, height, width) to (height, width, in, out), depthwise ones to (…, channels, 1)."""
    if ours.endswith("dwconv/kernel"):
        values = values.transpose(2, 3, 0, 1)
    elif values.ndim == 4:
        values = values.transpose(2, 3, 1, 0)
    elif values.ndim == 2:
        values = values.T
    return np.ascontiguousarray(values, np.float32)
