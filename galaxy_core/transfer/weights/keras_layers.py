"""What a weights file of Keras 2.12 and later holds, layer by layer, and the first layer or tensor that is not ours.

Keras writes a group for every layer, also for one without weights (`layers/activation_7/vars`), so a layer too many
is seen whatever it is. What it computes is not in the file (its activation, its epsilon), and so it is refused by
name, unless `keras_fold` can make it part of ours. Links are never followed.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import h5py

from galaxy_core.errors import BadFileError, quoted
from galaxy_core.networks.backbone import HEAD, Backbone

KERAS_NAMES = {
    "input": "input_layer",
    "zero_padding": "zero_padding2d",
    "conv": "conv2d",
    "depthwise_conv": "depthwise_conv2d",
    "batch_norm": "batch_normalization",
    "relu": "activation",
    "relu6": "re_lu",
    "silu": "activation",
    "add": "add",
    "multiply": "multiply",
    "max_pool": "max_pooling2d",
    "average_pool": "average_pooling2d",
    "global_pool": "global_average_pooling2d",
    "reshape": "reshape",
    "concatenate": "concatenate",
}
"""How Keras calls the group of a layer of each kind; from the second on with a number."""
BESIDE = re.compile(
    r"(input_layer|rescaling|global_average_pooling2d"  # how images are scaled is asked of who brings the file
    r"|identity|dropout|spatial_dropout2d|gaussian_dropout|gaussian_noise"  # the first is stochastic depth in ours
    r"|random_(flip|rotation|zoom|translation|contrast|brightness))(_\d+)?"
)
"""Layers without weights that may stand beside the backbone: ours has them too, or they do nothing after training."""
AFTER = re.compile(r"(dense|batch_normalization|layer_normalization|activation|re_lu|softmax)(_\d+)?")
"""Layers after the backbone, of which a source needs none."""
LISTS = ("layers", "_layer_checkpoint_dependencies")
"""What a model calls the list of its layers: from Keras 2.15 on, and in 2.12 to 2.14."""
OPTIMIZER, SEEDS = "optimizer/", "/seed_generator/"
METRICS = re.compile(r"(_?metrics|compiled_metrics|compiled_loss|_?loss_tracker)/")
"""Tensors that only training needs: read by nobody, but told."""
MOST_ITEMS, MOST_DEPTH = 20_000, 12
WITHOUT_IT = "and the file does not say all that it computes; train or save the network without it"

EPSILON = "`galaxy runs import FILE --name NAME --epsilon 0.001` (that of Keras)"


@dataclass
class Inventory:
    """All that lies in a file: paths of its tensors, and of the groups of its layers with the names given to them."""

    tensors: set[str] = field(default_factory=set)
    layers: dict[str, str] = field(default_factory=dict)
    kernels: list[tuple[int, ...]] = field(default_factory=list)
    n_items: int = 0


@dataclass(frozen=True)
class Layout:
    """Where a file has a network: its layers below `root`, the head below `top`, which is the same where the network
    is no model within the model. Keras 2.12 and 2.13 count a layer that has weights twice.
    """

    backbone: Backbone
    root: str
    top: str
    counts_twice: bool = False

    @cached_property
    def layers(self) -> dict[str, str]:
        """The group of each layer, by the layer's name; stochastic depth, which has several names, is left out."""
        seen = dict.fromkeys(KERAS_NAMES.values(), 0)
        paths = {}
        for layer in self.backbone.layers:
            if (kind := KERAS_NAMES.get(layer.kind)) is not None:
                paths[layer.name] = self.path(self.root, kind, seen[kind], bool(layer.weights))
                seen[kind] += 1
        return paths

    @cached_property
    def places(self) -> dict[str, str]:
        """Where each tensor of the classifier lies in the file, the head last."""
        own = {
            name: f"{self.layers[layer.name]}/vars/{i}"
            for layer in self.backbone.layers
            for i, name in enumerate(layer.weights)
        }
        return own | {
            f"{HEAD}/{name}": f"{self.top}/dense/vars/{i}" for i, name in enumerate(("kernel", "bias"))
        }

    @property
    def norm_before_head(self) -> str:
        """The group of the one batch normalisation that stands after those of the backbone."""
        n_own = (
            sum(layer.kind == "batch_norm" for layer in self.backbone.layers) if self.root == self.top else 0
        )
        return self.path(self.top, "batch_normalization", n_own, True)

    def path(self, below: str, kind: str, number: int, has_weights: bool) -> str:
        """The group of the layer of that kind with so many before it."""
        number *= 2 if has_weights and self.counts_twice else 1
        return f"{below}/{kind}" + (f"_{number}" if number else "")


def find_layout(inventory: Inventory, backbone: Backbone, file_name: str, way_out: str) -> Layout:
    """Where the file has its network; BadFileError where it has none."""
    for name in LISTS:
        nested = re.compile(rf"({name}/[^/]+/{name})/conv2d")
        roots = [match[1] for path in sorted(inventory.layers) if (match := nested.fullmatch(path))]
        root = name if f"{name}/conv2d" in inventory.layers else next(iter(roots), None)
        if root is not None:
            is_doubled = f"{root}/conv2d_1" not in inventory.layers and f"{root}/conv2d_2" in inventory.layers
            return Layout(backbone, root, name, is_doubled)
    raise BadFileError(f"{file_name} has no layers as Keras stores them; {way_out}")


def take_stock(file: h5py.File, file_name: str) -> Inventory:
    """All that lies in the file; BadFileError where that is far more than weights."""
    inventory = Inventory()
    _take_stock(file, "", inventory, file_name, 0)
    return inventory


def refuse_strange(
    inventory: Inventory, layout: Layout, used: Collection[str], file_name: str, *, needs_head: bool = True
) -> list[str]:
    """BadFileError for the first layer or tensor that the classifier has not; `used` are the paths of its tensors.

    Returns what is left out, in words: tensors that only training needs, and where no head is needed layers after the
    backbone.
    """
    title = layout.backbone.title
    ours = set(layout.layers.values()) | {path.rpartition("/vars/")[0] for path in used}
    after = []
    for path, given in sorted(inventory.layers.items()):
        below, _, called = path.rpartition("/")
        if path in ours or BESIDE.fullmatch(called):
            continue
        n = sum(tensor.startswith(f"{path}/") for tensor in inventory.tensors)
        if not needs_head and below == layout.top and AFTER.fullmatch(called):
            after.append((path, n))
            continue
        way_out = f", or tell its epsilon: {EPSILON}" if path == layout.norm_before_head else ""
        raise BadFileError(
            f"{file_name} holds the layer {quoted(path)} (named {quoted(given)}, {n} tensors), which {title} "
            f"with one dense layer has not, {WITHOUT_IT}{way_out}"
        )
    _refuse_half_a_list(set(inventory.layers), layout, file_name)
    others = {
        path
        for path in inventory.tensors - set(used)
        if not path.startswith(tuple(f"{one}/" for one, _ in after))
    }
    return [f"the layer {path.rpartition('/')[2]} ({n} tensors)" for path, n in after if n] + _left_out(
        sorted(others), title, file_name
    )


def _left_out(others: list[str], title: str, file_name: str) -> list[str]:
    """What only training needs, in words; BadFileError for the first tensor that is something else."""
    n_optimizer = sum(path.startswith(OPTIMIZER) for path in others)
    n_metrics = sum(bool(METRICS.match(path)) for path in others)
    strange = [path for path in others if not path.startswith(OPTIMIZER) and not METRICS.match(path)]
    strange = [path for path in strange if SEEDS not in path]
    if strange:
        raise BadFileError(
            f"{file_name} holds the tensor {quoted(strange[0])}, which {title} with one dense layer has not, "
            f"{WITHOUT_IT}"
        )
    n_seeds = len(others) - n_optimizer - n_metrics
    counts = {"the optimizer": n_optimizer, "metrics": n_metrics, "seeds of random layers": n_seeds}
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
            raise BadFileError(f"{file_name} holds far more than the weights of a network; save it anew")
        below = f"{path}{name}"
        if not isinstance(item, h5py.Group):
            inventory.tensors.add(below)
            if isinstance(item, h5py.Dataset) and not below.startswith(OPTIMIZER):
                inventory.kernels.append(item.shape or ())
            continue
        if path.endswith(tuple(f"{one}/" for one in LISTS)) and not any(one in item for one in LISTS):
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


def _refuse_half_a_list(found: set[str], layout: Layout, file_name: str) -> None:
    """A file that tells of layers without weights tells of all: one that lacks some is of another network."""
    own = {layer.name for layer in layout.backbone.layers if not layer.weights}
    without = {path for name, path in layout.layers.items() if name in own}
    if without & found and (missing := sorted(without - found)):
        raise BadFileError(
            f"{file_name} lacks the layer {missing[0]!r} of {layout.backbone.title}; it is another network"
        )
