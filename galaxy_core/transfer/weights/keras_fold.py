"""A batch normalisation between the backbone and its dense layer, made part of that layer.

After training it multiplies each feature and adds to it, and the mean over the map does neither any harm, so a dense
layer with another kernel and bias does the same. Only its epsilon is not in the file and has to be told.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from galaxy_core.errors import BadFileError, BadValueError
from galaxy_core.transfer.weights.foreign import HEAD_TENSORS, Foreign

LARGEST_EPSILON = 1.0


def check_epsilon(epsilon: float) -> None:
    """BadValueError for what no batch normalisation has."""
    if not 0 < epsilon <= LARGEST_EPSILON:
        raise BadValueError(
            f"the epsilon must lie in (0, {LARGEST_EPSILON:g}], got {epsilon:g}; that of Keras is 0.001"
        )


def require_plain_way(layers: Collection[str], file_name: str) -> None:
    """BadFileError where the file does not tell of layers without weights: an activation may lie between."""
    if not any(path.rpartition("/")[2].startswith("activation") for path in layers):
        raise BadFileError(
            f"{file_name} does not say which layers without weights it has, so that no batch normalisation can be "
            "folded into another layer; save it with Keras 3"
        )


def fold(found: Foreign, norm: Sequence[np.ndarray], epsilon: float) -> Foreign:
    """With (gamma, beta, mean, variance), each (channels,), in kernel and bias of the head; float64 inside."""
    gamma, beta, mean, variance = (values.astype(np.float64) for values in norm)
    kernel, bias = (found.tensors[name].astype(np.float64) for name in HEAD_TENSORS)
    if (variance < 0).any():
        raise BadFileError(
            "the batch normalisation before the dense layer has a variance below 0; save it again"
        )
    factor = gamma / np.sqrt(variance + epsilon)
    values = (factor[:, None] * kernel, bias + (beta - mean * factor) @ kernel)
    made = {name: one.astype(np.float32) for name, one in zip(HEAD_TENSORS, values, strict=True)}
    told = f"the batch normalisation before the dense layer (epsilon {epsilon:g})"
    return replace(found, tensors={**found.tensors, **made}, folded=[*found.folded, told])
