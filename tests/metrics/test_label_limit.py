"""What labels allow, of files whose labels are known to differ."""

import math

import numpy as np
import pytest

from galaxy_core.metrics.label_limit import label_limit, limit_in_words, published_limit
from galaxy_core.metrics.statistics import wilson_interval


def sky(*labels: list[int], apart: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A position for each list of labels, a degree from the next."""
    ra = np.repeat(np.arange(len(labels)) * apart, [len(one) for one in labels])
    return np.concatenate([np.array(one) for one in labels]), ra, np.zeros(len(ra))


def test_one_answer_a_position_loses_every_label_that_is_not_the_most_frequent_one_of_it() -> None:
    limit = label_limit(*sky([0], [1], [2, 2], [3, 4], [5, 5, 6]))
    assert (limit.n_placed, limit.n_repeated, limit.n_contested) == (9, 3, 2)
    assert limit.ceiling.value == pytest.approx(7 / 9)
    assert (limit.ceiling.low, limit.ceiling.high) == wilson_interval(7, 9)
    assert limit.disagreement.value == pytest.approx((0 + 1 + 2 / 3) / 3)


def test_positions_that_all_differ_were_selected_and_say_nothing_of_the_others() -> None:
    limit = label_limit(*sky([0], [1], [3, 4]))
    assert limit.is_selected
    assert limit.if_alike is None
    assert "they cannot tell" in limit_in_words(limit)


@pytest.mark.parametrize("error", [0.0, 0.1, 0.3])
def test_the_ceiling_of_a_fair_sample_of_repeats_holds_what_a_perfect_classifier_reaches(
    error: float,
) -> None:
    rng, n = np.random.default_rng(0), 3000
    truth = rng.integers(0, 10, n)
    twice = np.stack(
        [np.where(rng.random(n) < error, (truth + rng.integers(1, 10, n)) % 10, truth) for _ in "ab"]
    )
    limit = label_limit(twice.T.ravel(), np.repeat(np.arange(n) * 0.1, 2), np.zeros(2 * n))
    assert limit.if_alike is not None
    low, high = limit.if_alike
    assert low <= np.mean(twice == truth) <= high
    assert "were all labels so" in limit_in_words(limit)


def test_positions_that_are_unknown_or_not_repeated_say_that_it_is_not_known() -> None:
    labels, ra, dec = sky([0], [1])
    assert "None of 2 positions is labelled twice" in limit_in_words(label_limit(labels, ra, dec))
    assert math.isnan(label_limit(labels, ra, dec).ceiling.value)
    unknown = label_limit(labels, ra * math.nan, dec)
    assert limit_in_words(unknown).startswith("No galaxy has a position")
    assert unknown.to_json()["ceiling"]["value"] is None


def test_the_published_file_allows_59_of_17736_fewer() -> None:
    limit = published_limit()
    assert (limit.n_placed, limit.n_contested) == (17_736, 59)
    assert limit.ceiling.value == 1 - 59 / 17_736
    assert "at most 99.7 % (99.6–99.7 %)" in limit_in_words(limit)
