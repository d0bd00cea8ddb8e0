"""The one door for a stranger's packed run: unpacked, and its weights held against its network by name."""

import os
from typing import BinaryIO

from galaxy_core.errors import BadFileError, quoted
from galaxy_core.networks.backbone import HEAD, Backbone, check_tensors
from galaxy_core.runs.checkpoint import Tensors
from galaxy_core.runs.pack import unpack_run
from galaxy_core.runs.run import Run


def receive_run(source: str | os.PathLike[str] | BinaryIO, *, name: str | None = None) -> Run:
    """`unpack_run`, where a tensor that is missing, renamed or of another shape is refused by name."""
    return unpack_run(source, name=name, check_weights=check_weights)


def check_weights(tensors: Tensors, kind: str, backbone: Backbone) -> None:
    """BadFileError unless a classifier has every tensor and no other; a source may lack the head or have its own."""
    bias, heads = tensors.get(f"{HEAD}/bias"), (f"{HEAD}/kernel", f"{HEAD}/bias")
    expected = dict(backbone.body_shapes)
    if kind != "source":
        expected = backbone.tensor_shapes(0 if bias is None else bias.size)
    check_tensors(tensors, expected, "the checkpoint", backbone.title)
    strange = [tensor for tensor in tensors if tensor not in expected and tensor not in heads]
    if strange:
        raise BadFileError(
            f"the checkpoint has a tensor {quoted(strange[0])}, which {backbone.title} has not; train the run again"
        )
