"""Weights that Keras stored layer by layer: `.weights.h5` of Keras 3 and of Keras 2.12 to 2.15, read as named tensors.

Such a file holds arrays by the place of their layer in the model (`layers/conv2d_7/vars/0`), so they are matched
by that place and every shape is checked. Every tensor is used, or its layer is refused by name, or it is told to be
left out; links are never followed, and nothing is executed. It knows neither Keras nor where the file came from.
"""

from collections.abc import Sequence
from dataclasses import replace

import h5py
import numpy as np

from galaxy_core.errors import BadFileError
from galaxy_core.files.hdf5_chunks import chunk_fault
from galaxy_core.transfer.weights.foreign import (
    HEAD_TENSORS,
    Asked,
    Foreign,
    no_head,
    which_backbone,
    with_epsilons,
)
from galaxy_core.transfer.weights.keras_fold import check_epsilon, fold, require_plain_way
from galaxy_core.transfer.weights.keras_layers import (
    LISTS,
    Layout,
    find_layout,
    item_at,
    refuse_strange,
    take_stock,
)

FORMATS = dict(zip(LISTS, ("weights of Keras 3", "weights of Keras 2.12 to 2.14"), strict=True))
MOST_CHUNK_BYTES = 16 * 2**20  # the largest tensor takes 4 MB in float64
WAY_OUT = "save it with `model.save_weights('name.weights.h5')` from a network of ours with one dense layer"


def read_layer_file(file: h5py.File, asked: Asked, epsilons: Sequence[float] = ()) -> Foreign:
    """All tensors of the network; BadFileError names the first wrong one, or a layer that ours has not.

    `epsilons` are those of all batch normalisations, in order, where they are known.
    """
    whose, epsilon, needs_head = asked.whose, asked.epsilon, asked.needs_head
    if epsilon is not None:
        check_epsilon(epsilon)
    inventory = take_stock(file, whose)
    layout = find_layout(inventory, which_backbone(inventory.kernels, asked.backbone), whose, WAY_OUT)
    places = {name: path for name, path in layout.places.items() if needs_head or name not in HEAD_TENSORS}
    shapes = layout.backbone.tensor_shapes(_n_outputs(file, layout, whose) if needs_head else 0)
    has_norm = needs_head and epsilon is not None and layout.norm_before_head in inventory.layers
    norm = [f"{layout.norm_before_head}/vars/{i}" for i in range(4)] if has_norm else []
    left_out = refuse_strange(inventory, layout, [*places.values(), *norm], whose, needs_head=needs_head)
    tensors = {
        tensor: read_floats(item_at(file, path), tensor, shapes[tensor], whose, at=path)
        for tensor, path in places.items()
    }
    found = Foreign(layout.backbone, tensors, FORMATS[layout.top], left_out=left_out)
    if epsilons:
        found = replace(found, tensors=with_epsilons(tensors, layout.backbone, epsilons))
    if not norm or epsilon is None:
        return found
    require_plain_way(inventory.layers, whose)
    channels = (layout.backbone.feature_channels,)
    return fold(found, [read_floats(item_at(file, path), path, channels, whose) for path in norm], epsilon)


def read_floats(
    item: h5py.Group | h5py.Dataset | None,
    tensor: str,
    shape: tuple[int, ...],
    file_name: str,
    *,
    at: str = "",
    way_out: str = WAY_OUT,
) -> np.ndarray:
    """The values of a plain array of finite floats of that shape, float32; BadFileError names the tensor."""
    if item is None:
        place = f" (at {at})" if at else ""
        raise BadFileError(f"{file_name} has no tensor {tensor}{place}, expected shape {shape}; {way_out}")
    if not isinstance(item, h5py.Dataset) or item.is_virtual or item.external or item.dtype.kind != "f":
        raise BadFileError(f"tensor {tensor} of {file_name} is no plain array of floats; {way_out}")
    if item.shape != shape:
        raise BadFileError(
            f"tensor {tensor} of {file_name} has shape {item.shape}, expected {shape}; {way_out}"
        )
    if fault := chunk_fault(item, MOST_CHUNK_BYTES):
        raise BadFileError(f"tensor {tensor} of {file_name} {fault}; {way_out}")
    values = np.ascontiguousarray(item[()], dtype=np.float32)
    if not np.isfinite(values).all():
        raise BadFileError(f"tensor {tensor} of {file_name} holds values that are not finite; train it again")
    return values


def _n_outputs(file: h5py.File, layout: Layout, file_name: str) -> int:
    """How many classes the dense layer tells apart; BadFileError where there is none."""
    items = [item_at(file, layout.places[name]) for name in HEAD_TENSORS]
    shapes = [item.shape for item in items if isinstance(item, h5py.Dataset) and item.shape]
    if not shapes:
        raise no_head(file_name)
    return int(shapes[-1][-1])
