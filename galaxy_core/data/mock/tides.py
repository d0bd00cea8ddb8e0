"""What tides leave behind: tails, bridges and shells, as paint on a scene.

Lengths are pixels, angles radians, brightness r-band magnitudes per square arcsecond, as in `bodies`.
"""

from collections.abc import Sequence
from math import pi

import cv2
import numpy as np
from numpy.typing import NDArray

from galaxy_core.data.mock import profiles
from galaxy_core.data.mock.bodies import Colour, Pose
from galaxy_core.data.mock.colour import surface_flux
from galaxy_core.data.mock.profiles import Plane
from galaxy_core.data.mock.scene import CENTRE, SIZE, Scene, patch

WHOLE = patch(CENTRE, CENTRE, 0.0, float(SIZE))


def paint_tail(
    scene: Scene,
    start: tuple[float, float],
    direction: float,
    length: float,
    bend: float,
    width: float,
    r_flux: float,
    colour: Colour,
    rng: np.random.Generator,
) -> None:
    """A tidal tail: a ribbon that leaves `start` in `direction` and bends by `bend` radians over its length.

    It widens and fades outwards; `r_flux` is all its light in nanomaggies.
    """
    step = np.linspace(0, 1, 160)
    heading = direction + bend * step
    x = start[0] + np.cumsum(np.cos(heading)) * length / 160
    y = start[1] + np.cumsum(np.sin(heading)) * length / 160
    weight = (np.exp(-1.6 * step) * (1 - step**4) * (1 + 0.35 * rng.standard_normal(160)).clip(0.2)).astype(
        np.float32
    )
    weight *= np.float32(r_flux) / weight.sum()
    light = np.zeros((SIZE, SIZE), np.float32)
    for part, widening in ((step < 0.5, 1.0), (step >= 0.5, 1.5)):
        light += _ribbon(x[part], y[part], weight[part], width * widening)
    scene.add("tidal", WHOLE, light, colour.ratios())


def _ribbon(x: NDArray[np.float64], y: NDArray[np.float64], weight: Plane, width: float) -> Plane:
    points = np.zeros((SIZE, SIZE), np.float32)
    columns, rows = np.rint(x).astype(int), np.rint(y).astype(int)
    inside = (columns >= 0) & (columns < SIZE) & (rows >= 0) & (rows < SIZE)
    np.add.at(points, (rows[inside], columns[inside]), weight[inside])
    return np.asarray(cv2.GaussianBlur(points, (0, 0), width, borderType=cv2.BORDER_CONSTANT), np.float32)


def paint_shells(
    scene: Scene,
    pose: Pose,
    radii: Sequence[float],
    brightness: float,
    colour: Colour,
    rng: np.random.Generator,
) -> None:
    """Arcs on alternating sides of the major axis, fainter outwards, as a swallowed companion leaves."""
    where = patch(pose.x, pose.y, pose.angle, max(radii) + 2)
    radius = np.hypot(where.u, where.v * np.float32(1 / max(pose.axis_ratio, 0.7)))
    angle = np.arctan2(where.v, where.u)
    light = np.zeros_like(radius)
    for k, at in enumerate(radii):
        side = pi * (k % 2) + rng.normal(0, 0.25)
        opening = rng.uniform(0.4, 0.8)
        light += profiles.shell(radius, angle, at, 0.22 * at, side, opening) * np.float32(0.75**k)
    scene.add("tidal", where, light * np.float32(surface_flux(brightness)), colour.ratios())
