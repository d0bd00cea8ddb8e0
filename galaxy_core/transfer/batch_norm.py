"""Statistics of batch normalisation, estimated afresh on training images.

Keras moves them by a hundredth a step, so after a short training they still hold their initial values, and a
network that is right in training is wrong in inference. Here they become those of all the batches given,
under the weights as they are ("precise" batch normalisation, Wu & Johnson 2021, section 3): the mean is E[μ] over
the batches, the variance E[σ² + μ²] − E[μ]². The mean of σ² alone would leave out how far batches lie apart.

This module must not name an engine: the forward pass is Keras' own compiled `predict`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.transfer.classifier import import_keras, wants_jit

Moments = tuple[np.ndarray, np.ndarray]
"""Mean and variance of each channel, float64 (C,)."""


def reestimate_batch_norm(
    model: Any, batches: Iterable[np.ndarray], layers: Collection[str] | None = None
) -> None:
    """Set moving means and variances to those over all of `batches`, each weighted by its number of images.

    By default in every batch normalisation layer that is not frozen; `layers` names others, frozen or not
    (layers of another kind among them are passed over): a random frozen prefix is calibrated so. Images are
    as the model takes them. To repeat it, keep a `BatchNormEstimator`, which compiles once.
    """
    BatchNormEstimator(model, layers).run(batches)


class BatchNormEstimator:
    """The compiled forward pass that re-estimates one model's statistics; `run` it whenever weights changed.

    Batches of one shape are compiled once; a batch of another shape costs some seconds again.
    """

    def __init__(self, model: Any, layers: Collection[str] | None = None) -> None:
        keras = import_keras()
        self.all_layers = [x for x in model.layers if isinstance(x, keras.layers.BatchNormalization)]
        self.layers = [x for x in self.all_layers if (x.trainable if layers is None else x.name in layers)]
        self.forward = _forward_in_training_mode(keras, model)

    def run(self, batches: Iterable[np.ndarray]) -> None:
        """Forward every batch once and set the statistics; `BadValueError` if there is no batch."""
        if not self.layers:
            return
        n_images: list[int] = []
        found: list[list[Moments]] = []
        with self._only_chosen_layers_adapt():
            for batch in batches:
                self.forward.predict_on_batch(batch)
                found.append([_moments_of(layer) for layer in self.layers])
                n_images.append(len(batch))
        if not n_images:
            raise BadValueError(
                "re-estimating batch normalisation needs a batch of images, got none; give one"
            )
        for layer, each in zip(self.layers, zip(*found, strict=True), strict=True):
            mean, variance = pooled_moments(each, n_images)
            layer.moving_mean.assign(mean.astype(np.float32))
            layer.moving_variance.assign(variance.astype(np.float32))

    @contextmanager
    def _only_chosen_layers_adapt(self) -> Iterator[None]:
        """Momentum 0 makes moving statistics those of the last batch; the others do not adapt."""
        before = [(layer, layer.trainable, layer.momentum) for layer in self.all_layers]
        for layer in self.all_layers:
            layer.trainable, layer.momentum = layer in self.layers, 0.0
        try:
            yield
        finally:
            for layer, trainable, momentum in before:
                layer.trainable, layer.momentum = trainable, momentum


def pooled_moments(each: Sequence[Moments], n_images: Sequence[int]) -> Moments:
    """Mean and variance (C,) of all values from those of each batch, weighted by its number of images.

    E[σ² + μ²] − E[μ]², written as E[σ²] plus the variance of μ over the batches: the same, and never below zero.
    """
    mean = np.average([one[0] for one in each], axis=0, weights=n_images)
    squares = [variance + (own - mean) ** 2 for own, variance in each]
    return mean, np.average(squares, axis=0, weights=n_images)


def _moments_of(layer: Any) -> Moments:
    """What the layer saw in the last batch, float64."""
    mean, variance = (np.asarray(v).astype(np.float64) for v in (layer.moving_mean, layer.moving_variance))
    return mean, variance


def _forward_in_training_mode(keras: Any, model: Any) -> Any:
    """A model that runs `model` in training mode even when it predicts, which is where Keras compiles it.

    Measured at 32 images of 96 px on two cores: 0.35 s a batch (TensorFlow) and 0.45 s (JAX), after 5 s of
    compiling; called eagerly 1.0 s a batch, and 32 s for the first under JAX.
    """

    class InTrainingMode(keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def call(self, images: Any) -> Any:
            return self.model(images, training=True)

        def compute_output_shape(self, shape: tuple) -> tuple:
            return (shape[0], *self.model.output_shape[1:])

    image = keras.Input(model.input_shape[1:])
    forward = keras.Model(image, InTrainingMode()(image))
    forward.compile(jit_compile=wants_jit())
    return forward
