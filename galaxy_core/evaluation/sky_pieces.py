"""Which galaxies of a run share a piece of sky, as its split.json says: they may be wrong together."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from galaxy_core.data.split import MOST_INDEX
from galaxy_core.errors import BadFileError
from galaxy_core.runs.run import SPLIT, Run

Neighbours = tuple[tuple[int, ...], ...]
"""Groups of galaxies by their place in the file."""


def neighbours_of(run: Run) -> Neighbours:
    """What split.json says of neighbours; none where it says nothing. BadFileError where it is damaged."""
    path = run.path / SPLIT
    if not path.is_file():
        return ()
    try:
        found = json.loads(path.read_text(encoding="utf-8")).get("neighbours", [])
        groups = tuple(tuple(members) for members in found)
        if not all(type(row) is int and 0 <= row < MOST_INDEX for members in groups for row in members):
            raise ValueError(f"no such galaxies: {str(found)[:60]}")
    except (TypeError, ValueError, AttributeError) as error:
        raise damaged(run, error) from error
    return groups


def damaged(run: Run, error: Exception) -> BadFileError:
    """What to say of neighbours that are none."""
    return BadFileError(f"the neighbours in {run.path / SPLIT} are damaged ({error}); train the run again")


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
