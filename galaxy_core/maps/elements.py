"""Heat per element of a galaxy: bulge, bar, arms, companion and the rest, where their true places are known.

Only rendered galaxies know them (`data.mock`). A map of 8 x 8 cells is coarser than a bar, so the same numbers of
the brightness at the same cells stand beside it. Plain arrays.
"""

import numpy as np

from galaxy_core.data.mock import ELEMENTS
from galaxy_core.maps.focus import rectified_heat

PARTS = (*ELEMENTS, "sky")
"""The elements of a mock galaxy, which may overlap, and what is none of them."""


def element_shares(maps: np.ndarray, masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of the heat, float64 (M, 11), and of the area, (11,), in each of PARTS.

    maps (M, h, w) in logits of one image, only their rectified part counts; masks uint16 (H, W) as of a
    `MockGalaxy`. An element that the image does not have is NaN in both, a blank map in all of its heat. Heat
    over area is the enrichment: 1 where the map has no preference.
    """
    places = element_places(masks).reshape(len(PARTS), -1)
    heat = rectified_heat(maps, masks.shape).reshape(len(maps), -1)
    area = places.mean(axis=1)
    area[area == 0] = np.nan
    total = heat.sum(axis=1, dtype=np.float64)
    total[total <= 0] = np.nan
    shares = (heat @ places.T.astype(np.float32)) / total[:, None]
    shares[:, np.isnan(area)] = np.nan
    return shares, area


def element_places(masks: np.ndarray) -> np.ndarray:
    """Where each of PARTS is, bool (11, H, W), from the bits of a mock galaxy's masks."""
    places = [(masks >> bit & 1) > 0 for bit in range(len(ELEMENTS))]
    return np.stack([*places, masks == 0])
