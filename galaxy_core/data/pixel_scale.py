"""How many galaxies were seen at which pixel scale: Galaxy10 has two, 0.262 and 0.524 arcsec, and a file says which.

A scale that is not said is unknown; it is not guessed from the size of an image, which is 256 px at both.
"""

from collections.abc import Mapping

import numpy as np

UNKNOWN = "unknown"
MOST_NAMED = 4
"""More scales than these, as of FITS images of many surveys, are counted together."""


def scale_counts(pixel_scale: np.ndarray) -> dict[str, int]:
    """Galaxies of each scale, float (N,) in arcsec/pixel with NaN where unknown: `{"0.262": 700, "unknown": 3}`.

    Scales are told apart to a thousandth of an arcsec, the most frequent first; what is beyond MOST_NAMED is "other".
    """
    known = pixel_scale[np.isfinite(pixel_scale)]
    scales, counts = np.unique(np.round(known, 3), return_counts=True)
    by_count = sorted(zip(scales.tolist(), counts.tolist(), strict=True), key=lambda one: (-one[1], one[0]))
    found = {f"{scale:g}": n for scale, n in by_count[:MOST_NAMED]}
    rest = {"other": sum(n for _, n in by_count[MOST_NAMED:]), UNKNOWN: len(pixel_scale) - len(known)}
    return found | {name: n for name, n in rest.items() if n}


def scales_in_words(counts: Mapping[str, int]) -> str:
    """The counts as part of a sentence: "0.262″ of 690, 0.524″ of 10, unknown of 3"."""
    return ", ".join(f"{name}{'″' if name[0].isdigit() else ''} of {n}" for name, n in counts.items())
