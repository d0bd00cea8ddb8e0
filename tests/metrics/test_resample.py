"""Means and ratios whose interval is known, and what an interval says."""

import math

import numpy as np
import pytest

from galaxy_core.metrics.resample import (
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
from galaxy_core.metrics.sign_flips import difference_interval
from galaxy_core.metrics.statistics import wilson_interval


def test_the_interval_is_two_standard_errors_wide_either_side() -> None:
    values = np.random.default_rng(0).normal(3, 2, (400, 1))
    (found,) = mean_estimates(values, np.random.default_rng(1))
    assert found.value == pytest.approx(values.mean())
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * values.std() / 20, rel=0.1)
    assert found.n == 400


def test_galaxies_without_the_score_are_left_out() -> None:
    values = np.array([[2.0, np.nan]] + 5 * [[2.0, 4.0]])
    same, part = mean_estimates(values, np.random.default_rng(0))
    assert (same.value, same.low, same.high, same.n) == (2, 2, 2, 6)
    assert (part.value, part.low, part.high, part.n) == (4, 4, 4, 5)


def test_nothing_known_is_no_number_and_none_in_json() -> None:
    for values in (np.full((5, 1), np.nan), np.zeros((0, 1))):
        (nothing,) = mean_estimates(values, np.random.default_rng(0))
        assert math.isnan(nothing.value)
        assert nothing.to_json() == {"value": None, "low": None, "high": None, "n": 0}


def test_four_galaxies_give_no_interval_and_five_do() -> None:
    (few,), (enough,) = (
        mean_estimates(np.arange(n, dtype=float)[:, None], np.random.default_rng(0)) for n in (4, 5)
    )
    assert few.value == 1.5
    assert math.isnan(few.low)
    assert enough.low < 1 < 3 < enough.high


def test_yes_and_no_have_wilsons_interval_also_where_all_say_the_same() -> None:
    columns = np.stack([np.zeros(40), np.arange(40) % 4 == 0, np.where(np.arange(40) < 3, -1, 0)], axis=1)
    none, some, lost = mean_estimates(columns, np.random.default_rng(0))
    assert (none.low, none.high) == wilson_interval(0, 40)
    assert (some.low, some.high) == wilson_interval(10, 40)
    assert (lost.low, lost.high) == difference_interval(columns[:, 2])


def test_a_ratio_is_of_the_sums_not_the_mean_of_ratios() -> None:
    (found,) = ratio_estimates(np.array([[1.0], [3.0]]), np.array([[1.0], [1.5]]), np.random.default_rng(0))
    assert found.value == pytest.approx(4 / 2.5)


def test_an_interval_confirms_refutes_or_leaves_open() -> None:
    estimate = Estimate(0.5, 0.4, 0.6, 20)
    assert [verdict_above(estimate, t) for t in (0.3, 0.5, 0.7)] == [CONFIRMED, UNDECIDED, REFUTED]
    assert [verdict_below(estimate, t) for t in (0.3, 0.5, 0.7)] == [REFUTED, UNDECIDED, CONFIRMED]
    assert verdict_above(Estimate(math.nan, math.nan, math.nan, 0), 0.5) == UNDECIDED


def test_six_galaxies_confirm_and_refute_nothing() -> None:
    estimate = Estimate(0.5, 0.4, 0.6, 6)
    assert {verdict_above(estimate, t) for t in (0.3, 0.5, 0.7)} == {UNDECIDED}
    assert {verdict_below(estimate, t) for t in (0.3, 0.5, 0.7)} == {UNDECIDED}


def test_all_must_be_confirmed_and_one_refutes() -> None:
    assert verdict_of_all([CONFIRMED, CONFIRMED]) == CONFIRMED
    assert verdict_of_all([CONFIRMED, UNDECIDED]) == UNDECIDED
    assert verdict_of_all([UNDECIDED, REFUTED]) == REFUTED
    assert verdict_of_all([]) == UNDECIDED
