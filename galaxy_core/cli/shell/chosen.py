"""Runs as a user names them on the command line, ready to be asked."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.sentences import say
from galaxy_core.errors import BadValueError, MissingError

if TYPE_CHECKING:
    from galaxy_core.data.galaxy10 import Galaxies
    from galaxy_core.runs.run import Run
    from galaxy_core.serving.lineup import Lineup


def finished_classifiers(names: Iterable[str], *, with_weights: bool = True) -> "list[Run]":
    """The runs of those names (a sweep's name means all of it); each must hold a whole classifier.

    Where only what they answered is asked for, they may be `with_weights` or without.
    """
    from galaxy_core.runs.run import resolve_runs

    runs = resolve_runs(names)
    for run in runs:
        if run.is_finished and not run.is_whole and with_weights:
            raise MissingError(
                f"of {run.name} the answers are here and the weights are not: it has its line in `galaxy table` and in "
                "the studies accuracy, learning and difference, and nothing can be asked of it anew"
            )
        if not run.is_finished:
            raise MissingError(
                f"{run.name} has no whole checkpoint yet; finish it with `galaxy train --run {run.name}` "
                "or name the finished runs one by one"
            )
        if run.card().get("kind") == "source":
            raise BadValueError(
                f"{run.name} holds pre-trained weights and no classifier; train a run from it first"
            )
    return runs


Device = Annotated[
    str,
    typer.Option(help="Where to compute: auto (a graphics card, if one can be used here), cpu or gpu."),
]
Precision = Annotated[
    str,
    typer.Option(
        help="float32, or on a graphics card bf16: quicker, logits other by up to 0.3, and another class for some "
        "three galaxies in a thousand."
    ),
]


def open_lineup(
    runs: "list[Run]", device: str = "cpu", precision: str = "float32", *, for_many: bool = False
) -> "Lineup":
    """The runs as one inference on that device; one line says so where it is a graphics card.

    `for_many` where several threads will ask at once (`Lineup.for_many`).
    """
    from galaxy_core.serving.lineup import Lineup

    lineup = (Lineup.for_many if for_many else Lineup)(runs, device=device, precision=precision)
    if lineup.where:
        say(f"computing on {lineup.where}")
    return lineup


def say_if_coarse(runs: "list[Run]") -> None:
    """One sentence for maps that are too coarse to speak of, wherever pictures of them are made."""
    from galaxy_core.maps.cells import coarse_in_words

    for sentence in coarse_in_words(runs):
        say(sentence)


def galaxies_of(runs: "list[Run]", data: Path | None) -> "Galaxies":
    """The galaxies at `data`, or where the first run found them; MissingError when they are no longer there."""
    from galaxy_core.data.galaxy10 import open_galaxies

    path = data or Path(runs[0].config.data)
    if not path.is_file():
        raise MissingError(
            f"the galaxies of {runs[0].name} are not at {path}; say where they are with --data FILE"
        )
    with counting_bar("reading") as progress:
        return open_galaxies(path, progress=progress)
