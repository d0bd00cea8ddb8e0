"""A batch normalisation between the backbone and its dense layer, made part of that layer.

After training it multiplies each feature and adds to it, and the mean over the map does neither any harm, so a dense
layer with another kernel and bias does the same. Only its epsilon is not in the file and has to be told.
"""

from collections.abc import Collection

import numpy as np

from galaxy_core.errors import BadFileError, BadValueError
from galaxy_core.networks.backbone import HEAD
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone

LARGEST_EPSILON = 1.0


def norm_before_head(root: str) -> str:
    """The group of the one batch normalisation that stands after those of a backbone below `root`."""
    n_own = sum(layer.kind == "batch_norm" for layer in get_backbone(DEFAULT_BACKBONE).layers)
    return f"layers/batch_normalization_{n_own}" if root == "layers" else "layers/batch_normalization"


def norm_places(root: str) -> list[str]:
    """Where its gamma, beta, mean and variance lie; one with fewer tensors does not say which it has."""
    return [f"{norm_before_head(root)}/vars/{i}" for i in range(4)]


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


def fold(
    tensors: dict[str, np.ndarray], norm: tuple[np.ndarray, ...], epsilon: float
) -> dict[str, np.ndarray]:
    """The tensors with (gamma, beta, mean, variance), each (1024,), in kernel and bias of the head; float64 inside."""
    gamma, beta, mean, variance = (values.astype(np.float64) for values in norm)
    kernel, bias = (tensors[f"{HEAD}/{name}"].astype(np.float64) for name in ("kernel", "bias"))
    if (variance < 0).any():
        raise BadFileError(
            "the batch normalisation before the dense layer has a variance below 0; save it again"
        )
    factor = gamma / np.sqrt(variance + epsilon)
    return {
        **tensors,
        f"{HEAD}/kernel": (factor[:, None] * kernel).astype(np.float32),
        f"{HEAD}/bias": (bias + (beta - mean * factor) @ kernel).astype(np.float32),
    }
