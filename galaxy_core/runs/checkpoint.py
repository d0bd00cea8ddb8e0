"""Tensors on disk: safetensors, data only, checked before anything is believed.

The one place that writes weights. Nothing is ever unpickled or executed.
"""

import hashlib
import json
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from galaxy_core.errors import BadFileError, MissingError, brief, quoted
from galaxy_core.files.atomic import write_bytes_atomically

Tensors = dict[str, np.ndarray]

LARGEST_HEADER = 4 * 1024 * 1024  # bytes; a DenseNet-121 with optimizer state needs 0.3 MB
_SIZES = {"F64": 8, "F32": 4, "F16": 2, "I64": 8, "I32": 4, "U32": 4, "U8": 1, "U64": 8, "BOOL": 1}


def write_tensors(
    path: Path, tensors: Mapping[str, np.ndarray], about: Mapping[str, str] | None = None
) -> str:
    """Write named arrays atomically; returns the sha256 (hex) of the file, which holds what is told `about` them too.

    Arrays are made C-contiguous first: safetensors writes others as if they were, without a word. A single
    number keeps its shape ().
    """
    from safetensors.numpy import save

    arrays = {name: np.array(value, order="C") for name, value in sorted(tensors.items())}
    data = save(arrays, metadata=dict(about) if about else None)
    write_bytes_atomically(path, data)
    return hashlib.sha256(data).hexdigest()


def read_tensors(path: Path) -> Tensors:
    """All arrays of a safetensors file; float16 comes back as float32.

    The header is checked against the file's own length before any array is made. Errors: MissingError when
    there is no file, BadFileError when it is damaged or holds values that are not finite (by tensor name).
    """
    if not path.is_file():
        raise MissingError(f"there are no weights at {path}; train the run first or choose another")
    _check_header(path)
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        raw = load_file(path)
    except (SafetensorError, ValueError, OSError) as error:
        raise BadFileError(
            f"{path} is not a whole safetensors file ({brief(error)}); copy it again"
        ) from error
    return {name: _checked(path, name, value) for name, value in raw.items()}


def _checked(path: Path, name: str, value: np.ndarray) -> np.ndarray:
    if value.dtype == np.float16:
        value = value.astype(np.float32)
    if np.issubdtype(value.dtype, np.floating) and not np.isfinite(value).all():
        raise BadFileError(
            f"{path.name}: tensor {quoted(name)} holds values that are not finite; train it again"
        )
    return value


def _check_header(path: Path) -> None:
    """Refuse a header whose sizes do not add up to the file, before memory is taken for them."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= min(LARGEST_HEADER, size - 8):
            raise BadFileError(f"{path} is no safetensors file (header of {length} bytes, file of {size})")
        try:
            header = json.loads(file.read(length))
        except (ValueError, RecursionError) as error:
            raise BadFileError(f"{path} is no safetensors file (its header is not JSON)") from error
    entries = {k: v for k, v in header.items() if k != "__metadata__"} if isinstance(header, dict) else {}
    promised = sum(_entry_bytes(path, name, entry) for name, entry in entries.items())
    if promised != size - 8 - length:
        raise BadFileError(f"{path}: its tensors need {promised} bytes, the file has {size - 8 - length}")


def _entry_bytes(path: Path, name: str, entry: object) -> int:
    shape = entry.get("shape") if isinstance(entry, dict) else None
    dtype = entry.get("dtype") if isinstance(entry, dict) else None
    if (
        dtype not in _SIZES
        or not isinstance(shape, list)
        or not all(type(n) is int and n >= 0 for n in shape)
    ):
        raise BadFileError(
            f"{path}: tensor {quoted(name)} has the unknown type {quoted(dtype)} or shape {quoted(shape)}"
        )
    n_bytes = _SIZES[str(dtype)]
    for n in shape:
        n_bytes *= n
    return n_bytes
