"""Named tensors of a file that `torch.save` wrote, in either container, without PyTorch.

Since 2020 the container is a zip: a pickle and a member for every storage. Before, it was five pickles in a row (a
magic number, a version, the machine, the object, the keys of the storages) and then the storages, each with its
length. What the pickle says is checked against what is there before a byte of a tensor is read.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from galaxy_core.errors import BadFileError, GalaxyError, quoted
from galaxy_core.files.torch_pickle import WAY_OUT, Storage, StoredTensor, read_pickle
from galaxy_core.files.zips import Zip, ZipRules

MAGIC = 0x1950A86A20F9469CFC6C
MOST_BYTES = 4 * 2**30
MOST_PICKLE_BYTES = 64 * 2**20
MOST_MEMBERS, MOST_DIRECTORY_BYTES = 100_000, 2**25
MOST_DEPTH = 4
"""Dictionaries in dictionaries: a checkpoint of a training holds its state_dict one or two levels down."""
Values = Callable[[Storage], np.ndarray]


def read_torch_tensors(path: str | os.PathLike[str], called: str | None = None) -> dict[str, np.ndarray]:
    """Every tensor in the file, by its name, dictionaries in dictionaries joined by a dot; contiguous arrays of the
    machine's own byte order (bfloat16 as float32). What is no tensor is passed over.

    `called` is its name for sentences. Raises BadFileError for a file that holds anything but data, or less than it
    says.
    """
    path = Path(path)
    whose = called or path.name
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > MOST_BYTES:
                raise BadFileError(f"{whose} is larger than {MOST_BYTES >> 30} GiB; {WAY_OUT}")
            if zipfile.is_zipfile(file):
                return _read_zip(file, whose)
            file.seek(0)
            return _read_legacy(file, whose)
    except OSError as error:
        if isinstance(error, GalaxyError):
            raise
        raise BadFileError(f"{whose} is no whole file of PyTorch ({error!s:.80}); {WAY_OUT}") from error


def _read_zip(file: BinaryIO, whose: str) -> dict[str, np.ndarray]:
    rules = ZipRules(_is_taken, _most_bytes, MOST_MEMBERS, MOST_DIRECTORY_BYTES, WAY_OUT)
    archive = Zip(file, whose, rules)
    members = {name.partition("/")[2]: info for name, info in archive.members.items()}
    if "data.pkl" not in members:
        raise BadFileError(f"{whose} is a zip without data.pkl, so none of PyTorch; {WAY_OUT}")
    for name, info in members.items():
        if info.compress_type != zipfile.ZIP_STORED:  # what unpacks to more than it takes
            raise BadFileError(f"{quoted(name)} in {whose} is packed, which PyTorch does not do; {WAY_OUT}")

    def read(name: str) -> bytes:
        return archive.read(members[name].filename)

    order = ">" if "byteorder" in members and read("byteorder") == b"big" else "<"

    def values(storage: Storage) -> np.ndarray:
        info = members.get(f"data/{storage.key}")
        if info is None:
            raise BadFileError(f"{whose} has no member {quoted(f'data/{storage.key}')}; {WAY_OUT}")
        if info.file_size != storage.n_values * _item_type(storage, order).itemsize:
            raise BadFileError(f"{whose} has another number of values than it says; {WAY_OUT}")
        return _as_values(read(f"data/{storage.key}"), storage, order, whose)

    return _tensors(read_pickle(BytesIO(read("data.pkl")), whose), values, whose)


def _is_taken(name: str) -> bool:
    inside = name.partition("/")[2]
    return inside in ("data.pkl", "byteorder") or inside.startswith("data/")


def _most_bytes(name: str) -> int:
    return MOST_BYTES if "/data/" in name else MOST_PICKLE_BYTES


def _read_legacy(file: BinaryIO, whose: str) -> dict[str, np.ndarray]:
    if read_pickle(file, whose) != MAGIC:
        raise BadFileError(f"{whose} is no file of PyTorch; {WAY_OUT}")
    read_pickle(file, whose)  # the version of the protocol, 1001 ever since
    machine = read_pickle(file, whose)
    told = read_pickle(file, whose)
    keys = read_pickle(file, whose)
    if not isinstance(machine, dict) or not isinstance(keys, list):
        raise BadFileError(f"{whose} is no whole file of PyTorch; {WAY_OUT}")
    order = "<" if machine.get("little_endian", True) else ">"
    kinds = {stored.storage.key: stored.storage for _, stored in _stored(told, "", 0)}
    held = dict(_legacy_storages(file, keys, kinds, order, whose))
    return _tensors(told, lambda storage: held[storage.key], whose)


def _legacy_storages(
    file: BinaryIO, keys: list[Any], kinds: Mapping[str, Storage], order: str, whose: str
) -> Iterator[tuple[str, np.ndarray]]:
    """The storages behind the pickles, in the order of their keys; one that no tensor uses cannot be measured."""
    for key in keys:
        if not isinstance(key, str) or key not in kinds:
            raise BadFileError(f"{whose} holds values that belong to no tensor ({key!r:.40}); {WAY_OUT}")
        storage, length = kinds[key], file.read(8)
        if len(length) < 8 or int(np.frombuffer(length, f"{order}i8")[0]) != storage.n_values:
            raise BadFileError(f"{whose} has another number of values than it says; {WAY_OUT}")
        size = storage.n_values * _item_type(storage, order).itemsize
        if size > os.fstat(file.fileno()).st_size - file.tell():
            raise BadFileError(f"{whose} ends in the middle of its values; get it again")
        yield key, _as_values(file.read(size), storage, order, whose)
    if missing := kinds.keys() - set(keys):
        raise BadFileError(f"{whose} lacks the values {min(missing)!r:.40}; get it again")


def _item_type(storage: Storage, order: str) -> np.dtype:
    return np.dtype(f"{order}{'u2' if storage.kind == 'bfloat16' else storage.kind}")


def _as_values(raw: bytes, storage: Storage, order: str, whose: str) -> np.ndarray:
    dtype = _item_type(storage, order)
    if len(raw) != storage.n_values * dtype.itemsize:
        raise BadFileError(f"{whose} has another number of values than it says; {WAY_OUT}")
    values = np.frombuffer(raw, dtype)
    if storage.kind == "bfloat16":
        return (values.astype(np.uint32) << 16).view(np.float32)
    return values


def _tensors(told: Any, values: Values, whose: str) -> dict[str, np.ndarray]:
    found = {}
    for name, stored in _stored(told, "", 0):
        if name in found:
            raise BadFileError(f"{whose} has two tensors named {name!r:.80}; {WAY_OUT}")
        found[name] = _view(stored, values(stored.storage), f"tensor {name!r:.80} of {whose}")
    if not found:
        raise BadFileError(f"{whose} holds no named tensor; {WAY_OUT}")
    return found


def _stored(told: Any, prefix: str, depth: int) -> Iterator[tuple[str, StoredTensor]]:
    """Every tensor under text keys, with its path."""
    if not isinstance(told, dict) or depth > MOST_DEPTH:
        return
    for key, value in told.items():
        if isinstance(key, str) and isinstance(value, StoredTensor):
            yield f"{prefix}{key}", value
        elif isinstance(key, str):
            yield from _stored(value, f"{prefix}{key}.", depth + 1)


def _view(stored: StoredTensor, values: np.ndarray, what: str) -> np.ndarray:
    """The tensor's own values, in its shape; strides need not be those of a contiguous array."""
    last = stored.offset + sum((n - 1) * step for n, step in zip(stored.shape, stored.strides, strict=True))
    n_values = int(np.prod(stored.shape, dtype=object))
    if n_values > len(values) or (n_values and last >= len(values)):
        raise BadFileError(f"{what} reaches beyond its values; {WAY_OUT}")
    item = values.itemsize
    strides = tuple(step * item for step in stored.strides)
    view = np.lib.stride_tricks.as_strided(values[stored.offset :], stored.shape, strides, writeable=False)
    native = view.dtype.newbyteorder("=")
    return np.ascontiguousarray(view, dtype=native)
