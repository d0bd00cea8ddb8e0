"""Pictures that show no object are told from galaxies, however faint, small or plain these are."""

import cv2
import numpy as np
import pytest

from galaxy_core.data.mock.galaxy import mock_galaxy
from galaxy_core.data.mock.jpeg import through_jpeg
from galaxy_core.images.quality import border_share, broken_line, why_unfit

SKY = 32


def flat(value: int) -> np.ndarray:
    return np.full((256, 256, 3), value, np.uint8)


def night_sky(seed: int = 0) -> np.ndarray:
    """Sky without a galaxy, as a resampled survey has it: neighbouring pixels are alike."""
    grain = cv2.GaussianBlur(np.random.default_rng(seed).standard_normal((256, 256, 3)), (0, 0), 0.7)
    return np.clip(SKY + 4 * grain / grain.std(), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def galaxies() -> list[np.ndarray]:
    """Mock galaxies, two of each class."""
    return [mock_galaxy(3, index).image for index in range(20)]


@pytest.mark.parametrize("quality", [None, 70, 80, 90, 95])
@pytest.mark.parametrize(("value", "word"), [(SKY, "is blank"), (0, "is blank"), (255, "is saturated")])
def test_a_picture_of_one_colour_is_unfit_also_after_jpeg(value: int, word: str, quality: int | None) -> None:
    grain = np.random.default_rng(0).integers(-2, 3, (256, 256, 3))
    for image in (flat(value), np.clip(value + grain, 0, 255).astype(np.uint8)):
        reason = why_unfit(image if quality is None else through_jpeg(image, quality))
        assert reason is not None
        assert reason.startswith(word)


def test_the_colour_of_a_blank_picture_is_named() -> None:
    assert why_unfit(flat(SKY)) == "is blank (all of it is near the colour 32, 32, 32)"


@pytest.mark.parametrize("seed", range(5))
def test_sky_alone_and_static_show_noise_alone(seed: int) -> None:
    static = np.random.default_rng(seed).integers(0, 256, (256, 256, 3), np.uint8)
    assert why_unfit(night_sky(seed)) is not None
    assert "shows noise alone" in str(why_unfit(static))


def test_one_hot_pixel_is_no_source() -> None:
    image = flat(SKY)
    image[128, 128] = 255
    assert "is blank" in str(why_unfit(image))


def test_galaxies_of_all_classes_are_fit_at_a_tenth_of_their_light_and_a_quarter_of_their_size(
    galaxies: list[np.ndarray],
) -> None:
    for image in galaxies:
        light = image.astype(float) - np.median(image.reshape(-1, 3), axis=0)
        faint = night_sky() + 0.1 * cv2.GaussianBlur(light, (0, 0), 1)
        small = night_sky().astype(float)
        small[96:160, 96:160] += cv2.resize(light, (64, 64), interpolation=cv2.INTER_AREA).clip(0)
        zoomed = cv2.resize(image[96:160, 96:160], (256, 256))
        for shown in (image, 255 - image, through_jpeg(image, 75), faint, small, zoomed):
            assert why_unfit(np.clip(shown, 0, 255).astype(np.uint8)) is None


def test_a_picture_that_is_mostly_border_is_unfit(galaxies: list[np.ndarray]) -> None:
    for fill in (SKY, 0, 128):
        cut, framed = galaxies[0].copy(), galaxies[0].copy()
        cut[128:] = fill
        framed[:50] = framed[-50:] = fill
        framed[:, :50] = fill
        for image, share in ((cut, 0.5), (framed, 0.51)):
            assert "has no data in" in str(why_unfit(through_jpeg(image, 80)))
            assert border_share(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)) == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize(
    ("n_dark", "n_bright", "share"), [(6, 6, 0.5), (12, 0, 0.5), (8, 8, 0.0), (18, 0, 0.0)]
)
def test_a_border_is_even_but_for_a_twentieth_of_each_line(
    galaxies: list[np.ndarray], n_dark: int, n_bright: int, share: float
) -> None:
    """Whichever way the rest differs: twelve pixels of 256 are fewer than that, sixteen are more."""
    cut = cv2.cvtColor(galaxies[0], cv2.COLOR_RGB2GRAY)
    cut[128:] = 128
    cut[128:, 100 : 100 + n_dark] = 0
    cut[128:, 150 : 150 + n_bright] = 255
    assert border_share(cut) == pytest.approx(share, abs=0.02)


def test_a_round_object_on_a_sky_without_noise_has_no_border() -> None:
    for radius in (12, 30, 60):
        image = flat(SKY)
        cv2.circle(image, (128, 128), radius, (200, 180, 160), -1)
        assert why_unfit(image) is None


def test_a_colour_that_is_shifted_from_a_line_of_blocks_on_breaks_a_picture(
    galaxies: list[np.ndarray],
) -> None:
    for image in galaxies:
        assert broken_line(image) is None
        shifted, edge = image.copy(), image.copy()
        shifted[120:, :, 1] += 20 + (255 - 20 - shifted[120:, :, 1].astype(int)).clip(max=0).astype(np.uint8)
        edge[123:] = (edge[123:].astype(int) + 40).clip(
            max=255
        )  # a part of the picture, as of two joined ones
        assert broken_line(shifted) == 120
        assert broken_line(edge) is None


def test_a_star_in_the_corner_makes_no_galaxy_in_the_middle() -> None:
    image = night_sky()
    cv2.circle(image, (20, 20), 6, (255, 255, 255), -1)
    assert "in the middle, where the galaxy should be" in str(why_unfit(image))
