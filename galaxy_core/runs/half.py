"""Weights at half the size: what may be rounded to half precision, and what the rounding makes of it.

Only the kernels of convolutions (four axes) become float16. Batch normalisation and the head stay float32: a
variance below 6e-8 would become 0, and a logit is a sum of a thousand rounded terms.
"""

from collections.abc import Mapping

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.runs.checkpoint import Tensors

KERNEL_AXES = 4


def halved(tensors: Mapping[str, np.ndarray]) -> Tensors:
    """The tensors as they are stored: kernels of convolutions float16, everything else as it was.

    BadValueError names a kernel that half precision (up to 65,504) cannot hold.
    """
    return {
        name: _half(name, value) if value.ndim == KERNEL_AXES else value for name, value in tensors.items()
    }


def rounded(tensors: Mapping[str, np.ndarray]) -> Tensors:
    """The tensors as they will be read back, float32: what everything else should be fitted to and tested with."""
    return {name: value.astype(np.float32) for name, value in halved(tensors).items()}


def _half(name: str, value: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):  # refused below, by name
        small = value.astype(np.float16)
    if not np.isfinite(small).all():
        raise BadValueError(
            f"tensor {name} does not fit into half precision (largest {np.abs(value).max():g}); "
            "store it in float32, or train with a lower rate"
        )
    return small
