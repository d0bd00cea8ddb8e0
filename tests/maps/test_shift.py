"""Galaxies that are moved, and heat that follows or stays."""

import numpy as np
import pytest
from made_sky import blob, sky_image, star

from galaxy_core.images.view import View
from galaxy_core.maps.galaxy_mask import find_galaxy
from galaxy_core.maps.shift import follow_products, heat_shift, move_galaxy, shifts_of
from galaxy_core.maps.sky_fill import sky_like

WHOLE = View(256, 256)


def test_the_galaxy_is_where_it_was_moved_and_sky_is_where_it_was() -> None:
    image = sky_image(blob(width=8), star(40, 60))
    mask = find_galaxy(image)
    moved = move_galaxy(image, mask, (48, -16), sky_like(image, mask, np.random.default_rng(0)), WHOLE)
    assert moved is not None
    np.testing.assert_array_equal(moved[112, 176], image[128, 128])
    assert abs(float(moved[120:136, 120:136].mean()) - 32) < 2
    np.testing.assert_array_equal(moved[55:65, 35:45], image[55:65, 35:45])  # the star stayed


def test_a_galaxy_that_would_leave_the_image_is_not_moved() -> None:
    image = sky_image(blob(width=14))
    mask, sky = find_galaxy(image), np.full_like(image, 32)
    assert move_galaxy(image, mask, (110, 0), sky, WHOLE) is None
    assert move_galaxy(image, mask, (48, 0), sky, WHOLE) is not None


def test_a_galaxy_that_would_leave_what_is_seen_is_not_moved() -> None:
    image = sky_image(blob(width=14))
    mask, sky = find_galaxy(image), np.full_like(image, 32)
    assert move_galaxy(image, mask, (48, 0), sky, View(96, 96)) is None
    assert move_galaxy(image, mask, (8, 0), sky, View(160, 160)) is not None


def test_a_move_is_a_cell_and_a_half_of_the_view() -> None:
    assert shifts_of(WHOLE, 8) == [(48, 0), (-48, 0), (0, 48), (0, -48)]
    assert shifts_of(View(128, 256), 8)[0] == (24, 0)


def test_the_sky_has_the_level_the_noise_and_the_grain_of_the_image() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(256, 256))
    grain = 32 + 6 * (noise + np.roll(noise, 1, 1))  # neighbours in a row are alike
    image = np.clip(np.rint(np.repeat(grain[..., None], 3, 2) + blob(width=10)[..., None]), 0, 255)
    filled = sky_like(image.astype(np.uint8), find_galaxy(image.astype(np.uint8)), rng).astype(float)
    assert filled.mean() == pytest.approx(32, abs=1)
    assert filled.std() == pytest.approx(6 * 2**0.5, rel=0.1)
    alike = np.corrcoef(filled[:, :-1, 0].ravel(), filled[:, 1:, 0].ravel())[0, 1]
    assert alike == pytest.approx(0.5, abs=0.12)
    assert filled.max() < 100  # nothing of the galaxy


def test_an_image_without_sky_is_given_the_surveys() -> None:
    image = np.full((256, 256, 3), 200, np.uint8)
    mask = find_galaxy(sky_image(blob(width=200)))
    full = type(mask)(np.ones((256, 256), bool), np.zeros((256, 256), bool), (127, 127), 144, True, 32, 2)
    assert sky_like(image, full, np.random.default_rng(0)).mean() == pytest.approx(32, abs=1)


def test_the_slope_is_one_where_the_heat_follows_and_zero_where_it_stays() -> None:
    shifts = np.array([[64.0, 0], [0, -64]])
    before = np.zeros((2, 8, 8))
    before[:, 4, 4] = 1
    after = np.stack([np.roll(before[0], 2, axis=1), np.roll(before[1], -2, axis=0)])
    for maps, slope in ((after, 1), (before, 0)):
        above, below = follow_products(heat_shift(before, maps, (256, 256)), shifts).sum(axis=0)
        assert above / below == pytest.approx(slope, abs=0.02)


def test_a_blank_map_says_nothing_of_the_slope() -> None:
    before, after = np.ones((1, 8, 8)), -np.ones((1, 8, 8))
    assert np.isnan(follow_products(heat_shift(before, after, (256, 256)), np.array([[48.0, 0]]))).all()
