"""A backbone's table written as Keras layers, one for one and by the same names.

The twin of `serving.writer`, which writes the same table as ONNX nodes; tests hold the two against each other. Keras
is handed in, never imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.layer import SAME, Layer
from galaxy_core.transfer.fused_norm import batch_normalization

Make = Callable[[Any, Backbone, Layer], Callable[..., Any]]


def keras_features(keras: Any, backbone: Backbone, image: Any, dtype: str) -> Any:
    """The last feature maps of the preprocessed `image` (n, H, W, 3), all layers under the dtype policy `dtype`."""
    values = {backbone.layers[0].name: image}
    for layer in backbone.layers[1:]:
        made = _MAKERS[layer.kind](_Typed(keras, dtype), backbone, layer)
        inputs = [values[name] for name in layer.inputs]
        values[layer.name] = made(inputs if len(inputs) > 1 else inputs[0])
    return values[backbone.feature_layer]


class _Typed:
    """Keras' layers, each made with one dtype policy."""

    def __init__(self, keras: Any, dtype: str) -> None:
        self._keras, self._dtype = keras, dtype

    def make(self, kind: str, layer: Layer, *args: Any, **settings: Any) -> Callable[..., Any]:
        made: Callable[..., Any] = self._class(kind)(*args, name=layer.name, dtype=self._dtype, **settings)
        return made

    def _class(self, kind: str) -> Any:
        if kind == "BatchNormalization":
            return batch_normalization(self._keras)
        return getattr(self._keras.layers, kind)


def _window(layer: Layer) -> dict[str, Any]:
    """Kernel, stride and padding; a convolution that pads (k - 1) / 2 a side at stride 1 pads as "same" does."""
    return {
        "strides": layer.stride,
        "padding": "same" if layer.padding == SAME or layer.padding else "valid",
    }


def _conv(typed: _Typed, _: Backbone, layer: Layer) -> Callable[..., Any]:
    return typed.make(
        "Conv2D",
        layer,
        layer.channels,
        layer.kernel,
        use_bias=f"{layer.name}/bias" in layer.weights,
        activation=layer.activation or None,
        **_window(layer),
    )


def _depthwise_conv(typed: _Typed, _: Backbone, layer: Layer) -> Callable[..., Any]:
    return typed.make("DepthwiseConv2D", layer, layer.kernel, use_bias=False, **_window(layer))


def _batch_norm(typed: _Typed, backbone: Backbone, layer: Layer) -> Callable[..., Any]:
    return typed.make(
        "BatchNormalization",
        layer,
        epsilon=backbone.batch_norm_epsilon,
        momentum=backbone.batch_norm_momentum,
    )


def _plain(kind: str, *args: Any, **settings: Any) -> Make:
    return lambda typed, _, layer: typed.make(kind, layer, *args, **settings)


_MAKERS: Mapping[str, Make] = {
    "zero_padding": lambda typed, _, layer: typed.make("ZeroPadding2D", layer, layer.padding),
    "conv": _conv,
    "depthwise_conv": _depthwise_conv,
    "batch_norm": _batch_norm,
    "relu": _plain("Activation", "relu"),
    "relu6": _plain("ReLU", max_value=6.0),
    "silu": _plain("Activation", "silu"),
    "add": _plain("Add"),
    "multiply": _plain("Multiply"),
    "concatenate": _plain("Concatenate"),
    "max_pool": lambda typed, _, layer: typed.make("MaxPooling2D", layer, layer.kernel, layer.stride),
    "average_pool": lambda typed, _, layer: typed.make("AveragePooling2D", layer, layer.kernel, layer.stride),
    "global_pool": _plain("GlobalAveragePooling2D"),
    "reshape": lambda typed, _, layer: typed.make("Reshape", layer, (1, 1, layer.channels)),
    "stochastic_depth": _plain("Identity"),
}
