"""Known answers, agreement with scikit-learn, and intervals that cover as often as they say."""

import math

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.metrics import statistics

LABELS = np.array([0, 0, 0, 1, 1, 2])
PREDICTED = np.array([0, 0, 1, 1, 2, 2])


def test_accuracy_counts_right_answers() -> None:
    assert statistics.accuracy(LABELS, PREDICTED) == pytest.approx(4 / 6)


def test_probabilities_and_their_largest_class_give_the_same_numbers() -> None:
    shares = np.eye(10)[PREDICTED]
    assert statistics.accuracy(LABELS, shares) == statistics.accuracy(LABELS, PREDICTED)
    assert statistics.balanced_accuracy(LABELS, shares) == statistics.balanced_accuracy(LABELS, PREDICTED)


def test_balanced_accuracy_gives_each_class_that_occurs_the_same_weight() -> None:
    assert statistics.balanced_accuracy(LABELS, PREDICTED) == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)


def test_balanced_accuracy_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import balanced_accuracy_score

    rng = np.random.default_rng(0)
    labels, predicted = rng.integers(0, 10, (2, 500))
    ours = statistics.balanced_accuracy(labels, predicted)
    assert ours == pytest.approx(balanced_accuracy_score(labels, predicted))


def test_confusion_has_true_classes_down_and_predicted_classes_across() -> None:
    table = statistics.confusion(LABELS, PREDICTED, 10)
    assert table.shape == (10, 10)
    assert table[0, 1] == 1
    assert table[1, 0] == 0
    assert table.sum() == 6


def test_completeness_and_purity_are_undefined_where_there_is_nothing_to_divide_by() -> None:
    table = statistics.confusion(np.array([0, 0]), np.array([0, 1]), 10)
    assert statistics.completeness(table)[0] == 0.5
    assert math.isnan(statistics.completeness(table)[1])  # never the truth
    assert statistics.purity(table)[1] == 0  # predicted once, wrongly
    assert math.isnan(statistics.purity(table)[2])  # never predicted


def test_cross_entropy_of_a_uniform_answer_is_the_logarithm_of_ten() -> None:
    assert statistics.cross_entropy(np.array([3, 7]), np.full((2, 10), 0.1)) == pytest.approx(math.log(10))


def test_cross_entropy_of_one_confident_mistake_is_finite() -> None:
    loss = statistics.cross_entropy(np.array([0]), np.eye(10)[[1]])
    assert loss == pytest.approx(-math.log(1e-7))


def test_no_galaxies_have_no_numbers() -> None:
    nothing = np.array([], np.int64)
    assert math.isnan(statistics.accuracy(nothing, nothing))
    assert math.isnan(statistics.balanced_accuracy(nothing, nothing))
    assert math.isnan(statistics.cross_entropy(nothing, np.empty((0, 10))))
    assert math.isnan(statistics.wilson_interval(0, 0)[0])


@pytest.mark.parametrize(("n_correct", "n", "low", "high"), [(8, 10, 0.4902, 0.9433), (0, 10, 0, 0.2775)])
def test_wilson_interval_has_the_published_values(n_correct: int, n: int, low: float, high: float) -> None:
    assert statistics.wilson_interval(n_correct, n) == pytest.approx((low, high), abs=1e-4)


def test_wilson_interval_is_that_of_scipy() -> None:
    from scipy.stats import binomtest

    theirs = binomtest(83, 140).proportion_ci(0.9, method="wilson")
    assert statistics.wilson_interval(83, 140, 0.9) == pytest.approx((theirs.low, theirs.high))


@pytest.mark.parametrize("is_right", [True, False])
def test_balanced_interval_has_a_width_where_all_are_right_or_all_wrong(is_right: bool) -> None:
    labels = np.repeat(np.arange(10), 4)
    low, high = statistics.balanced_interval(labels, np.full(40, is_right))
    assert (low, high) == statistics.wilson_interval(40 * is_right, 40)
    assert high - low > 0.08


def test_effective_number_of_a_balanced_sample_is_its_number() -> None:
    assert statistics.effective_number(np.full(10, 14)) == pytest.approx(140)
    assert statistics.effective_number(np.array([1, 99])) == pytest.approx(4 / (1 + 1 / 99))


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_that_is_no_share_is_refused(level: float) -> None:
    with pytest.raises(BadValueError, match=r"0\.95"):
        statistics.wilson_interval(1, 2, level)


def test_grouped_intervals_of_the_share_of_seeds_are_narrower_than_those_of_one_seed() -> None:
    """A galaxy that half of the seeds have right varies less than one that is right or wrong."""
    rng = np.random.default_rng(0)
    labels, groups = np.zeros(300, np.int64), np.arange(300)
    seeds = rng.random((4, 300)) < 0.5
    (low, high), _ = statistics.grouped_intervals(labels, seeds.mean(0), groups)
    (one_low, one_high), _ = statistics.grouped_intervals(labels, seeds[0].astype(float), groups)
    assert high - low == pytest.approx((one_high - one_low) / 2, rel=0.15)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_grouped_intervals_have_a_width_where_all_are_right_or_all_wrong(share: float) -> None:
    labels = np.repeat(np.arange(10), 4)
    overall, balanced = statistics.grouped_intervals(labels, np.full(40, share), np.arange(40))
    assert overall == balanced == statistics.wilson_interval(40 * share, 40)


def test_grouped_intervals_without_galaxies_are_nan() -> None:
    nothing = np.array([], np.int64)
    overall, balanced = statistics.grouped_intervals(nothing, nothing, nothing)
    assert math.isnan(overall[0])
    assert math.isnan(balanced[1])


def test_grouped_intervals_of_galaxies_alone_are_nearly_those_of_a_run() -> None:
    rng = np.random.default_rng(1)
    labels, correct = rng.integers(0, 10, 400), rng.random(400) < 0.6
    overall, balanced = statistics.grouped_intervals(labels, correct.astype(float), np.arange(400))
    assert overall == pytest.approx(statistics.wilson_interval(int(correct.sum()), 400), abs=0.001)
    assert balanced == pytest.approx(statistics.balanced_interval(labels, correct), abs=0.001)


def test_galaxies_of_fields_that_agree_are_worth_one_a_field() -> None:
    correct = np.repeat(np.arange(400) % 10 < 7, 5).astype(float)
    fields = np.repeat(np.arange(400), 5)
    assert statistics.design_effect(correct, fields) == pytest.approx(5, rel=0.02)
    assert statistics.design_effect(np.ones(2000), fields) == 5
    pairs, _ = statistics.grouped_intervals(np.zeros(2000, np.int64), correct, fields)
    assert pairs == pytest.approx(statistics.wilson_interval(280, 400), abs=0.001)
