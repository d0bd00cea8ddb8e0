"""The one operation against Keras' own layer, which spells it out."""

import numpy as np
import pytest

from galaxy_core.transfer.fused_norm import batch_normalization

pytestmark = pytest.mark.slow

MAPS = (np.random.default_rng(0).normal(size=(6, 5, 5, 4)) * [1, 2, 3, 4] + [0, 5, -5, 1]).astype(np.float32)
WEIGHTS = [np.array(x, np.float32) for x in ([1, 2, 3, 4], [0, 1, 0, -1], [0, 4, 4, 0], [1, 2, 9, 4])]


@pytest.fixture(params=["ours", "keras"])
def kind(request, keras):
    return batch_normalization(keras) if request.param == "ours" else keras.layers.BatchNormalization


def made(kind, weights=WEIGHTS, **settings):
    layer = kind(momentum=0.75, epsilon=1e-3, **settings)
    layer.build((None, None, None, len(weights[0])))
    layer.set_weights(weights)
    return layer


def gradients(tensorflow, layer, training):
    x = tensorflow.constant(MAPS)
    with tensorflow.GradientTape() as tape:
        tape.watch(x)
        score = tensorflow.reduce_sum(layer(x, training=training) ** 3)
    return tape.gradient(score, [x, *layer.trainable_variables])


def test_what_trains_is_normalised_by_the_moments_of_its_batch(kind):
    normed = np.asarray(made(kind)(MAPS, training=True))
    assert normed.mean((0, 1, 2)) == pytest.approx(WEIGHTS[1], abs=1e-5)
    assert normed.std((0, 1, 2)) == pytest.approx(WEIGHTS[0], rel=1e-3)


def test_the_statistics_move_a_quarter_of_the_way_to_those_of_the_batch(kind):
    layer = made(kind)
    layer(MAPS, training=True)
    mean, variance = (np.asarray(v) for v in (layer.moving_mean, layer.moving_variance))
    assert mean == pytest.approx(0.75 * WEIGHTS[2] + 0.25 * MAPS.mean((0, 1, 2)), rel=1e-5, abs=1e-5)
    # the population's variance: a sample's would be a hundred and fiftieth larger
    assert variance == pytest.approx(0.75 * WEIGHTS[3] + 0.25 * MAPS.var((0, 1, 2)), rel=1e-5)


@pytest.mark.parametrize(("trainable", "training"), [(True, False), (False, True), (True, None)])
def test_what_does_not_train_is_normalised_by_its_statistics_and_leaves_them(kind, trainable, training):
    layer = made(kind, trainable=trainable)
    normed = np.asarray(layer(MAPS, training=training))
    gamma, beta, mean, variance = WEIGHTS
    assert normed == pytest.approx(
        (MAPS - mean) / np.sqrt(variance + 1e-3) * gamma + beta, rel=1e-4, abs=1e-4
    )
    assert np.array_equal(layer.moving_mean, mean)
    assert np.array_equal(layer.moving_variance, variance)


@pytest.mark.parametrize("training", [True, False])
def test_gradients_are_those_of_keras(keras, training):
    tensorflow = pytest.importorskip("tensorflow")
    ours, theirs = (
        gradients(tensorflow, made(kind), training)
        for kind in (batch_normalization(keras), keras.layers.BatchNormalization)
    )
    assert len(ours) == len(theirs) == 3
    for one, other in zip(ours, theirs, strict=True):
        assert np.asarray(one) == pytest.approx(
            np.asarray(other), rel=1e-3, abs=1e-3 * float(np.abs(other).max())
        )


def test_a_batch_of_one_value_has_no_variance_and_no_nan(kind):
    layer = made(kind)
    normed = np.asarray(layer(MAPS[:1, :1, :1], training=True))
    assert normed.ravel() == pytest.approx(WEIGHTS[1], abs=1e-5)
    assert np.asarray(layer.moving_variance) == pytest.approx(0.75 * WEIGHTS[3])


def test_in_mixed_precision_maps_are_bfloat16_and_statistics_float32(keras):
    kinds = batch_normalization(keras), keras.layers.BatchNormalization
    layers = [made(kind, dtype="mixed_bfloat16") for kind in kinds]
    ours, theirs = (layer(MAPS, training=True) for layer in layers)
    assert "bfloat16" in str(ours.dtype)
    assert np.asarray(ours, np.float32) == pytest.approx(np.asarray(theirs, np.float32), rel=0.02, abs=0.05)
    for one, other in zip(*(layer.get_weights() for layer in layers), strict=True):
        assert one.dtype == np.float32
        assert one == pytest.approx(other, rel=1e-5, abs=1e-5)


def test_the_networks_are_made_of_it_and_named_as_keras_names_it(keras):
    from galaxy_core.networks.registry import get_backbone
    from galaxy_core.transfer.classifier import build_classifier

    model = build_classifier(get_backbone("efficientnet_lite0"), 32, 10)
    norms = [x for x in model.layers if isinstance(x, keras.layers.BatchNormalization)]
    assert norms
    assert {type(x) for x in norms} == {batch_normalization(keras)}
    assert {type(x).__name__ for x in norms} == {"BatchNormalization"}
