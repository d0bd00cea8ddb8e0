"""Heat on elements whose places are drawn by hand."""

import numpy as np
import pytest

from galaxy_core.data.mock import ELEMENTS
from galaxy_core.maps.elements import PARTS, element_shares

BAR, GALAXY = PARTS.index("bar"), PARTS.index("galaxy")


def made_masks() -> np.ndarray:
    """A galaxy of the left half of 256 pixels whose upper quarter is also bar."""
    masks = np.zeros((256, 256), np.uint16)
    masks[:, :128] |= 1 << ELEMENTS.index("galaxy")
    masks[:128, :128] |= 1 << ELEMENTS.index("bar")
    return masks


def test_even_heat_prefers_no_element() -> None:
    heat, area = element_shares(np.ones((1, 8, 8)), made_masks())
    assert heat[0, BAR] / area[BAR] == pytest.approx(1)
    assert heat[0, GALAXY] / area[GALAXY] == pytest.approx(1)
    assert area[PARTS.index("sky")] == pytest.approx(0.5)


def test_heat_on_the_bar_alone_is_four_times_its_area_and_twice_the_galaxys() -> None:
    cells = np.zeros((1, 8, 8))
    cells[0, :4, :4] = 1
    heat, area = element_shares(cells, made_masks())
    assert heat[0, BAR] / area[BAR] == pytest.approx(4, rel=0.1)
    assert heat[0, GALAXY] / area[GALAXY] == pytest.approx(2, rel=0.1)


def test_an_element_the_image_lacks_and_a_blank_map_have_no_share() -> None:
    heat, area = element_shares(np.stack([np.ones((8, 8)), -np.ones((8, 8))]), made_masks())
    arms = PARTS.index("arms")
    assert np.isnan(area[arms])
    assert np.isnan(heat[:, arms]).all()
    assert np.isnan(heat[1]).all()
