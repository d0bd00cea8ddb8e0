"""A network small enough to differentiate by hand, and the program that asks another engine about it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from galaxy_core.maps.gradients import layer_gradients
from galaxy_core.networks.registry import get_backbone
from galaxy_core.transfer.classifier import build_classifier, import_keras, load_tensors

DENSENET = get_backbone("densenet121")

SIZE = 96  # pixels of the images of DenseNet-121


def small_network() -> Any:
    """Pixels times weights, rectified, then pooled by halves, then one dense layer of three classes."""
    keras = import_keras()
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(4, 1, name="first")(image)
    x = keras.layers.ReLU(name="early")(x)
    x = keras.layers.AveragePooling2D(2, name="halved")(x)
    x = keras.layers.Conv2D(5, 1, name="second")(x)
    x = keras.layers.ReLU(name="relu")(x)
    x = keras.layers.GlobalAveragePooling2D(name="average")(x)
    model = keras.Model(image, keras.layers.Dense(3, name="predictions")(x))
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.5, values.shape).astype(np.float32) for values in model.get_weights()])
    return model


def random_densenet(size: int) -> Any:
    """DenseNet-121 with random tensors of a lively scale."""
    rng = np.random.default_rng(3)
    tensors = {}
    for name, shape in DENSENET.tensor_shapes(10).items():
        weight = name.split("/")[1]
        if weight in ("gamma", "moving_variance"):
            tensors[name] = np.float32(rng.uniform(0.6, 1.4, shape))
        else:
            deviation = np.sqrt(2 / np.prod(shape[:-1])) if weight == "kernel" else 0.2
            tensors[name] = np.float32(rng.normal(0, deviation, shape))
    model = build_classifier(DENSENET, size, 10)
    load_tensors(model, tensors)
    return model


def images(size: int, n: int = 2) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (n, size, size, 3), dtype=np.uint8)


def gradients_of(small: Any) -> dict[str, np.ndarray]:
    """Activations and gradients of the small network, on the engine of this process."""
    return {layer: np.stack(layer_gradients(small, images(8), 2, layer)) for layer in ("early", "relu")}


def logits_of(dense: Any) -> np.ndarray:
    """Compiled: JAX would compile each operation alone otherwise."""
    return np.asarray(dense.predict(images(SIZE), verbose=0))


if __name__ == "__main__":
    dense = random_densenet(SIZE)
    np.savez(Path(sys.argv[1]), logits=logits_of(dense), **gradients_of(small_network()))
