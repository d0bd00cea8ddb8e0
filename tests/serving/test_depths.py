"""Features at several depths against what is known of them: the head's own logits, the pixels, fewer layers."""

import numpy as np
import pytest

from galaxy_core.errors import BadFileError, BadValueError
from galaxy_core.networks.registry import get_backbone
from galaxy_core.serving import lineup
from galaxy_core.serving.depths import Depths, FeatureMaps, taps_of
from galaxy_core.serving.lineup import Lineup

DENSENET = get_backbone("densenet121")


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (5, 64, 64, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def features(tensors, images) -> dict[str, np.ndarray]:
    return Depths(DENSENET, tensors(0), ("input", *DENSENET.ends_of_blocks)).pooled(images)


def test_the_head_makes_the_logits_of_the_last_features(tensors, made_run, images, features) -> None:
    weights = tensors(0)
    logits = features["relu"] @ weights["predictions/kernel"] + weights["predictions/bias"]
    np.testing.assert_allclose(logits, Lineup([made_run("m", weights)]).predict(images)["m"], atol=1e-4)


def test_the_first_features_are_the_mean_colours(images, features) -> None:
    colours = DENSENET.preprocessing(images.mean(axis=(1, 2)))
    np.testing.assert_allclose(features["input"], colours, atol=1e-5)


def test_every_depth_has_the_channels_of_its_layer(features) -> None:
    assert {tap: one.shape for tap, one in features.items()} == {
        tap: (5, DENSENET.get_layer(tap).channels) for tap in ("input", *DENSENET.ends_of_blocks)
    }
    assert all(one.dtype == np.float32 for one in features.values())


def test_deeper_layers_cost_nothing_where_they_are_not_asked_for(tensors, images, features) -> None:
    spoilt = {
        name: np.full_like(v, np.nan) if name.startswith("conv5") else v for name, v in tensors(0).items()
    }
    shallow = Depths(DENSENET, spoilt, ["conv4_block24_concat"]).pooled(images)
    np.testing.assert_allclose(
        shallow["conv4_block24_concat"], features["conv4_block24_concat"], atol=1e-4, rtol=1e-4
    )


def test_a_source_without_a_head_has_features(tensors, images, features) -> None:
    backbone = {name: v for name, v in tensors(0).items() if not name.startswith("predictions")}
    made = Depths(DENSENET, backbone, ["relu"]).pooled(images, batch_size=2)
    np.testing.assert_allclose(made["relu"], features["relu"], atol=1e-4, rtol=1e-4)


def test_no_image_gives_no_features_of_the_right_shape(tensors, images) -> None:
    seen: list[tuple[int, int]] = []
    depths = Depths(DENSENET, tensors(0), ["pool1"])
    assert depths.pooled(images[:0])["pool1"].shape == (0, 64)
    depths.pooled(images, batch_size=2, progress=lambda *at: seen.append(at))
    assert seen == [(2, 5), (4, 5), (5, 5)]


def test_feature_maps_are_the_features_of_every_cell(tensors, images, features) -> None:
    maps = FeatureMaps(DENSENET, tensors(0), ["relu", "conv3_block4_concat"])
    last, middle = maps.of(images)
    assert last.shape == (5, 2, 2, 1024)
    assert middle.shape == (5, 8, 8, 256)
    np.testing.assert_allclose(last.mean(axis=(1, 2)), features["relu"], atol=1e-4)


def test_every_cut_of_the_paper_has_a_layer_to_be_taken_after(tensors) -> None:
    taps = taps_of(DENSENET)
    assert taps[0.0] == "input"
    assert taps[1.0] == "relu"
    Depths(DENSENET, tensors(0), list(taps.values()))


def test_a_layer_without_an_output_of_its_own_is_refused_by_name(tensors) -> None:
    with pytest.raises(BadValueError, match="no features are taken after conv3_block1_1_conv"):
        Depths(DENSENET, tensors(0), ["conv3_block1_1_conv"])
    with pytest.raises(BadValueError, match="no layer 'conv9'"):
        Depths(DENSENET, tensors(0), ["conv9"])
    with pytest.raises(BadValueError, match="got none"):
        Depths(DENSENET, tensors(0), [])
    with pytest.raises(BadFileError, match="the network has no tensor bn/gamma"):
        Depths(DENSENET, {n: v for n, v in tensors(0).items() if n != "bn/gamma"}, ["relu"])


def test_no_pass_holds_more_pixels_than_its_bound(tensors, images, features, monkeypatch) -> None:
    monkeypatch.setattr(lineup, "PIXELS", 2 * 64 * 64 // 16)
    seen: list[tuple[int, int]] = []
    pooled = Depths(DENSENET, tensors(0), ("input",)).pooled(images, progress=lambda *done: seen.append(done))
    assert seen == [(2, 5), (4, 5), (5, 5)]
    np.testing.assert_allclose(pooled["input"], features["input"], atol=1e-5)
