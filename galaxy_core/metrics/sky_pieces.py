"""Galaxies that share a piece of sky: they may be wrong together. Plain arrays."""

from collections.abc import Sequence

import numpy as np


def sky_pieces(galaxies: np.ndarray, neighbours: Sequence[Sequence[int]]) -> np.ndarray:
    """The piece of sky of each galaxy (N,), int64 (N,): equal where one of the groups holds both.

    galaxies: places in the file, in rising order; those of the groups that are not among them are left out.
    """
    pieces = np.arange(len(galaxies))
    rows = np.array([row for members in neighbours for row in members], np.int64)
    groups = np.repeat(np.arange(len(neighbours)), [len(members) for members in neighbours])
    is_here = np.isin(rows, galaxies)
    pieces[np.searchsorted(galaxies, rows[is_here])] = len(galaxies) + groups[is_here]
    return pieces
