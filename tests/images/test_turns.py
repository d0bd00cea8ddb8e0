"""The eight ways a square can lie."""

import numpy as np
import pytest

from galaxy_core.images.turns import turned, turned_back

SQUARE = np.arange(2 * 5 * 5 * 3).reshape(2, 5, 5, 3)


@pytest.mark.parametrize("number", range(8))
def test_what_is_turned_back_lies_as_it_did(number: int) -> None:
    np.testing.assert_array_equal(turned_back(turned(SQUARE, number, (1, 2)), number, (1, 2)), SQUARE)


def test_the_eight_ways_are_all_unlike_and_the_first_is_the_image_itself() -> None:
    ways = [turned(SQUARE, number, (1, 2)) for number in range(8)]
    assert len({way.tobytes() for way in ways}) == 8
    np.testing.assert_array_equal(ways[0], SQUARE)
