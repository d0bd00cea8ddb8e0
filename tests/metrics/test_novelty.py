"""Strangeness against held-out galaxies: formulas, false alarms as often as stated, and real strangers found."""

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.metrics.novelty import (
    SCORES,
    doubt,
    energy,
    largest_logit,
    separation,
    share_as_strange,
    share_as_unusual,
)


def test_energy_is_minus_the_logarithm_of_the_sum_of_exponentials() -> None:
    from scipy.special import logsumexp

    logits = np.random.default_rng(0).normal(0, 3, (20, 10))
    np.testing.assert_allclose(energy(logits), -logsumexp(logits, axis=1))
    assert energy(np.full((1, 10), 1000.0))[0] == pytest.approx(-1000 - np.log(10))


def test_doubt_is_one_minus_the_largest_probability() -> None:
    assert doubt(np.zeros((1, 10)))[0] == pytest.approx(0.9)
    assert doubt(np.array([[1000.0, 0.0]]))[0] == pytest.approx(0)
    assert largest_logit(np.array([[1.0, 7.0]]))[0] == -7


@pytest.mark.parametrize("name", SCORES)
def test_one_galaxy_in_twenty_is_called_strange_and_no_more(name: str) -> None:
    rng = np.random.default_rng(1)
    alarms = []
    for _ in range(200):
        scores = SCORES[name](rng.normal(0, 3, (79 + 100, 10)))
        alarms.append(np.mean(share_as_strange(scores[79:], scores[:79]) <= 0.05))
    assert 0.03 < np.mean(alarms) <= 0.055


def test_images_on_which_no_class_speaks_up_are_strange() -> None:
    rng = np.random.default_rng(2)
    known = rng.normal(0, 1, (200, 10)) + 8 * np.eye(10)[np.arange(200) % 10]
    strangers = rng.normal(0, 1, (100, 10))
    assert separation(energy(strangers), energy(known)) > 0.99
    assert np.mean(share_as_strange(energy(strangers), energy(known)) <= 0.05) > 0.95


def test_the_share_counts_equal_scores_as_just_as_strange() -> None:
    shares = share_as_strange(np.array([0.0, 2.0, 9.0]), np.array([3.0, 1.0, 2.0]))
    np.testing.assert_allclose(shares, [4 / 4, 3 / 4, 1 / 4])


def test_separation_of_equal_scores_is_chance() -> None:
    assert separation(np.ones(5), np.ones(7)) == 0.5
    assert separation(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == 1


def test_without_a_reference_nothing_is_strange_or_known() -> None:
    with pytest.raises(BadValueError, match="held-out galaxies, got none"):
        share_as_strange(np.zeros(1), np.zeros(0))


def test_an_answer_is_unusual_on_either_side_of_those_on_held_out_galaxies() -> None:
    reference = np.arange(99, dtype=float)
    shares = share_as_unusual(np.array([-50.0, 49.0, 150.0]), reference)
    np.testing.assert_allclose(shares, [0.02, 1.0, 0.02])


def test_a_galaxy_of_the_training_kind_is_unusual_at_most_once_in_twenty() -> None:
    rng = np.random.default_rng(3)
    found = [share_as_unusual(rng.normal(size=100), rng.normal(size=70)) <= 0.05 for _ in range(300)]
    assert 0.01 < np.mean(found) <= 0.05
