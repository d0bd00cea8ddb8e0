import pytest

from galaxy_core.errors import BadFileError, BadValueError
from galaxy_core.networks.backbone import check_tensors
from galaxy_core.networks.cut import cut_at, tap_at
from galaxy_core.networks.registry import BACKBONES, get_backbone

DENSENET = get_backbone("densenet121")


def test_the_table_has_427_layers_and_the_published_number_of_parameters():
    assert DENSENET.n_layers == 427
    assert sum(layer.n_parameters for layer in DENSENET.layers) == 7_037_504
    assert [layer.name for layer in DENSENET.layers[:3]] == ["input", "pad1", "conv1_conv"]


@pytest.mark.parametrize("name", BACKBONES)
def test_every_layer_takes_only_what_lies_before_it(name):
    backbone = get_backbone(name)
    seen: set[str] = set()
    for layer in backbone.layers:
        assert seen.issuperset(layer.inputs)
        seen.add(layer.name)
    assert len(seen) == backbone.n_layers


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
    found = cut_at(DENSENET, cut)
    assert (found.n_layers, found.boundary) == (n_layers, boundary)
    assert (round(100 * found.parameter_share), round(100 * found.flop_share)) == (parameters, flops)


def test_only_the_head_is_trainable_when_everything_below_it_is_frozen():
    assert cut_at(DENSENET, 1).n_trainable_parameters(10) == 1024 * 10 + 10
    assert cut_at(DENSENET, 0).n_trainable_parameters(10) == 6_953_856 + 10_250


@pytest.mark.parametrize("cut", [-0.01, 1.8, float("nan")])
def test_a_cut_outside_zero_to_one_is_refused_with_its_value(cut):
    with pytest.raises(BadValueError, match=rf"cut must lie in \[0, 1\], got {cut}"):
        cut_at(DENSENET, cut)


def test_an_image_of_256_pixels_costs_three_point_seven_billion_multiply_adds():
    cost = DENSENET.multiply_adds(256)
    assert sum(cost.values()) == pytest.approx(3.70e9, rel=1e-3)
    assert cost["conv1_conv"] == 7 * 7 * 3 * 64 * 128 * 128
    assert cost["conv1_bn"] == 0


def test_the_flop_share_is_the_same_at_every_multiple_of_32_pixels():
    cost = DENSENET.multiply_adds(96)
    below = sum(cost[layer.name] for layer in cut_at(DENSENET, 0.2).below)
    assert below / sum(cost.values()) == pytest.approx(cut_at(DENSENET, 0.2).flop_share)


def test_an_image_too_small_for_the_network_is_refused():
    with pytest.raises(BadValueError, match="at least 32 pixels, got 31"):
        DENSENET.feature_shape("relu", 31)
    assert DENSENET.feature_shape("relu", 32) == (1, 1, 1024)


def test_a_layer_that_is_not_there_is_named():
    with pytest.raises(BadValueError, match="no layer 'conv9'"):
        DENSENET.feature_shape("conv9", 64)


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
    assert tap_at(DENSENET, cut).name == tap


@pytest.mark.parametrize("name", BACKBONES)
def test_no_layer_above_a_tap_needs_an_output_from_below_it(name):
    backbone = get_backbone(name)
    names = [layer.name for layer in backbone.layers]
    for cut in (i / 20 for i in range(21)):
        position = names.index(tap_at(backbone, cut).name)
        assert position <= max(cut_at(backbone, cut).n_layers - 1, 0)
        needed = {source for layer in backbone.layers[position + 1 :] for source in layer.inputs}
        assert needed & set(names[:position]) == set()
        assert (
            names[position] not in backbone.norm_after_conv
        )  # a convolution that is one with its normalisation


@pytest.mark.parametrize(
    ("name", "n_layers", "n_parameters", "cells"),
    [
        ("densenet169", 595, 12_642_880, 7),
        ("densenet201", 707, 18_321_984, 7),
        ("efficientnet_lite0", 141, 3_413_024, 7),
        ("efficientnet_lite2", 186, 4_869_168, 7),
        ("efficientnet_v2_s", 512, 20_331_360, 7),
    ],
)
def test_a_backbone_has_its_layers_parameters_and_cells(name, n_layers, n_parameters, cells):
    backbone = get_backbone(name)
    assert (backbone.n_layers, backbone.n_parameters) == (n_layers, n_parameters)
    assert backbone.feature_shape(backbone.feature_layer, 224)[:2] == (cells, cells)
    assert set(backbone.ends_of_blocks) <= backbone.by_name.keys()
    assert backbone.ends_of_blocks[-1] == backbone.feature_layer


def test_a_backbone_that_is_not_there_is_refused_with_the_choices():
    with pytest.raises(BadValueError, match=r"must be one of densenet121, .*, got 'resnet'"):
        get_backbone("resnet")


def test_the_head_follows_the_number_of_classes():
    shapes = DENSENET.tensor_shapes(3)
    assert list(shapes)[-2:] == ["predictions/kernel", "predictions/bias"]
    assert (shapes["predictions/kernel"], shapes["predictions/bias"]) == ((1024, 3), (3,))


def test_a_missing_tensor_is_refused_by_name():
    with pytest.raises(BadFileError, match="the source has no tensor conv1_conv/kernel"):
        check_tensors({}, DENSENET.tensor_shapes(10), "the source", DENSENET.title)
