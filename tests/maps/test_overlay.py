import cv2
import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.maps.overlay import (
    COLORMAPS,
    DIVERGING,
    NOT_SEEN,
    SEQUENTIAL,
    colour,
    common_scale,
    heat_alone,
    heat_opacity,
    overlay,
    palette,
    seen_in_frame,
    superimpose,
    upsample,
)


def lightness(colours: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(colours[None].astype(np.float32) / 255, cv2.COLOR_RGB2Lab)[0, :, 0]


def test_one_warm_cell_is_centred_on_the_pixels_it_covers() -> None:
    values = np.zeros((8, 8), np.float32)
    values[2, 5] = 1
    large = upsample(values, 256)
    rows, columns = np.mgrid[:256, :256]
    centre = [(large * axis).sum() / large.sum() for axis in (rows, columns)]
    np.testing.assert_allclose(centre, [2.5 * 32 - 0.5, 5.5 * 32 - 0.5], atol=1e-2)


def test_upsampling_never_leaves_the_range_of_the_map() -> None:
    values = np.random.default_rng(0).normal(size=(8, 8)).astype(np.float32)
    large = upsample(values, (64, 96))
    assert large.shape == (64, 96)
    assert values.min() <= large.min() <= large.max() <= values.max()


def test_a_flat_map_stays_flat() -> None:
    np.testing.assert_allclose(upsample(np.full((3, 3), 1.5), 50), 1.5, rtol=1e-6)


def test_a_scale_belongs_to_the_whole_comparison() -> None:
    weak, strong = np.float32([[0.1, -9]]), np.float32([[4, 0]])
    assert common_scale([weak, strong]) == 4
    assert common_scale([weak, strong], signed=True) == 9
    assert colour(weak, 4).tolist() == colour(np.float32([[0.1, 0]]), 4).tolist()
    assert not np.array_equal(colour(weak, 4), colour(weak, 0.1))


def test_where_nothing_is_warm_the_scale_still_draws() -> None:
    assert common_scale([]) == 1
    assert common_scale([np.full((2, 2), -3.0), np.full((2, 2), np.nan)]) == 1


def test_values_beyond_the_scale_and_not_finite_ones_have_a_colour() -> None:
    ends = colour(np.float32([[-5, 0, 1, 9, np.nan, np.inf]]), 1.0)[0]
    assert np.array_equal(ends[0], ends[1])
    assert np.array_equal(ends[2], ends[3])
    assert np.array_equal(ends[4], ends[1])
    middle = colour(np.float32([[0, np.nan]]), 1.0, DIVERGING)[0]
    assert np.array_equal(middle[0], middle[1])


@pytest.mark.parametrize("name", sorted(SEQUENTIAL))
def test_sequential_colours_grow_lighter_all_the_way(name: str) -> None:
    light = lightness(palette(name))
    assert np.all(np.diff(light) > -0.5)
    assert light[-1] - light[0] > 50


def test_diverging_colours_are_equally_light_on_both_sides_of_a_neutral_middle() -> None:
    light = lightness(palette(DIVERGING))
    np.testing.assert_allclose(light, light[::-1], atol=4)
    assert np.ptp(palette(DIVERGING)[127:129].astype(int), axis=1).max() < 6
    blue, orange = palette(DIVERGING)[0].astype(int), palette(DIVERGING)[-1].astype(int)
    assert blue[2] > blue[0]
    assert orange[0] > orange[2]


def test_opacity_follows_the_heat() -> None:
    np.testing.assert_allclose(
        heat_opacity(np.float32([-2, 0, 1, 2, 8]), 2.0, most=0.5), [0, 0, 0.25, 0.5, 0.5]
    )


def test_a_cold_map_leaves_the_galaxy_as_it_is() -> None:
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for name in COLORMAPS:
        assert np.array_equal(overlay(image, np.zeros((4, 4)), 1.0, share=1, colormap=name), image)
    cold = np.full((4, 4), -1.0)
    assert np.array_equal(overlay(image, cold, 1.0, share=1), image)
    assert not np.array_equal(overlay(image, cold, 1.0, share=1, colormap=DIVERGING), image)


def test_heat_lies_over_what_was_seen_in_a_frame_and_what_was_not_is_dimmed() -> None:
    image = np.full((64, 64, 3), 90, np.uint8)
    hot, white = np.full((3, 3), 5.0), (255, 255, 255)
    alone = heat_alone(hot, 64, 5.0, share=0.5)
    over, seen = overlay(image, hot, 5.0, share=0.5, most=1.0), seen_in_frame(image, 0.5)
    for picture, inside, outside in (
        (alone, palette("magma")[255], NOT_SEEN),
        (over, palette("magma")[255], 30),
        (seen, 90, 30),
    ):
        assert np.all(picture[16:48, 16:48] == inside)
        assert np.all(picture[15, 15:49] == white)
        assert np.all(picture[15:49, 48] == white)
        assert np.all(picture[:15] == outside)
        assert np.all(picture[:, 49:] == outside)
    assert np.array_equal(seen_in_frame(image, 1), image)


def test_superimposing_mixes_by_opacity() -> None:
    image, red = np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), (200, 0, 0), np.uint8)
    assert np.array_equal(superimpose(image, red, 1.0), red)
    assert superimpose(image, red, 0.25)[0, 0].tolist() == [50, 0, 0]
    mixed = superimpose(image, red, np.float32([[0, 1], [0.5, 0]]))
    assert mixed[..., 0].tolist() == [[0, 200], [100, 0]]
    assert mixed.dtype == np.uint8


def test_what_cannot_be_drawn_is_refused_with_a_way_out() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(BadValueError, match="upsample the map"):
        superimpose(image, np.zeros((2, 2, 3), np.uint8))
    with pytest.raises(BadValueError, match=r"opacity must lie in \[0, 1\], got 1.5"):
        superimpose(image, image, 1.5)
    with pytest.raises(BadValueError, match="scale must be a positive number"):
        colour(np.zeros((2, 2)), 0.0)
    with pytest.raises(BadValueError, match="got 'jet'; try magma"):
        palette("jet")
