"""Images that lose one cue and keep the others."""

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.images.degrade import CUES, without_colour, without_outline, without_texture


def images(n: int = 2) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, 64, 64, 3), dtype=np.uint8)


def test_texture_goes_and_a_strong_edge_stays() -> None:
    rng = np.random.default_rng(1)
    image = np.full((1, 64, 64, 3), 40.0)
    image[:, :, 32:] = 200
    rough = np.clip(image + rng.normal(0, 12, image.shape), 0, 255).astype(np.uint8)
    smooth = without_texture(rough).astype(float)
    assert smooth[0, :, :24].std() < 0.4 * rough[0, :, :24].std()
    assert smooth[0, :, 34].mean() - smooth[0, :, 29].mean() > 130


def test_without_colour_the_channels_agree_and_the_brightness_is_kept() -> None:
    grey = without_colour(images())
    np.testing.assert_array_equal(grey[..., 0], grey[..., 2])
    np.testing.assert_allclose(grey[..., 0], images().mean(axis=3), atol=0.51)


def test_shuffled_patches_are_the_same_pixels_in_other_places_within_the_crop() -> None:
    before = images()
    after = without_outline(before, 32, np.random.default_rng(0))
    inner = np.s_[:, 16:48, 16:48]
    assert not np.array_equal(after, before)
    np.testing.assert_array_equal(np.sort(after[inner], axis=None), np.sort(before[inner], axis=None))
    outside = np.ones((64, 64), bool)
    outside[16:48, 16:48] = False
    np.testing.assert_array_equal(after[:, outside], before[:, outside])
    patches = {before[0, y : y + 8, x : x + 8].tobytes() for y in range(16, 48, 8) for x in range(16, 48, 8)}
    assert after[0, 16:24, 16:24].tobytes() in patches


def test_a_generator_gives_the_same_shuffle_again() -> None:
    first, again, other = (without_outline(images(), 64, np.random.default_rng(seed)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("cue", CUES)
def test_the_input_is_left_as_it_is(cue: str) -> None:
    given = images()
    CUES[cue](given, 64, np.random.default_rng(0))
    np.testing.assert_array_equal(given, images())


def test_what_cannot_be_shuffled_is_refused() -> None:
    with pytest.raises(BadValueError, match="crop"):
        without_outline(images(), 65, np.random.default_rng(0))
    with pytest.raises(BadValueError, match="uint8"):
        without_colour(images().astype(float))
