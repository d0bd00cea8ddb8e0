"""Two maps whose agreement is known beforehand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_core.images.view import View
from galaxy_core.maps.agreement import difference_map, on_one_grid, rank_correlation, rank_correlations


def test_a_map_agrees_with_itself_and_opposes_its_negative() -> None:
    values = np.random.default_rng(0).normal(size=(8, 8))
    assert rank_correlation(values, values) == pytest.approx(1)
    assert rank_correlation(values, -values) == pytest.approx(-1)


def test_only_the_order_of_the_cells_counts() -> None:
    values = np.random.default_rng(1).normal(size=(4, 4)).astype(np.float32)
    assert rank_correlation(values, np.exp(3 * values)) == pytest.approx(1)


def test_a_correlation_computed_by_hand_with_ties() -> None:
    first, second = np.float32([[1, 2], [2, 3]]), np.float32([[10, 20], [30, 40]])
    # ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: covariance 4.5 over sqrt(4.5 * 5)
    assert rank_correlation(first, second) == pytest.approx(4.5 / math.sqrt(4.5 * 5))


def test_a_flat_map_has_no_order_to_agree_with() -> None:
    assert math.isnan(rank_correlation(np.ones((3, 3)), np.arange(9).reshape(3, 3)))


@settings(deadline=None)
@given(seed=st.integers(0, 500), side=st.integers(2, 11))
def test_the_correlation_is_scipys(seed: int, side: int) -> None:
    from scipy.stats import spearmanr

    first, second = np.random.default_rng(seed).integers(0, 6, (2, side, side)).astype(np.float32)
    if np.ptp(first) and np.ptp(second):
        expected = spearmanr(first.ravel(), second.ravel()).statistic
        assert rank_correlation(first, second) == pytest.approx(expected, abs=1e-9)


def test_the_table_of_correlations_is_symmetric_with_ones_on_its_diagonal() -> None:
    maps = list(np.random.default_rng(2).normal(size=(3, 5, 5)))
    table = rank_correlations(maps, [View(160, 160)] * 3)
    np.testing.assert_allclose(np.diag(table), 1)
    np.testing.assert_allclose(table, table.T)
    assert table[0, 2] == pytest.approx(rank_correlation(maps[0], maps[2]))
    assert rank_correlations([], []).shape == (0, 0)


def test_the_difference_is_what_the_second_network_adds() -> None:
    first, second = np.zeros((10, 4, 4)), np.zeros((10, 4, 4))
    second[3, 0, 3] = 10.0
    found = difference_map(first, second, 3)
    assert found.dtype == np.float32
    assert found[0, 3] == pytest.approx(
        9.0
    )  # ten logits for class 3, of which one is the mean of the classes
    assert np.count_nonzero(found) == 1
    assert difference_map(first, second, 4)[0, 3] == pytest.approx(-1.0)


def test_what_changes_no_probability_changes_no_difference() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.normal(size=(2, 10, 6, 6))
    moved = second + rng.normal(size=(6, 6))  # the same for all classes
    np.testing.assert_allclose(difference_map(first, second, 7), difference_map(first, moved, 7), atol=1e-5)


def test_maps_of_different_sizes_meet_on_the_finer_grid() -> None:
    coarse = np.repeat(np.float32([[0.0, 1.0]]), 2, axis=0)
    fine = np.repeat(np.float32([[0, 1, 2, 3, 4, 5, 6, 7]]), 8, axis=0)
    made, same = on_one_grid([coarse, fine], [View(256, 64), View(256, 256)])
    assert made.shape == (8, 8)
    np.testing.assert_array_equal(same, fine)
    # half a cell from each edge there is no second centre, between the two it is a straight line
    np.testing.assert_allclose(made[3], [0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1], atol=1e-6)
    assert rank_correlation(made, same) > 0.95


def test_networks_of_different_views_are_compared_where_both_see() -> None:
    # one reads the middle quarter at the scale at which the other reads it all: a ramp over the same pixels
    wide = np.repeat(np.arange(8, dtype=np.float32)[None], 8, axis=0)
    inner = np.repeat(np.float32([[2, 3, 4, 5]]), 4, axis=0)
    of_wide, of_inner = on_one_grid([wide, inner], [View(256, 256), View(128, 128)])
    np.testing.assert_allclose(of_wide, inner, atol=1e-6)
    np.testing.assert_array_equal(of_inner, inner)
    by_class = on_one_grid([np.stack([wide] * 10), np.stack([inner] * 10)], [View(256, 256), View(128, 128)])
    np.testing.assert_allclose(difference_map(*by_class, 3), 0, atol=1e-6)
