"""The names that a DenseNet has in torchvision and timm, old and new, and those of our table."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from galaxy_core.errors import BadFileError, quoted
from galaxy_core.networks.backbone import Backbone
from galaxy_core.transfer.weights.foreign import (
    HEAD_TENSORS,
    Asked,
    Foreign,
    checked,
    no_head,
    refuse_strange,
    which_backbone,
    with_epsilons,
)

EPSILON = 1e-5
"""Of batch normalisation in PyTorch, where Keras has 1.001e-5."""
COUNT = "num_batches_tracked"
LINEAR = {"weight": 2, "bias": 1}
"""What a dense layer has: by name, how many axes."""
WEIGHTS = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
_BODY = re.compile(
    r"(?P<prefix>(?:.*?\.)??)(?P<module>(?:features\.)?(?:conv0|norm0|norm5"
    r"|denseblock\d{1,3}\.denselayer\d{1,3}\.(?:norm|conv)\.?\d|transition\d{1,3}\.(?:norm|conv)))\.(?P<weight>weight|bias|running_mean|running_var|num_batches_tracked)"
)
_LAYER = re.compile(r"denseblock(\d+)\.denselayer(\d+)\.(norm|conv)\.?(\d)")
_TRANSITION = re.compile(r"transition(\d+)\.(norm|conv)")
_PARTS = {"norm1": "0_bn", "conv1": "1_conv", "norm2": "1_bn", "conv2": "2_conv"}
_STEM = {"conv0": "conv1_conv", "norm0": "conv1_bn", "norm5": "bn"}


def is_densenet(names: Mapping[str, np.ndarray]) -> bool:
    """Whether names of such a network are among these."""
    return any(_BODY.fullmatch(name) for name in names)


def densenet_tensors(stored: Mapping[str, np.ndarray], asked: Asked) -> Foreign:
    """The tensors of a DenseNet and its head, named as ours; BadFileError for the first that is missing, of another
    shape or not ours.

    Kernels come from (out, in, height, width) to (height, width, in, out). Whatever stands before the names of all
    tensors (`module.`, `state_dict.model.`) is taken off; where there are several networks the first is read and the
    others are told.
    """
    matches = {name: match for name in stored if (match := _BODY.fullmatch(name))}
    prefix = next(iter(matches.values()))["prefix"]
    own = {name: match for name, match in matches.items() if match["prefix"] == prefix}
    network = which_backbone([stored[name].shape for name in own], asked.backbone)
    whose, n_counts = asked.whose, 0
    body: dict[str, np.ndarray] = {}
    for name, match in own.items():
        if match["weight"] == COUNT:
            n_counts += 1
            continue
        ours = _ours(match["module"].removeprefix("features."), match["weight"])
        if ours not in network.body_shapes:
            raise refuse_strange(name, network, whose)
        if ours in body:
            raise BadFileError(
                f"{whose} has two tensors for {ours}, one of them {quoted(name)}; save it again"
            )
        body[ours] = channels_last(stored[name])
    rest = [name for name in stored if name not in own]
    head, told = divided_rest(stored, rest, prefix, network, asked)
    body = with_epsilons(body, network, [EPSILON])
    counted = [f"counts of batches ({n_counts} tensors)"] if n_counts else []
    return Foreign(
        network, checked({**body, **head}, network, whose), "DenseNet of PyTorch", left_out=[*told, *counted]
    )


def divided_rest(
    stored: Mapping[str, np.ndarray],
    rest: list[str],
    prefix: str,
    network: Backbone,
    asked: Asked,
) -> tuple[dict[str, np.ndarray], list[str]]:
    """The head among the tensors that are none of the backbone, and in words what is left out of them.

    A head is one linear layer of as many inputs as there are feature maps, whatever its name. BadFileError for a
    tensor that is neither: it may compute something.
    """
    whose, layers = asked.whose, dict[str, dict[str, int]]()
    for name in rest:
        layer, _, weight = name.rpartition(".")
        layers.setdefault(layer, {})[weight] = stored[name].ndim
    dense = [layer for layer, axes in layers.items() if axes == LINEAR]
    inside = [layer for layer in dense if layer.startswith(prefix)]
    # a module of one's own may hold the network under one name and the head under another
    fitting = [layer for layer in dense if stored[f"{layer}.weight"].shape[1] == network.feature_channels]
    linear = inside or fitting
    known = set(linear)
    left = [name for name in rest if name.rpartition(".")[0] not in known]
    strange = [name for name in left if name.startswith(prefix)]
    others = [name for name in left if not name.startswith(prefix)]
    if strange:
        raise refuse_strange(strange[0], network, whose)
    told = [f"what has not the prefix {quoted(prefix)} ({len(others)} tensors)"] if others else []
    if not asked.needs_head:
        return {}, [*told, *(f"the linear layer {quoted(stem.removeprefix(prefix))}" for stem in linear)]
    if len(linear) > 1:
        raise refuse_strange(f"{linear[0]}.weight", network, whose)
    if not linear:
        raise no_head(whose)
    return {
        HEAD_TENSORS[0]: np.asarray(stored[f"{linear[0]}.weight"]).T,
        HEAD_TENSORS[1]: stored[f"{linear[0]}.bias"],
    }, told


def channels_last(values: np.ndarray) -> np.ndarray:
    """A kernel (out, in, height, width) as (height, width, in, out); other tensors as they are."""
    return values.transpose(2, 3, 1, 0) if values.ndim == 4 else values


def _ours(module: str, weight: str) -> str:
    """`conv3_block2_0_bn/gamma` of `denseblock2.denselayer2.norm1` and `weight`; no layer's name where it is none."""
    if layer := _LAYER.fullmatch(module):
        block, number, kind, place = layer.groups()
        name = f"conv{int(block) + 1}_block{int(number)}_{_PARTS.get(kind + place, '?')}"
    elif transition := _TRANSITION.fullmatch(module):
        name = f"pool{int(transition[1]) + 1}_{'bn' if transition[2] == 'norm' else 'conv'}"
    else:
        name = _STEM[module]
    return f"{name}/{'kernel' if name.endswith('conv') and weight == 'weight' else WEIGHTS[weight]}"
