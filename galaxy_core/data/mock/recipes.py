"""What each Galaxy10 class is made of: numbers are drawn here and handed to the painters of `bodies`.

Every recipe paints one central galaxy on a scene and returns what it drew. The distributions were matched to
survey cutouts by eye and by mean brightness, isophotal radius, axis ratio and colour of each class.
"""

from math import pi
from typing import Any

import numpy as np

from galaxy_core.data.mock import bodies
from galaxy_core.data.mock.arms import Arms, paint_arms, paint_edge_on_knots
from galaxy_core.data.mock.bodies import Colour, Pose
from galaxy_core.data.mock.scene import CENTRE, Scene

Parameters = dict[str, Any]
Random = np.random.Generator


def draw_pose(rng: Random, low: float, high: float) -> Pose:
    """A galaxy near the middle of the image, turned at random, its axis ratio between two bounds."""
    x, y = CENTRE + rng.normal(0, 0.5, 2).clip(-2, 2)
    return Pose(float(x), float(y), rng.uniform(0, pi), rng.uniform(low, high))


def draw_size(rng: Random, median: float, scatter: float = 0.3, largest: float = 105.0) -> float:
    """Isophotal radius along the major axis, in pixels."""
    return float(np.clip(rng.lognormal(np.log(median), scatter), 9.0, largest))


def old_stars(rng: Random) -> Colour:
    """Colour of a red-sequence galaxy or a bulge."""
    g_minus_r = rng.normal(0.89, 0.07)
    return Colour(float(g_minus_r), float(0.64 + 0.7 * (g_minus_r - 0.87) + rng.normal(0, 0.05)))


def young_stars(rng: Random) -> Colour:
    """Colour of a star-forming disk, from green valley to quite blue."""
    g_minus_r = rng.normal(0.60, 0.10)
    return Colour(float(g_minus_r), float(0.42 + 0.8 * (g_minus_r - 0.58) + rng.normal(0, 0.05)))


# ---- smooth galaxies -----------------------------------------------------------------------------------------


def _smooth(scene: Scene, rng: Random, pose: Pose, median_size: float) -> Parameters:
    """A spheroid, red and concentrated or blue and compact; sometimes in a faint envelope."""
    is_red = rng.uniform() < 0.65
    n = float(np.clip(rng.normal(3.0, 0.8) if is_red else rng.normal(1.4, 0.35), 0.9, 4.5))
    colour = old_stars(rng) if is_red else young_stars(rng)
    brightness = rng.normal(21.5, 0.55) if is_red else rng.normal(21.7, 0.5)
    size = draw_size(rng, median_size * (1.0 if is_red else 0.72))
    radius = bodies.radius_where(size, brightness, n)
    bodies.paint_sersic(scene, "bulge", pose, radius, n, brightness, colour)
    return _own(pose, radius, n=n, brightness=brightness, size=size, is_red=bool(is_red))


def _own(pose: Pose, effective_radius: float, **numbers: Any) -> Parameters:
    return {
        "axis_ratio": pose.axis_ratio,
        "angle": pose.angle,
        "effective_radius": effective_radius,
        **numbers,
    }


def round_smooth(scene: Scene, rng: Random) -> Parameters:
    """Class 2: a smooth galaxy that looks round."""
    return _smooth(scene, rng, draw_pose(rng, 0.87, 1.0), 30)


def in_between_smooth(scene: Scene, rng: Random) -> Parameters:
    """Class 3: a smooth galaxy between round and cigar."""
    return _smooth(scene, rng, draw_pose(rng, 0.50, 0.75), 33)


def cigar_smooth(scene: Scene, rng: Random) -> Parameters:
    """Class 4: a smooth, long galaxy, too thick and featureless for a disk from the side."""
    pose = draw_pose(rng, 0.28, 0.42)
    colour = old_stars(rng) if rng.uniform() < 0.6 else young_stars(rng)
    n, brightness = rng.uniform(0.7, 1.5), rng.normal(21.4, 0.45)
    size = draw_size(rng, 36)
    radius = bodies.radius_where(size, brightness, n)
    bodies.paint_sersic(scene, "bulge", pose, radius, n, brightness, colour)
    return _own(pose, radius, n=n, brightness=brightness, size=size)


# ---- spirals -------------------------------------------------------------------------------------------------


def _disk(scene: Scene, rng: Random, pose: Pose, size: float, central: float, colour: Colour) -> float:
    """An exponential disk of central brightness `central`; returns its scale length."""
    scale = size * 1.086 / (bodies.ISOPHOTE - central)
    at_effective = central + 1.086 * 1.678
    bodies.paint_sersic(scene, "disk", pose, 1.678 * scale, 1.0, at_effective, colour)
    return scale


def _bulge(scene: Scene, rng: Random, pose: Pose, radius: float, brightness: float, n: float) -> None:
    # a bulge is rounder than the disk it sits in
    rounder = Pose(pose.x, pose.y, pose.angle, 0.45 + 0.55 * pose.axis_ratio)
    bodies.paint_sersic(scene, "bulge", rounder, radius, n, brightness, old_stars(rng))


def _spiral(
    scene: Scene, rng: Random, pose: Pose, size: float, central: float, bulge: float, arms: Arms
) -> Parameters:
    """Disk, bulge of `bulge` disk scale lengths, arms: the body of the unbarred spirals."""
    colour = young_stars(rng)
    scale = _disk(scene, rng, pose, size, central, colour.bluer(-0.10))
    n = rng.uniform(1.2, 2.8)
    bulge_brightness = central + rng.normal(-0.1, 0.3)
    _bulge(scene, rng, pose, bulge * scale, bulge_brightness, n)
    paint_arms(scene, pose, scale, central, colour.bluer(0.14), arms, rng)
    return _own(
        pose, 1.678 * scale, size=size, central=central, n_arms=arms.n_arms, pitch_degrees=arms.pitch_degrees
    )


def tight_spiral(scene: Scene, rng: Random) -> Parameters:
    """Class 6: arms wound like a watch spring around a clear bulge."""
    pose, size = draw_pose(rng, 0.5, 0.98), draw_size(rng, 46)
    arms = Arms(
        n_arms=int(rng.choice([2, 2, 3])), pitch_degrees=rng.uniform(8, 14), phase=rng.uniform(0, 2 * pi),
        sharpness=rng.uniform(1.8, 3.5), strength=rng.uniform(0.7, 1.3),
        roughness=rng.uniform(0.25, 0.5), begin=0.22 * size, end=0.85 * size, n_knots=int(rng.integers(4, 22)),
    )  # fmt: skip
    return _spiral(scene, rng, pose, size, rng.normal(21.2, 0.35), rng.uniform(0.30, 0.5), arms)


def loose_spiral(scene: Scene, rng: Random) -> Parameters:
    """Class 7: open, often ragged arms, a small bulge."""
    pose, size = draw_pose(rng, 0.45, 0.98), draw_size(rng, 38)
    arms = Arms(
        n_arms=int(rng.choice([2, 2, 2, 3, 4])), pitch_degrees=rng.uniform(19, 36),
        phase=rng.uniform(0, 2 * pi), sharpness=rng.uniform(2.2, 5.0),
        strength=rng.uniform(1.0, 2.1), roughness=rng.uniform(0.4, 0.8),
        begin=0.10 * size, end=rng.uniform(0.8, 1.0) * size, n_knots=int(rng.integers(8, 45)),
    )  # fmt: skip
    return _spiral(scene, rng, pose, size, rng.normal(21.9, 0.4), rng.uniform(0.18, 0.38), arms)


def barred_spiral(scene: Scene, rng: Random) -> Parameters:
    """Class 5: a bar through the bulge, arms or a ring from its ends."""
    pose, size = draw_pose(rng, 0.5, 0.98), draw_size(rng, 50)
    central, colour = rng.normal(21.7, 0.35), young_stars(rng)
    scale = _disk(scene, rng, pose, size, central, colour.bluer(-0.10))
    half_length, angle = rng.uniform(0.32, 0.48) * size, rng.uniform(0, pi)
    stars = old_stars(rng)
    bodies.paint_bar(
        scene, pose, angle, half_length, rng.uniform(0.19, 0.34), central - rng.uniform(0.7, 1.4), stars
    )
    _bulge(scene, rng, pose, rng.uniform(0.05, 0.09) * size, central - rng.uniform(0.4, 1.1), 1.4)
    arms = _arms_from_bar(rng, size, half_length, angle)
    paint_arms(scene, pose, scale, central, colour.bluer(0.12), arms, rng)
    has_ring = bool(rng.uniform() < 0.4)
    if has_ring:
        bodies.paint_ring(
            scene, "disk", pose, half_length * 1.05, 0.14 * half_length, central + 1.7, colour.bluer(-0.05)
        )
    return _own(
        pose, 1.678 * scale, size=size, central=central, bar_half_length=half_length, bar_angle=angle,
        n_arms=arms.n_arms, pitch_degrees=arms.pitch_degrees, has_ring=has_ring,
    )  # fmt: skip


def _arms_from_bar(rng: Random, size: float, half_length: float, angle: float) -> Arms:
    pitch = rng.uniform(11, 26)
    # the ridge must pass through the bar's end: theta = phase + ln(R) / tan(pitch)
    phase = angle - float(np.log(half_length) / np.tan(np.radians(pitch)))
    return Arms(
        n_arms=2, pitch_degrees=pitch, phase=phase, sharpness=rng.uniform(2.0, 4.5),
        strength=rng.uniform(0.9, 2.2), roughness=rng.uniform(0.25, 0.55),
        begin=0.95 * half_length, end=0.9 * size, n_knots=int(rng.integers(4, 30)),
    )  # fmt: skip


# ---- disks from the side -------------------------------------------------------------------------------------


def edge_on_without_bulge(scene: Scene, rng: Random) -> Parameters:
    """Class 8: a needle, often blue and lumpy, sometimes with dust."""
    pose, size = draw_pose(rng, 0.1, 0.2), draw_size(rng, 72, 0.33, 118)
    is_blue = bool(rng.uniform() < 0.7)
    colour = young_stars(rng) if is_blue else old_stars(rng).bluer(0.1)
    brightness = rng.normal(21.25, 0.45)
    length = size / 3.9
    height = max(length * rng.uniform(0.20, 0.36), 1.2)
    warp = rng.normal(0, 0.10)
    # the outskirts are younger than the middle: a short red disk inside a long blue one
    outer = colour.bluer(rng.uniform(0.08, 0.26))
    bodies.paint_edge_on(scene, pose, length, height, brightness, outer, warp)
    bodies.paint_edge_on(
        scene, pose, 0.5 * length, 0.8 * height, brightness + 1.0, colour.bluer(-0.15), 0.25 * warp
    )
    if is_blue:
        paint_edge_on_knots(scene, pose, length, height, brightness, outer, int(rng.integers(0, 40)), rng)
    has_dust = bool(rng.uniform() < 0.2)
    if has_dust:
        bodies.paint_dust_lane(scene, pose, length, height * 0.5, rng.uniform(0.5, 1.1), height * 0.2)
    return _own(
        pose, 1.678 * length, size=size, brightness=brightness, scale_length=length, scale_height=height,
        has_dust=has_dust, is_blue=is_blue,
    )  # fmt: skip


def edge_on_with_bulge(scene: Scene, rng: Random) -> Parameters:
    """Class 9: a thin red disk with a ball in its middle, often cut by a dust lane."""
    pose, size = draw_pose(rng, 0.1, 0.2), draw_size(rng, 52, 0.3, 118)
    colour = old_stars(rng).bluer(rng.uniform(-0.02, 0.10))
    brightness = rng.normal(21.0, 0.4)
    length = size / 3.9
    height = max(length * rng.uniform(0.17, 0.27), 1.2)
    bodies.paint_edge_on(scene, pose, length, height, brightness, colour, rng.normal(0, 0.05))
    bulge_radius = max(length * rng.uniform(0.26, 0.42), 1.6 * height)
    ball = Pose(pose.x, pose.y, pose.angle, rng.uniform(0.6, 0.85))
    n = rng.uniform(1.3, 2.8)
    bodies.paint_sersic(
        scene, "bulge", ball, bulge_radius, n, brightness + rng.uniform(0.2, 0.8), old_stars(rng)
    )
    has_dust = bool(rng.uniform() < 0.4)
    if has_dust:
        bodies.paint_dust_lane(
            scene, pose, length, max(height * 0.4, 1.2), rng.uniform(0.7, 1.6), rng.normal(0, 0.3) * height
        )
    return _own(
        pose, 1.678 * length, size=size, brightness=brightness, scale_length=length, scale_height=height,
        bulge_radius=bulge_radius, has_dust=has_dust,
    )  # fmt: skip
