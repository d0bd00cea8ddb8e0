"""An EfficientNet-Lite in a file of PyTorch, under whatever stands before the names of all its tensors."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from galaxy_core.errors import BadFileError
from galaxy_core.networks.backbones.efficientnet_lite_torch import in_our_layout, torch_names
from galaxy_core.transfer.weights.foreign import Asked, Foreign, checked, which_backbone
from galaxy_core.transfer.weights.torch_densenet import divided_rest

MARK, FAMILY = "_conv_stem.weight", "efficientnet_lite"
UNUSED = "num_batches_tracked"


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
    names = dict(torch_names(network))
    used = set(names.values())
    rest = [name for name in stored if name.removeprefix(prefix) not in used and not name.endswith(UNUSED)]
    head, told = divided_rest(stored, rest, prefix, network, asked)
    body = {ours: in_our_layout(ours, own[theirs]) for ours, theirs in names.items() if theirs in own}
    found = checked({**body, **head}, network, asked.whose)
    n_counts = sum(name.endswith(UNUSED) for name in stored)
    counted = [f"counts of batches ({n_counts} tensors)"] if n_counts else []
    return Foreign(network, found, "EfficientNet-Lite of PyTorch", left_out=[*told, *counted])
