"""Light profiles: how bright a bulge, a disk, a bar, an arm, a shell is at each point of a plane.

Every function takes plain coordinate arrays in pixels and returns float32; none knows colours, classes or sky.
"""

from math import exp, gamma, pi

import numpy as np
from numpy.typing import NDArray
from scipy.special import k1

Plane = NDArray[np.float32]

# (R/h) K1(R/h) on a fine ladder: looking it up is ten times faster than the Bessel function itself
_STEPS_PER_LENGTH = 1024
_LADDER = np.arange(12 * _STEPS_PER_LENGTH) / _STEPS_PER_LENGTH + 1e-6
_EDGE_ON = np.append(_LADDER * k1(_LADDER), 0).astype(np.float32)


def sersic_b(n: float) -> float:
    """The b of a Sérsic profile that puts half of the light inside the effective radius.

    Ciotti & Bertin 1999, A&A 352, 447, eq. 18; within 2e-3 of the root at n = 0.5, 2e-4 from n = 1.
    """
    return 2 * n - 1 / 3 + 4 / (405 * n) + 46 / (25515 * n**2) + 131 / (1148175 * n**3)


def sersic(radius: Plane, effective_radius: float, n: float) -> Plane:
    """Sérsic profile, 1 at the effective radius: exp(-b ((R/Re)^(1/n) - 1)).

    Sérsic 1963; form of Graham & Driver 2005, PASA 22, 118, eq. 1. n = 1 is the exponential disk, n = 4
    de Vaucouleurs' law. Finite at R = 0.
    """
    b = np.float32(sersic_b(n))
    scaled = radius * np.float32(1 / effective_radius)
    if n != 1:
        scaled = np.power(scaled, np.float32(1 / n))
    return np.exp(b - b * scaled)


def sersic_total(effective_radius: float, n: float, axis_ratio: float = 1.0) -> float:
    """All the light, out to infinity, of a Sérsic profile that is 1 at Re (Graham & Driver 2005, eq. 2)."""
    b = sersic_b(n)
    return 2 * pi * axis_ratio * effective_radius**2 * n * exp(b) * b ** (-2 * n) * gamma(2 * n)


def edge_on_disk(along: Plane, above: Plane, scale_length: float, scale_height: float) -> Plane:
    """A disk seen exactly from the side, 1 at the centre: (R/h) K1(R/h) sech²(z/z0).

    van der Kruit & Searle 1981, A&A 95, 105, eq. 8. Its light sums to 2π h z0 (∫ x K1 = π/2 on
    each side, ∫ sech² = 2 z0, times h); real disks end at about 4 h, which is the caller's business.
    """
    rung = np.abs(along) * np.float32(_STEPS_PER_LENGTH / scale_length) + np.float32(0.5)
    midplane = _EDGE_ON[np.minimum(rung, len(_LADDER)).astype(np.int32)]
    falling = np.exp(-2 * np.minimum(np.abs(above) * np.float32(1 / scale_height), 40))
    return midplane * (4 * falling / (1 + falling) ** 2)


def bar(along: Plane, across: Plane, half_length: float, half_width: float) -> Plane:
    """A Ferrers bar with boxy ends, 1 at the centre and exactly 0 beyond its outline: (1 - d²)^1.5.

    The generalised ellipse d^2.6 = |x/a|^2.6 + |y/b|^2.6 is Athanassoula et al. 1990, MNRAS 245, 130, eq. 1;
    the Ferrers form is Peng et al. 2010, AJ 139, 2097, eq. 13.
    """
    power = np.float32(2.6)
    x = np.minimum(np.abs(along) * np.float32(1 / half_length), 1.5)
    y = np.minimum(np.abs(across) * np.float32(1 / half_width), 1.5)
    inside = np.clip(1 - np.power(np.power(x, power) + np.power(y, power), 2 / power), 0, None)
    return inside * np.sqrt(inside)


def spiral_arms(
    radius: Plane, angle: Plane, n_arms: int, pitch_degrees: float, phase: float, sharpness: float
) -> Plane:
    """Logarithmic arms between 0 and 1, 1 on the ridge θ = phase + ln(R)/tan(pitch): exp(κ (cos - 1)).

    The pitch angle is that of Binney & Tremaine 2008, eq. 6.7: small is tightly wound. The width in angle
    shrinks as `sharpness` κ grows. A radius below one pixel counts as one, as the logarithm would not end.
    """
    winding = np.float32(1 / np.tan(np.radians(pitch_degrees)))
    turn = angle - winding * np.log(np.maximum(radius, 1)) - np.float32(phase)
    return np.exp(np.float32(sharpness) * (np.cos(n_arms * turn) - 1))


def shell(radius: Plane, angle: Plane, at: float, width: float, direction: float, opening: float) -> Plane:
    """An arc with a sharp outer and a soft inner edge, 1 on its rim, as a radial merger leaves it.

    Shape after Hernquist & Quinn 1988, ApJ 331, 682: light piles up where the orbits turn around. `direction`
    and `opening` (1 sigma) are angles in radians.
    """
    inward = np.float32(at) - radius
    rim = np.exp(-np.clip(inward, 0, None) * np.float32(1 / width)) * (inward >= 0)
    away = np.angle(np.exp(1j * (angle - direction))).astype(np.float32)
    return rim * np.exp(-0.5 * (away / np.float32(opening)) ** 2)


def moffat(radius: Plane, fwhm: float, beta: float = 3.0) -> Plane:
    """A star's image with the wings of the atmosphere, its light summing to 1 (Moffat 1969, A&A 3, 455)."""
    core = fwhm / (2 * np.sqrt(2 ** (1 / beta) - 1))
    return np.float32((beta - 1) / (pi * core**2)) * (1 + (radius / np.float32(core)) ** 2) ** np.float32(
        -beta
    )
