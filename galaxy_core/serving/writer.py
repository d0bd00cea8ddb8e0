"""One DenseNet-121 classifier written into a table of ONNX nodes, layer by layer from the table of layers.

The twin, without Keras, of `transfer.classifier`: same preprocessing, same tensors. It knows nothing of other
models; what they share, the table of nodes finds out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

import numpy as np

from galaxy_core.networks.densenet121 import BATCH_NORM_EPSILON, HEAD, LAYERS, Layer
from galaxy_core.serving.nodes import NodeTable
from galaxy_core.transfer.classifier import IMAGENET_DEVIATION, IMAGENET_MEAN

INPUT = "images"
Tensors = Mapping[str, np.ndarray]
_BY_NAME = {layer.name: layer for layer in LAYERS}


def write_model(table: NodeTable, tensors: Tensors) -> tuple[str, str]:
    """Write one model, tensors as checked by `check_tensors`; the names of its maps and of its logits."""
    return _Writer(table, tensors).write()


def write_layers(table: NodeTable, tensors: Tensors, layers: Collection[str]) -> dict[str, str]:
    """Write one model up to the last of these layers; the name of what each of them computes.

    A layer whose convolution was folded with its normalisation has no output of its own: ask for others.
    """
    return _Writer(table, tensors).write_layers(layers)


def _norm_after_conv() -> dict[str, str]:
    """Convolution to the batch normalisation that alone reads it, so that the two are one convolution."""
    n_readers = Counter(source for layer in LAYERS for source in layer.inputs)
    return {
        layer.inputs[0]: layer.name
        for layer in LAYERS
        if layer.kind == "batch_norm"
        and _BY_NAME[layer.inputs[0]].kind == "conv"
        and n_readers[layer.inputs[0]] == 1
    }


_NORM_OF = _norm_after_conv()
_FOLDED = frozenset(_NORM_OF.values())


class _Writer:
    """Writes one model into the table, layer by layer; `_value` maps a layer to the name of what it computes.

    Folding a normalisation into its convolution is ONNX Runtime's habit too; done here, no copy of the
    weights stays in memory. Its price: at a cut between the two (as at 60 %) one 1x1 convolution is not
    shared, 0.7 % of the cost.
    """

    def __init__(self, table: NodeTable, tensors: Tensors) -> None:
        self._table, self._tensors = table, tensors
        self._value: dict[str, str] = {}

    def write(self) -> tuple[str, str]:
        """Names of the maps and the logits."""
        for layer in LAYERS:
            self._value[layer.name] = getattr(self, f"_{layer.kind}")(layer)
        return self._head(self._value[LAYERS[-1].name])

    def write_layers(self, wanted: Collection[str]) -> dict[str, str]:
        """Names of what the wanted layers compute; nothing above the last of them is written."""
        for layer in LAYERS:
            self._value[layer.name] = getattr(self, f"_{layer.kind}")(layer)
            if all(name in self._value for name in wanted):
                break
        return {name: self._value[name] for name in wanted}

    def _get(self, name: str) -> np.ndarray:
        return np.asarray(self._tensors[name], np.float32)

    def _source(self, layer: Layer) -> str:
        return self._value[layer.inputs[0]]

    def _input(self, layer: Layer) -> str:
        """(x / 255 - mean) / deviation, as one factor and one term per channel, on channels first."""
        put, constant = self._table.node, self._table.constant
        shape = (1, len(IMAGENET_MEAN), 1, 1)
        factor = (1 / (255 * np.array(IMAGENET_DEVIATION))).astype(np.float32).reshape(shape)
        term = (-np.array(IMAGENET_MEAN) / IMAGENET_DEVIATION).astype(np.float32).reshape(shape)
        pixels = put("Cast", [put("Transpose", [INPUT], "channels_first", perm=[0, 3, 1, 2])], "pixels", to=1)
        scaled = put("Mul", [pixels, constant(factor, "input/factor")], "scaled")
        return put("Add", [scaled, constant(term, "input/term")], layer.name)

    def _zero_padding(self, layer: Layer) -> str:
        return self._source(layer)  # the layer that reads it pads, see _pads

    def _conv(self, layer: Layer) -> str:
        kernel = self._get(f"{layer.name}/kernel").transpose(3, 2, 0, 1)  # out, in, H, W
        inputs = [self._source(layer)]
        if layer.name in _NORM_OF:
            factor, term = self._factor_and_term(_NORM_OF[layer.name])
            kernel = kernel * factor[:, None, None, None]
            inputs += [
                self._table.constant(kernel, f"{layer.name}/kernel"),
                self._table.constant(term, f"{layer.name}/bias"),
            ]
        else:
            inputs += [self._table.constant(kernel, f"{layer.name}/kernel")]
        return self._table.node("Conv", inputs, layer.name, **_window(layer), pads=_pads(layer))

    def _batch_norm(self, layer: Layer) -> str:
        if layer.name in _FOLDED:
            return self._source(layer)
        names = ("gamma", "beta", "moving_mean", "moving_variance")
        tensors = [f"{layer.name}/{name}" for name in names]
        inputs = [self._source(layer), *(self._table.constant(self._get(name), name) for name in tensors)]
        return self._table.node("BatchNormalization", inputs, layer.name, epsilon=BATCH_NORM_EPSILON)

    def _factor_and_term(self, norm: str) -> tuple[np.ndarray, np.ndarray]:
        """Batch normalisation in inference mode is x * factor + term; float64 inside, for rounding's sake."""
        names = ("gamma", "beta", "moving_mean", "moving_variance")
        gamma, beta, mean, variance = (self._get(f"{norm}/{name}").astype(np.float64) for name in names)
        factor = gamma / np.sqrt(variance + BATCH_NORM_EPSILON)
        return factor.astype(np.float32), (beta - mean * factor).astype(np.float32)

    def _relu(self, layer: Layer) -> str:
        return self._table.node("Relu", [self._source(layer)], layer.name)

    def _max_pool(self, layer: Layer) -> str:
        """Keras pads with zeros, ONNX with minus infinity: the same, since the input was rectified."""
        return self._table.node(
            "MaxPool", [self._source(layer)], layer.name, **_window(layer), pads=_pads(layer)
        )

    def _average_pool(self, layer: Layer) -> str:
        return self._table.node("AveragePool", [self._source(layer)], layer.name, **_window(layer))

    def _concatenate(self, layer: Layer) -> str:
        return self._table.node("Concat", [self._value[name] for name in layer.inputs], layer.name, axis=1)

    def _head(self, features: str) -> tuple[str, str]:
        """Map first, pool second: linear either way, and so the maps of all classes cost next to nothing."""
        put, constant = self._table.node, self._table.constant
        kernel = self._get(f"{HEAD}/kernel").T[:, :, None, None]
        maps = put("Conv", [features, constant(kernel, f"{HEAD}/kernel")], "maps", kernel_shape=[1, 1])
        means = put("Flatten", [put("GlobalAveragePool", [maps], "map_means")], "flat_means")
        return maps, put("Add", [means, constant(self._get(f"{HEAD}/bias"), f"{HEAD}/bias")], "logits")


def _window(layer: Layer) -> dict[str, list[int]]:
    return {"kernel_shape": [layer.kernel] * 2, "strides": [layer.stride] * 2}


def _pads(layer: Layer) -> list[int]:
    """Padding of the layer itself or of the zero-padding layer before it."""
    before = _BY_NAME[layer.inputs[0]]
    return [layer.padding + (before.padding if before.kind == "zero_padding" else 0)] * 4
