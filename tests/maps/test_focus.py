"""Scores of maps whose heat is known beforehand."""

import math

import numpy as np
import pytest
from made_sky import blob, sky_image

from galaxy_core.maps.focus import (
    SCORES,
    centred_gaussian,
    centroids,
    focus_scores,
    null_maps,
    rectified_heat,
)
from galaxy_core.maps.galaxy_mask import GalaxyMask, find_galaxy


def square_mask(low: int, high: int) -> GalaxyMask:
    """A galaxy of the cells low..high of 8 a side in 256 pixels, one neighbour in the upper left cell."""
    galaxy, neighbours = np.zeros((2, 256, 256), bool)
    galaxy[32 * low : 32 * high, 32 * low : 32 * high] = True
    neighbours[:32, :32] = True
    middle = 16 * (low + high) - 0.5
    radius = math.sqrt(galaxy.sum() / math.pi)
    return GalaxyMask(galaxy, neighbours, (middle, middle), radius, True, 32.0, 2.0)


def one_hot(row: int, column: int) -> np.ndarray:
    cells = np.zeros((8, 8), np.float32)
    cells[row, column] = 5.0
    return cells


def scores_of(*maps: np.ndarray, mask: GalaxyMask, pixel_scale: float = 0.262) -> list[dict[str, float]]:
    table = focus_scores(np.stack(maps), mask, pixel_scale)
    return [dict(zip(SCORES, row, strict=True)) for row in table]


def test_heat_in_one_place_is_counted_there() -> None:
    middle, corner = scores_of(one_hot(4, 4), one_hot(0, 0), mask=square_mask(2, 7))
    assert middle["energy_galaxy"] > 0.98
    assert corner["energy_neighbours"] > 0.7
    assert corner["energy_galaxy"] < 0.02
    assert (middle["pointing"], corner["pointing"]) == (1, 0)
    for one in (middle, corner):
        parts = one["energy_galaxy"] + one["energy_neighbours"] + one["energy_sky"]
        assert parts == pytest.approx(1, abs=1e-5)


def test_even_heat_falls_on_each_part_by_its_area() -> None:
    mask = square_mask(2, 6)
    (even,) = scores_of(np.ones((8, 8)), mask=mask)
    assert even["energy_galaxy"] == pytest.approx(0.25)
    assert even["energy_neighbours"] == pytest.approx(1 / 64)
    assert even["area_log2"] == pytest.approx(2)  # the image has four times the galaxy's area
    assert even["offset_arcsec"] == pytest.approx(0, abs=1e-3)


def test_the_offset_is_in_arcsec_and_in_radii() -> None:
    mask = square_mask(3, 5)
    (away,) = scores_of(one_hot(4, 6), mask=mask, pixel_scale=0.5)
    x, y = centroids(rectified_heat(one_hot(4, 6)[None], (256, 256)))[0]
    pixels = math.hypot(x - 127.5, y - 127.5)
    assert pixels == pytest.approx(math.hypot(80, 16), abs=2)
    assert away["offset_arcsec"] == pytest.approx(pixels / 2, rel=1e-4)
    assert away["offset_radii"] == pytest.approx(pixels / mask.radius, rel=1e-4)
    (unknown,) = scores_of(one_hot(4, 6), mask=mask, pixel_scale=math.nan)
    assert math.isnan(unknown["offset_arcsec"])
    assert not math.isnan(unknown["offset_radii"])


def test_the_peak_may_miss_by_half_a_cell_and_no_more() -> None:
    mask = square_mask(3, 5)
    beside, farther = scores_of(one_hot(4, 5), one_hot(4, 6), mask=mask)
    assert beside["pointing"] == 1
    assert farther["pointing"] == 0


def test_the_area_of_the_heat_is_that_above_half_of_its_peak() -> None:
    (found,) = scores_of(centred_gaussian((64, 64)), mask=square_mask(2, 6))
    assert found["area_log2"] == pytest.approx(math.log2(math.pi * 32**2 / 128**2), abs=0.02)


def test_only_what_speaks_for_the_class_is_heat() -> None:
    mask = square_mask(2, 6)
    cells = one_hot(4, 4) - 3 * one_hot(0, 7)
    plain, signed = scores_of(one_hot(4, 4), cells, mask=mask)
    assert signed == plain


@pytest.mark.parametrize("empty", [np.zeros((8, 8)), -np.ones((8, 8)), np.full((8, 8), np.nan)])
def test_a_blank_map_has_no_scores_but_that_it_is_blank(empty: np.ndarray) -> None:
    (blank,) = scores_of(empty, mask=square_mask(2, 6))
    assert blank.pop("blank") == 1
    assert all(math.isnan(value) for value in blank.values())


def test_scores_of_many_maps_are_those_of_each() -> None:
    maps = np.random.default_rng(0).normal(size=(5, 8, 8)).astype(np.float32)
    mask = square_mask(1, 5)
    together = focus_scores(maps, mask, 0.262)
    for values, row in zip(maps, together, strict=True):
        np.testing.assert_allclose(focus_scores(values[None], mask, 0.262)[0], row, rtol=1e-4)
    assert focus_scores(maps[:0], mask).shape == (0, len(SCORES))


def test_the_nulls_have_the_cells_of_the_map_and_the_place_of_what_they_stand_for() -> None:
    image = sky_image(blob(128, 128, width=12), blob(40, 200, width=12))
    mask = find_galaxy(image)
    gaussian, brightness = null_maps(image, mask, (8, 8))
    assert gaussian.shape == brightness.shape == (8, 8)
    np.testing.assert_allclose(gaussian, gaussian[::-1, ::-1], rtol=1e-5)
    assert gaussian[3, 3] == gaussian.max()
    assert brightness[6, 1] > 10 * brightness[1, 6]
    assert null_maps(image, mask, (16, 16)).shape == (2, 16, 16)


def test_the_gaussian_is_as_wide_as_it_says() -> None:
    fine = centred_gaussian((256, 256))
    assert np.count_nonzero(fine[128] > fine.max() / 2) == pytest.approx(64, abs=2)
