"""One classifier written into a table of ONNX nodes, layer by layer from its backbone's own table.

The twin, without Keras, of `transfer.keras_writer`: same preprocessing, same tensors. It knows nothing of other
models; what they share, the table of nodes finds out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from galaxy_core.networks.backbone import HEAD, Backbone
from galaxy_core.networks.layer import NORM_WEIGHTS, SAME, Layer
from galaxy_core.serving.nodes import NodeTable

INPUT = "images"
Tensors = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Model:
    """A backbone with the tensors of a classifier, float32 or float16, as in `Backbone.tensor_shapes`.

    Its answers and maps are means over `turns` of the eight ways an image can lie (`images.turns`), each map turned
    back: so the mean of a map is still the logit less its bias.
    """

    backbone: Backbone
    tensors: Tensors
    turns: int = 1

    @property
    def bias(self) -> np.ndarray:
        """Of the head, float32 (classes,)."""
        return np.array(self.tensors[f"{HEAD}/bias"], np.float32)

    def check(self, whose: str) -> None:
        """BadFileError unless every tensor is there in its shape; as many classes as the head's bias has."""
        n_classes = self.tensors[f"{HEAD}/bias"].size if f"{HEAD}/bias" in self.tensors else 0
        self.backbone.check(self.tensors, n_classes, whose)


def write_model(table: NodeTable, model: Model) -> tuple[str, str]:
    """Write one model whose tensors were checked; the names of its maps and of its logits."""
    maps = [_maps_of_a_turn(table, model, number) for number in range(model.turns)]
    mean = maps[0] if len(maps) == 1 else table.node("Mean", maps, "mean_maps")
    means = table.node("Flatten", [table.node("GlobalAveragePool", [mean], "map_means")], "flat_means")
    return mean, table.node("Add", [means, table.constant(model.bias, f"{HEAD}/bias")], "logits")


def _maps_of_a_turn(table: NodeTable, model: Model, number: int) -> str:
    """The maps of the image that lies in one of the eight ways, turned back."""
    return _turned_back(table, _Writer(table, model.backbone, model.tensors, number).maps(), number)


def _turned(table: NodeTable, value: str, number: int) -> str:
    """As `images.turns.turned`, of channels first."""
    lying = _reversed(table, value, [3]) if number >= 4 else value
    if number % 4 == 1:
        return _exchanged(table, _reversed(table, lying, [3]))
    if number % 4 == 3:
        return _reversed(table, _exchanged(table, lying), [3])
    return _reversed(table, lying, [2, 3]) if number % 4 else lying


def _turned_back(table: NodeTable, value: str, number: int) -> str:
    back = _turned(table, value, -number % 4)
    return _reversed(table, back, [3]) if number >= 4 else back


def _exchanged(table: NodeTable, value: str) -> str:
    return table.node("Transpose", [value], f"{value}/exchanged", perm=[0, 1, 3, 2])


def _reversed(table: NodeTable, value: str, axes: list[int]) -> str:
    """The cells along these axes from the last to the first."""
    last, beyond, step = ([one] * len(axes) for one in (-1, -(2**62), -1))
    words = [table.constant(np.array(one, np.int64), "turn") for one in (last, beyond, axes, step)]
    return table.node("Slice", [value, *words], f"{value}/reversed")


def write_layers(
    table: NodeTable, backbone: Backbone, tensors: Tensors, layers: Collection[str]
) -> dict[str, str]:
    """Write one model up to the last of these layers; the name of what each of them computes.

    A layer whose convolution was folded with its normalisation has no output of its own: ask for others.
    """
    return _Writer(table, backbone, tensors).write_layers(layers)


class _Writer:
    """Writes one model into the table, layer by layer; `_value` maps a layer to the name of what it computes.

    Folding a normalisation into its convolution is ONNX Runtime's habit too; done here, no copy of the
    weights stays in memory. Its price: at a cut between the two (as at 60 % of DenseNet-121) one 1x1 convolution
    is not shared, 0.7 % of the cost.
    """

    def __init__(self, table: NodeTable, backbone: Backbone, tensors: Tensors, turn: int = 0) -> None:
        self._table, self._backbone, self._tensors, self._turn = table, backbone, tensors, turn
        self._norm_of = backbone.norm_after_conv
        self._folded = frozenset(self._norm_of.values())
        self._value: dict[str, str] = {}

    def maps(self) -> str:
        """The head on every cell of the last features: map first, pool second, which is linear either way, and so the
        maps of all classes cost next to nothing.
        """
        last = self._backbone.feature_layer
        kernel = self._table.constant(self._get(f"{HEAD}/kernel").T[:, :, None, None], f"{HEAD}/kernel")
        features = self.write_layers([last])[last]
        return self._table.node("Conv", [features, kernel], "maps", kernel_shape=[1, 1])

    def write_layers(self, wanted: Collection[str]) -> dict[str, str]:
        """Names of what the wanted layers compute; nothing above the last of them is written."""
        for layer in self._backbone.layers:
            self._value[layer.name] = getattr(self, f"_{layer.kind}")(layer)
            if all(name in self._value for name in wanted):
                break
        return {name: self._value[name] for name in wanted}

    def _get(self, name: str) -> np.ndarray:
        return np.asarray(self._tensors[name], np.float32)

    def _source(self, layer: Layer) -> str:
        return self._value[layer.inputs[0]]

    def _put(self, operation: str, layer: Layer, **attributes: object) -> str:
        """A node of all inputs of the layer."""
        inputs = [self._value[name] for name in layer.inputs]
        return self._table.node(operation, inputs, layer.name, **attributes)

    def _input(self, layer: Layer) -> str:
        """value * factor + term by channel, on channels first; called "input", as the layer is in every table."""
        put, constant = self._table.node, self._table.constant
        wanted = self._backbone.preprocessing
        factor, term = (
            np.array(one, np.float32).reshape(1, -1, 1, 1) for one in (wanted.factor, wanted.term)
        )
        first = put("Transpose", [INPUT], "channels_first", perm=[0, 3, 1, 2])
        pixels = _turned(self._table, put("Cast", [first], "pixels", to=1), self._turn)
        scaled = put("Mul", [pixels, constant(factor, "input/factor")], "scaled")
        return put("Add", [scaled, constant(term, "input/term")], layer.name)

    def _zero_padding(self, layer: Layer) -> str:
        return self._source(layer)  # the layer that reads it pads, see _padding

    def _conv(self, layer: Layer, n_groups: int = 1) -> str:
        kernel = self._get(f"{layer.name}/kernel").transpose(3, 2, 0, 1)  # out, in, H, W
        if n_groups > 1:
            kernel = kernel.transpose(1, 0, 2, 3)  # one kernel a channel
        bias = self._get(f"{layer.name}/bias") if f"{layer.name}/bias" in layer.weights else None
        if layer.name in self._norm_of:
            factor, term = self._factor_and_term(self._norm_of[layer.name])
            kernel = kernel * factor[:, None, None, None]
            bias = term if bias is None else term + bias * factor
        inputs = [self._source(layer), self._table.constant(kernel, f"{layer.name}/kernel")]
        if bias is not None:
            inputs.append(self._table.constant(bias, f"{layer.name}/bias"))
        groups = {"group": n_groups} if n_groups > 1 else {}
        made = self._table.node("Conv", inputs, layer.name, **self._window(layer), **groups)
        return getattr(self, f"_{layer.activation}_of")(made, layer.name) if layer.activation else made

    def _depthwise_conv(self, layer: Layer) -> str:
        return self._conv(layer, n_groups=layer.channels)

    def _batch_norm(self, layer: Layer) -> str:
        if layer.name in self._folded:
            return self._source(layer)
        tensors = [f"{layer.name}/{name}" for name in NORM_WEIGHTS]
        inputs = [self._source(layer), *(self._table.constant(self._get(name), name) for name in tensors)]
        epsilon = self._backbone.batch_norm_epsilon
        return self._table.node("BatchNormalization", inputs, layer.name, epsilon=epsilon)

    def _factor_and_term(self, norm: str) -> tuple[np.ndarray, np.ndarray]:
        """Batch normalisation in inference mode is x * factor + term; float64 inside, for rounding's sake."""
        gamma, beta, mean, variance = (
            self._get(f"{norm}/{name}").astype(np.float64) for name in NORM_WEIGHTS
        )
        factor = gamma / np.sqrt(variance + self._backbone.batch_norm_epsilon)
        return factor.astype(np.float32), (beta - mean * factor).astype(np.float32)

    def _relu(self, layer: Layer) -> str:
        return self._put("Relu", layer)

    def _relu6(self, layer: Layer) -> str:
        low, high = (self._table.constant(np.array(bound, np.float32), f"bound/{bound}") for bound in (0, 6))
        return self._table.node("Clip", [self._source(layer), low, high], layer.name)

    def _silu(self, layer: Layer) -> str:
        return self._silu_of(self._source(layer), layer.name)

    def _silu_of(self, value: str, name: str) -> str:
        return self._table.node("Mul", [value, self._sigmoid_of(value, name)], f"{name}/silu")

    def _sigmoid_of(self, value: str, name: str) -> str:
        return self._table.node("Sigmoid", [value], f"{name}/sigmoid")

    def _add(self, layer: Layer) -> str:
        return self._put("Add", layer)

    def _multiply(self, layer: Layer) -> str:
        return self._put("Mul", layer)

    def _max_pool(self, layer: Layer) -> str:
        """Keras pads with zeros, ONNX with minus infinity: the same, since the input was rectified."""
        return self._put("MaxPool", layer, **self._window(layer))

    def _average_pool(self, layer: Layer) -> str:
        return self._put("AveragePool", layer, **self._window(layer))

    def _global_pool(self, layer: Layer) -> str:
        return self._put("GlobalAveragePool", layer)

    def _reshape(self, layer: Layer) -> str:
        return self._source(layer)  # ONNX's global pool keeps the axes that Keras' drops

    def _stochastic_depth(self, layer: Layer) -> str:
        return self._source(layer)

    def _concatenate(self, layer: Layer) -> str:
        return self._put("Concat", layer, axis=1)

    def _window(self, layer: Layer) -> dict[str, object]:
        window: dict[str, object] = {"kernel_shape": [layer.kernel] * 2, "strides": [layer.stride] * 2}
        if layer.padding == SAME:
            return window | {"auto_pad": "SAME_UPPER"}
        return window | {"pads": [int(layer.padding) + self._padding_before(layer)] * 4}

    def _padding_before(self, layer: Layer) -> int:
        """What a zero-padding layer before this one would have added."""
        before = self._backbone.by_name[layer.inputs[0]]
        return int(before.padding) if before.kind == "zero_padding" else 0
