"""A `.weights.h5` that Keras 3 wrote of this classifier elsewhere, read as named tensors and made into a run.

Such a file holds arrays by the place of their layer in the model (`layers/conv2d_7/vars/0`), so they are matched
by that place and every shape is checked. Every tensor is used, or its layer is refused by name, or it is told to be
left out; links are never followed, and nothing is executed. It knows neither Keras nor where the file came from.
"""

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import h5py
import numpy as np

from galaxy_core.data.classes import GALAXY10
from galaxy_core.errors import BadFileError, BadValueError, printable, quoted
from galaxy_core.files.atomic import atomic_folder, write_text_atomically
from galaxy_core.files.hdf5_chunks import chunk_fault
from galaxy_core.networks.backbone import HEAD
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import CARD, CONFIG, HISTORY, METRICS, WEIGHTS, Run, free_folder
from galaxy_core.runs.status import Status, write_status
from galaxy_core.transfer.weights.keras_fold import (
    check_epsilon,
    fold,
    norm_before_head,
    norm_places,
    require_plain_way,
)
from galaxy_core.transfer.weights.keras_layers import item_at, layer_paths, refuse_strange, take_stock

NETWORK = get_backbone(DEFAULT_BACKBONE)
ROOTS = ("layers", "layers/functional/layers")
"""Where the 427 layers lie: in the model itself, or in a backbone that is one layer of it."""
SCALINGS = {
    "imagenet": "values 0 to 255, scaled with ImageNet's mean and deviation",
    "0-255": "values 0 to 255 as they are",
    "0-1": "values 0 to 1",
    "-1-1": "values -1 to 1",
}
"""How a network may be shown images; ours are shown them in the first way."""
MOST_BYTES = 200 * 2**20  # in float64 and with two tensors of Adam for each, 169 MB
MOST_CHUNK_BYTES = 16 * 2**20  # the largest tensor takes 4 MB in float64
WAY_OUT = (
    "save it with `model.save_weights('name.weights.h5')` from a DenseNet-121 with one dense layer of ten"
)


@dataclass(frozen=True)
class KerasWeights:
    """The classifier's tensors, float32, named "<layer>/<weight>", and what else the file held, in words.

    `folded` are layers that are part of another now, `left_out` what only training needs.
    """

    tensors: dict[str, np.ndarray]
    folded: list[str]
    left_out: list[str]


def run_from_keras(
    data: bytes,
    file_name: str,
    config: TrainConfig,
    name: str,
    *,
    classes: Sequence[str] = GALAXY10,
    epsilon: float | None = None,
) -> Run:
    """A finished run of the weights in `data`, the bytes of a `.weights.h5`; `config` says how it was trained.

    `classes` are Galaxy10's in the order of its outputs; `epsilon` is that of a batch normalisation before the dense
    layer, without which one is refused. Nothing of how it did is known, so it has no history and no test numbers; its
    card says what of the file was left out or folded in. Errors: BadFileError naming the first tensor or layer
    that does not fit, BadValueError for a name that is taken or other classes; then no run is made.
    """
    order, file_name = _order_of(classes), printable(file_name)
    weights = read_keras_weights_file(data, file_name, epsilon)
    for tensor in (f"{HEAD}/kernel", f"{HEAD}/bias"):
        weights.tensors[tensor] = np.ascontiguousarray(weights.tensors[tensor][..., order])
    folder = free_folder(name)
    try:
        with atomic_folder(folder) as making:
            _write(making, name, config, weights, file_name)
    except FileExistsError:
        raise BadValueError(f"a run named {name} exists; give this one another name") from None
    return Run(folder)


def _write(folder: Path, name: str, config: TrainConfig, weights: KerasWeights, file_name: str) -> None:
    _write_json(folder, CONFIG, config.to_json())
    sha256 = write_tensors(folder / WEIGHTS, weights.tensors)
    write_text_atomically(folder / HISTORY, "")
    _write_json(folder, METRICS, {})
    told = {"folded_in": weights.folded, "left_out": weights.left_out}
    _write_json(folder, CARD, {**_card(name, config, file_name, sha256), **told})
    write_status(folder, Status("done", f"loaded from {file_name}"))


def check_scaling(scaling: str) -> None:
    """BadValueError unless networks that are shown images in that way give the same answers here, exactly."""
    if scaling not in SCALINGS:
        raise BadValueError(f"the scaling must be one of {', '.join(SCALINGS)}, got {quoted(scaling)}")
    if scaling != next(iter(SCALINGS)):
        raise BadValueError(
            f"a network that is shown {SCALINGS[scaling]} cannot be made one of ours exactly: its first layer pads "
            "images with zeros, which are another colour there; train it with "
            "`Rescaling([1/58.395, 1/57.12, 1/57.375], [-2.1179, -2.0357, -1.8044])` before the network"
        )


def read_bytes(path: Path) -> bytes:
    """The file, if it is no larger than weights with all that an optimizer keeps may be."""
    if path.stat().st_size > MOST_BYTES:
        raise BadFileError(
            f"{path} has {path.stat().st_size} bytes, and at most {MOST_BYTES} are taken; {WAY_OUT}"
        )
    return path.read_bytes()


def read_keras_weights_file(data: bytes, file_name: str, epsilon: float | None = None) -> KerasWeights:
    """All tensors of the classifier; BadFileError names the first wrong one, or a layer that ours has not."""
    if epsilon is not None:
        check_epsilon(epsilon)
    try:
        with h5py.File(BytesIO(data), "r") as file:
            return _weights(file, file_name, epsilon)
    except (OSError, KeyError, RuntimeError, TypeError, ValueError, MemoryError) as error:
        if isinstance(error, BadFileError):
            raise
        raise BadFileError(f"{file_name} is no whole weights file of Keras; {WAY_OUT}") from error


def _weights(file: h5py.File, file_name: str, epsilon: float | None) -> KerasWeights:
    root, inventory = _root(file, file_name), take_stock(file, file_name)
    shapes, places = NETWORK.tensor_shapes(len(GALAXY10)), _places(root)
    norm = norm_places(root) if epsilon is not None and norm_before_head(root) in inventory.layers else []
    left_out = refuse_strange(inventory, root, [*places.values(), *norm], file_name)
    tensors = {
        tensor: _read(file, path, tensor, shapes[tensor], file_name) for tensor, path in places.items()
    }
    if not norm or epsilon is None:
        return KerasWeights(tensors, [], left_out)
    require_plain_way(inventory.layers, file_name)
    values = tuple(_read(file, path, path, (NETWORK.feature_channels,), file_name) for path in norm)
    folded = f"the batch normalisation before the dense layer (epsilon {epsilon:g})"
    return KerasWeights(fold(tensors, values, epsilon), [folded], left_out)


def _order_of(classes: Sequence[str]) -> list[int]:
    """The output of the file for each class of Galaxy10."""
    given = [" ".join(name.split()).casefold() for name in classes]
    known = [name.casefold() for name in GALAXY10]
    if sorted(given) != sorted(known):
        wrong = next((name for name in classes if " ".join(name.split()).casefold() not in known), None)
        fault = f"{quoted(wrong)} is none" if wrong is not None else f"got {len(given)} names"
        raise BadValueError(f"the classes must be each of {', '.join(GALAXY10)} once, {fault}")
    return [given.index(name) for name in known]


def _root(file: h5py.File, file_name: str) -> str:
    for root in ROOTS:
        if item_at(file, f"{root}/conv2d") is not None:
            return root
    raise BadFileError(f"{file_name} has no layers as Keras 3 stores them; {WAY_OUT}")


def _places(root: str) -> dict[str, str]:
    """Where each tensor of the classifier lies in the file, the head last."""
    paths = layer_paths(root)
    places = {
        name: f"{paths[layer.name]}/vars/{i}"
        for layer in NETWORK.layers
        for i, name in enumerate(layer.weights)
    }
    return places | {f"{HEAD}/{name}": f"layers/dense/vars/{i}" for i, name in enumerate(("kernel", "bias"))}


def _read(file: h5py.File, path: str, tensor: str, shape: tuple[int, ...], file_name: str) -> np.ndarray:
    item = item_at(file, path)
    if item is None:
        raise BadFileError(
            f"{file_name} has no tensor {tensor} (at {path}), expected shape {shape}; {WAY_OUT}"
        )
    if not isinstance(item, h5py.Dataset) or item.is_virtual or item.external or item.dtype.kind != "f":
        raise BadFileError(f"tensor {tensor} of {file_name} is no plain array of floats; {WAY_OUT}")
    if item.shape != shape:
        raise BadFileError(
            f"tensor {tensor} of {file_name} has shape {item.shape}, expected {shape}; {WAY_OUT}"
        )
    if fault := chunk_fault(item, MOST_CHUNK_BYTES):
        raise BadFileError(f"tensor {tensor} of {file_name} {fault}; {WAY_OUT}")
    values = np.ascontiguousarray(item[()], dtype=np.float32)
    if not np.isfinite(values).all():
        raise BadFileError(f"tensor {tensor} of {file_name} holds values that are not finite; train it again")
    return values


def _card(name: str, config: TrainConfig, file_name: str, sha256: str) -> dict[str, object]:
    return {
        "kind": "classifier",
        "name": name,
        "policy": config.policy,
        "cut": config.cut,
        "trainable": config.trainable,
        "source": {"name": config.source, "sha256": ""},
        "classes": list(GALAXY10),
        "crop": config.crop,
        "image_size": config.image_size,
        "map_cells": config.network.map_cells(config.image_size),
        "data": {"origin": "imported"},
        "loaded_from": file_name,
        "weights_sha256": sha256,
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def _write_json(folder: Path, name: str, values: Mapping[str, object]) -> None:
    write_text_atomically(folder / name, json.dumps(values, indent=1) + "\n")
