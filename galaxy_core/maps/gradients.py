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
from galaxy_core.transfer.classifier import import_keras

Score = Callable[[Any], Any]


def grad_cam_at(model: Any, images: np.ndarray, class_index: int, layer: str) -> np.ndarray:
    """Grad-CAM at any layer before the ReLU, float32 (N, h, w) in logits (Selvaraju et al. 2017, eq. 1 and 2).

    h w sum_k alpha_k A_k with alpha_k the mean gradient of channel k. The paper's value times the number of cells, so
    that at the last feature map it equals the closed form.
    """
    activations, gradients = layer_gradients(model, images, class_index, layer)
    return _summed(gradients.mean(axis=(1, 2), keepdims=True) * activations)


def layer_cam(model: Any, images: np.ndarray, class_index: int, layer: str) -> np.ndarray:
    """LayerCAM at any layer before the last ReLU, float32 (N, h, w) in logits (Jiang et al. 2021, eq. 5 and 6).

    h w sum_k ReLU(dlogit/dA_k) A_k in each cell; only what pushes the logit up counts, cell by cell, which keeps early
    layers sharp.
    """
    activations, gradients = layer_gradients(model, images, class_index, layer)
    return _summed(np.maximum(gradients, 0) * activations)


def _summed(weighted: np.ndarray) -> np.ndarray:
    """Sum over channels, times the number of cells, so that the mean of a map is its part of the logit."""
    _, height, width, _ = weighted.shape
    return np.asarray(height * width * weighted.sum(axis=-1), np.float32)


def layer_gradients(
    model: Any, images: np.ndarray, class_index: int, layer: str
) -> tuple[np.ndarray, np.ndarray]:
    """Output of a layer and the gradient of one logit with respect to it, both float32 (N, h, w, K).

    model: Keras model from images (N, H, W, 3), 0 to 255, to logits, run in inference mode. Raises BadValueError for an
    unknown layer, one without cells, or a class the head does not have.
    """
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
    return tuple(keras.ops.convert_to_numpy(v).astype(np.float32) for v in (activations, gradients))


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
