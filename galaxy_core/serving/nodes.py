"""A table of ONNX nodes in which nothing exists twice: same operation, inputs and bytes are one node
(hash-consing).

It knows nothing of networks or galaxies. Values are named after whoever asked first, so that the graph stays
readable.
"""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import onnx

Key = tuple[Any, ...]


class NodeTable:
    """Nodes and constants of one graph, each under the key of what it computes or holds."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}
        self._name_of: dict[Key, str] = {}
        self._n_uses: Counter[str] = Counter()

    def constant(self, values: np.ndarray, hint: str) -> str:
        """Name of the constant with exactly these values; bytes, dtype and shape all count."""
        values = np.ascontiguousarray(values)
        digest = blake2b(values.tobytes() if values.ndim == 0 else values.data, digest_size=32).digest()
        key = ("constant", values.dtype.str, values.shape, digest)
        if key not in self._name_of:
            self._name_of[key] = self._fresh(hint)
            # a copy: a view would keep the whole checkpoint it points into alive
            self.constants[self._name_of[key]] = values.copy() if values.base is not None else values
        return self._name_of[key]

    def node(self, operation: str, inputs: list[str], hint: str, **attributes: Any) -> str:
        """Name of the one output of this operation on these inputs; made once, whoever asks."""
        from onnx import helper

        key = (operation, tuple(inputs), tuple(sorted((k, _hashable(v)) for k, v in attributes.items())))
        if key not in self._name_of:
            self._name_of[key] = output = self._fresh(hint)
            self.nodes.append(helper.make_node(operation, inputs, [output], name=output, **attributes))
        return self._name_of[key]

    def output(self, value: str, name: str) -> None:
        """Give a value a name of its own, for the world outside; two outputs may show the same value."""
        from onnx import helper

        self.nodes.append(helper.make_node("Identity", [value], [name], name=name))

    def _fresh(self, hint: str) -> str:
        self._n_uses[hint] += 1
        n_before = self._n_uses[hint] - 1
        return f"{hint}~{n_before}" if n_before else hint


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
