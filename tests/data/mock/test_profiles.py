"""Light profiles against their closed forms."""

from math import pi

import numpy as np
import pytest
from scipy.special import gammaincinv

from galaxy_core.data.mock import profiles


def radius_grid(half_size: int) -> np.ndarray:
    axis = np.arange(-half_size, half_size + 1, dtype=np.float32)
    return np.hypot(axis[None, :], axis[:, None])


@pytest.mark.parametrize(("n", "error"), [(0.5, 2e-3), (1.0, 2e-4), (2.5, 1e-4), (4.0, 1e-4)])
def test_sersic_b_is_the_root_of_its_definition(n: float, error: float) -> None:
    assert profiles.sersic_b(n) == pytest.approx(gammaincinv(2 * n, 0.5), abs=error)


@pytest.mark.parametrize("n", [0.7, 1.0, 1.5])
def test_sersic_light_on_a_wide_grid_is_the_analytic_total(n: float) -> None:
    light = profiles.sersic(radius_grid(200), 15.0, n)
    assert light.sum(dtype=np.float64) == pytest.approx(profiles.sersic_total(15.0, n), rel=3e-3)


@pytest.mark.parametrize("n", [0.7, 1.0, 1.5])
def test_half_of_sersic_light_lies_within_the_effective_radius(n: float) -> None:
    radius = radius_grid(200)
    light = profiles.sersic(radius, 15.0, n).astype(np.float64)
    assert light[radius <= 15.0].sum() / light.sum() == pytest.approx(0.5, abs=0.01)


def test_sersic_total_shrinks_with_the_axis_ratio() -> None:
    assert profiles.sersic_total(9.0, 2.0, 0.25) == pytest.approx(profiles.sersic_total(9.0, 2.0) / 4)


def test_sersic_is_one_at_the_effective_radius_and_finite_at_the_centre() -> None:
    light = profiles.sersic(np.array([0.0, 8.0], np.float32), 8.0, 4.0)
    assert light[1] == pytest.approx(1.0)
    assert np.isfinite(light[0])


def test_edge_on_disk_sums_to_its_analytic_total() -> None:
    u, v = np.meshgrid(np.arange(-150, 151, dtype=np.float32), np.arange(-60, 61, dtype=np.float32))
    total = profiles.edge_on_disk(u, v, 12.0, 4.0).sum(dtype=np.float64)
    assert total == pytest.approx(2 * pi * 12.0 * 4.0, rel=2e-3)


def test_edge_on_disk_falls_as_sech_squared_off_the_plane() -> None:
    light = profiles.edge_on_disk(np.zeros(2, np.float32), np.array([0.0, 3.0], np.float32), 10.0, 3.0)
    assert light[1] / light[0] == pytest.approx(1 / np.cosh(1) ** 2, rel=1e-5)


def test_a_bar_ends_at_its_outline() -> None:
    along = np.array([0.0, 9.9, 10.1, 0.0], np.float32)
    across = np.array([0.0, 0.0, 0.0, 3.1], np.float32)
    light = profiles.bar(along, across, 10.0, 3.0)
    assert light[0] == 1
    assert light[1] > 0
    assert light[2] == 0
    assert light[3] == 0


def test_an_arm_ridge_follows_the_logarithmic_spiral() -> None:
    radius = np.array([5.0, 12.0, 30.0], np.float32)
    ridge = (0.3 + np.log(radius) / np.tan(np.radians(20.0))).astype(np.float32)
    on = profiles.spiral_arms(radius, ridge, 2, 20.0, 0.3, 4.0)
    between = profiles.spiral_arms(radius, ridge + np.float32(pi / 2), 2, 20.0, 0.3, 4.0)
    np.testing.assert_allclose(on, 1, atol=1e-4)
    np.testing.assert_allclose(between, np.exp(-8), rtol=1e-2)


def test_a_shell_is_sharp_outside_and_soft_inside() -> None:
    radius = np.array([19.0, 20.0, 20.5], np.float32)
    light = profiles.shell(radius, np.zeros(3, np.float32), 20.0, 4.0, 0.0, 0.5)
    np.testing.assert_allclose(light, [np.exp(-0.25), 1, 0], rtol=1e-5)


def test_a_star_sums_to_one_and_halves_at_half_its_width() -> None:
    assert profiles.moffat(radius_grid(120), 5.0).sum() == pytest.approx(1.0, abs=3e-3)
    centre, half = profiles.moffat(np.array([0.0, 2.5], np.float32), 5.0)
    assert half / centre == pytest.approx(0.5, rel=1e-5)
