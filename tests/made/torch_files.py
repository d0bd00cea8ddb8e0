"""Files as `torch.save` writes them, in either container, without PyTorch."""

import io
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from galaxy_core.files.torch_file import MAGIC

KINDS = {"f4": "FloatStorage", "f8": "DoubleStorage", "f2": "HalfStorage", "i8": "LongStorage"}


class Tensor:
    """What a tensor is to a pickler: a view into a storage."""

    def __init__(self, values: np.ndarray, *, shape=None, strides=None, offset=0, kind: str = "") -> None:
        self.values, self.offset = values, offset
        self.shape = values.shape if shape is None else shape
        contiguous = [int(np.prod(self.shape[i + 1 :])) for i in range(len(self.shape))]
        self.strides = tuple(contiguous) if strides is None else strides
        self.kind = kind or KINDS[values.dtype.str[1:]]


@pytest.fixture
def torch_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules of PyTorch's names, so that Python's own pickler writes what PyTorch writes."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    for name in ("_rebuild_tensor", "_rebuild_tensor_v2"):
        made = types.FunctionType((lambda *_: None).__code__, {}, name)
        made.__module__, made.__qualname__ = "torch._utils", name
        setattr(utils, name, made)
    for name in [*KINDS.values(), "BFloat16Storage"]:
        setattr(torch, name, type(name, (), {"__module__": "torch"}))
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)


class _Storage:
    def __init__(self, tensor: Tensor, key: str) -> None:
        self.tensor, self.key = tensor, key


def pickled(value: Any, *, is_legacy: bool) -> tuple[bytes, dict[str, np.ndarray]]:
    """The pickle PyTorch would write, and the storages by their key."""
    held: dict[str, np.ndarray] = {}

    class Writer(pickle.Pickler):
        def persistent_id(self, thing: Any) -> Any:
            if not isinstance(thing, _Storage):
                return None
            kind = getattr(sys.modules["torch"], thing.tensor.kind)
            described = ("storage", kind, thing.key, "cpu", thing.tensor.values.size)
            return (*described, None) if is_legacy else described

        def reducer_override(self, thing: Any) -> Any:
            if not isinstance(thing, Tensor):
                return NotImplemented
            key = next((k for k, v in held.items() if v is thing.values), str(len(held)))
            held[key] = thing.values
            view = (_Storage(thing, key), thing.offset, thing.shape, thing.strides)
            if is_legacy:  # as before PyTorch 0.4
                return sys.modules["torch._utils"]._rebuild_tensor, view
            return sys.modules["torch._utils"]._rebuild_tensor_v2, (*view, False, OrderedDict())

    out = io.BytesIO()
    Writer(out, protocol=2).dump(value)
    return out.getvalue(), held


def write_zip(path: Path, value: Any, order: str = "little", **replaced: bytes) -> Path:
    data, held = pickled(value, is_legacy=False)
    members = {"data.pkl": data, "byteorder": order.encode(), "version": b"3\n"}
    members |= {f"data/{key}": _bytes(values, order) for key, values in held.items()}
    members |= {name.replace("_", "/"): content for name, content in replaced.items()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"archive/{name}", content)
    return path


def write_legacy(path: Path, value: Any, order: str = "little") -> Path:
    data, held = pickled(value, is_legacy=True)
    machine = {"protocol_version": 1001, "little_endian": order == "little", "type_sizes": {"int": 4}}
    with path.open("wb") as file:
        for one in (MAGIC, 1001, machine):
            pickle.dump(one, file, protocol=2)
        file.write(data)
        pickle.dump(sorted(held), file, protocol=2)
        for key in sorted(held):
            file.write(struct.pack("<q" if order == "little" else ">q", held[key].size))
            file.write(_bytes(held[key], order))
    return path


def _bytes(values: np.ndarray, order: str) -> bytes:
    return values.astype(values.dtype.newbyteorder("<" if order == "little" else ">")).tobytes()
