import pytest

from galaxy_core.errors import BadFileError, BadValueError
from galaxy_core.networks import densenet121
from galaxy_core.networks.densenet121 import (
    LAYERS,
    check_tensors,
    cut_at,
    feature_shape,
    multiply_adds,
    tap_at,
    tensor_shapes,
)

KERAS_KINDS = {
    "InputLayer": "input",
    "ZeroPadding2D": "zero_padding",
    "Conv2D": "conv",
    "BatchNormalization": "batch_norm",
    "Activation": "relu",
    "MaxPooling2D": "max_pool",
    "AveragePooling2D": "average_pool",
    "Concatenate": "concatenate",
}


def test_the_table_has_427_layers_and_the_published_number_of_parameters():
    assert len(LAYERS) == 427
    assert sum(layer.n_parameters for layer in LAYERS) == 7_037_504
    assert [layer.name for layer in LAYERS[:3]] == ["input", "pad1", "conv1_conv"]


def test_every_layer_takes_only_what_lies_before_it():
    seen: set[str] = set()
    for layer in LAYERS:
        assert seen.issuperset(layer.inputs)
        seen.add(layer.name)
    assert len(seen) == len(LAYERS)


@pytest.mark.parametrize(
    ("cut", "n_layers", "boundary", "parameters", "flops"),
    [
        (0.0, 0, "none", 0, 0),
        (0.2, 85, "conv3_block5_1_bn", 9, 52),
        (0.4, 171, "conv4_block5_0_relu", 25, 75),
        (0.6, 256, "conv4_block17_1_conv", 45, 85),
        (0.8, 342, "conv5_block5_0_bn", 75, 97),
        (1.0, 427, "relu", 100, 100),
    ],
)
def test_a_cut_leaves_the_known_layers_and_shares_below_it(cut, n_layers, boundary, parameters, flops):
    found = cut_at(cut)
    assert (found.n_layers, found.boundary) == (n_layers, boundary)
    assert (round(100 * found.parameter_share), round(100 * found.flop_share)) == (parameters, flops)


def test_only_the_head_is_trainable_when_everything_below_it_is_frozen():
    assert cut_at(1).n_trainable_parameters == 1024 * 10 + 10
    assert cut_at(0).n_trainable_parameters == 6_953_856 + 10_250


@pytest.mark.parametrize("cut", [-0.01, 1.8, float("nan")])
def test_a_cut_outside_zero_to_one_is_refused_with_its_value(cut):
    with pytest.raises(BadValueError, match=rf"cut must lie in \[0, 1\], got {cut}"):
        cut_at(cut)


def test_an_image_of_256_pixels_costs_three_point_seven_billion_multiply_adds():
    cost = multiply_adds(256)
    assert sum(cost.values()) == pytest.approx(3.70e9, rel=1e-3)
    assert cost["conv1_conv"] == 7 * 7 * 3 * 64 * 128 * 128
    assert cost["conv1_bn"] == 0


def test_the_flop_share_is_the_same_at_every_multiple_of_32_pixels():
    cost = multiply_adds(96)
    below = sum(cost[layer.name] for layer in cut_at(0.2).below)
    assert below / sum(cost.values()) == pytest.approx(cut_at(0.2).flop_share)


def test_an_image_too_small_for_the_network_is_refused():
    with pytest.raises(BadValueError, match="at least 32 pixels, got 31"):
        feature_shape("relu", 31)
    assert feature_shape("relu", 32) == (1, 1, 1024)


def test_a_layer_that_is_not_there_is_named():
    with pytest.raises(BadValueError, match="no layer 'conv9'"):
        feature_shape("conv9", 64)


@pytest.mark.parametrize(
    ("cut", "tap"),
    [
        (0.0, "input"),
        (0.01, "input"),
        (0.2, "conv3_block4_concat"),
        (0.4, "conv4_block4_concat"),
        (0.8, "conv5_block4_concat"),
        (1.0, "relu"),
    ],
)
def test_features_are_tapped_at_the_last_single_tensor_at_or_below_the_cut(cut, tap):
    assert tap_at(cut).name == tap


@pytest.mark.parametrize("cut", [i / 20 for i in range(21)])
def test_no_layer_above_the_tap_needs_an_output_from_below_it(cut):
    names = [layer.name for layer in LAYERS]
    position = names.index(tap_at(cut).name)
    assert position <= max(cut_at(cut).n_layers - 1, 0)
    needed = {name for layer in LAYERS[position + 1 :] for name in layer.inputs}
    assert needed & set(names[:position]) == set()


def test_the_head_follows_the_number_of_classes():
    shapes = tensor_shapes(n_classes=3)
    assert list(shapes)[-2:] == ["predictions/kernel", "predictions/bias"]
    assert (shapes["predictions/kernel"], shapes["predictions/bias"]) == ((1024, 3), (3,))


def test_a_missing_tensor_is_refused_by_name():
    with pytest.raises(BadFileError, match="the source has no tensor conv1_conv/kernel"):
        check_tensors({}, tensor_shapes(), "the source")


@pytest.mark.slow
def test_the_table_is_the_model_of_keras_layer_by_layer(keras):
    layers = keras.applications.DenseNet121(include_top=False, weights=None, input_shape=(64, 64, 3)).layers
    assert len(layers) == len(LAYERS)
    ours = dict(zip((layer.name for layer in layers), LAYERS, strict=True))
    for layer, row in zip(layers, LAYERS, strict=True):
        assert KERAS_KINDS[type(layer).__name__] == row.kind
        assert layer.name == row.name or row.kind in ("input", "zero_padding")
        assert layer.output.shape[1:] == feature_shape(row.name, 64)
        assert {f"{row.name}/{w.name}": tuple(w.shape) for w in layer.weights} == dict(row.weights)
        assert list(row.weights) == [f"{row.name}/{w.name}" for w in layer.weights]
        parents = [] if row.kind == "input" else layer._inbound_nodes[0].parent_nodes
        assert tuple(ours[node.operation.name].name for node in parents) == row.inputs
        if row.kind == "batch_norm":
            assert layer.epsilon == densenet121.BATCH_NORM_EPSILON
        if row.kind == "conv":
            assert (layer.kernel_size, layer.strides) == ((row.kernel,) * 2, (row.stride,) * 2)
            assert not layer.use_bias
        if row.kind in ("max_pool", "average_pool"):
            assert (layer.pool_size, layer.strides) == ((row.kernel,) * 2, (row.stride,) * 2)
