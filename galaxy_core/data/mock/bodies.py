"""The parts of a galaxy as paint on a scene: spheroid, disk, bar, ring, edge-on disk, dust lane.

A part turns drawn numbers into light of one colour; which parts a class has is the business of `recipes`.
Lengths are pixels, angles radians, brightness r-band magnitudes per square arcsecond.
"""

from dataclasses import dataclass
from math import cos, log, sin

import numpy as np
from numpy.typing import NDArray

from galaxy_core.data.mock import profiles
from galaxy_core.data.mock.colour import flux_ratios, surface_flux
from galaxy_core.data.mock.profiles import Plane
from galaxy_core.data.mock.scene import Patch, Scene, patch

ISOPHOTE = 25.6  # where a cutout's noise swallows a galaxy's edge: measured on survey cutouts
FAINTEST = 28.5  # a profile is followed out to here and no further


@dataclass(frozen=True)
class Pose:
    """Where a galaxy lies and how it is turned: centre, position angle, apparent axis ratio."""

    x: float
    y: float
    angle: float
    axis_ratio: float


@dataclass(frozen=True)
class Colour:
    """A stellar population as two colours in magnitudes; redder is larger."""

    g_minus_r: float
    r_minus_z: float

    def ratios(self) -> NDArray[np.float32]:
        """Flux in g, r, z for unit flux in r."""
        return flux_ratios(self.g_minus_r, self.r_minus_z)

    def bluer(self, by: float) -> "Colour":
        """The same population `by` magnitudes bluer in g - r and in r - z."""
        return Colour(self.g_minus_r - by, self.r_minus_z - by)


def radius_where(isophotal_radius: float, brightness: float, n: float, isophote: float = ISOPHOTE) -> float:
    """Effective radius of the Sérsic body that is `brightness` at Re and fades to `isophote` at that radius.

    Never beyond the isophotal radius: a body fainter than the isophote has no such radius, and gets it as is.
    """
    contrast = max(0.4 * log(10) * (isophote - brightness), 0.0)
    return isophotal_radius / (1 + contrast / profiles.sersic_b(n)) ** n


def reach(effective_radius: float, brightness: float, n: float) -> float:
    """Radius at which a Sérsic body has faded below all noise, at most the image's diagonal."""
    contrast = max(0.4 * log(10) * (FAINTEST - brightness), 0.1)
    return float(min(effective_radius * (1 + contrast / profiles.sersic_b(n)) ** n, 182.0))


def paint_sersic(
    scene: Scene,
    element: str,
    pose: Pose,
    effective_radius: float,
    n: float,
    brightness: float,
    colour: Colour,
    lopsided: float = 0.0,
) -> None:
    """A bulge (n about 4), a smooth disk (n = 1) or a spheroid; `brightness` is that at Re.

    `lopsided` (-1 to 1, both excluded) stretches one side of the major axis and shortens the other.
    """
    # the stretched side reaches further by just this factor
    furthest = min(reach(effective_radius, brightness, n) / (1 - abs(lopsided)), 182.0)
    where = patch(pose.x, pose.y, pose.angle, furthest)
    radius = disk_radius(where, pose.axis_ratio)
    if lopsided:
        radius = radius * (1 - np.float32(lopsided) * np.tanh(where.u / np.float32(effective_radius)))
    # half a pixel of softening stands for the pixel's own width: a cusp would fall between the samples
    softened = np.sqrt(radius * radius + np.float32(0.25))
    light = profiles.sersic(softened, effective_radius, n) * np.float32(surface_flux(brightness))
    scene.add(element, where, light, colour.ratios())


def disk_radius(where: Patch, axis_ratio: float) -> Plane:
    """Radius in the plane of a disk seen at this axis ratio."""
    return np.hypot(where.u, where.v * np.float32(1 / axis_ratio))


def paint_bar(
    scene: Scene,
    pose: Pose,
    angle_in_disk: float,
    half_length: float,
    width_ratio: float,
    brightness: float,
    colour: Colour,
) -> None:
    """A bar in the plane of the disk, at an angle from its major axis; foreshortened with it."""
    where = patch(pose.x, pose.y, pose.angle, half_length * 1.1)
    across = where.v * np.float32(1 / pose.axis_ratio)
    c, s = np.float32(cos(angle_in_disk)), np.float32(sin(angle_in_disk))
    light = profiles.bar(
        c * where.u + s * across, c * across - s * where.u, half_length, half_length * width_ratio
    )
    scene.add("bar", where, light * np.float32(surface_flux(brightness)), colour.ratios())


def paint_ring(
    scene: Scene, element: str, pose: Pose, at: float, width: float, brightness: float, colour: Colour
) -> None:
    """A soft ring in the disk's plane, Gaussian in radius."""
    where = patch(pose.x, pose.y, pose.angle, at + 3 * width)
    away = (disk_radius(where, pose.axis_ratio) - np.float32(at)) * np.float32(1 / width)
    light = np.exp(-0.5 * away * away) * np.float32(surface_flux(brightness))
    scene.add(element, where, light, colour.ratios())


def paint_edge_on(
    scene: Scene,
    pose: Pose,
    length: float,
    height: float,
    brightness: float,
    colour: Colour,
    warp: float = 0.0,
) -> None:
    """A disk from the side, `brightness` at its centre; `warp` bends the ends like an S."""
    where = patch(pose.x, pose.y, pose.angle, min(6.5 * length, 182.0))
    reach_along = where.u * np.float32(1 / (4 * length))
    above = where.v - np.float32(warp * length) * reach_along * np.abs(reach_along)
    light = profiles.edge_on_disk(where.u, above, length, height) * np.float32(surface_flux(brightness))
    # real disks end, softly, near four scale lengths (van der Kruit & Searle 1981)
    light *= np.clip(1 - reach_along**4, 0, None)
    scene.add("disk", where, light, colour.ratios())


def paint_dust_lane(
    scene: Scene, pose: Pose, length: float, height: float, depth: float, offset: float
) -> None:
    """A thin dark lane along the major axis, `depth` its optical depth in r at the centre."""
    where = patch(pose.x, pose.y, pose.angle, min(4.5 * length, 182.0))
    along = np.exp(-((where.u * np.float32(1 / (2.2 * length))) ** 2))
    away = (where.v - np.float32(offset)) * np.float32(1 / height)
    scene.dim(where, along * np.exp(-0.5 * away * away) * np.float32(depth))
