"""Class activation maps at any layer, by gradients, on any engine: the finer, slower second opinion.

The network is read as a function f(A) from the output A of one layer to the logits; its gradient at A is all
that Grad-CAM and LayerCAM need. This is the only file of the package that names TensorFlow, JAX and torch.
The closed form in `cam` gives the last layer, and all classes at once, for nothing: use this one for earlier
layers, and as its check.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.maps.cam import Heatmap
from galaxy_core.transfer.classifier import import_keras

Score = Callable[[Any], Any]


def grad_cam_at(model: Any, images: np.ndarray, class_index: int, layer: str) -> list[Heatmap]:
    """Grad-CAM at any layer, one `Heatmap` an image, before the ReLU (Selvaraju et al. 2017, eq. 1 and 2).

    In logits: h w sum_k alpha_k A_k with alpha_k the mean gradient of channel k. The paper's value times the
    number of cells, so that at the last feature map it equals the closed form.
    """
    activations, gradients, logits = layer_gradients(model, images, class_index, layer)
    alpha = gradients.mean(axis=(1, 2), keepdims=True)
    return _heatmaps(alpha * activations, logits, class_index, layer)


def layer_cam(model: Any, images: np.ndarray, class_index: int, layer: str) -> list[Heatmap]:
    """LayerCAM at any layer, one `Heatmap` an image, before the last ReLU (Jiang et al. 2021, eq. 5 and 6).

    In logits: h w sum_k ReLU(dlogit/dA_k) A_k in each cell; only what pushes the logit up counts, cell by
    cell, which keeps early layers sharp.
    """
    activations, gradients, logits = layer_gradients(model, images, class_index, layer)
    return _heatmaps(np.maximum(gradients, 0) * activations, logits, class_index, layer)


def _heatmaps(weighted: np.ndarray, logits: np.ndarray, class_index: int, layer: str) -> list[Heatmap]:
    """Sum over channels, times the number of cells; bias is what the map leaves out of the logit."""
    _, height, width, _ = weighted.shape
    maps = (height * width * weighted.sum(axis=-1)).astype(np.float32)
    own = logits[:, class_index]
    return [
        Heatmap(values, class_index, float(logit), float(logit - values.mean(dtype=np.float64)), layer)
        for values, logit in zip(maps, own, strict=True)
    ]


def layer_gradients(
    model: Any, images: np.ndarray, class_index: int, layer: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Activations and gradients (N, h, w, K) and logits (N, classes), as NumPy arrays."""
    keras = import_keras()
    target = _layer(model, layer)
    activations, logits = _record(model, images, target)
    if not 0 <= class_index < logits.shape[1]:
        raise BadValueError(
            f"class_index must lie in 0..{logits.shape[1] - 1}, got {class_index}; the run has so many classes"
        )

    def score(replacement: Any) -> Any:
        """The logits of the class summed over the images; each image sees only its own activations."""
        with _output_replaced(target, lambda _: replacement):
            return keras.ops.sum(model(images, training=False)[:, class_index])

    gradients = _gradient(keras.backend.backend(), score, activations)
    return tuple(keras.ops.convert_to_numpy(v).astype(np.float32) for v in (activations, gradients, logits))


def _record(model: Any, images: np.ndarray, target: Any) -> tuple[Any, Any]:
    """What the layer puts out for these images, and the logits."""
    seen: list[Any] = []

    def remember(output: Any) -> Any:
        seen.append(output)
        return output

    with _output_replaced(target, remember):
        logits = model(images, training=False)
    shape = tuple(seen[0].shape)
    if len(shape) != 4:
        raise BadValueError(
            f"layer {target.name!r} has no cells (N, h, w, K), its output is {shape}; try relu"
        )
    return seen[0], logits


def _layer(model: Any, name: str) -> Any:
    names = [layer.name for layer in model.layers]
    if name not in names:
        raise BadValueError(f"the model has no layer {name!r}; the last are {', '.join(names[-4:])}")
    return model.get_layer(name)


@contextmanager
def _output_replaced(layer: Any, replace: Callable[[Any], Any]) -> Iterator[None]:
    """Within, the layer puts out `replace(its output)`. On every engine, and without a second copy of the
    network.
    """
    own_call = layer.call

    def call(*args: Any, **kwargs: Any) -> Any:
        return replace(own_call(*args, **kwargs))

    layer.call = call
    try:
        yield
    finally:
        del layer.call  # the instance's, so that the class' own shows again


def _gradient(engine: str, score: Score, at: Any) -> Any:
    """The gradient of a scalar score at one tensor."""
    engines = {"tensorflow": _gradient_tensorflow, "jax": _gradient_jax, "torch": _gradient_torch}
    if engine not in engines:
        raise BadValueError(
            f"gradients need one of {', '.join(engines)}, Keras runs on {engine}; set KERAS_BACKEND"
        )
    return engines[engine](score, at)


def _gradient_tensorflow(score: Score, at: Any) -> Any:
    import tensorflow as tf

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(at)
        value = score(at)
    return tape.gradient(value, at, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def _gradient_jax(score: Score, at: Any) -> Any:
    import jax

    # compiled: run one operation at a time, each new shape would be compiled on its own
    return jax.jit(jax.grad(score))(at)


def _gradient_torch(score: Score, at: Any) -> Any:
    """Untested here: torch is not installed where this project is developed."""
    import torch

    leaf = at.detach().clone().requires_grad_(True)
    return torch.autograd.grad(score(leaf), leaf)[0]
