"""Spiral arms and the knots of young stars on them, as paint on a scene.

Lengths are pixels, angles radians, brightness r-band magnitudes per square arcsecond, as in `bodies`.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from galaxy_core.data.mock import profiles
from galaxy_core.data.mock.bodies import Colour, Pose
from galaxy_core.data.mock.colour import surface_flux
from galaxy_core.data.mock.profiles import Plane
from galaxy_core.data.mock.scene import Patch, Scene, patch


@dataclass(frozen=True)
class Arms:
    """How a disk's arms are wound and lit."""

    n_arms: int
    pitch_degrees: float
    phase: float
    sharpness: float  # of the ridge; 2 is broad, 8 is thin
    strength: float  # light on the ridge over the disk's
    roughness: float  # scatter of patches along the arm, in natural logs
    begin: float  # radius, pixels
    end: float
    n_knots: int


def paint_arms(
    scene: Scene,
    pose: Pose,
    scale: float,
    brightness: float,
    colour: Colour,
    arms: Arms,
    rng: np.random.Generator,
) -> None:
    """Spiral arms on an exponential disk of scale length `scale`, with patches and star-forming knots.

    `brightness` is the disk's at its centre; the light of the arms comes on top of the disk.
    """
    where = patch(pose.x, pose.y, pose.angle, min(arms.end * 1.35, 182.0))
    if 0 in where.u.shape:
        return
    across = where.v * np.float32(1 / pose.axis_ratio)
    radius = np.hypot(where.u, across)
    # arms that wander: a smooth random bend of the angle, as no real arm follows the formula for long
    wander = _clouds(where.u.shape, arms.end * 0.7, rng) * np.float32(0.16 + 0.3 * arms.roughness)
    angle = np.arctan2(across, where.u) + wander
    ridge = profiles.spiral_arms(radius, angle, arms.n_arms, arms.pitch_degrees, arms.phase, arms.sharpness)
    patches = np.exp(np.float32(arms.roughness) * _clouds(where.u.shape, arms.end * 0.16, rng))
    window = _between(radius, arms.begin, arms.end)
    # arms fade more slowly than the old disk beneath them
    fading = np.exp(radius * np.float32(-1 / (1.25 * scale)))
    light = ridge * patches * window * fading * np.float32(arms.strength * surface_flux(brightness))
    scene.add("arms", where, light, colour.ratios())
    _paint_knots(scene, where, light, colour.bluer(0.35), arms.n_knots, rng)


def _between(radius: Plane, begin: float, end: float) -> Plane:
    rise = 1 / (1 + np.exp(np.clip((begin - radius) * np.float32(4 / max(begin, 1.5)), -30, 30)))
    fall = 1 / (1 + np.exp(np.clip((radius - end) * np.float32(7 / end), -30, 30)))
    return rise * fall


def _clouds(shape: tuple[int, ...], grain: float, rng: np.random.Generator) -> Plane:
    """Smooth random field of unit scatter whose lumps are about `grain` pixels."""
    rows, columns = (max(3, int(side / max(grain, 2.0)) + 2) for side in shape)
    coarse = rng.standard_normal((rows, columns), np.float32)
    return np.asarray(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def _paint_knots(
    scene: Scene, where: Patch, light: Plane, colour: Colour, n_knots: int, rng: np.random.Generator
) -> None:
    """Blue points where the arm is bright: drawn with probability the arm's own light."""
    total = np.cumsum(light.ravel(), dtype=np.float64)
    if n_knots == 0 or not total[-1] > 0:
        return
    chosen = np.searchsorted(total, rng.uniform(0, total[-1], n_knots)).clip(0, light.size - 1)
    knots = np.zeros(light.size, np.float32)
    # a point of the arm's local brightness is lost in the blur: as much light as some seven pixels of arm
    np.add.at(knots, chosen, light.ravel()[chosen] * rng.gamma(1.2, 6.0, n_knots).astype(np.float32))
    spread = cv2.GaussianBlur(knots.reshape(light.shape), (0, 0), 1.0)
    scene.add("arms", where, np.asarray(spread, np.float32), colour.ratios())


def paint_edge_on_knots(
    scene: Scene,
    pose: Pose,
    length: float,
    height: float,
    brightness: float,
    colour: Colour,
    n_knots: int,
    rng: np.random.Generator,
) -> None:
    """Star-forming knots along the midplane of a disk seen from the side; they count as `arms`."""
    where = patch(pose.x, pose.y, pose.angle, min(3.5 * length, 182.0))
    # knots keep to the midplane and reach further out than the old stars
    light = profiles.edge_on_disk(where.u, where.v, 1.5 * length, 0.5 * height)
    light *= np.float32(surface_flux(brightness)) * (np.abs(where.u) < 3.2 * length)
    _paint_knots(scene, where, light, colour.bluer(0.3), n_knots, rng)
