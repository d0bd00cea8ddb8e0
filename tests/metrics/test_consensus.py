"""Networks whose disagreement is known beforehand."""

import math

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.metrics.consensus import consensus, disagreement

SURE = np.eye(10, dtype=np.float32)


def test_networks_that_say_the_same_do_not_disagree() -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(10), size=5)
    np.testing.assert_allclose(disagreement([shares, shares, shares]), 0, atol=1e-12)
    assert disagreement([shares]).shape == (5,)


def test_two_networks_that_are_sure_of_different_classes_disagree_by_one_bit() -> None:
    assert disagreement([SURE[:1], SURE[1:2]])[0] == pytest.approx(1)


def test_six_networks_each_sure_of_its_own_class_reach_the_largest_disagreement() -> None:
    assert disagreement([SURE[c : c + 1] for c in range(6)])[0] == pytest.approx(math.log2(6))


def test_the_answer_is_the_class_of_the_largest_mean_probability() -> None:
    shy = np.full(10, 0.05)
    shy[2] = 0.55
    said = consensus([SURE[7], shy, shy])
    assert (said.answer, said.n_votes, said.n_networks) == (2, 2, 3)
    assert 0 < said.bits < math.log2(3)


def test_answers_on_different_galaxies_are_refused() -> None:
    with pytest.raises(BadValueError, match="same galaxies"):
        disagreement([SURE[:1], SURE[:2]])
    with pytest.raises(BadValueError, match="same galaxies"):
        disagreement([])


@pytest.mark.parametrize(("n", "bits"), [(1, 0.0), (2, 1.0), (6, math.log2(6)), (12, math.log2(10))])
def test_networks_cannot_disagree_by_more_than_is_said(n: int, bits: float) -> None:
    sure = [np.eye(10)[i % 10] for i in range(n)]
    together = consensus(sure)
    assert together.most_bits == pytest.approx(bits)
    assert together.bits <= together.most_bits + 1e-12
