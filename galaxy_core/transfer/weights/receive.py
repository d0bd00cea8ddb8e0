"""The one door for a stranger's packed run: unpacked, and its weights held against DenseNet-121 by name."""

import os
from typing import BinaryIO

from galaxy_core.errors import BadFileError, quoted
from galaxy_core.networks.densenet121 import HEAD, check_tensors, tensor_shapes
from galaxy_core.runs.checkpoint import Tensors
from galaxy_core.runs.pack import unpack_run
from galaxy_core.runs.run import Run


def receive_run(source: str | os.PathLike[str] | BinaryIO, *, name: str | None = None) -> Run:
    """`unpack_run`, where a tensor that is missing, renamed or of another shape is refused by name."""
    return unpack_run(source, name=name, check_weights=check_weights)


def check_weights(tensors: Tensors, kind: str) -> None:
    """BadFileError unless a classifier has every tensor and no other; a source may lack the head or have its own."""
    expected = tensor_shapes()
    heads = [tensor for tensor in expected if tensor.startswith(f"{HEAD}/")]
    if kind == "source":
        expected = {tensor: shape for tensor, shape in expected.items() if tensor not in heads}
    check_tensors(tensors, expected, "the checkpoint")
    strange = [tensor for tensor in tensors if tensor not in expected and tensor not in heads]
    if strange:
        raise BadFileError(
            f"the checkpoint has a tensor {quoted(strange[0])}, which DenseNet-121 has not; train the run again"
        )
