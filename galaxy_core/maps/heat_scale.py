"""Which maps share one scale of colours, by choice: each its own, those of one galaxy, or all that are shown together.

On one scale for a whole page weak maps look blank beside strong ones; each on its own, a weak one looks as hot as a
strong one. So the choice is the reader's, and what was chosen is said in logits beside the maps. Plain arrays.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.maps.overlay import common_scale

THIS_MAP, THIS_GALAXY, THIS_PAGE = SCALES = ("this map", "this galaxy", "this page")


def heat_scales(
    maps: Sequence[Sequence[np.ndarray]], which: str, *, signed: bool = False
) -> list[list[float]]:
    """The logits that have the full colour, for each map (h, w) of each galaxy: `common_scale` of those that share it.

    `which` is one of SCALES, also with hyphens for spaces; BadValueError for another one.
    """
    which = checked(which)
    if which == THIS_PAGE:
        top = common_scale((values for row in maps for values in row), signed=signed)
        return [[top] * len(row) for row in maps]
    if which == THIS_GALAXY:
        return [[common_scale(row, signed=signed)] * len(row) for row in maps]
    return [[common_scale([values], signed=signed) for values in row] for row in maps]


def checked(which: str) -> str:
    """One of SCALES, as typed in a shell or not."""
    named = which.replace("-", " ")
    if named not in SCALES:
        raise BadValueError(f"the scale of heat must be one of {', '.join(SCALES)}, got {which!r}")
    return named


def scale_in_words(which: str, scales: Iterable[float]) -> str:
    """What is true of the colours of maps with these scales: which of them share one, and its value in logits."""
    return f"{scale_said(which)}: full colour at {span_in_words(list(scales))}."


def scale_said(which: str) -> str:
    """Which maps share a scale, as the beginning of a sentence."""
    return {
        THIS_MAP: "Each map on a scale of its own",
        THIS_GALAXY: "One scale for the maps of a galaxy",
        THIS_PAGE: "One scale for all maps",
    }[checked(which)]


def span_in_words(tops: Sequence[float]) -> str:
    """ "3.2 logits", or "0.8 to 20 logits" """
    first, last = f"{min(tops):.2g}", f"{max(tops):.2g}"
    return f"{last} logits" if first == last else f"{first} to {last} logits"
