"""Is the evidence of a map the empty sky: a rule for its caption, by the map and the mask of the galaxy alone.

Empty sky is what lies more than half a cell from the galaxy and from every other object: nearer, the cell that is hot
may have seen them. The evidence is the sky where the hottest place of the map is more than half a cell from the galaxy,
the sky has, pixel for pixel, at least MORE times as much heat as the galaxy, and other objects have not as many times
more than the sky. Even heat is evidence of no place, and does not meet the second.
"""

import numpy as np

from galaxy_core.images.view import View
from galaxy_core.maps.cells import is_coarse
from galaxy_core.maps.focus import POINTING_TOLERANCE, near, rectified_heat
from galaxy_core.maps.galaxy_mask import GalaxyMask, find_galaxy, within_view

MORE = 1.5
MUCH = 10.0  # times, beyond which no number is said: the heat on the galaxy is next to nothing


def times_on_sky(values: np.ndarray, mask: GalaxyMask) -> float | None:
    """How many times as much heat a pixel of the empty sky has as one of the galaxy, where the rule is met; else None.

    values (h, w) in logits, of which what is above zero counts; mask of the same view. Infinite where the galaxy has no
    heat; None too where there is no heat at all, or no galaxy was found.
    """
    heat = rectified_heat(values[None], mask.galaxy.shape)[0]
    tolerance = POINTING_TOLERANCE * mask.galaxy.shape[1] / values.shape[1]
    by_galaxy = near(mask.galaxy, tolerance)
    sky = ~(by_galaxy | near(mask.neighbours, tolerance)) if mask.neighbours.any() else ~by_galaxy
    if not (mask.is_detected and heat.any() and sky.any()) or by_galaxy.ravel()[heat.argmax()]:
        return None
    on_sky, on_galaxy = float(heat[sky].mean()), float(heat[mask.galaxy].mean())
    on_others = float(heat[mask.neighbours].mean()) if mask.neighbours.any() else 0.0
    if on_sky == 0 or on_sky < MORE * on_galaxy or on_others >= MORE * on_sky:
        return None
    return on_sky / on_galaxy if on_galaxy else np.inf


def sky_in_words(values: np.ndarray, image: np.ndarray, view: View, mask: GalaxyMask | None = None) -> str:
    """The caption of a map whose evidence is the empty sky; empty for any other, and for one too coarse to speak.

    image uint8 (H, W, 3), of which the map covers the `view`; `mask` is that of the image where it is at hand.
    """
    if is_coarse(view):
        return ""
    times = times_on_sky(values, within_view(mask or find_galaxy(image), image, view))
    if times is None:
        return ""
    more = f"{times:.1f}" if times < MUCH else f"more than {MUCH:.0f}"
    return f"The evidence is the empty sky: {more} times as much there, pixel for pixel, as on the galaxy."
