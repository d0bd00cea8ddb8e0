"""Maps whose heat is known beforehand, over a galaxy whose place is known."""

import numpy as np
import pytest
from made_sky import blob, sky_image

from galaxy_core.images.view import View
from galaxy_core.maps.empty_sky import sky_in_words, times_on_sky
from galaxy_core.maps.galaxy_mask import GalaxyMask

CELLS = 8  # of 32 pixels
VIEW = View(256, 256)


def mask(*, is_detected: bool = True) -> GalaxyMask:
    """A galaxy in the four middle cells, another object in the upper left one."""
    galaxy, neighbours = np.zeros((2, 256, 256), bool)
    galaxy[96:160, 96:160] = neighbours[:32, :32] = True
    return GalaxyMask(galaxy, neighbours, (127.5, 127.5), 36.0, is_detected, 32.0, 2.0)


def heat(ground: float, *hot: tuple[int, int]) -> np.ndarray:
    cells = np.full((CELLS, CELLS), ground, np.float32)
    for place in hot:
        cells[place] = 4.0
    return cells


def test_heat_in_a_far_corner_is_the_empty_sky_and_beyond_all_numbers_where_the_galaxy_has_none() -> None:
    assert times_on_sky(heat(-1, (7, 7)), mask()) == np.inf
    assert times_on_sky(heat(-1, (7, 7), (7, 0), (0, 7)), mask()) == np.inf


@pytest.mark.parametrize(
    "values",
    [heat(0, (3, 3)), heat(0, (0, 0)), heat(1), heat(-1), heat(0, (3, 3), (4, 4), (7, 7)), heat(3.5, (7, 7))],
    ids=["galaxy", "other object", "even", "blank", "more on the galaxy", "nearly even"],
)
def test_heat_on_the_galaxy_on_another_object_everywhere_or_nowhere_is_not_the_sky(
    values: np.ndarray,
) -> None:
    assert times_on_sky(values, mask()) is None


def test_a_ring_around_the_galaxy_is_the_sky_though_its_hottest_cell_holds_another_object() -> None:
    ring = heat(3.5, (0, 0))
    ring[2:6, 2:6] = 0.5
    assert times_on_sky(ring, mask()) == pytest.approx(7, rel=0.4)


def test_a_cell_that_touches_the_galaxy_may_have_seen_it() -> None:
    assert times_on_sky(heat(-1, (3, 1)), mask()) is not None  # a cell lies between
    assert times_on_sky(heat(-1, (3, 2)), mask()) is None


def test_where_no_galaxy_was_found_nothing_is_said() -> None:
    assert times_on_sky(heat(-1, (7, 7)), mask(is_detected=False)) is None


def test_the_caption_is_of_an_image_alone_and_of_maps_that_may_speak() -> None:
    image = sky_image(blob())
    assert "The evidence is the empty sky" in sky_in_words(heat(0.1, (7, 7)), image, VIEW)
    assert sky_in_words(heat(0, (4, 4)), image, VIEW) == ""
    assert sky_in_words(np.eye(3, dtype=np.float32)[::-1], image, View(96, 96)) == ""


def test_a_narrower_view_has_its_own_sky() -> None:
    image = sky_image(blob())
    corner = heat(0.1, (7, 7))
    assert sky_in_words(corner, image, View(192, 224)) != ""
    assert sky_in_words(corner, image, View(40, 224)) == ""  # all of it is the galaxy
