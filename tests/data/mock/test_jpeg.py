"""JPEG leaves its marks on a mock and leaves the galaxy where it is."""

import io

import numpy as np
from PIL import Image

from galaxy_core.data.mock import render
from galaxy_core.data.mock.jpeg import QUALITIES, draw_quality, through_jpeg


def test_the_picture_stays_and_its_finest_noise_does_not() -> None:
    image = render(5, np.random.default_rng(0)).image
    coded = through_jpeg(image, 75)
    assert (coded.shape, coded.dtype) == (image.shape, np.uint8)
    difference = coded.astype(int) - image
    assert 0.3 < np.abs(difference).mean() < 6
    assert abs(difference.mean()) < 1  # neither brighter nor darker, in any channel
    assert np.abs(difference.mean((0, 1))).max() < 1


def test_a_lower_quality_loses_more() -> None:
    image = render(7, np.random.default_rng(1)).image
    lost = [np.abs(through_jpeg(image, q).astype(int) - image).mean() for q in (95, 85, 75)]
    assert lost == sorted(lost)


def test_red_stays_red() -> None:
    red = np.zeros((16, 16, 3), np.uint8)
    red[..., 0] = 200
    assert through_jpeg(red, 90)[8, 8, 0] > 190
    assert through_jpeg(red, 90)[8, 8, 2] < 20


def test_what_went_through_once_hardly_changes_the_second_time() -> None:
    """The mark itself: an image that was JPEG of that quality is nearly its own encoding, a fresh one is not."""
    image = render(2, np.random.default_rng(2)).image
    once = through_jpeg(image, 80)
    file = io.BytesIO()
    Image.fromarray(once).save(file, "JPEG", quality=80)
    again = np.asarray(Image.open(io.BytesIO(file.getvalue())))
    assert np.abs(again.astype(int) - once).mean() < 0.5 * np.abs(once.astype(int) - image).mean()


def test_every_quality_of_the_range_is_drawn_and_no_other() -> None:
    rng = np.random.default_rng(0)
    drawn = {draw_quality(rng) for _ in range(1000)}
    assert drawn == set(range(QUALITIES[0], QUALITIES[1] + 1))
