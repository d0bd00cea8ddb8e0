import os
import subprocess
import sys
from pathlib import Path

import made_network
import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.maps.cam import class_map, closed_form_maps
from galaxy_core.maps.gradients import grad_cam_at, layer_cam, layer_gradients
from galaxy_core.transfer.classifier import import_keras


@pytest.fixture(scope="module")
def small():
    return made_network.small_network()


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return made_network.images(8)


def test_the_gradient_at_the_last_features_is_the_head_over_the_number_of_cells(small, images) -> None:
    activations, gradients = layer_gradients(small, images, 1, "relu")
    kernel = np.asarray(small.get_layer("predictions").kernel)
    assert activations.shape == gradients.shape == (2, 4, 4, 5)
    np.testing.assert_allclose(gradients, np.broadcast_to(kernel[:, 1] / 16, gradients.shape), rtol=1e-5)


def test_at_the_last_features_grad_cam_is_the_closed_form(small, images) -> None:
    activations, _ = layer_gradients(small, images, 1, "relu")
    head = small.get_layer("predictions")
    maps = closed_form_maps(activations, np.asarray(head.kernel))
    for i, heat in enumerate(grad_cam_at(small, images, 1, "relu")):
        np.testing.assert_allclose(heat, class_map(maps[i], 1), atol=1e-4, rtol=1e-5)
        logit = float(small(images)[i, 1])
        assert float(heat.mean(dtype=float)) == pytest.approx(logit - float(head.bias[1]), abs=1e-4)


def test_the_gradient_at_an_early_layer_agrees_with_finite_differences(small, images) -> None:
    pixels = images.astype(np.float32) / 255
    _, gradients = layer_gradients(small, pixels, 2, "first")
    first = small.get_layer("first")
    bias, step = np.asarray(first.bias).copy(), 1e-2
    for channel in range(4):
        sides = []
        for sign in (1, -1):
            first.bias.assign(bias + sign * step * np.eye(4, dtype=np.float32)[channel])
            sides.append(np.asarray(small(pixels))[:, 2])
        first.bias.assign(bias)
        slope = (sides[0] - sides[1]) / (2 * step)
        np.testing.assert_allclose(gradients[..., channel].sum(axis=(1, 2)), slope, atol=2e-2)


def test_layer_cam_counts_only_what_pushes_the_logit_up(small, images) -> None:
    activations, gradients = layer_gradients(small, images, 0, "early")
    expected = 64 * (np.maximum(gradients, 0) * activations).sum(axis=-1)
    for heat, values in zip(layer_cam(small, images, 0, "early"), expected, strict=True):
        np.testing.assert_allclose(heat, values, rtol=1e-5)
        assert heat.min() >= 0


def test_asking_for_a_gradient_leaves_the_network_as_it_was(small, images) -> None:
    before = np.asarray(small(images))
    own_call = small.get_layer("early").call
    layer_gradients(small, images, 0, "early")
    with pytest.raises(BadValueError):
        layer_gradients(small, images, 99, "early")
    assert small.get_layer("early").call == own_call
    assert "call" not in vars(small.get_layer("early"))
    assert np.array_equal(np.asarray(small(images)), before)


def test_one_image_of_a_batch_does_not_see_the_others(small, images) -> None:
    together, alone = grad_cam_at(small, images, 1, "early"), grad_cam_at(small, images[1:], 1, "early")
    np.testing.assert_allclose(together[1], alone[0], rtol=1e-5, atol=1e-6)


def test_an_unknown_layer_one_without_cells_and_an_unknown_class_are_refused(small, images) -> None:
    with pytest.raises(BadValueError, match=r"no layer 'conv9'; the last are .*predictions"):
        layer_gradients(small, images, 0, "conv9")
    with pytest.raises(BadValueError, match="'average' has no cells"):
        layer_gradients(small, images, 0, "average")
    with pytest.raises(BadValueError, match=r"class_index must lie in 0\.\.2, got 3"):
        grad_cam_at(small, images, 3, "relu")


@pytest.fixture(scope="module")
def dense():
    return made_network.random_densenet(made_network.SIZE)


@pytest.mark.slow
def test_closed_form_and_gradient_agree_in_the_real_network(dense) -> None:
    model, images = dense, made_network.images(made_network.SIZE)
    activations, _ = layer_gradients(model, images, 6, "relu")
    maps = closed_form_maps(activations, np.asarray(model.get_layer("predictions").kernel))
    for i, heat in enumerate(grad_cam_at(model, images, 6, "relu")):
        np.testing.assert_allclose(heat, class_map(maps[i], 6), atol=1e-4, rtol=0)
    assert layer_cam(model, images, 6, "conv4_block24_concat")[0].shape == (6, 6)


@pytest.mark.slow
def test_tensorflow_and_jax_give_equal_logits_and_gradients_for_equal_tensors(
    small, dense, tmp_path: Path
) -> None:
    path = tmp_path / "other.npz"
    other_engine = {"tensorflow": "jax", "jax": "tensorflow"}[import_keras().backend.backend()]
    # as quickly compiled as can be: what JAX computes is the same
    environment = os.environ | {"KERAS_BACKEND": other_engine, "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
    subprocess.run([sys.executable, made_network.__file__, str(path)], env=environment, check=True)
    with np.load(path) as file:
        found = {name: file[name] for name in file.files}
    logits = made_network.logits_of(dense)
    assert logits.std() > 0.1
    np.testing.assert_allclose(found["logits"], logits, atol=1e-4)
    for name, (activations, gradients) in made_network.gradients_of(small).items():
        other_activations, other_gradients = found[name]
        np.testing.assert_allclose(activations, other_activations, atol=1e-4, rtol=1e-5)
        n_cells = np.prod(activations.shape[1:3])
        own, other = (
            n_cells * (a * g).sum(-1)
            for a, g in ((activations, gradients), (other_activations, other_gradients))
        )
        np.testing.assert_allclose(own, other, atol=1e-4, rtol=1e-5)
