"""Differences between rows in worlds where chance is known: textbook values, coverage, power, and plain words."""

import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.metrics.paired import (
    Judged,
    Pair,
    ahead_first,
    best_rival,
    compare_all,
    detectable_difference,
    holm,
    in_words,
)
from galaxy_core.metrics.sign_flips import sign_flip_p


def row(name: str, is_right: np.ndarray, index: np.ndarray | None = None, draw: int = 0) -> Judged:
    places = np.arange(len(is_right)) if index is None else index
    return Judged(name, places, np.asarray(is_right, bool), np.full(len(is_right), draw))


def two(n_first: int, n_second: int, n_both: int, n: int) -> list[Judged]:
    """Rows `a` and `b`: so many galaxies only the first has right, only the second, both; the rest neither."""
    place = np.arange(n)
    both = place < n_both
    first = (place >= n_both) & (place < n_both + n_first)
    second = (place >= n_both + n_first) & (place < n_both + n_first + n_second)
    return [row("a", both | first), row("b", both | second)]


def compared(rows: list[Judged]) -> list[Pair]:
    return compare_all(rows, np.random.default_rng(0))


@pytest.mark.parametrize(("n_first", "n_second"), [(8, 2), (15, 5), (1, 0), (4, 4), (30, 12)])
def test_the_exact_p_value_is_the_binomial_one_of_scipy(n_first: int, n_second: int) -> None:
    from scipy.stats import binomtest

    (pair,) = compared(two(n_first, n_second, 20, 100))
    expected = binomtest(n_first, n_first + n_second).pvalue
    assert pair.p_value == pytest.approx(expected)
    assert (pair.only_first, pair.only_second) == (n_first, n_second)


def test_where_no_galaxy_is_right_in_one_only_its_count_is_zero_without_a_sign() -> None:
    for pair in (*compared(two(0, 3, 5, 20)), *compared(two(3, 0, 5, 20)), *compared(two(0, 0, 5, 20))):
        assert not math.copysign(1, pair.only_first) < 0
        assert not math.copysign(1, pair.only_second) < 0
        assert "-0" not in (f"{pair.only_first:.0f}", f"{pair.only_second:.0f}")


def test_eight_against_two_is_the_textbook_value() -> None:
    (pair,) = compared(two(8, 2, 0, 10))
    assert pair.p_value == pytest.approx(2 * (1 + 10 + 45) / 1024)


def test_galaxies_are_paired_by_their_place_in_the_file_whatever_their_order() -> None:
    rng = np.random.default_rng(1)
    right = rng.random(60) < 0.6
    order = rng.permutation(60)
    more = np.append(order, 1000)  # a galaxy the other row was not tested on
    (pair,) = compared([row("a", right), row("b", np.append(right[order], True), more)])
    assert (pair.n_galaxies, pair.difference, pair.only_first, pair.p_value) == (60, 0.0, 0.0, 1.0)


def test_two_rows_that_never_differ_still_have_an_interval() -> None:
    (pair,) = compared([row("a", np.arange(40) < 30), row("b", np.arange(40) < 30)])
    assert -0.1 < pair.low < 0 < pair.high < 0.1
    assert "right equally often: not distinguishable with 40 galaxies" in in_words(pair)


def test_holm_gives_the_published_order_and_never_more_than_one() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == [1.0, 1.0]


def test_among_six_equal_rows_a_false_difference_is_rare() -> None:
    rng = np.random.default_rng(4)
    n_false = 0
    for _ in range(200):
        rows = (rng.random((6, 100)) < 0.6).astype(float)
        n_false += min(holm([sign_flip_p(a - b, rng) for a, b in combinations(rows, 2)])) <= 0.05
    assert n_false <= 15  # 10 expected at most; the exact test is on the safe side


def test_a_true_difference_of_the_detectable_size_is_found_four_times_in_five() -> None:
    rng = np.random.default_rng(5)
    n, disagreeing = 700, 0.3
    size = detectable_difference(n, disagreeing)
    ahead = (disagreeing + size) / 2
    draws = rng.choice([1.0, -1.0, 0.0], (1000, n), p=[ahead, disagreeing - ahead, 1 - disagreeing])
    found = np.mean([sign_flip_p(one, rng) <= 0.05 for one in draws])
    assert 0.75 < found < 0.85
    assert detectable_difference(n, disagreeing, 1 - 0.05 / 15) > size


def test_a_handful_of_galaxies_can_show_only_what_the_exact_test_can() -> None:
    assert detectable_difference(10, 0.0) == pytest.approx(0.6)  # 2 / 2**6 is the first p-value below 0.05
    assert detectable_difference(4, 0.5) == 1.0


def test_seeds_are_pooled_galaxy_by_galaxy_and_their_spread_is_told() -> None:
    rng = np.random.default_rng(6)
    right = rng.random((2, 2, 300)) < np.array([0.7, 0.6])[:, None, None]
    pooled = [
        Judged(name, np.tile(np.arange(300), 2), np.concatenate(seeds), np.repeat([0, 1], 300))
        for name, seeds in zip("ab", right, strict=True)
    ]
    (pair,) = compared(pooled)
    by_seed = [right[0, s].mean() - right[1, s].mean() for s in (0, 1)]
    assert pair.n_galaxies == 300
    assert pair.difference == pytest.approx(np.mean(by_seed))
    assert (pair.draw_low, pair.draw_high) == pytest.approx((min(by_seed), max(by_seed)))
    assert pair.only_first - pair.only_second == pytest.approx(300 * pair.difference)


def test_folds_are_pooled_into_all_galaxies_and_compared_one_by_one() -> None:
    index, folds = np.arange(100), np.repeat([0, 1], 50)
    first = Judged("a", index, index % 10 < 8, folds)
    second = Judged("b", index, (index % 10 < 8) & (index >= 20), folds)
    (pair,) = compared([first, second])
    assert (pair.n_galaxies, pair.n_draws) == (100, 2)
    assert (pair.draw_low, pair.draw_high) == pytest.approx((0.0, 0.32))
    assert pair.difference == pytest.approx(0.16)


def test_the_sentence_says_who_beats_whom_or_that_it_may_be_chance() -> None:
    weak, strong = compared(two(70, 50, 400, 700))[0], compared(two(20, 90, 400, 700))[0]
    assert in_words(weak) == (
        "a is ahead of b by 2.9 points (−0.2 to 5.9), which may be chance: not distinguishable with 700 galaxies"
    )
    assert in_words(strong) == "b beats a by 10 points (7 to 13): distinguishable with 700 galaxies"


def test_a_pair_that_would_stand_alone_and_not_among_all_is_said_to_be_so() -> None:
    alone = replace(compared(two(20, 40, 400, 700))[0], p_value=0.01, p_corrected=0.06, n_pairs=15)
    assert (alone.is_only_alone, alone.is_distinguishable) == (True, False)
    assert in_words(alone).endswith("not distinguishable with 700 galaxies when all 15 pairs are considered")


def test_turned_round_the_row_that_is_ahead_comes_first_and_says_the_same() -> None:
    pair = replace(compared(two(20, 90, 400, 700))[0], draw_low=-0.2, draw_high=0.1)
    turned = ahead_first(pair)
    assert (turned.first, turned.difference, turned.low) == ("b", -pair.difference, -pair.high)
    assert (turned.draw_low, turned.draw_high, turned.only_first) == (-0.1, 0.2, pair.only_second)
    assert ahead_first(turned) == turned
    assert in_words(turned) == in_words(pair)


def test_the_rival_of_a_row_is_the_best_of_the_others() -> None:
    rows = [row(name, np.arange(20) < n_right) for name, n_right in (("a", 12), ("b", 15), ("c", 9))]
    pairs = compared(rows)
    rivals = {name: best_rival(pairs, name) for name in "abc"}
    assert {name: {pair.first, pair.second} for name, pair in rivals.items()} == {
        "a": {"a", "b"},
        "b": {"a", "b"},
        "c": {"b", "c"},
    }
    with pytest.raises(BadValueError, match="d is in none of 3 pairs"):
        best_rival(pairs, "d")


def test_one_row_or_no_common_galaxy_cannot_be_compared() -> None:
    with pytest.raises(BadValueError, match="two rows or more, got 1"):
        compared([row("a", np.ones(3))])
    with pytest.raises(BadValueError, match="a and b share no test galaxy"):
        compared([row("a", np.ones(3)), row("b", np.ones(3), np.arange(3, 6))])


def test_galaxies_of_one_field_that_fail_together_count_once() -> None:
    """Sixty fields of five: seven fields against none is seven draws, not thirty-five."""
    fields = tuple(tuple(range(5 * k, 5 * k + 5)) for k in range(60))
    rows = [row("a", np.ones(300)), row("b", np.arange(300) >= 35)]
    alone, together = compared(rows), compared([replace(one, neighbours=fields) for one in rows])
    assert alone[0].p_value < 1e-7
    assert together[0].p_value == pytest.approx(2 / 2**7)
    assert together[0].high - together[0].low > 2 * (alone[0].high - alone[0].low)
    assert together[0].detectable > 2 * alone[0].detectable
