"""Known answers, agreement with scikit-learn, and intervals that cover as often as they say."""

import math

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.evaluation import statistics

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
    table = statistics.confusion(LABELS, PREDICTED)
    assert table.shape == (10, 10)
    assert table[0, 1] == 1
    assert table[1, 0] == 0
    assert table.sum() == 6


def test_completeness_and_purity_are_undefined_where_there_is_nothing_to_divide_by() -> None:
    table = statistics.confusion(np.array([0, 0]), np.array([0, 1]))
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
    assert math.isnan(statistics.bootstrap_interval(nothing, np.random.default_rng(0))[0])


@pytest.mark.parametrize(("n_correct", "n", "low", "high"), [(8, 10, 0.4902, 0.9433), (0, 10, 0, 0.2775)])
def test_wilson_interval_has_the_published_values(n_correct: int, n: int, low: float, high: float) -> None:
    assert statistics.wilson_interval(n_correct, n) == pytest.approx((low, high), abs=1e-4)


def test_wilson_interval_is_that_of_scipy() -> None:
    from scipy.stats import binomtest

    theirs = binomtest(83, 140).proportion_ci(0.9, method="wilson")
    assert statistics.wilson_interval(83, 140, 0.9) == pytest.approx((theirs.low, theirs.high))


def test_bootstrap_interval_of_many_galaxies_is_that_of_the_normal_distribution() -> None:
    correct = np.arange(1000) < 700
    low, high = statistics.bootstrap_interval(correct, np.random.default_rng(0), n_draws=20_000)
    half = 1.96 * math.sqrt(0.7 * 0.3 / 1000)
    assert (low, high) == pytest.approx((0.7 - half, 0.7 + half), abs=0.002)


def test_bootstrap_by_counts_is_the_bootstrap_by_galaxies() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 10, 300)
    correct = rng.random(300) < 0.6
    ours = statistics.balanced_interval(labels, correct, rng, n_draws=4000)
    draws = [_balanced(labels[i], correct[i]) for i in rng.integers(0, 300, (4000, 300))]
    assert ours == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), abs=0.005)


def test_same_seed_gives_the_same_interval() -> None:
    correct = np.arange(50) < 20
    first, second = (statistics.bootstrap_interval(correct, np.random.default_rng(3)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("is_right", [True, False])
def test_balanced_interval_has_a_width_where_all_are_right_or_all_wrong(is_right: bool) -> None:
    labels = np.repeat(np.arange(10), 4)
    low, high = statistics.balanced_interval(labels, np.full(40, is_right), np.random.default_rng(0))
    assert (low, high) == statistics.wilson_interval(40 * is_right, 40)
    assert high - low > 0.08


def test_effective_number_of_a_balanced_sample_is_its_number() -> None:
    assert statistics.effective_number(np.full(10, 14)) == pytest.approx(140)
    assert statistics.effective_number(np.array([1, 99])) == pytest.approx(4 / (1 + 1 / 99))


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_wilson_interval_covers_the_truth_as_often_as_it_says(share: float) -> None:
    rights = np.random.default_rng(0).binomial(140, share, 4000)
    intervals = {int(k): statistics.wilson_interval(int(k), 140) for k in np.unique(rights)}
    covered = np.mean([intervals[int(k)][0] <= share <= intervals[int(k)][1] for k in rights])
    assert 0.93 < covered < 0.97


def test_bootstrap_of_balanced_accuracy_covers_nearly_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(10), 14)
    shares = np.linspace(0.4, 0.9, 10)
    covered = 0
    for _ in range(400):
        correct = rng.random(140) < shares[labels]
        low, high = statistics.balanced_interval(labels, correct, rng, n_draws=400)
        covered += low <= shares.mean() <= high
    assert 0.90 < covered / 400 < 0.98


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_that_is_no_share_is_refused(level: float) -> None:
    with pytest.raises(BadValueError, match=r"0\.95"):
        statistics.wilson_interval(1, 2, level)


def _balanced(labels: np.ndarray, correct: np.ndarray) -> float:
    return float(np.mean([correct[labels == c].mean() for c in np.unique(labels)]))


def test_grouped_intervals_of_galaxies_alone_are_those_of_the_plain_bootstrap() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 10, 400)
    correct = rng.random(400) < 0.6
    overall, balanced = statistics.grouped_intervals(
        labels, correct.astype(float), np.arange(400), np.random.default_rng(0), n_draws=20_000
    )
    assert overall == pytest.approx(statistics.bootstrap_interval(correct, rng, n_draws=20_000), abs=0.006)
    assert balanced == pytest.approx(
        statistics.balanced_interval(labels, correct, rng, n_draws=20_000), abs=0.006
    )


def test_grouped_intervals_of_pairs_that_agree_are_those_of_half_as_many_galaxies() -> None:
    correct = np.arange(400) % 10 < 7
    labels = np.zeros(800, np.int64)
    pairs, _ = statistics.grouped_intervals(
        labels, np.repeat(correct, 2).astype(float), np.repeat(np.arange(400), 2), np.random.default_rng(0)
    )
    half = 1.96 * math.sqrt(0.7 * 0.3 / 400)
    assert pairs == pytest.approx((0.7 - half, 0.7 + half), abs=0.006)


def test_grouped_intervals_of_the_share_of_seeds_are_narrower_than_those_of_one_seed() -> None:
    """A galaxy that half of the seeds have right varies less than one that is right or wrong."""
    rng = np.random.default_rng(0)
    labels, groups = np.zeros(300, np.int64), np.arange(300)
    seeds = rng.random((4, 300)) < 0.5
    (low, high), _ = statistics.grouped_intervals(labels, seeds.mean(0), groups, rng)
    (one_low, one_high), _ = statistics.grouped_intervals(labels, seeds[0].astype(float), groups, rng)
    assert high - low == pytest.approx((one_high - one_low) / 2, rel=0.15)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_grouped_intervals_have_a_width_where_all_are_right_or_all_wrong(share: float) -> None:
    labels = np.repeat(np.arange(10), 4)
    overall, balanced = statistics.grouped_intervals(
        labels, np.full(40, share), np.arange(40), np.random.default_rng(0)
    )
    assert overall == balanced == statistics.wilson_interval(40 * share, 40)


def test_grouped_intervals_without_galaxies_are_nan() -> None:
    nothing = np.array([], np.int64)
    overall, balanced = statistics.grouped_intervals(nothing, nothing, nothing, np.random.default_rng(0))
    assert math.isnan(overall[0])
    assert math.isnan(balanced[1])
