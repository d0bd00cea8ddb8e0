"""Features that are turned, scaled, mixed or unrelated, and what CKA must say of each."""

import math

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.metrics.alignment import alignment_matrix

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(80, 12)) * np.linspace(3, 0.2, 12)


def alignment(first: np.ndarray, second: np.ndarray) -> float:
    return float(alignment_matrix({"": first}, {"": second})[0, 0])


def turned(features: np.ndarray) -> np.ndarray:
    rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(features.shape[1],) * 2))[0]
    return features @ rotation


def test_turned_moved_and_scaled_features_are_the_same() -> None:
    assert alignment(FEATURES, turned(FEATURES)) == pytest.approx(1)
    assert alignment(FEATURES, -7 * FEATURES + 100) == pytest.approx(1)


def test_a_mere_linear_map_is_not_the_same() -> None:
    assert alignment(FEATURES, FEATURES / FEATURES.std(axis=0)) < 0.9


def test_unrelated_features_are_at_nought_even_where_there_are_more_of_them_than_images() -> None:
    rng = np.random.default_rng(2)
    found = [alignment(rng.normal(size=(40, 300)), rng.normal(size=(40, 200))) for _ in range(30)]
    assert abs(np.mean(found)) < 0.02


def test_it_tends_to_the_plain_form_with_many_images() -> None:
    rng = np.random.default_rng(3)
    one = rng.normal(size=(2000, 3))
    other = one @ rng.normal(size=(3, 4)) + rng.normal(size=(2000, 4))
    centred = [features - features.mean(axis=0) for features in (one, other)]
    crossed = np.linalg.norm(centred[0].T @ centred[1]) ** 2
    plain = crossed / math.prod(np.linalg.norm(features.T @ features) for features in centred)
    assert alignment(one, other) == pytest.approx(plain, abs=0.005)


def test_the_estimate_of_dependence_is_unbiased() -> None:
    """Over all choices of five of eight images the mean of HSIC is that of all eight: a U-statistic."""
    from itertools import combinations

    from galaxy_core.metrics.alignment import _dependence, _kernel

    rng = np.random.default_rng(4)
    one, other = rng.normal(size=(8, 3)), rng.normal(size=(8, 2))
    kernels = [np.where(np.eye(8, dtype=bool), 0, features @ features.T) for features in (one, other)]
    parts = [
        _dependence(*(kernel[np.ix_(some, some)] for kernel in kernels))
        for some in map(list, combinations(range(8), 5))
    ]
    assert np.mean(parts) == pytest.approx(_dependence(*kernels))
    assert _dependence(_kernel(one), _kernel(other)) == pytest.approx(_dependence(*kernels))


def test_the_matrix_holds_every_layer_with_every_other() -> None:
    first = {"a": FEATURES, "b": RNG.normal(size=(80, 5))}
    second = {"x": turned(FEATURES), "y": RNG.normal(size=(80, 3)), "dead": np.ones((80, 2))}
    matrix = alignment_matrix(first, second)
    assert matrix.shape == (2, 3)
    assert matrix[0, 0] == pytest.approx(1)
    assert matrix[1, 1] == pytest.approx(alignment(first["b"], second["y"]))
    assert np.isnan(matrix[:, 2]).all()


def test_the_same_images_and_four_of_them_are_needed() -> None:
    with pytest.raises(BadValueError, match="the same images, got 80 and 79"):
        alignment(FEATURES, FEATURES[:79])
    with pytest.raises(BadValueError, match="four images or more"):
        alignment(FEATURES[:3], FEATURES[:3])
