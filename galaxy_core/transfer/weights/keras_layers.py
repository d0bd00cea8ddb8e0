"""What a weights file of Keras 3 holds, layer by layer, and the first layer or tensor that is not ours.

Keras writes a group for every layer, also for one without weights (`layers/activation_7/vars`), so a layer too many
is seen whatever it is. What it computes is not in the file (its activation, its epsilon), and so it is refused by
name, unless `keras_fold` can make it part of ours. Links are never followed.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import h5py

from galaxy_core.errors import BadFileError, quoted
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone
from galaxy_core.transfer.weights.keras_fold import norm_before_head

KERAS_NAMES = {
    "input": "input_layer",
    "zero_padding": "zero_padding2d",
    "conv": "conv2d",
    "batch_norm": "batch_normalization",
    "relu": "activation",
    "max_pool": "max_pooling2d",
    "average_pool": "average_pooling2d",
    "concatenate": "concatenate",
}
"""How Keras calls the group of a layer of each kind; from the second on with a number."""
BESIDE = re.compile(
    r"(input_layer|rescaling|global_average_pooling2d"  # how images are scaled is asked of who brings the file
    r"|dropout|spatial_dropout2d|gaussian_dropout|gaussian_noise"
    r"|random_(flip|rotation|zoom|translation|contrast|brightness))(_\d+)?"
)
"""Layers without weights that may stand beside the backbone: ours has them too, or they do nothing after training."""
OPTIMIZER, SEEDS = "optimizer/", "/seed_generator/"
"""Tensors that only training needs: read by nobody, but told."""
MOST_ITEMS, MOST_DEPTH = 20_000, 12
WITHOUT_IT = "and the file does not say all that it computes; train or save the network without it"

EPSILON = "`galaxy runs import FILE --name NAME --epsilon 0.001` (that of Keras)"


@dataclass
class Inventory:
    """All that lies in a file: paths of its tensors, and of the groups of its layers with the names given to them."""

    tensors: set[str] = field(default_factory=set)
    layers: dict[str, str] = field(default_factory=dict)
    n_items: int = 0


def layer_paths(root: str) -> dict[str, str]:
    """The group of each layer of DenseNet-121 in a file that holds it below `root`, by the layer's name."""
    seen = dict.fromkeys(KERAS_NAMES, 0)
    paths = {}
    for layer in get_backbone(DEFAULT_BACKBONE).layers:
        number, seen[layer.kind] = seen[layer.kind], seen[layer.kind] + 1
        paths[layer.name] = f"{root}/{KERAS_NAMES[layer.kind]}" + (f"_{number}" if number else "")
    return paths


def take_stock(file: h5py.File, file_name: str) -> Inventory:
    """All that lies in the file; BadFileError where that is far more than weights."""
    inventory = Inventory()
    _take_stock(file, "", inventory, file_name, 0)
    return inventory


def refuse_strange(inventory: Inventory, root: str, used: Collection[str], file_name: str) -> list[str]:
    """BadFileError for the first layer or tensor that the classifier has not; `used` are the paths of its tensors.

    Returns what is left out, in words: tensors that only training needs.
    """
    ours = set(layer_paths(root).values()) | {path.rpartition("/vars/")[0] for path in used}
    for path, given in sorted(inventory.layers.items()):
        if path not in ours and not BESIDE.fullmatch(path.rpartition("/")[2]):
            n = sum(tensor.startswith(f"{path}/") for tensor in inventory.tensors)
            way_out = f", or tell its epsilon: {EPSILON}" if path == norm_before_head(root) else ""
            raise BadFileError(
                f"{file_name} holds the layer {quoted(path)} (named {quoted(given)}, {n} tensors), which DenseNet-121 "
                f"with one dense layer has not, {WITHOUT_IT}{way_out}"
            )
    _refuse_half_a_list(set(inventory.layers), root, file_name)
    others = sorted(inventory.tensors - set(used))
    strange = [path for path in others if not path.startswith(OPTIMIZER) and SEEDS not in path]
    if strange:
        raise BadFileError(
            f"{file_name} holds the tensor {quoted(strange[0])}, which DenseNet-121 with one dense layer has not, "
            f"{WITHOUT_IT}"
        )
    n_optimizer = sum(path.startswith(OPTIMIZER) for path in others)
    counts = {"the optimizer": n_optimizer, "seeds of random layers": len(others) - n_optimizer}
    return [f"{what} ({n} tensors)" for what, n in counts.items() if n]


def item_at(file: h5py.File, path: str) -> h5py.Group | h5py.Dataset | None:
    """What lies at `path` in the file itself; None where there is nothing, or a link that may lead elsewhere."""
    item = file
    for part in path.split("/"):
        if not isinstance(item, h5py.Group) or not isinstance(item.get(part, getlink=True), h5py.HardLink):
            return None
        item = item[part]
    return item


def _take_stock(group: h5py.Group, path: str, inventory: Inventory, file_name: str, depth: int) -> None:
    """Note every tensor, and every layer that is no container of others; what is a link counts as a tensor."""
    for name, item in _children(group):
        inventory.n_items += 1
        if inventory.n_items > MOST_ITEMS or depth > MOST_DEPTH:
            raise BadFileError(f"{file_name} holds far more than the weights of DenseNet-121; save it anew")
        below = f"{path}{name}"
        if not isinstance(item, h5py.Group):
            inventory.tensors.add(below)
            continue
        if path.endswith("layers/") and "layers" not in item:
            inventory.layers[below] = _given_name(item)
        _take_stock(item, f"{below}/", inventory, file_name, depth + 1)


def _children(group: h5py.Group) -> Iterator[tuple[str, h5py.Group | h5py.Dataset | None]]:
    for name in group:
        is_here = isinstance(group.get(name, getlink=True), h5py.HardLink)
        yield name, group[name] if is_here else None


def _given_name(layer: h5py.Group) -> str:
    """The name its author gave the layer; empty where the file does not tell."""
    own = item_at(layer, "vars")
    name = own.attrs.get("name", "") if isinstance(own, h5py.Group) else ""
    return name if isinstance(name, str) else ""


def _refuse_half_a_list(found: set[str], root: str, file_name: str) -> None:
    """A file that tells of layers without weights tells of all: one that lacks some is of another network."""
    paths = layer_paths(root)
    without = {paths[layer.name] for layer in get_backbone(DEFAULT_BACKBONE).layers if not layer.weights}
    if without & found and (missing := sorted(without - found)):
        raise BadFileError(
            f"{file_name} lacks the layer {missing[0]!r} of DenseNet-121; it is another network"
        )
