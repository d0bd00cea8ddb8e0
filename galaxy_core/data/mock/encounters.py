"""Galaxies that met others: the disturbed one that keeps the scars, and two bodies in the act of merging."""

from math import cos, pi, sin

import numpy as np

from galaxy_core.data.mock import bodies, tides
from galaxy_core.data.mock.arms import Arms, paint_arms
from galaxy_core.data.mock.bodies import Colour, Pose
from galaxy_core.data.mock.colour import surface_flux
from galaxy_core.data.mock.profiles import sersic_total
from galaxy_core.data.mock.recipes import Parameters, Random, draw_pose, draw_size, old_stars, young_stars
from galaxy_core.data.mock.scene import Scene


def disturbed(scene: Scene, rng: Random) -> Parameters:
    """Class 0: one galaxy pulled out of shape: lopsided, with tails, shells, or both."""
    pose, size = draw_pose(rng, 0.35, 0.9), max(draw_size(rng, 33), 18.0)
    is_red = bool(rng.uniform() < 0.4)
    colour = old_stars(rng) if is_red else young_stars(rng)
    n = rng.uniform(1.5, 3.0) if is_red else rng.uniform(0.9, 1.5)
    brightness = rng.normal(21.9, 0.5)
    radius = bodies.radius_where(size, brightness, n)
    lopsided = float(rng.choice([-1, 1]) * rng.uniform(0.12, 0.38))
    element = "bulge" if is_red else "disk"
    bodies.paint_sersic(scene, element, pose, radius, n, brightness, colour, lopsided)
    flux = body_flux(pose, radius, n, brightness)
    has_shells = bool(is_red and rng.uniform() < 0.6)
    n_tails = int(rng.integers(0 if has_shells else 1, 3))
    if has_shells:
        radii = np.sort(size * rng.uniform(0.7, 1.7, int(rng.integers(2, 5))))
        tides.paint_shells(scene, pose, radii.tolist(), rng.uniform(23.1, 23.9), colour, rng)
    if not is_red:
        core = rng.uniform(1.5, 3.0)
        bodies.paint_sersic(scene, "bulge", pose, core, 1.5, brightness - 0.7, colour.bluer(-0.15))
        _paint_ragged_arms(scene, rng, pose, size, brightness, colour)
    has_loop = bool(rng.uniform() < 0.35)
    if has_loop:
        _paint_loop(scene, rng, pose, size, colour)
    _paint_tails(scene, rng, pose, radius, size, n_tails, flux, colour)
    return {
        "axis_ratio": pose.axis_ratio, "angle": pose.angle, "effective_radius": radius, "size": size, "n": n,
        "brightness": brightness, "lopsided": lopsided, "n_tails": n_tails, "has_shells": has_shells,
        "has_loop": has_loop, "is_red": is_red,
    }  # fmt: skip


def body_flux(pose: Pose, radius: float, n: float, brightness: float) -> float:
    """All the r light of a Sérsic body, in nanomaggies."""
    return sersic_total(radius, n, pose.axis_ratio) * surface_flux(brightness)


def _paint_ragged_arms(
    scene: Scene, rng: Random, pose: Pose, size: float, brightness: float, colour: Colour
) -> None:
    """A single arm on one side, full of knots: what a shaken gas disk looks like."""
    arms = Arms(
        n_arms=1, pitch_degrees=rng.uniform(20, 40), phase=rng.uniform(0, 2 * pi),
        sharpness=rng.uniform(0.8, 2.0), strength=rng.uniform(0.6, 1.6),
        roughness=rng.uniform(0.6, 1.0), begin=2.0, end=0.8 * size, n_knots=int(rng.integers(8, 40)),
    )  # fmt: skip
    paint_arms(scene, pose, size / 4, brightness - 1.2, colour.bluer(0.12), arms, rng)


def _paint_loop(scene: Scene, rng: Random, pose: Pose, size: float, colour: Colour) -> None:
    """A ring whose centre is not the galaxy's, as a passage through the disk leaves it."""
    off, direction = rng.uniform(0.15, 0.5) * size, rng.uniform(0, 2 * pi)
    x, y = pose.x + off * cos(direction), pose.y + off * sin(direction)
    ring = Pose(x, y, rng.uniform(0, pi), rng.uniform(0.5, 0.95))
    at, brightness = rng.uniform(0.5, 0.9) * size, rng.uniform(23.9, 24.7)
    bodies.paint_ring(scene, "tidal", ring, at, 0.2 * at, brightness, colour.bluer(0.05))


def _paint_tails(
    scene: Scene,
    rng: Random,
    pose: Pose,
    radius: float,
    size: float,
    n_tails: int,
    flux: float,
    colour: Colour,
) -> None:
    """Tails on opposite sides, bending the same way round, as tides raise them (Toomre & Toomre 1972)."""
    along = pose.angle + rng.normal(0, 0.3)
    bend = float(rng.choice([-1, 1]) * rng.uniform(0.5, 2.0))
    for k in range(n_tails):
        direction = along + k * pi + rng.normal(0, 0.2)
        start = (pose.x + 0.6 * radius * cos(direction), pose.y + 0.6 * radius * sin(direction))
        length = size * rng.uniform(1.3, 2.6)
        share = rng.uniform(0.08, 0.18)
        width = max(0.09 * size, 2.0)
        tides.paint_tail(scene, start, direction, length, bend, width, share * flux, colour.bluer(0.08), rng)


def merging(scene: Scene, rng: Random) -> Parameters:
    """Class 1: two bodies of comparable light that touch, in one envelope, with a bridge and tails."""
    is_red = bool(rng.uniform() < 0.55)
    size = draw_size(rng, 24)
    distance = size * rng.uniform(0.55, 1.15)
    around = rng.uniform(0, 2 * pi)
    middle = draw_pose(rng, 0.5, 1.0)
    # half of the cutouts are centred on one of the pair, half between the two
    share = float(rng.choice([0.0, 0.5]))
    first = _place(rng, middle, around + pi, share * distance)
    second = _place(rng, middle, around, (1 - share) * distance)
    flux = _paint_pair(scene, rng, first, second, size, is_red)
    colour = old_stars(rng) if is_red else young_stars(rng)
    bodies.paint_sersic(scene, "tidal", middle, 0.65 * size, 1.0, rng.normal(24.9, 0.4), colour)
    _paint_bridge(scene, rng, first, second, 0.03 * flux, colour)
    n_tails = int(rng.integers(0, 3))
    _paint_tails(scene, rng, first, 0.3 * size, size, n_tails, flux, colour)
    return {
        "axis_ratio": first.axis_ratio, "angle": first.angle, "effective_radius": 0.5 * size, "size": size,
        "distance": distance, "n_tails": n_tails, "is_red": is_red,
    }  # fmt: skip


def _place(rng: Random, middle: Pose, direction: float, distance: float) -> Pose:
    x, y = middle.x + distance * cos(direction), middle.y + distance * sin(direction)
    return Pose(x, y, rng.uniform(0, pi), rng.uniform(0.4, 1.0))


def _paint_pair(scene: Scene, rng: Random, first: Pose, second: Pose, size: float, is_red: bool) -> float:
    """Two bodies, the second 0.5 to 1 of the first in size; returns the first one's light."""
    n = rng.uniform(1.2, 2.6) if is_red else rng.uniform(0.9, 1.6)
    brightness = rng.normal(21.1, 0.45)
    radius = bodies.radius_where(size, brightness, n)
    colours = [old_stars(rng) if is_red else young_stars(rng).bluer(rng.uniform(-0.1, 0.2)) for _ in range(2)]
    ratio = rng.uniform(0.5, 1.0)
    own = "bulge" if is_red else "disk"
    bodies.paint_sersic(scene, own, first, radius, n, brightness, colours[0], rng.uniform(-0.35, 0.35))
    bodies.paint_sersic(
        scene, "companion", second, ratio * radius, n, brightness, colours[1], rng.uniform(-0.35, 0.35)
    )
    return body_flux(first, radius, n, brightness)


def _paint_bridge(scene: Scene, rng: Random, first: Pose, second: Pose, flux: float, colour: Colour) -> None:
    dx, dy = second.x - first.x, second.y - first.y
    length = float(np.hypot(dx, dy))
    bend = rng.normal(0, 0.5)
    direction = float(np.arctan2(dy, dx)) - bend / 2
    tides.paint_tail(
        scene, (first.x, first.y), direction, length, bend, max(0.12 * length, 1.8), flux, colour, rng
    )
