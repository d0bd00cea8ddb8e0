"""Masks of images in which it is known where the galaxy is."""

from dataclasses import replace

import numpy as np
import pytest
from made_sky import MIDDLE, blob, disk, sky_image, star

from galaxy_core.data.mock import ELEMENTS, make_mock_galaxies
from galaxy_core.errors import BadValueError
from galaxy_core.images.view import View
from galaxy_core.maps.galaxy_mask import find_galaxy, within_view


def test_the_galaxy_is_the_body_in_the_middle_and_the_rest_are_neighbours() -> None:
    mask = find_galaxy(sky_image(blob(), star(40, 60), blob(200, 220, width=8)))
    assert mask.is_detected
    assert mask.galaxy[128, 128]
    assert mask.neighbours[60, 40]
    assert mask.neighbours[220, 200]
    assert mask.sky[20, 240]
    assert np.all(mask.galaxy.astype(int) + mask.neighbours + mask.sky == 1)


def test_centre_and_radius_are_those_of_the_light() -> None:
    mask = find_galaxy(sky_image(blob(133, 121)))
    assert mask.centre == pytest.approx((133, 121), abs=0.5)
    assert np.pi * mask.radius**2 == pytest.approx(np.count_nonzero(mask.galaxy))


def test_a_brighter_neighbour_is_not_taken_for_the_galaxy() -> None:
    mask = find_galaxy(sky_image(blob(width=6, height=60), blob(60, 60, width=20, height=200)))
    assert mask.galaxy[128, 128]
    assert not mask.galaxy[60, 60]
    assert mask.neighbours[60, 60]


def test_a_disk_from_the_side_is_one_body_to_its_ends() -> None:
    mask = find_galaxy(sky_image(blob(width=40, flat=0.1)))
    assert mask.galaxy[128, 60]
    assert mask.galaxy[128, 195]
    assert not mask.galaxy[100, 128]


def test_a_star_on_the_disk_is_a_neighbour() -> None:
    mask = find_galaxy(sky_image(disk(scale=16), star(150, 140)))
    assert mask.neighbours[140, 150]
    assert mask.galaxy[110, 115]


def test_the_partner_of_a_merger_belongs_to_the_galaxy() -> None:
    mask = find_galaxy(sky_image(disk(), disk(155, 140, height=150)))
    assert mask.galaxy[140, 155]
    assert mask.galaxy[127, 127]


def test_a_galaxy_that_merely_touches_does_not() -> None:
    mask = find_galaxy(sky_image(disk(scale=7), disk(192, 127, scale=9)))
    assert mask.galaxy[127, 127]
    assert mask.neighbours[127, 192]


def test_where_nothing_is_in_the_middle_an_aperture_stands_in_and_says_so() -> None:
    mask = find_galaxy(sky_image(blob(30, 30, width=8)))
    assert not mask.is_detected
    assert mask.centre == (MIDDLE, MIDDLE)
    assert mask.radius == 32
    assert np.count_nonzero(mask.galaxy) == pytest.approx(np.pi * 32**2, rel=0.02)
    assert mask.neighbours[30, 30]


@pytest.mark.parametrize("value", [0, 32, 255])
def test_an_image_of_one_colour_has_no_galaxy(value: int) -> None:
    assert not find_galaxy(np.full((256, 256, 3), value, np.uint8)).is_detected


def test_rendered_galaxies_are_covered_where_their_truth_says() -> None:
    overlaps = []
    for galaxy in make_mock_galaxies(20, 5):
        truth = (galaxy.masks >> ELEMENTS.index("galaxy") & 1) > 0
        mask = find_galaxy(galaxy.image)
        overlaps.append(np.sum(truth & mask.galaxy) / np.sum(truth | mask.galaxy))
    assert np.median(overlaps) > 0.7
    assert np.mean(np.array(overlaps) > 0.4) >= 0.85


@pytest.mark.parametrize(
    "image", [np.zeros((256, 256)), np.zeros((256, 256, 3)), np.zeros((32, 32, 3), np.uint8)]
)
def test_what_is_no_image_is_refused(image: np.ndarray) -> None:
    with pytest.raises(BadValueError, match="uint8"):
        find_galaxy(image)


def test_a_mask_within_a_view_is_its_square_with_the_centre_and_size_of_what_is_seen() -> None:
    image = sky_image(blob(width=10), star(18, 40))
    mask = find_galaxy(image)
    assert within_view(mask, image, View(256, 224)) is mask
    seen = within_view(mask, image, View(192, 224))
    assert seen.galaxy.shape == (192, 192)
    assert seen.galaxy.sum() == mask.galaxy.sum()
    assert seen.centre == pytest.approx((mask.centre[0] - 32, mask.centre[1] - 32), abs=0.1)
    assert seen.radius == pytest.approx(mask.radius)
    assert not seen.neighbours.any()  # the star is outside


def test_of_a_galaxy_that_a_view_cuts_the_part_that_is_seen_counts() -> None:
    image = sky_image(blob(width=30))
    whole = find_galaxy(image)
    cut = within_view(whole, image, View(64, 224))
    assert cut.galaxy.all()
    assert cut.radius < whole.radius
    beside = replace(whole, galaxy=np.roll(whole.galaxy, 128, axis=1))
    nothing = within_view(beside, image, View(32, 224))
    assert not nothing.is_detected
    assert nothing.radius == 4
