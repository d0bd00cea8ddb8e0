"""A picture whose middle is known."""

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.images.field_of_view import central_square, field_of_view, framed


def test_half_the_field_shows_the_middle_only() -> None:
    image = np.zeros((400, 600, 3), np.uint8)
    image[100:300, 200:400] = 200
    assert (field_of_view(image, 0.5) == 200).all()
    assert field_of_view(image).shape == (256, 256, 3)
    assert field_of_view(image).min() == 0


def test_the_whole_field_of_a_square_of_the_right_size_is_the_image_itself() -> None:
    image = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    assert np.array_equal(field_of_view(image, 1.0), image)


def test_the_square_is_central_and_never_smaller_than_can_be_seen() -> None:
    assert central_square((100, 300), 0.5) == (slice(25, 75), slice(125, 175))
    assert central_square((8, 20), 0.1) == (slice(0, 8), slice(6, 14))


def test_what_is_not_shown_is_dimmed() -> None:
    image = np.full((512, 1024, 3), 240, np.uint8)
    picture = framed(image, 0.5)
    assert picture.shape == (256, 512, 3)
    assert picture[128, 256, 0] == 240
    assert picture[10, 10, 0] == 80


def test_what_each_network_sees_of_the_field_has_its_frame_and_the_rest_is_dark() -> None:
    picture = framed(np.full((256, 256, 3), 240, np.uint8), 0.5, views=(0.5, 0.25))
    row = picture[128, :, 0].tolist()
    # 128 px are given; the frames lie just outside of 64 and of 32 of them
    assert row[:95] == [80] * 95
    assert row[95] == row[111] == 255
    assert row[96:111] == [240] * 15
    assert row[112:144] == [240] * 32


@pytest.mark.parametrize("share", [0, 0.05, 1.2, float("nan")])
def test_a_field_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(BadValueError, match=r"must lie in \[0.1, 1\]"):
        central_square((100, 100), share)
