"""A `.weights.h5` that Keras 3 wrote of this classifier elsewhere, read as named tensors and made into a run.

Such a file holds arrays by the place of their layer in the model (`layers/conv2d_7/vars/0`), so they are matched
by that place and every shape is checked. Only the arrays that are expected are read: links, and whatever else the
file may hold, are never followed, and nothing is executed. It knows neither Keras nor where the file came from.
"""

import datetime
import json
from collections.abc import Iterator, Mapping
from io import BytesIO

import h5py
import numpy as np

from galaxy_core.data.atomic import write_text_atomically
from galaxy_core.data.hdf5_chunks import chunk_fault
from galaxy_core.data.published import CLASS_NAMES
from galaxy_core.errors import BadFileError
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import CARD, HISTORY, METRICS, WEIGHTS, Run, create_run
from galaxy_core.runs.status import Status, write_status
from galaxy_core.transfer.densenet121 import HEAD, LAYERS, map_cells, tensor_shapes

ROOTS = ("layers", "layers/functional/layers")
"""Where the 427 layers lie: in the model itself, or in a backbone that is one layer of it."""
KERAS_NAMES = {"conv": "conv2d", "batch_norm": "batch_normalization"}
MOST_CHUNK_BYTES = 16 * 2**20  # the largest tensor takes 4 MB in float64
WAY_OUT = (
    "save it with `model.save_weights('name.weights.h5')` from a DenseNet-121 with one dense layer of ten"
)


def run_from_keras(data: bytes, file_name: str, config: TrainConfig, name: str) -> Run:
    """A finished run of the weights in `data`, the bytes of a `.weights.h5`; `config` says how it was trained.

    Nothing of how it did is known, so it has no history and no test numbers. Errors: BadFileError naming the
    first tensor that does not fit, BadValueError for a name that is taken; then no run is made.
    """
    tensors = read_keras_weights_file(data, file_name)
    run = create_run(name, config)
    sha256 = write_tensors(run.path / WEIGHTS, tensors)
    write_text_atomically(run.path / HISTORY, "")
    _write_json(run, METRICS, {})
    _write_json(run, CARD, _card(run, file_name, sha256))
    write_status(run.path, Status("done", f"loaded from {file_name}"))
    return run


def read_keras_weights_file(data: bytes, file_name: str) -> dict[str, np.ndarray]:
    """All tensors of the classifier, float32, named "<layer>/<weight>". BadFileError names the first wrong one."""
    try:
        with h5py.File(BytesIO(data), "r") as file:
            return dict(_tensors(file, file_name))
    except (OSError, KeyError, RuntimeError, TypeError, ValueError, MemoryError) as error:
        if isinstance(error, BadFileError):
            raise
        raise BadFileError(f"{file_name} is no whole weights file of Keras; {WAY_OUT}") from error


def _tensors(file: h5py.File, file_name: str) -> Iterator[tuple[str, np.ndarray]]:
    shapes = tensor_shapes()
    for tensor, path in _places(_root(file, file_name)).items():
        yield tensor, _read(file, path, tensor, shapes[tensor], file_name)


def _root(file: h5py.File, file_name: str) -> str:
    for root in ROOTS:
        if _item(file, f"{root}/{KERAS_NAMES['conv']}") is not None:
            return root
    raise BadFileError(f"{file_name} has no layers as Keras 3 stores them; {WAY_OUT}")


def _places(root: str) -> dict[str, str]:
    """Where each tensor of the classifier lies in the file, the head last."""
    places: dict[str, str] = {}
    seen = dict.fromkeys(KERAS_NAMES, 0)
    for layer in LAYERS:
        if not layer.weights:
            continue
        number, seen[layer.kind] = seen[layer.kind], seen[layer.kind] + 1
        group = KERAS_NAMES[layer.kind] + (f"_{number}" if number else "")
        places |= {name: f"{root}/{group}/vars/{i}" for i, name in enumerate(layer.weights)}
    return places | {f"{HEAD}/{name}": f"layers/dense/vars/{i}" for i, name in enumerate(("kernel", "bias"))}


def _read(file: h5py.File, path: str, tensor: str, shape: tuple[int, ...], file_name: str) -> np.ndarray:
    item = _item(file, path)
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


def _item(file: h5py.File, path: str) -> h5py.Group | h5py.Dataset | None:
    """What lies at `path` in the file itself; None where there is nothing, or a link that may lead elsewhere."""
    item = file
    for part in path.split("/"):
        if not isinstance(item, h5py.Group) or not isinstance(item.get(part, getlink=True), h5py.HardLink):
            return None
        item = item[part]
    return item


def _card(run: Run, file_name: str, sha256: str) -> dict[str, object]:
    config = run.config
    return {
        "kind": "classifier",
        "name": run.name,
        "policy": config.policy,
        "cut": config.cut,
        "trainable": config.trainable,
        "source": {"name": config.source, "sha256": ""},
        "classes": list(CLASS_NAMES),
        "crop": config.crop,
        "image_size": config.image_size,
        "map_cells": map_cells(config.image_size),
        "data": {"origin": "imported"},
        "loaded_from": file_name,
        "weights_sha256": sha256,
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def _write_json(run: Run, name: str, values: Mapping[str, object]) -> None:
    write_text_atomically(run.path / name, json.dumps(values, indent=1) + "\n")
