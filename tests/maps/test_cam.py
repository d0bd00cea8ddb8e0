import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_core.errors import BadValueError
from galaxy_core.maps.cam import (
    centred_map,
    class_map,
    closed_form_maps,
    why_blank,
)


def test_a_class_that_reads_one_feature_has_that_feature_as_its_map() -> None:
    features = np.zeros((1, 4, 4, 3), np.float32)
    features[0, 0, 3, 1] = 2.0  # one bright cell, in the upper right corner
    kernel = np.float32([[5, 5], [0.5, -1], [7, 7]])
    maps = closed_form_maps(features, kernel)
    assert maps.shape == (1, 2, 4, 4)
    assert maps.dtype == np.float32
    expected = np.zeros((4, 4))
    expected[0, 3] = 1.0
    assert np.array_equal(class_map(maps, 0)[0], expected)
    assert np.array_equal(class_map(maps[0], 1), -2 * expected)


@given(seed=st.integers(0, 1000), side=st.integers(1, 9), n_features=st.integers(1, 20))
def test_the_mean_of_a_map_is_logit_minus_bias(seed: int, side: int, n_features: int) -> None:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(2, side, side, n_features)).astype(np.float32)
    kernel, bias = rng.normal(size=(n_features, 10)), rng.normal(size=10)
    logits = features.mean(axis=(1, 2)) @ kernel + bias
    maps = closed_form_maps(features, kernel)
    for pick, rest in ((class_map, 0.0), (centred_map, logits[1].mean() - bias.mean())):
        mean = float(pick(maps[1], 7).mean(dtype=float))
        assert abs(mean + rest - (logits[1, 7] - bias[7])) < 1e-4


@given(seed=st.integers(0, 1000))
def test_one_vector_added_to_all_classes_leaves_the_centred_map_alone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    features = rng.uniform(size=(1, 5, 5, 8)).astype(np.float32)
    kernel, shift = rng.normal(size=(8, 10)), rng.normal(size=(8, 1))
    before, after = closed_form_maps(features, kernel), closed_form_maps(features, kernel + shift)
    np.testing.assert_allclose(centred_map(before, 3), centred_map(after, 3), atol=1e-5)
    assert not np.allclose(class_map(before, 3), class_map(after, 3), atol=1e-3)


def test_an_added_vector_can_turn_a_positive_map_blank() -> None:
    features, kernel = np.ones((1, 2, 2, 1), np.float32), np.float32([[1, 0, -1]])
    shifted = closed_form_maps(features, kernel - 3)
    assert why_blank(class_map(closed_form_maps(features, kernel), 0)[0]) is None
    assert "against this class" in why_blank(class_map(shifted, 0)[0])
    assert why_blank(centred_map(shifted, 0)[0]) is None


def test_the_centred_maps_of_all_classes_cancel() -> None:
    maps = np.random.default_rng(0).normal(size=(10, 8, 8)).astype(np.float32)
    np.testing.assert_allclose(sum(centred_map(maps, c) for c in range(10)), 0, atol=1e-5)


def test_a_blank_map_says_why() -> None:
    shape = (8, 8)
    assert "Every cell speaks against" in why_blank(np.full(shape, -0.5))
    assert "best: -0.5 logits" in why_blank(np.full(shape, -0.5))
    assert "dead features, or a head" in why_blank(np.zeros(shape))
    assert "Dead features" in why_blank(np.zeros(shape), features=np.zeros((8, 8, 4)))
    assert "the head gives this class no weight" in why_blank(np.zeros(shape), features=np.ones((8, 8, 4)))
    assert "not finite" in why_blank(np.full(shape, np.nan))


def test_a_map_with_one_warm_cell_is_not_blank() -> None:
    values = np.full((8, 8), -1.0)
    values[2, 5] = 0.01
    assert why_blank(values) is None
    values[2, 5] = 1e-9  # rounding, beside the rest
    assert why_blank(values) is not None


def test_a_class_that_is_not_there_and_features_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BadValueError, match=r"class_index must lie in 0\.\.9, got 10"):
        class_map(np.zeros((10, 8, 8)), 10)
    with pytest.raises(BadValueError, match=r"0\.\.9, got -1"):
        centred_map(np.zeros((10, 8, 8)), -1)
    with pytest.raises(BadValueError, match="keep the axis of the classes"):
        class_map(np.zeros((8, 8)), 0)
    with pytest.raises(BadValueError, match="must agree in K"):
        closed_form_maps(np.zeros((1, 2, 2, 3)), np.zeros((4, 10)))
