"""Means and ratios whose interval is known, and what an interval says."""

import math

import numpy as np
import pytest

from galaxy_core.evaluation.resample import (
    CONFIRMED,
    REFUTED,
    UNDECIDED,
    Estimate,
    mean_estimates,
    ratio_estimates,
    verdict_above,
    verdict_below,
    verdict_of_all,
)


def test_the_interval_is_two_standard_errors_wide_either_side() -> None:
    values = np.random.default_rng(0).normal(3, 2, (400, 1))
    (found,) = mean_estimates(values, np.random.default_rng(1))
    assert found.value == pytest.approx(values.mean())
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * values.std() / 20, rel=0.1)
    assert found.n == 400


def test_galaxies_without_the_score_are_left_out() -> None:
    values = np.array([[1.0, np.nan], [1.0, 4.0], [1.0, 4.0], [1.0, np.nan]])
    same, part = mean_estimates(values, np.random.default_rng(0))
    assert (same.value, same.low, same.high, same.n) == (1, 1, 1, 4)
    assert (part.value, part.low, part.high, part.n) == (4, 4, 4, 2)


def test_nothing_known_is_no_number_and_none_in_json() -> None:
    for values in (np.full((5, 1), np.nan), np.zeros((0, 1))):
        (nothing,) = mean_estimates(values, np.random.default_rng(0))
        assert math.isnan(nothing.value)
        assert nothing.to_json() == {"value": None, "low": None, "high": None, "n": 0}


def test_one_galaxy_gives_no_interval() -> None:
    (one,) = mean_estimates(np.array([[2.0]]), np.random.default_rng(0))
    assert one.value == 2
    assert math.isnan(one.low)


def test_a_ratio_is_of_the_sums_not_the_mean_of_ratios() -> None:
    (found,) = ratio_estimates(np.array([[1.0], [3.0]]), np.array([[1.0], [1.5]]), np.random.default_rng(0))
    assert found.value == pytest.approx(4 / 2.5)


def test_an_interval_confirms_refutes_or_leaves_open() -> None:
    estimate = Estimate(0.5, 0.4, 0.6, 10)
    assert [verdict_above(estimate, t) for t in (0.3, 0.5, 0.7)] == [CONFIRMED, UNDECIDED, REFUTED]
    assert [verdict_below(estimate, t) for t in (0.3, 0.5, 0.7)] == [REFUTED, UNDECIDED, CONFIRMED]
    assert verdict_above(Estimate(math.nan, math.nan, math.nan, 0), 0.5) == UNDECIDED


def test_all_must_be_confirmed_and_one_refutes() -> None:
    assert verdict_of_all([CONFIRMED, CONFIRMED]) == CONFIRMED
    assert verdict_of_all([CONFIRMED, UNDECIDED]) == UNDECIDED
    assert verdict_of_all([UNDECIDED, REFUTED]) == REFUTED
    assert verdict_of_all([]) == UNDECIDED
