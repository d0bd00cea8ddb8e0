"""Class counts corrected for what a network was shown and mistakes, where the truth is known."""

import numpy as np
import pytest
from made_answers import N_CLASSES, World

from galaxy_core.errors import BadValueError
from galaxy_core.metrics.calibration import fit_temperature, softmax
from galaxy_core.metrics.class_counts import Answers, ClassShares, class_shares, moments
from galaxy_core.metrics.reweighting import SURVEY_FREQUENCIES, shift_prior


def answers_of(shares: np.ndarray) -> Answers:
    answers = Answers(shares.shape[1])
    for part in np.array_split(shares, 7):
        answers.add(part)
    return answers


def counted(
    world: World, n: int, n_of_a_class: int, **how: int
) -> tuple[np.ndarray, np.ndarray, ClassShares]:
    """The true shares, those of the argmax, and the corrected ones."""
    truth, shares = world.drawn(n, SURVEY_FREQUENCIES)
    labels = np.repeat(np.arange(N_CLASSES), n_of_a_class)
    answers = answers_of(shares)
    found = class_shares(answers, world.probabilities(labels), labels, world.rng, **how)
    return np.bincount(truth, minlength=N_CLASSES) / n, answers.counts / n, found


def test_what_is_added_batch_by_batch_is_what_all_together_would_give() -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(4), 1000)
    answers = answers_of(shares)
    np.testing.assert_allclose(answers.mean, moments(shares).mean(axis=0))
    np.testing.assert_allclose(answers.covariance_of_mean, np.cov(moments(shares).T) / 1000, atol=1e-15)
    np.testing.assert_array_equal(answers.counts, np.bincount(shares.argmax(axis=1), minlength=4))


def test_a_network_that_mistakes_nothing_needs_no_correction() -> None:
    labels = np.repeat([0, 1, 2], [10, 20, 70])
    found = class_shares(
        answers_of(np.eye(3)[labels]),
        np.eye(3)[[0, 1, 2] * 9],
        np.array([0, 1, 2] * 9),
        np.random.default_rng(0),
    )
    np.testing.assert_allclose(found.shares, [0.1, 0.2, 0.7], atol=1e-4)
    assert found.misfit > 0.99


def test_a_known_confusion_is_undone() -> None:
    """Half of class 1 is called 0: 60 of 100 called 0 were 20 of class 0 and 80 of class 1."""
    said = {0: [[0.9, 0.1]] * 20, 1: [[0.9, 0.1]] * 10 + [[0.1, 0.9]] * 10}
    labelled, labels = np.array([*said[0], *said[1]]), np.repeat([0, 1], 20)
    objects = np.array([[0.9, 0.1]] * 60 + [[0.1, 0.9]] * 40)
    found = class_shares(answers_of(objects), labelled, labels, np.random.default_rng(0))
    np.testing.assert_allclose(found.shares, [0.2, 0.8], atol=1e-3)
    assert (found.low <= found.shares).all()
    assert (found.shares <= found.high).all()


@pytest.mark.parametrize("lean", [0.0, 0.12])
def test_many_test_galaxies_bring_the_counts_far_nearer_to_the_truth(lean: float) -> None:
    truth, raw, found = counted(World(np.random.default_rng(1), lean), 20_000, 350, n_draws=50)
    assert np.sqrt(np.mean((found.shares - truth) ** 2)) < 0.6 * np.sqrt(np.mean((raw - truth) ** 2))
    assert found.shares.sum() == pytest.approx(1)
    assert found.shares.min() >= 0


def test_objects_unlike_the_test_galaxies_are_told() -> None:
    world = World(np.random.default_rng(2))
    labels = np.repeat(np.arange(N_CLASSES), 50)
    alike = answers_of(world.drawn(5000, SURVEY_FREQUENCIES)[1])
    unsure = answers_of(np.full((5000, N_CLASSES), 0.1) + 1e-3 * world.rng.normal(size=(5000, N_CLASSES)))
    labelled = world.probabilities(labels)
    assert class_shares(alike, labelled, labels, world.rng, n_draws=10).misfit > 0.01
    assert class_shares(unsure, labelled, labels, world.rng, n_draws=10).misfit < 1e-6


def test_too_few_test_galaxies_of_a_class_or_no_object_are_refused() -> None:
    labels = np.repeat([0, 1], [9, 4])
    with pytest.raises(BadValueError, match="of class 1 there are 4 labelled galaxies"):
        class_shares(answers_of(np.eye(2)), np.eye(2)[labels], labels, np.random.default_rng(0))
    with pytest.raises(BadValueError, match="no object"):
        class_shares(Answers(2), np.eye(2)[labels], labels, np.random.default_rng(0))


WORLDS = [
    (lean, n, n_of_a_class)
    for lean in (0.0, 0.12)
    for n, n_of_a_class in ((500, 14), (20_000, 14), (20_000, 70), (20_000, 350))
]


@pytest.mark.long
@pytest.mark.parametrize(("lean", "n", "n_of_a_class"), WORLDS)
def test_the_intervals_hold_the_truth_as_often_as_they_say(lean: float, n: int, n_of_a_class: int) -> None:
    world = World(np.random.default_rng(0), lean)
    held, errors, raw_errors = [], [], []
    for _ in range(200):
        truth, raw, found = counted(world, n, n_of_a_class, n_draws=200)
        held.append((found.low <= truth) & (truth <= found.high))
        errors.append(found.shares - truth)
        raw_errors.append(raw - truth)
    error, raw_error = (float(np.sqrt(np.mean(np.square(one)))) for one in (errors, raw_errors))
    coverage, least = float(np.mean(held)), float(np.mean(held, axis=0).min())
    print(f"lean {lean}, {n} objects, {n_of_a_class} of a class: {coverage:.3f}, least {least:.3f}; ", end="")
    print(f"error {error:.4f}, as answered {raw_error:.4f}")
    assert coverage > 0.93
    assert least > 0.86


def likeliest(shares: np.ndarray, n_steps: int = 40) -> np.ndarray:
    """The class frequencies by Saerens et al. (2002, eq. 2.9), for a network trained on classes that came alike."""
    found = np.full(N_CLASSES, 1 / N_CLASSES)
    for _ in range(n_steps):
        found = shift_prior(shares, np.full(N_CLASSES, 1 / N_CLASSES), found).mean(axis=0)
    return found


@pytest.mark.long
def test_the_maximum_likelihood_on_tempered_probabilities_is_confidently_wrong_where_a_network_leans() -> (
    None
):
    labels = np.repeat(np.arange(N_CLASSES), 70)
    for lean in (0.0, 0.12):
        world, held, errors, of_ours = World(np.random.default_rng(0), lean), [], [], []
        for _ in range(30):
            truth, shares = world.drawn(2000, SURVEY_FREQUENCIES)
            truth = np.bincount(truth, minlength=N_CLASSES) / 2000
            tested = world.probabilities(labels)
            of_ours.append(
                class_shares(answers_of(shares), tested, labels, world.rng, n_draws=10).shares - truth
            )
            logits, tested_logits = np.log(shares + 1e-30), np.log(tested + 1e-30)
            drawn = []
            for draw in range(41):  # the first is the sample itself
                rows = np.arange(700) if not draw else world.rng.integers(0, 700, 700)
                objects = slice(None) if not draw else world.rng.integers(0, 2000, 2000)
                temperature = fit_temperature(tested_logits[rows], labels[rows])
                drawn.append(likeliest(softmax(logits[objects], temperature)))
            low, high = np.quantile(drawn[1:], (0.025, 0.975), axis=0)
            held.append((low <= truth) & (truth <= high))
            errors.append(drawn[0] - truth)
        error, ours = (float(np.sqrt(np.mean(np.square(one)))) for one in (errors, of_ours))
        print(f"lean {lean}: likeliest {error:.4f}, holds {np.mean(held):.3f}; adjusted counts {ours:.4f}")
        assert (error < ours) == (lean == 0.0)
        assert (float(np.mean(held)) > 0.9) == (lean == 0.0)
