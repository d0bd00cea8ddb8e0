"""Which galaxies of a run share a piece of sky, as its split.json says (`metrics.sky_pieces`)."""

import json

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
