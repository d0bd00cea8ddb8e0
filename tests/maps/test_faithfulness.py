"""A network that reads one square, with a map that points there, one that points elsewhere, and none."""

import math

import numpy as np
import pytest

from galaxy_core.maps.faithfulness import (
    SCORES,
    area_under,
    average_drop,
    deletion_and_insertion,
    faithfulness_scores,
    imputed,
    ordered_pixels,
    road,
)

SIDE = 64
SKY = np.full((SIDE, SIDE, 3), 32, np.uint8)
TRUE, WRONG = (np.s_[16:32, 16:32], np.s_[32:48, 40:56])


def image() -> np.ndarray:
    """Sky with a bright square that the network reads."""
    picture = SKY.copy()
    picture[TRUE] = 232
    return picture


def reads_the_square(images: np.ndarray) -> np.ndarray:
    """Probability 1 when the square is bright, 0 when it is sky."""
    return np.clip((images[(slice(None), *TRUE)].mean(axis=(1, 2, 3)) - 32) / 200, 0, 1)


def map_on(place: tuple[slice, slice]) -> np.ndarray:
    """Heat in the cells (8 a side) of a place."""
    fine = np.zeros((SIDE, SIDE), np.float32)
    fine[place] = 1
    return fine.reshape(8, 8, 8, 8).mean(axis=(1, 3))


def test_the_hottest_pixel_is_first_and_what_speaks_against_is_last() -> None:
    cells = np.float32([[0, 3], [-2, 1]])
    ranks = ordered_pixels(cells, (4, 4))
    assert ranks[0, 3] == 0
    assert ranks[3, 0] == 15
    assert sorted(ranks.ravel()) == list(range(16))


def test_the_area_under_known_curves() -> None:
    assert area_under(np.ones(9)) == 1
    assert area_under(np.linspace(1, 0, 9)) == pytest.approx(0.5)
    assert area_under(np.array([1.0, 0, 0])) == pytest.approx(0.25)


def test_a_map_on_what_is_read_deletes_fast_and_inserts_fast() -> None:
    deleted, inserted = deletion_and_insertion(reads_the_square, image(), SKY, map_on(TRUE))
    assert deleted < 0.15
    assert inserted > 0.85


def test_a_map_elsewhere_does_not() -> None:
    deleted, inserted = deletion_and_insertion(reads_the_square, image(), SKY, map_on(WRONG))
    right = deletion_and_insertion(reads_the_square, image(), SKY, map_on(TRUE))
    assert deleted > right[0] + 0.2
    assert inserted < right[1] - 0.2


def test_road_is_positive_for_the_right_map_and_negative_for_its_opposite() -> None:
    rng = np.random.default_rng(0)
    assert road(reads_the_square, image(), map_on(TRUE), rng) > 0.5
    assert road(reads_the_square, image(), -map_on(TRUE), rng) < -0.5


def test_imputation_carries_a_gradient_across_a_hole() -> None:
    ramp = np.repeat(np.linspace(20, 220, SIDE)[None, :, None], SIDE, axis=0).repeat(3, axis=2)
    hole = np.zeros((SIDE, SIDE), bool)
    hole[20:44, 20:44] = True
    broken = ramp.astype(np.uint8)
    broken[hole] = 0
    filled = imputed(broken, hole, np.random.default_rng(0)).astype(float)
    assert np.abs(filled - ramp)[hole].mean() < 5
    np.testing.assert_array_equal(filled[~hole], broken[~hole])


def test_nothing_lost_changes_nothing() -> None:
    given = image()
    none = np.zeros((SIDE, SIDE), bool)
    np.testing.assert_array_equal(imputed(given, none, np.random.default_rng(0)), given)


def test_the_drop_is_nothing_where_the_heat_covers_what_is_read_and_all_where_it_misses() -> None:
    assert average_drop(reads_the_square, image(), SKY, np.ones((8, 8))) == 0
    assert average_drop(reads_the_square, image(), SKY, map_on(WRONG)) > 0.8
    assert average_drop(reads_the_square, image(), SKY, map_on(TRUE)) < 0.3
    assert math.isnan(average_drop(reads_the_square, image(), SKY, -np.ones((8, 8))))


def test_all_scores_come_in_their_order() -> None:
    rng = np.random.default_rng(0)
    scores = faithfulness_scores(reads_the_square, image(), SKY, map_on(TRUE), rng)
    assert scores.shape == (len(SCORES),)
    named = dict(zip(SCORES, scores, strict=True))
    assert named["deletion"] < named["insertion"]
    assert named["road"] > 0.5
