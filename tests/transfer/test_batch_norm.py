import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.networks.policy import frozen_layers
from galaxy_core.networks.registry import get_backbone
from galaxy_core.transfer.batch_norm import BatchNormEstimator, reestimate_batch_norm

DENSENET = get_backbone("densenet121")

pytestmark = pytest.mark.slow


def small_model(keras, frozen=False):
    """A convolution and two batch normalisations: the first sees a known input, the second normalised values."""
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(4, 3, use_bias=False, name="conv")(image)
    x = keras.layers.BatchNormalization(name="first", trainable=not frozen)(x)
    x = keras.layers.BatchNormalization(name="second")(x)
    return keras.Model(image, keras.layers.GlobalAveragePooling2D()(x))


def images(n, seed):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, 8, 8, 3)) * (1 + seed) + seed).astype(np.float32)


def statistics(model, name):
    layer = model.get_layer(name)
    return [np.asarray(v).copy() for v in (layer.moving_mean, layer.moving_variance)]


def moments(keras, model, batch):
    values = keras.Model(model.input, model.get_layer("conv").output).predict(batch, verbose=0)
    return values.mean(axis=(0, 1, 2)), values.var(axis=(0, 1, 2))


@pytest.fixture
def model(keras):
    return small_model(keras)


def test_one_batch_gives_the_mean_and_variance_of_the_input_of_the_layer(keras, model):
    batch = images(5, seed=1)
    reestimate_batch_norm(model, [batch])
    for found, expected in zip(statistics(model, "first"), moments(keras, model, batch), strict=True):
        assert found == pytest.approx(expected, rel=1e-4)


def test_the_statistics_of_batches_are_those_of_all_their_images_at_once(keras, model):
    batches = [images(6, seed=1), images(2, seed=2)]
    reestimate_batch_norm(model, batches)
    for found, expected in zip(
        statistics(model, "first"), moments(keras, model, np.concatenate(batches)), strict=True
    ):
        assert found == pytest.approx(expected, rel=1e-4)


def test_small_batches_on_maps_of_one_pixel_give_the_variance_of_all_values(keras):
    image = keras.Input((1, 1, 1))
    model = keras.Model(image, keras.layers.BatchNormalization(name="only")(image))
    values = np.random.default_rng(0).normal(1.0, 2.0, (4096, 1, 1, 1)).astype(np.float32)
    reestimate_batch_norm(model, np.split(values, 512))
    mean, variance = statistics(model, "only")
    # the mean of the variances of batches of 8 would be an eighth too small
    assert (mean, variance) == (pytest.approx(values.mean(), rel=1e-4), pytest.approx(values.var(), rel=1e-4))
    assert variance == pytest.approx(4, rel=0.05)


def test_a_later_layer_sees_what_the_earlier_one_normalised(keras, model):
    reestimate_batch_norm(model, [images(6, seed=3)])
    mean, variance = statistics(model, "second")
    assert mean == pytest.approx(np.zeros(4), abs=1e-5)
    assert variance == pytest.approx(np.ones(4), rel=1e-3)


def test_estimating_twice_forgets_the_first_time(keras, model):
    estimator = BatchNormEstimator(model)
    estimator.run([images(4, seed=9)])
    estimator.run([images(4, seed=1)])
    expected = moments(keras, model, images(4, seed=1))[0]
    assert statistics(model, "first")[0] == pytest.approx(expected, rel=1e-4)


def test_a_frozen_layer_is_left_alone_unless_it_is_named(keras):
    model = small_model(keras, frozen=True)
    reestimate_batch_norm(model, [images(4, seed=1)])
    assert statistics(model, "first")[1] == pytest.approx(np.ones(4))
    second_before = statistics(model, "second")
    reestimate_batch_norm(model, [images(4, seed=1)], layers={"conv", "first"})
    expected = moments(keras, model, images(4, seed=1))[1]
    assert statistics(model, "first")[1] == pytest.approx(expected, rel=1e-4)
    assert np.array_equal(statistics(model, "second"), second_before)


def test_the_model_is_afterwards_what_it_was_but_for_the_statistics(keras):
    model = small_model(keras, frozen=True)
    before = [np.asarray(v).copy() for v in model.weights]
    reestimate_batch_norm(model, [images(4, seed=1)], layers={"first"})
    layer = model.get_layer("first")
    assert (layer.trainable, layer.momentum, model.get_layer("second").momentum) == (False, 0.99, 0.99)
    changed = [
        v.path for v, old in zip(model.weights, before, strict=True) if not np.array_equal(np.asarray(v), old)
    ]
    assert changed == ["first/moving_mean", "first/moving_variance"]


def test_no_batch_at_all_is_refused_and_nothing_chosen_is_nothing_done(keras, model):
    with pytest.raises(BadValueError, match="needs a batch of images, got none"):
        reestimate_batch_norm(model, [])
    reestimate_batch_norm(model, [], layers=frozen_layers(DENSENET, "random_frozen", 0))


def test_the_first_layer_of_densenet_gets_the_moments_of_its_input(keras):
    from galaxy_core.transfer.classifier import build_classifier

    model = build_classifier(DENSENET, 64, 10)
    batches = [images(2, seed).repeat(8, axis=1).repeat(8, axis=2) * 20 + 100 for seed in (1, 2)]
    reestimate_batch_norm(model, batches, layers=["conv1_bn"])
    inputs = keras.Model(model.input, model.get_layer("conv1_conv").output)
    values = np.concatenate([np.asarray(inputs(batch)) for batch in batches])
    mean, variance = statistics(model, "conv1_bn")
    assert mean == pytest.approx(values.mean(axis=(0, 1, 2)), rel=1e-3, abs=1e-4)
    assert variance == pytest.approx(values.var(axis=(0, 1, 2)), rel=1e-3)
