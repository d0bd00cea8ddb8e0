"""The table of nodes carried out by JAX, for a graphics card: compiled once a size of batch, in float32 or bf16.

Each operation that `serving.writer` writes is a function here, after its definition in ONNX (operator set 17). It
must not know layers, runs or backbones.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from galaxy_core.networks.backbone import HEAD
from galaxy_core.serving.engine import BF16, CARD_IMAGES
from galaxy_core.serving.nodes import NodeTable
from galaxy_core.serving.writer import INPUT

if TYPE_CHECKING:
    import jax
    import onnx

    Array = jax.Array

SIZES = (1, 16, CARD_IMAGES)
"""Images in a pass: fewer are filled up to the next of these, and more to as many times the last, so that few programs
are compiled.
"""


def card_of_jax() -> str:
    """What JAX computes on, empty where that is the processor."""
    # several processes may share a card: each takes what it needs and not three quarters of it at once
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    import jax

    first = jax.devices()[0]
    return "" if first.platform == "cpu" else str(first.device_kind)


class JaxEngine:
    """See `engine.Engine`. In bf16 the kernels of all convolutions but the head, and what flows between them, have
    eight bits of precision; sums, normalisations, maps and logits are float32.
    """

    at_once = CARD_IMAGES

    def __init__(self, table: NodeTable, precision: str, where: str = "JAX") -> None:
        import jax

        self.where = where
        low = _kernels(table) if precision == BF16 else frozenset[str]()
        # whole numbers say where to cut, which must be known when the program is made
        fixed = {name: values for name, values in table.constants.items() if values.dtype.kind == "i"}
        self._weights = {
            name: jax.numpy.asarray(values, "bfloat16" if name in low else None)
            for name, values in table.constants.items()
            if name not in fixed
        }
        self._turn = Lock()
        self._program = jax.jit(_program(table.nodes, fixed), static_argnames="wanted")

    def run(self, wanted: Sequence[str], images: np.ndarray) -> list[np.ndarray]:
        """See `Engine`."""
        n = next((size for size in SIZES if size >= len(images)), -(-len(images) // SIZES[-1]) * SIZES[-1])
        filled = np.zeros((n, *images.shape[1:]), np.uint8)
        filled[: len(images)] = images
        with self._turn:
            made = self._program(self._weights, filled, wanted=tuple(wanted))
            return [np.asarray(one)[: len(images)] for one in made]


def _kernels(table: NodeTable) -> frozenset[str]:
    """The constants that convolutions multiply by, those of the head left out."""
    used = {node.input[1] for node in table.nodes if node.op_type == "Conv"}
    return frozenset(name for name in used if not name.startswith(f"{HEAD}/"))


def _program(
    nodes: Sequence[onnx.NodeProto], fixed: Mapping[str, np.ndarray]
) -> Callable[[Mapping[str, Array], Array, tuple[str, ...]], list[Array]]:
    from onnx.helper import get_attribute_value

    steps = [
        (_OPERATIONS[node.op_type], list(node.input), node.output[0], _settings(node, get_attribute_value))
        for node in nodes
    ]

    def compute(weights: Mapping[str, Array], images: Array, wanted: tuple[str, ...]) -> list[Array]:
        values: dict[str, Any] = {**fixed, **weights, INPUT: images}
        for operation, inputs, output, settings in steps:
            values[output] = operation(*(values[name] for name in inputs), **settings)
        return [values[name] for name in wanted]

    return compute


def _settings(node: onnx.NodeProto, value_of: Callable[[Any], Any]) -> dict[str, Any]:
    found = {one.name: value_of(one) for one in node.attribute}
    return {name: value.decode() if isinstance(value, bytes) else value for name, value in found.items()}


def _padding(auto_pad: str, pads: Sequence[int]) -> str | list[tuple[int, int]]:
    """As `jax.lax` wants it; ONNX names the pixels before both axes first, then those after."""
    return "SAME" if auto_pad == "SAME_UPPER" else list(zip(pads[:2], pads[2:], strict=True))


def _conv(
    x: Array,
    kernel: Array,
    bias: Array | None = None,
    *,
    kernel_shape: Sequence[int],
    strides: Sequence[int] = (1, 1),
    auto_pad: str = "",
    pads: Sequence[int] = (0, 0, 0, 0),
    group: int = 1,
) -> Array:
    """In the type of the kernel; float32 is meant whole, which a graphics card would cut to 19 bits unasked."""
    from jax import lax

    made = lax.conv_general_dilated(
        x.astype(kernel.dtype),
        kernel,
        strides,
        _padding(auto_pad, pads),
        dimension_numbers=("NCHW", "OIHW", "NCHW"),
        feature_group_count=group,
        precision=lax.Precision.HIGHEST,
    )
    return made if bias is None else (made + bias[:, None, None]).astype(made.dtype)


def _batch_norm(
    x: Array, gamma: Array, beta: Array, mean: Array, variance: Array, *, epsilon: float
) -> Array:
    from jax import lax

    factor = gamma * lax.rsqrt(variance + epsilon)
    return (x * factor[:, None, None] + (beta - mean * factor)[:, None, None]).astype(x.dtype)


def _max_pool(
    x: Array, *, kernel_shape: Sequence[int], strides: Sequence[int], pads: Sequence[int] = (0, 0, 0, 0)
) -> Array:
    from jax import lax

    window = ((1, 1, *kernel_shape), (1, 1, *strides), [(0, 0), (0, 0), *_padding("", pads)])
    return lax.reduce_window(x, np.array(-np.inf, x.dtype), lax.max, *window)


def _average_pool(
    x: Array, *, kernel_shape: Sequence[int], strides: Sequence[int], pads: Sequence[int] = (0, 0, 0, 0)
) -> Array:
    """Of windows that lie inside: no network here averages over a border."""
    from jax import lax

    assert not any(pads)
    sums = lax.reduce_window(
        x.astype("float32"), 0.0, lax.add, (1, 1, *kernel_shape), (1, 1, *strides), "VALID"
    )
    return (sums / np.prod(kernel_shape)).astype(x.dtype)


def _slice(x: Array, starts: np.ndarray, ends: np.ndarray, axes: np.ndarray, steps: np.ndarray) -> Array:
    """Whole numbers below -2^31 mean before the first cell, as Python's slices have it."""
    cut = [slice(None)] * x.ndim
    for axis, *window in zip(axes, starts, ends, steps, strict=True):
        cut[axis] = slice(*map(int, window))
    return x[tuple(cut)]


def _relu(x: Array) -> Array:
    from jax.nn import relu

    return relu(x)


def _sigmoid(x: Array) -> Array:
    from jax.nn import sigmoid

    return sigmoid(x)


def _concatenate(*values: Array, axis: int) -> Array:
    from jax.numpy import concatenate

    return concatenate(values, axis)


_OPERATIONS: dict[str, Callable[..., Array]] = {
    "Add": lambda x, y: x + y,
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_norm,
    "Cast": lambda x, to: x.astype("float32"),
    "Clip": lambda x, low, high: x.clip(low.astype(x.dtype), high.astype(x.dtype)),
    "Concat": _concatenate,
    "Conv": _conv,
    "Flatten": lambda x: x.reshape(len(x), -1),
    "GlobalAveragePool": lambda x: x.mean((2, 3), "float32", keepdims=True).astype(x.dtype),
    "Identity": lambda x: x,
    "MaxPool": _max_pool,
    "Mean": lambda *values: sum(values) / len(values),
    "Mul": lambda x, y: x * y,
    "Relu": _relu,
    "Sigmoid": _sigmoid,
    "Slice": _slice,
    "Transpose": lambda x, perm: x.transpose(perm),
}
