"""The test of paired differences and its inversion, in worlds where all is known."""

import math
from itertools import product

import numpy as np
import pytest

from galaxy_core.metrics import sign_flips
from galaxy_core.metrics.sign_flips import difference_interval, judged_difference, sign_flip_p


def test_drawn_signs_agree_with_trying_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    differences = np.array([1, 1, 1, 0.5, 0.5, -0.5, 1, -1, 0.5, 0, 0])
    sizes = np.abs(differences[differences != 0])
    totals = [np.dot(signs, sizes) for signs in product((-1, 1), repeat=len(sizes))]
    exact = np.mean(np.abs(totals) >= differences.sum() - 1e-9)
    monkeypatch.setattr(sign_flips, "N_DRAWS", 200_000)
    drawn = sign_flip_p(differences, np.random.default_rng(2))
    assert drawn == pytest.approx(exact, abs=0.004)


def test_groups_change_sign_as_one() -> None:
    differences = np.repeat([1.0, 1.0, 1.0, -1.0, 0.0], 5)
    groups = np.repeat(np.arange(5), 5)
    as_one = sign_flip_p(differences, np.random.default_rng(0), groups)
    assert (
        as_one
        == sign_flip_p(np.array([1.0, 1, 1, -1, 0]), np.random.default_rng(0))
        == pytest.approx(10 / 16)
    )


def test_the_interval_of_many_galaxies_has_the_width_of_the_normal_approximation() -> None:
    differences = np.repeat([1.0, -1.0, 0.0], [120, 80, 800])
    half = 1.96 * math.sqrt((0.2 - 0.04**2) / 1000)
    assert difference_interval(differences) == pytest.approx((0.04 - half, 0.04 + half), abs=0.002)


def test_so_few_groups_that_no_sign_could_be_told_bound_nothing() -> None:
    assert difference_interval(np.ones(300), np.repeat([0, 1], 150)) == (-1.0, 1.0)


@pytest.mark.parametrize("n_fields", [0, 12, 60])
def test_the_interval_leaves_out_zero_exactly_where_the_p_value_is_at_most_a_twentieth(n_fields: int) -> None:
    rng = np.random.default_rng(n_fields)
    n_told = 0
    for k in range(300):
        n = int(rng.integers(20, 300))
        ahead = rng.choice([0.05, 0.15, 0.3])
        differences = rng.choice(
            [1.0, 0.5, 0.0, -1.0], n, p=[ahead, 0.1 * (k % 2), 0.9 - ahead - 0.1 * (k % 2), 0.1]
        )
        groups = rng.integers(0, n_fields, n) if n_fields else None
        (low, high), p_value = judged_difference(differences, rng, groups)
        assert (p_value <= 0.05) == (not low <= 0 <= high)
        n_told += p_value <= 0.05
    assert 50 < n_told < 250


def test_two_equal_networks_in_sixty_fields_of_five_are_seldom_told_apart() -> None:
    """Ignoring the fields, 28 of 100 such pairs were called distinguishable."""
    rng = np.random.default_rng(0)
    fields = np.repeat(np.arange(60), 5)
    n_told = sum(
        judged_difference(shared_errors(rng, 60, 5) - shared_errors(rng, 60, 5), rng, fields)[1] <= 0.05
        for _ in range(300)
    )
    assert n_told <= 25  # 15 expected


def shared_errors(rng: np.random.Generator, n_fields: int, n_each: int) -> np.ndarray:
    """Right answers of a network with six in ten right, whose galaxies of a field mostly stand or fall together."""
    of_field = np.repeat(rng.random(n_fields) < 0.6, n_each)
    own = rng.random(n_fields * n_each) < 0.6
    return np.where(np.repeat(rng.random(n_fields) < 0.7, n_each), of_field, own).astype(float)
