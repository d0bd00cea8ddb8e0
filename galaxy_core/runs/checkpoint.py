"""Tensors on disk: safetensors, data only, checked before anything is believed.

The one place that writes weights. Nothing is ever unpickled or executed.
"""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np

from galaxy_core.errors import BadFileError, MissingError, brief, quoted
from galaxy_core.files.atomic import write_bytes_atomically

Tensors = dict[str, np.ndarray]
Read = TypeVar("Read")

WEIGHTS = "weights.safetensors"
"""In a run folder."""

LARGEST_HEADER = 4 * 1024 * 1024  # bytes; a DenseNet-121 with optimizer state needs 0.3 MB


def write_tensors(
    path: Path, tensors: Mapping[str, np.ndarray], about: Mapping[str, str] | None = None
) -> str:
    """Write named arrays atomically; returns the sha256 (hex) of the file, which says what is told `about` them."""
    data, sha256 = tensor_bytes(tensors, about)
    write_bytes_atomically(path, data)
    return sha256


def tensor_bytes(
    tensors: Mapping[str, np.ndarray], about: Mapping[str, str] | None = None
) -> tuple[bytes, str]:
    """What `write_tensors` would write, and its sha256 (hex).

    Arrays are made C-contiguous first: safetensors writes others as if they were, without a word. A single
    number keeps its shape ().
    """
    from safetensors.numpy import save

    arrays = {name: np.array(value, order="C") for name, value in sorted(tensors.items())}
    data = save(arrays, metadata=dict(about) if about else None)
    return data, hashlib.sha256(data).hexdigest()


def read_tensors(path: Path) -> Tensors:
    """All arrays of a safetensors file; float16 comes back as float32.

    The header is checked against the file's own length before any array is made. Errors: MissingError when
    there is no file, BadFileError when it is damaged or holds values that are not finite (by tensor name).
    """
    return widened(read_stored(path))


def widened(tensors: Mapping[str, np.ndarray]) -> Tensors:
    """The tensors with float16 as float32."""
    return {
        name: value.astype(np.float32) if value.dtype == np.float16 else value
        for name, value in tensors.items()
    }


def read_about(path: Path) -> dict[str, str]:
    """What `write_tensors` was told about the file; nothing else of it is read. Errors as of `read_tensors`."""
    from safetensors import safe_open

    return _opened(path, lambda: safe_open(path, "numpy").metadata() or {})


def read_stored(path: Path) -> Tensors:
    """All arrays in the precision they are stored in; see `read_tensors`."""
    from safetensors.numpy import load_file

    return {
        name: _checked(path, name, value) for name, value in _opened(path, lambda: load_file(path)).items()
    }


def _opened(path: Path, read: Callable[[], Read]) -> Read:
    if not path.is_file():
        raise MissingError(f"there are no weights at {path}; train the run first or choose another")
    _check_header(path)
    from safetensors import SafetensorError

    try:
        return read()
    except (SafetensorError, ValueError, LookupError, TypeError, AttributeError, OSError) as error:
        raise BadFileError(
            f"{path} is not a whole safetensors file ({brief(error)}); copy it again"
        ) from error


def _checked(path: Path, name: str, value: np.ndarray) -> np.ndarray:
    if value.dtype.kind not in "fiub":
        raise BadFileError(
            f"{path.name}: tensor {quoted(name)} has the type {value.dtype}; save it as float32"
        )
    if np.issubdtype(value.dtype, np.floating) and not np.isfinite(value).all():
        raise BadFileError(
            f"{path.name}: tensor {quoted(name)} holds values that are not finite; train it again"
        )
    return value


def _check_header(path: Path) -> None:
    """All else that a header claims safetensors holds against the file before an array is made."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
    if not 2 <= length <= LARGEST_HEADER:
        raise BadFileError(f"{path} is no safetensors file (header of {length} bytes); copy it again")
