"""The tables, held against the networks of Keras they are named after, and their two writers against each other."""

from functools import partial

import numpy as np
import pytest

from galaxy_core.maps.gradients import grad_cam_at
from galaxy_core.networks.registry import BACKBONES, get_backbone
from galaxy_core.serving.engine import open_session
from galaxy_core.serving.graph import build_table
from galaxy_core.serving.writer import INPUT, Model
from galaxy_core.transfer.batch_norm import reestimate_batch_norm
from galaxy_core.transfer.classifier import build_classifier, get_tensors

SIZE = 64
OFTEN = ("densenet121", "efficientnet_lite0", "efficientnet_v2_s")
"""One of each family; the others are the same code with other numbers."""
KERAS = {
    "densenet121": "DenseNet121",
    "densenet169": "DenseNet169",
    "densenet201": "DenseNet201",
    "efficientnet_v2_s": "EfficientNetV2S",
}
KINDS = {
    "InputLayer": "input",
    "ZeroPadding2D": "zero_padding",
    "Conv2D": "conv",
    "DepthwiseConv2D": "depthwise_conv",
    "BatchNormalization": "batch_norm",
    "MaxPooling2D": "max_pool",
    "AveragePooling2D": "average_pool",
    "GlobalAveragePooling2D": "global_pool",
    "Reshape": "reshape",
    "Concatenate": "concatenate",
    "Add": "add",
    "Multiply": "multiply",
    "Dropout": "stochastic_depth",
}


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (4, SIZE, SIZE, 3), dtype=np.uint8)


def of_keras(keras, name):
    settings = {} if name.startswith("densenet") else {"include_preprocessing": False}
    make = partial(getattr(keras.applications, KERAS[name]), include_top=False, weights=None)
    return make(input_shape=(SIZE, SIZE, 3), **settings)


@pytest.mark.slow
@pytest.mark.parametrize("name", KERAS)
def test_a_table_is_the_network_of_keras_layer_by_layer(keras, name):
    layers, backbone = of_keras(keras, name).layers, get_backbone(name)
    assert len(layers) == backbone.n_layers
    ours = dict(zip((layer.name for layer in layers), backbone.layers, strict=True))
    for layer, row in zip(layers, backbone.layers, strict=True):
        assert KINDS.get(type(layer).__name__, row.kind) == row.kind
        assert layer.name == row.name or row.kind in ("input", "zero_padding")
        assert layer.output.shape[-1] == row.channels
        if len(layer.output.shape) == 4:
            assert layer.output.shape[1:] == backbone.feature_shape(row.name, SIZE)
        assert {f"{row.name}/{w.name}": tuple(w.shape) for w in layer.weights} == dict(row.weights)
        assert list(row.weights) == [f"{row.name}/{w.name}" for w in layer.weights]
        parents = [] if row.kind == "input" else layer._inbound_nodes[0].parent_nodes
        assert tuple(ours[node.operation.name].name for node in parents) == row.inputs
        if row.kind == "batch_norm":
            assert layer.epsilon == backbone.batch_norm_epsilon
            assert layer.momentum == backbone.batch_norm_momentum


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [one if one in OFTEN else pytest.param(one, marks=pytest.mark.long) for one in BACKBONES]
)
def test_both_writers_the_gradients_and_keras_own_network_agree(keras, name, images):
    backbone = get_backbone(name)
    keras.utils.set_random_seed(1)
    model = build_classifier(backbone, SIZE, 3)
    reestimate_batch_norm(model, [images])  # statistics that fit: otherwise sixty blocks overflow or vanish
    tensors = get_tensors(model)
    session = open_session(build_table([("m", Model(backbone, tensors))]), {"m": 3})
    logits, maps = session.run(["m/logits", "m/maps"], {INPUT: images})
    np.testing.assert_allclose(logits, np.asarray(model(images)), atol=1e-4)
    means = maps.mean(axis=(2, 3)) + tensors["predictions/bias"]
    np.testing.assert_allclose(means, logits, atol=1e-5)
    for heat, of_graph in zip(grad_cam_at(model, images, 2, backbone.feature_layer), maps, strict=True):
        np.testing.assert_allclose(heat, of_graph[2], atol=5e-4 * np.abs(of_graph).max())
    if name in KERAS:
        theirs = of_keras(keras, name)
        theirs.set_weights([tensors[tensor] for tensor in backbone.body_shapes])
        features = np.asarray(theirs(backbone.preprocessing(images)))
        by_hand = features.mean(axis=(1, 2)) @ tensors["predictions/kernel"] + tensors["predictions/bias"]
        np.testing.assert_allclose(by_hand, logits, atol=1e-4)
