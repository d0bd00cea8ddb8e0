"""How finely a map can speak: how many cells it has, and from how many on it says anything of where a network looks.

The one place that knows. A network halves what it sees five times, so a small view leaves few cells: those of 3 x 3 are
the middle and its surroundings, whatever was learned.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from galaxy_core.errors import BadValueError
from galaxy_core.images.view import View
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone

FEWEST_CELLS = 6
"""A side. A galaxy is a third to two thirds as wide as its image: two to four of six cells."""
SMALLEST_VIEW = 32 * FEWEST_CELLS  # pixels a side that leave so many cells
WHY = f"to say where a network looks takes {FEWEST_CELLS} × {FEWEST_CELLS}, a view of {SMALLEST_VIEW} px"


class Config(Protocol):
    """The part of a run's config that is needed here."""

    @property
    def view(self) -> View: ...


class Seeing(Protocol):
    """A run, as far as its view is concerned."""

    @property
    def name(self) -> str: ...
    @property
    def config(self) -> Config: ...


Run = TypeVar("Run", bound=Seeing)


def is_coarse(view: View) -> bool:
    """Whether its maps are too coarse to speak of."""
    return cells(view) < FEWEST_CELLS


def cells(view: View) -> int:
    """Cells a side of the maps of a view, the same for every backbone up to rounding: each halves five times."""
    return get_backbone(DEFAULT_BACKBONE).map_cells(view.size)


def views_in_words(views: Mapping[str, View]) -> list[str]:
    """A sentence for each view among some networks: what they see, and that their maps are coarse where they are.

    `views` by what a network is called; where all see the same, none is named.
    """
    return [
        _in_words(view, [] if len(set(views.values())) == 1 else [k for k, v in views.items() if v == view])
        for view in dict.fromkeys(views.values())
    ]


def coarse_in_words(runs: Iterable[Seeing]) -> list[str]:
    """A sentence for each number of cells of the runs among these whose maps are too coarse to speak of."""
    by_cells: dict[int, list[str]] = {}
    for run in runs:
        if is_coarse(run.config.view):
            by_cells.setdefault(cells(run.config.view), []).append(run.name)
    return [f"the maps of {', '.join(names)} have {_too_few(n)}" for n, names in by_cells.items()]


def fine_enough(runs: Sequence[Run]) -> list[Run]:
    """Those whose maps can be studied."""
    return [run for run in runs if not is_coarse(run.config.view)]


def refuse_coarse(runs: Iterable[Seeing]) -> None:
    """Raise BadValueError where a study of maps is asked of runs whose maps say nothing."""
    if sentences := coarse_in_words(runs):
        raise BadValueError(
            f"{'; '.join(sentences)}; leave them out, or train with --image-size {SMALLEST_VIEW} or more"
        )


def _in_words(view: View, names: Sequence[str]) -> str:
    who = f"what {', '.join(names)} see{'s' if len(names) == 1 else ''}" if names else "what the networks see"
    scaled = "" if view.crop == view.size else f", brought to {view.size}"
    seen = f"In the frame: {who} and what a map covers, the central {view.crop} px of an image{scaled}."
    return f"{seen} A map has {_too_few(cells(view))}." if is_coarse(view) else seen


def _too_few(n_cells: int) -> str:
    return f"{n_cells} × {n_cells} cells, too coarse to speak of: {WHY}"
