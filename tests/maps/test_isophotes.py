"""A disc on a dark sky, whose outline is known."""

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.maps.isophotes import with_isophotes

WHITE = np.full((256, 256, 3), 250, np.uint8)


def disc(radius: int) -> np.ndarray:
    y, x = np.mgrid[-128:128, -128:128]
    image = np.full((256, 256, 3), 30, np.uint8)
    image[x**2 + y**2 < radius**2] = 200
    return image


def test_a_disc_has_a_ring_at_its_edge_and_nothing_else() -> None:
    drawn = with_isophotes(WHITE, disc(50))
    y, x = np.nonzero((drawn != WHITE).any(axis=2))
    distance = np.hypot(x - 128, y - 128)
    assert len(distance) > 300
    assert 45 < distance.min() < distance.max() < 56


def test_an_empty_sky_has_no_lines_and_the_picture_given_stays_as_it_is() -> None:
    before = WHITE.copy()
    assert np.array_equal(with_isophotes(WHITE, np.full_like(WHITE, 30)), WHITE)
    with_isophotes(WHITE, disc(50))
    assert np.array_equal(WHITE, before)


def test_pictures_of_another_size_are_refused() -> None:
    with pytest.raises(BadValueError, match="one shape"):
        with_isophotes(WHITE[:100], disc(50))
