"""The one door for weights of a stranger: which format a file has, by its content, and what it comes to.

A file is data: nothing in it is executed or unpickled, no link in it is followed, and no size it claims is believed.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import h5py
import numpy as np

from galaxy_core.errors import BadFileError, GalaxyError, printable, quoted
from galaxy_core.files.torch_file import read_torch_tensors
from galaxy_core.files.zips import Zip, ZipRules
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.checkpoint import read_tensors
from galaxy_core.transfer.weights.efficientnet_lite import is_lite, lite_of_torch
from galaxy_core.transfer.weights.foreign import (
    HEAD_TENSORS,
    Asked,
    Foreign,
    checked,
    no_head,
    refuse_strange,
    which_backbone,
)
from galaxy_core.transfer.weights.keras_config import MOST_BYTES as MOST_CONFIG_BYTES
from galaxy_core.transfer.weights.keras_config import Told, read_config
from galaxy_core.transfer.weights.keras_h5 import is_h5_of_layers, read_h5
from galaxy_core.transfer.weights.keras_weights import read_layer_file
from galaxy_core.transfer.weights.torch_densenet import densenet_tensors, is_densenet

HDF5 = b"\x89HDF\r\n\x1a\n"
MOST_BYTES = 2**30  # in float64 and with two tensors of Adam for each, DenseNet-201 has 440 MB
WEIGHTS_IN_ZIP, CONFIG_IN_ZIP = "model.weights.h5", "config.json"
KINDS = "a `.weights.h5`, `.h5` or `.keras` that Keras saved, or a `.safetensors` or a state_dict (`.pth`) of PyTorch"


def read_foreign(
    path: Path,
    *,
    called: str | None = None,
    backbone: str | None = None,
    epsilon: float | None = None,
    needs_head: bool = True,
) -> Foreign:
    """The weights in a file of any format in the table of docs/weights.md, named as ours.

    `called` is the file's name for sentences; `backbone` names a network, else it is told by the shapes of the
    kernels. `epsilon` is that of a batch normalisation before the dense layer, which is then folded in. Without
    `needs_head` only the backbone is read, and what follows it is told to be left out. BadFileError names the first
    tensor or layer that is missing, of another shape, or not ours.
    """
    asked = Asked(printable(called or path.name), backbone, epsilon, needs_head)
    if backbone is not None:
        get_backbone(backbone)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise BadFileError(
            f"{asked.whose} has {size} bytes, and at most {MOST_BYTES} are taken; save the weights alone"
        )
    with path.open("rb") as file:
        begin = file.read(len(HDF5))
        if begin == HDF5:
            return _of_hdf5(file, asked)
        if zipfile.is_zipfile(file) and WEIGHTS_IN_ZIP in (archive := _zip_of(file, asked.whose)).members:
            return _of_keras_zip(archive, asked)
        file.seek(8)
        is_safetensors = file.read(1) == b"{"
    if is_safetensors:
        return _of_names(_of_safetensors(path, asked.whose), asked, "safetensors")
    if begin[:2] in (b"PK", b"\x80\x02"):
        return _of_names(read_torch_tensors(path, asked.whose), asked, "file of PyTorch")
    raise BadFileError(f"{asked.whose} is no whole weights file of a kind that is known; bring {KINDS}")


def _of_hdf5(file: BinaryIO, asked: Asked, config: bytes | None = None) -> Foreign:
    """What Keras stored; `config` is the model's, where it lies beside the weights."""
    file.seek(0)
    try:
        with h5py.File(file, "r") as opened:
            told = config or opened.attrs.get("model_config")
            known = read_config(told, asked.whose) if isinstance(told, str | bytes) else Told()
            read = read_h5 if is_h5_of_layers(opened) else read_layer_file
            return replace(read(opened, asked, known.epsilons), scaling=known.scaling)
    except GalaxyError:
        raise
    except (OSError, KeyError, RuntimeError, TypeError, ValueError, MemoryError, AttributeError) as error:
        raise BadFileError(f"{asked.whose} is no whole weights file of Keras; bring {KINDS}") from error


def _zip_of(file: BinaryIO, whose: str) -> Zip:
    def most_bytes(name: str) -> int:
        return MOST_BYTES if name == WEIGHTS_IN_ZIP else MOST_CONFIG_BYTES

    rules = ZipRules(
        lambda name: name in (WEIGHTS_IN_ZIP, CONFIG_IN_ZIP), most_bytes, 100_000, 2**25, f"bring {KINDS}"
    )
    return Zip(file, whose, rules)


def _of_keras_zip(archive: Zip, asked: Asked) -> Foreign:
    config = archive.read(CONFIG_IN_ZIP) if CONFIG_IN_ZIP in archive.members else None
    found = _of_hdf5(BytesIO(archive.read(WEIGHTS_IN_ZIP)), asked, config)
    return replace(found, format=f"a .keras of {found.format.removeprefix('weights of ')}")


def _of_safetensors(path: Path, whose: str) -> dict[str, np.ndarray]:
    try:
        return read_tensors(path)
    except BadFileError as error:
        raise BadFileError(str(error).replace(f"{path}", whose).replace(path.name, whose)) from error


def _of_names(stored: dict[str, np.ndarray], asked: Asked, kind: str) -> Foreign:
    """Tensors by names of PyTorch or of ours, whatever holds them."""
    read = densenet_tensors if is_densenet(stored) else lite_of_torch if is_lite(stored) else _ours
    found = read(stored, asked)
    return replace(found, format=f"{found.format} ({kind})")


def _ours(stored: Mapping[str, np.ndarray], asked: Asked) -> Foreign:
    """Tensors that have our names already, as a run's own checkpoint has them."""
    network = which_backbone([values.shape for values in stored.values()], asked.backbone)
    known = network.body_shapes.keys() | set(HEAD_TENSORS)
    if not known & stored.keys():
        raise BadFileError(
            f"{asked.whose} holds tensors such as {quoted(next(iter(stored), ''))}, which have the names of no network "
            "that is known; name them as torchvision, timm, the port of EfficientNet-Lite or this project does"
        )
    if strange := [name for name in stored if name not in known]:
        raise refuse_strange(strange[0], network, asked.whose)
    found = Foreign(network, checked(stored, network, asked.whose), "tensors named as ours")
    if not asked.needs_head:
        return found.body()
    if not found.n_outputs:
        raise no_head(asked.whose)
    return found
