"""Which maps share a scale of colours."""

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.maps.heat_scale import SCALES, THIS_GALAXY, THIS_MAP, THIS_PAGE, heat_scales, scale_in_words

GALAXIES = [[np.float32([[1, -9]]), np.float32([[2, 0]])], [np.float32([[8, 0]]), np.float32([[-3, -4]])]]


def test_a_scale_is_the_largest_value_of_the_maps_that_share_it_and_of_a_blank_one_1() -> None:
    assert heat_scales(GALAXIES, THIS_MAP) == [[1, 2], [8, 1]]
    assert heat_scales(GALAXIES, THIS_GALAXY) == [[2, 2], [8, 8]]
    assert heat_scales(GALAXIES, THIS_PAGE) == [[8, 8], [8, 8]]
    assert heat_scales(GALAXIES, THIS_MAP, signed=True) == [[9, 2], [8, 4]]
    assert heat_scales([[]], "this-page") == [[]]


def test_the_words_say_which_maps_share_a_scale_and_its_value_in_logits() -> None:
    said = [scale_in_words(which, [8.0, 1.25]) for which in SCALES]
    assert len(set(said)) == 3
    assert all("full colour at 1.2 to 8 logits" in one for one in said)
    assert scale_in_words(THIS_PAGE, [8.0, 8.0]) == "One scale for all maps: full colour at 8 logits."


def test_another_word_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(BadValueError, match="this map, this galaxy, this page, got 'mine'"):
        heat_scales(GALAXIES, "mine")
