"""What the network is shown."""

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.images.view import averaging_factor, central_view, sample, training_view


@pytest.fixture
def noise():
    return np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), np.uint8)


def test_a_crop_at_native_scale_is_the_very_pixels(noise):
    np.testing.assert_array_equal(training_view(noise, 32, 32), noise[:, 16:48, 16:48])
    np.testing.assert_array_equal(training_view(noise, 64, 64), noise)


def test_an_odd_crop_is_the_very_pixels_too(noise):
    np.testing.assert_array_equal(training_view(noise, 31, 31), noise[:, 16:47, 16:47])


def test_half_the_size_averages_two_by_two(noise):
    means = noise.reshape(2, 32, 2, 32, 2, 3).mean((2, 4))
    np.testing.assert_allclose(training_view(noise, 64, 32), means, atol=0.51)


def test_a_pattern_finer_than_the_view_becomes_grey_not_moire():
    stripes = np.zeros((1, 256, 256, 3), np.uint8)
    stripes[:, :, ::2] = 200
    for size in (64, 85, 100, 128):
        assert training_view(stripes, 256, size).std() < 45, size


def test_the_centre_stays_the_centre_whatever_crop_and_size():
    image = np.zeros((1, 65, 65, 3), np.uint8)
    image[:, 30:35, 30:35] = 250
    for crop, size in ((65, 65), (65, 33), (45, 61), (33, 99), (65, 21)):
        view = training_view(image, crop, size)[0, :, :, 0].astype(float)
        where = np.arange(size)
        assert view.sum(0) @ where / view.sum() == pytest.approx((size - 1) / 2, abs=0.05)


@pytest.mark.parametrize(("crop", "size"), [(64, 64), (64, 32), (48, 32), (33, 64), (60, 17), (63, 31)])
def test_the_view_is_the_warp_at_rest(noise, crop, size):
    at_rest = sample(noise[0], np.eye(2), np.zeros(2), crop, size)
    np.testing.assert_array_equal(central_view(noise[0], crop, size), at_rest)


def test_the_averaging_factor_is_the_nearest_whole_number():
    assert [averaging_factor(crop, 100) for crop in (10, 100, 149, 150, 249, 256, 400)] == [
        1,
        1,
        1,
        2,
        2,
        3,
        4,
    ]


@pytest.mark.parametrize(
    ("crop", "size", "words"), [(65, 32, "crop must lie in"), (4, 32, "crop"), (32, 4, "size must")]
)
def test_a_view_that_cannot_be_taken_is_refused(noise, crop, size, words):
    with pytest.raises(BadValueError, match=words):
        training_view(noise, crop, size)
    with pytest.raises(BadValueError, match="images must be"):
        training_view(noise[..., 0], 32, 32)
