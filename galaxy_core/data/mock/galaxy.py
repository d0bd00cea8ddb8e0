"""One mock galaxy from a class number and a random generator, and a stream of them from a seed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from galaxy_core.data.mock import encounters, recipes, sky
from galaxy_core.data.mock.colour import legacy_rgb
from galaxy_core.data.mock.scene import Scene, element_masks
from galaxy_core.errors import BadValueError

Recipe = Callable[[Scene, np.random.Generator], dict[str, Any]]

# in the order of Galaxy10 DECaLS: the class number is the place in this tuple
RECIPES: tuple[Recipe, ...] = (
    encounters.disturbed,
    encounters.merging,
    recipes.round_smooth,
    recipes.in_between_smooth,
    recipes.cigar_smooth,
    recipes.barred_spiral,
    recipes.tight_spiral,
    recipes.loose_spiral,
    recipes.edge_on_without_bulge,
    recipes.edge_on_with_bulge,
)
N_CLASSES = len(RECIPES)


@dataclass(frozen=True, eq=False)
class MockGalaxy:
    """A rendered galaxy with its truth; arrays as in Galaxy10, 0.262 arcsec a pixel."""

    flux: NDArray[np.float32]  # (256, 256, 3) nanomaggies per pixel, bands g, r, z, noise included
    image: NDArray[np.uint8]  # (256, 256, 3) red, green, blue
    masks: NDArray[np.uint16]  # (256, 256), bit k set where ELEMENTS[k] is seen
    label: int
    parameters: dict[str, Any]  # what was drawn: pixels, radians, magnitudes, counts


def render(label: int, rng: np.random.Generator) -> MockGalaxy:
    """Draw one galaxy of a class, its neighbours and its sky, and the true masks of its elements.

    `label` is the Galaxy10 DECaLS class, 0 to 9; everything else comes from `rng`, so one state of the generator
    gives one galaxy. The galaxy's centre lies within two pixels of the image centre. Raises BadValueError for
    another label.
    """
    if isinstance(label, bool) or label not in range(N_CLASSES):
        raise BadValueError(
            f"label must be a whole number from 0 to {N_CLASSES - 1}, got {label!r}; see the class list"
        )
    scene = Scene()
    parameters = RECIPES[label](scene, rng)
    parameters["n_neighbours"] = sky.add_neighbours(scene, rng)
    parameters["n_background"] = sky.add_distant_galaxies(scene, rng)
    seeing = sky.draw_seeing(rng)
    scene.blur(seeing)
    parameters["n_stars"] = sky.add_stars(scene, seeing, rng)
    sigma = sky.add_noise(scene, rng)
    parameters |= {"fwhm_pixels": float(seeing[1]), "sky_sigma": sigma}
    flux = np.asarray(cv2.merge(list(scene.flux)), np.float32)  # bands last
    return MockGalaxy(flux, legacy_rgb(flux), element_masks(scene.light, sigma), int(label), parameters)


def make_mock_galaxies(n: int, seed: int) -> Iterator[MockGalaxy]:
    """`n` galaxies, the classes taking turns from 0 to 9.

    Galaxy i depends on (seed, i) alone: a longer series begins with the shorter one. Raises BadValueError, at
    the call, when n < 1 or seed < 0.
    """
    check_count_and_seed(n, seed)
    return (mock_galaxy(seed, index) for index in range(n))


def mock_galaxy(seed: int, index: int) -> MockGalaxy:
    """Galaxy number `index` of the series `seed`, without drawing those before it."""
    return render(index % N_CLASSES, np.random.default_rng([seed, index]))


def check_count_and_seed(n: int, seed: int) -> None:
    """Refuse a count below one or a negative seed, in words."""
    if n < 1:
        raise BadValueError(
            f"n must be at least 1, got {n}; ask for {N_CLASSES} to have one galaxy of each class"
        )
    if seed < 0:
        raise BadValueError(f"seed must be 0 or more, got {seed}; any whole number from 0 will do")
