"""Neighbours on the sphere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_core.data.sky import sky_groups, sky_neighbours
from galaxy_core.errors import BadValueError

ARCSEC = 1 / 3600


def groups(positions, separation_arcsec):
    ra, dec = np.array(positions, float).T
    return sky_groups(ra, dec, separation_arcsec).tolist()


def test_neighbours_are_linked_and_others_not():
    assert groups([(10, 0), (10, 50 * ARCSEC), (10, 200 * ARCSEC)], 67) == [0, 0, 1]


def test_links_reach_through_galaxies_in_between():
    chain = [(10, i * 60 * ARCSEC) for i in (0, 3, 1, 2)]
    assert groups(chain, 67) == [0, 0, 0, 0]


def test_right_ascension_wraps_around():
    assert groups([(0, 0), (360 - 30 * ARCSEC, 0), (360, 0), (180, 0)], 67) == [0, 0, 0, 1]


def test_right_ascension_means_nothing_at_a_pole():
    assert groups([(0, 90), (120, 90), (240, 90 - 20 * ARCSEC)], 67) == [0, 0, 0]


def test_a_degree_of_right_ascension_shrinks_towards_the_pole():
    two = [(10, 60), (10 + 100 * ARCSEC, 60)]  # 50 arcsec apart there
    assert groups(two, 51) == [0, 0]
    assert groups(two, 49) == [0, 1]


def test_a_position_that_is_not_known_is_a_group_of_its_own():
    assert groups([(np.nan, 0), (np.nan, 0), (1, np.nan), (1, 1), (1, 1)], 67) == [0, 1, 2, 3, 3]


def test_all_positions_unknown_are_all_alone():
    assert groups([(np.nan, np.nan)] * 3, 67) == [0, 1, 2]


def test_a_separation_of_zero_links_equal_positions_only():
    assert groups([(1, 1), (1, 1), (1, 1 + 0.01 * ARCSEC)], 0) == [0, 0, 1]


def test_ten_thousand_galaxies_at_one_position_are_one_group():
    assert set(groups([(5, 5)] * 10_000, 67)) == {0}


@pytest.mark.parametrize("separation", [-1, np.nan, 1e9])
def test_a_separation_that_means_nothing_is_refused(separation):
    with pytest.raises(BadValueError, match="separation_arcsec must lie in"):
        groups([(0, 0)], separation)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 0.2), st.floats(-0.1, 0.1)), min_size=2, max_size=25), st.floats(1, 300)
)
def test_groups_are_what_following_every_link_finds(positions, separation):
    ra, dec = np.radians(np.array(positions)).T
    haversine = np.sin((dec - dec[:, None]) / 2) ** 2
    haversine += np.cos(dec) * np.cos(dec[:, None]) * np.sin((ra - ra[:, None]) / 2) ** 2
    distance = np.degrees(2 * np.arcsin(np.sqrt(haversine))) * 3600
    if (np.abs(distance - separation) < 1e-3).any():
        return  # on the very edge, rounding may decide
    reached = distance <= separation
    for _ in positions:
        reached = (reached.astype(int) @ reached.astype(int)) > 0
    found = np.array(groups(positions, separation))
    np.testing.assert_array_equal(found[:, None] == found, reached)


def test_neighbours_are_the_groups_of_more_than_one() -> None:
    ra = np.array([10.0, 200.0, 10.0, np.nan, 10.001, np.nan, 200.0])
    dec = np.array([0.0, 5.0, 0.0, np.nan, 0.0, np.nan, 5.0])
    assert sky_neighbours(ra, dec, 67.0) == [[0, 2, 4], [1, 6]]
    assert sky_neighbours(ra[:2], dec[:2], 67.0) == []
    assert sky_neighbours(np.zeros(0), np.zeros(0), 67.0) == []
