"""The Legacy Survey colours, at flux where the answer is known."""

import numpy as np
import pytest

from galaxy_core.data.mock.colour import BAND_SCALES, flux_ratios, legacy_rgb, surface_flux


def pixel(g: float, r: float, z: float) -> list[int]:
    return legacy_rgb(np.array([[[g, r, z]]], np.float32))[0, 0].tolist()


def test_zero_flux_is_the_dark_grey_of_the_pedestal() -> None:
    # arcsinh(20 * 0.03) / sqrt(20) * 255
    assert pixel(0, 0, 0) == [32, 32, 32]


def test_flux_far_below_the_sky_is_black() -> None:
    assert pixel(-1, -1, -1) == [0, 0, 0]


def test_great_flux_saturates() -> None:
    assert pixel(1e6, 1e6, 1e6) == [255, 255, 255]


@pytest.mark.parametrize("scaled", [0.01, 0.1, 0.5, 2.0])
def test_grey_stays_grey_and_has_the_value_of_the_formula(scaled: float) -> None:
    shown = pixel(*(scaled / BAND_SCALES))
    expected = min(255.0, np.arcsinh(20 * (scaled + 0.03)) / np.sqrt(20) * 255)
    np.testing.assert_allclose(shown, expected, atol=0.51)


def test_the_z_band_is_red_and_the_g_band_is_blue() -> None:
    assert int(np.argmax(pixel(0, 0, 0.2))) == 0
    assert int(np.argmax(pixel(0, 0.2, 0))) == 1
    assert int(np.argmax(pixel(0.2, 0, 0))) == 2


def test_flux_ratios_are_magnitudes() -> None:
    np.testing.assert_allclose(flux_ratios(2.5, 2.5), [0.1, 1.0, 10.0], rtol=1e-6)


def test_a_surface_brightness_of_22_5_is_one_nanomaggie_an_arcsecond_squared() -> None:
    assert surface_flux(22.5, 1.0) == pytest.approx(1.0)
    assert surface_flux(22.5) == pytest.approx(0.262**2)
