"""A `.h5` in the layout of Keras 1 and 2, which Keras 3 still writes: layers by name, each with a list of its tensors.

Layers are matched by their names where all of ours are there, else by their order, and every shape is checked. A model
within the model is one layer here, whose tensors tell their own layers by their names. Links are never followed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import h5py
import numpy as np

from galaxy_core.errors import BadFileError, quoted
from galaxy_core.networks.backbone import Backbone
from galaxy_core.transfer.weights.foreign import (
    HEAD_TENSORS,
    Asked,
    Foreign,
    no_head,
    which_backbone,
    with_epsilons,
)
from galaxy_core.transfer.weights.keras_layers import WITHOUT_IT, item_at, take_stock
from galaxy_core.transfer.weights.keras_weights import read_floats

FORMAT = "an .h5 in the layout of Keras 2"
WHOLE_MODEL, OPTIMIZER = "model_weights", "optimizer_weights/"
WAY_OUT = "save it with `model.save_weights('name.h5')` from a network of ours with one dense layer"
WEIGHTS = {"depthwise_kernel": "kernel"}
"""What Keras 2 calls otherwise than Keras 3."""
DENSE, NORM = {"kernel", "bias"}, {"gamma", "beta", "moving_mean", "moving_variance"}
MOST_NAMES = 20_000
Stored = dict[str, dict[str, str]]
"""By layer, and in it by weight, the path of a tensor in the file."""


def is_h5_of_layers(file: h5py.File) -> bool:
    """Whether the file has the list of layers that marks this layout."""
    return _texts(_holder(file), "layer_names") is not None


def read_h5(file: h5py.File, asked: Asked, epsilons: Sequence[float] = ()) -> Foreign:
    """As `keras_weights.read_layer_file`, for this layout.

    It does not tell layers without weights from others, so that no batch normalisation can be folded into the head.
    """
    whose, stored = asked.whose, _stored(file, asked.whose)
    shapes = [
        item.shape for layer in stored.values() for path in layer.values() if (item := file[path]).shape
    ]
    network = which_backbone(shapes, asked.backbone)
    body, rest = _divided(stored, network)
    tensors = {
        name: read_floats(_item(file, body, name), name, shape, whose, way_out=WAY_OUT)
        for name, shape in network.body_shapes.items()
    }
    if epsilons:
        tensors = with_epsilons(tensors, network, epsilons)
    found = Foreign(network, tensors, FORMAT, left_out=_refuse_strange(file, stored, whose))
    return _with_head(found, file, rest, whose) if asked.needs_head else _without_rest(found, rest, whose)


def _holder(file: h5py.File) -> h5py.Group:
    inner = item_at(file, WHOLE_MODEL)
    return inner if isinstance(inner, h5py.Group) else file


def _stored(file: h5py.File, file_name: str) -> Stored:
    holder, found = _holder(file), Stored()
    for name in _texts(holder, "layer_names") or []:
        group = item_at(holder, name)
        if not isinstance(group, h5py.Group):
            raise BadFileError(
                f"{file_name} has no layer {quoted(name)} in itself, as its list says; {WAY_OUT}"
            )
        for weight in _texts(group, "weight_names") or []:
            item = item_at(group, weight)
            if not isinstance(item, h5py.Dataset):
                raise BadFileError(
                    f"{file_name} has no tensor {quoted(weight)} in itself, as its list says; {WAY_OUT}"
                )
            layer, _, kind = weight.partition(":")[0].rpartition("/")
            own = found.setdefault((layer or name).replace("/", "_"), {})
            own[WEIGHTS.get(kind, kind)] = f"{group.name}/{weight}"
    return found


def _texts(group: h5py.Group, attribute: str) -> list[str] | None:
    """The names in an attribute, which long lists are spread over several of; None where there is none."""
    names = [attribute] if attribute in group.attrs else []
    while f"{attribute}{len(names)}" in group.attrs:
        names.append(f"{attribute}{len(names)}")
    if not names:
        return None
    values = [value for name in names for value in np.ravel(group.attrs[name]).tolist()]
    if len(values) > MOST_NAMES:
        raise BadFileError(f"the list {attribute} has {len(values)} names, more than a network; {WAY_OUT}")
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values]


def _divided(stored: Stored, network: Backbone) -> tuple[Stored, Stored]:
    """The layers of the network by our names, and all others by theirs."""
    ours = [layer.name for layer in network.layers if layer.weights]
    names = ours if stored.keys() >= set(ours) else list(stored)[: len(ours)]
    body = {mine: stored[theirs] for mine, theirs in zip(ours, names, strict=False)}
    return body, {name: layer for name, layer in stored.items() if name not in names}


def _item(file: h5py.File, body: Mapping[str, Mapping[str, str]], tensor: str) -> h5py.Dataset | None:
    layer, _, weight = tensor.partition("/")
    path = body.get(layer, {}).get(weight)
    return None if path is None else file[path]


def _refuse_strange(file: h5py.File, stored: Stored, file_name: str) -> list[str]:
    """What only training needs, in words; BadFileError for a tensor that no layer lists."""
    listed = {path.lstrip("/") for layer in stored.values() for path in layer.values()}
    others = sorted(take_stock(file, file_name).tensors - listed)
    strange = [path for path in others if not path.startswith(OPTIMIZER)]
    if strange:
        raise BadFileError(
            f"{file_name} holds the tensor {quoted(strange[0])}, which no layer lists; {WAY_OUT}"
        )
    return [f"the optimizer ({len(others)} tensors)"] if others else []


def _with_head(found: Foreign, file: h5py.File, rest: Stored, file_name: str) -> Foreign:
    heads = [name for name, layer in rest.items() if layer.keys() == DENSE]
    strange = [name for name in rest if name not in heads[-1:]]
    if strange:
        raise BadFileError(
            f"{file_name} holds the layer {quoted(strange[0])} ({len(rest[strange[0]])} tensors), which "
            f"{found.backbone.title} with one dense layer has not, {WITHOUT_IT}"
        )
    if not heads:
        raise no_head(file_name)
    items = {name: file[rest[heads[0]][name.rpartition("/")[2]]] for name in HEAD_TENSORS}
    n = int((items[HEAD_TENSORS[1]].shape or (0,))[-1])
    shapes = found.backbone.tensor_shapes(n)
    head = {
        name: read_floats(item, name, shapes[name], file_name, way_out=WAY_OUT)
        for name, item in items.items()
    }
    return replace(found, tensors={**found.tensors, **head})


def _without_rest(found: Foreign, rest: Stored, file_name: str) -> Foreign:
    """A source needs no layer after the backbone; one of another kind may stand before it or inside."""
    for name, layer in rest.items():
        if not (layer.keys() <= DENSE or layer.keys() == NORM):
            raise BadFileError(
                f"{file_name} holds the layer {quoted(name)} ({', '.join(sorted(layer))[:80]}), which "
                f"{found.backbone.title} has not; train or save the network without it"
            )
    told = [f"the layer {quoted(name)} ({len(layer)} tensors)" for name, layer in rest.items()]
    return replace(found, left_out=[*found.left_out, *told])
