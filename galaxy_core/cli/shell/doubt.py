"""A scaling that is visibly wrong, pointed out to whoever brought a network and has labelled galaxies."""

from typing import TYPE_CHECKING

from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.sentences import say

if TYPE_CHECKING:
    from galaxy_core.data.galaxy10 import Galaxies
    from galaxy_core.runs.run import Run


def say_doubt(run: "Run", galaxies: "Galaxies") -> None:
    """One sentence where the run guesses and would not in another scaling; see `prediction.scaling_check`."""
    from galaxy_core.prediction.scaling_check import doubt_scaling

    with counting_bar("trying the scaling") as progress:
        doubt = doubt_scaling(run, galaxies, progress=progress)
    if doubt is not None:
        say(f"{run.name}: {doubt.sentence}")
