"""Runs as a user names them on the command line, ready to be asked."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from galaxy_core.errors import BadValueError, MissingError

if TYPE_CHECKING:
    from galaxy_core.runs.run import Run
    from galaxy_core.serving.lineup import Lineup


def finished_classifiers(names: Iterable[str]) -> "list[Run]":
    """The runs of those names (a sweep's name means all of it); each must hold a whole classifier."""
    from galaxy_core.runs.run import resolve_runs

    runs = resolve_runs(names)
    for run in runs:
        if not run.is_whole:
            raise MissingError(
                f"{run.name} has no whole checkpoint yet; finish it with `galaxy train --run {run.name}` "
                "or name the finished runs one by one"
            )
        if run.card().get("kind") == "source":
            raise BadValueError(
                f"{run.name} holds pre-trained weights and no classifier; train a run from it first"
            )
    return runs


def open_lineup(runs: "list[Run]") -> "Lineup":
    """The runs as one inference."""
    from galaxy_core.serving.lineup import Lineup

    return Lineup(runs)
