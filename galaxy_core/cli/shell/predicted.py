"""What is said while images are classified, and at the end."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from galaxy_core.cli.shell.output import tell
from galaxy_core.cli.shell.sentences import SOME_FAILED, say

if TYPE_CHECKING:
    from galaxy_core.prediction.inputs import Inputs


class Watcher:
    """Moves the bar at each new input; names those that got no class, and what was done to read the others.

    `n_before` of the inputs were answered earlier.
    """

    def __init__(self, n_inputs: int, progress: Callable[[int, int], None], n_before: int = 0) -> None:
        self.n_answers = self.n_refused = 0
        self._n_inputs, self._progress = n_inputs, progress
        self._n_seen, self._last, self._shown = n_before, None, set[str]()

    def see(self, row: dict[str, Any]) -> None:
        """One row of `predict_pictures`."""
        is_new, self._last = row["file"] != self._last, row["file"]
        if is_new:
            self._n_seen += 1
            self._progress(self._n_seen, self._n_inputs)
            for note in row.get("notes", ()):
                say(f"{row['file']}: {note}")
            how = row.get("shown", "")
            if how and how not in self._shown:
                self._shown.add(how)
                say(f"{row['file']}: {how} (said once for all that are alike)")
        if row["error"]:
            self.n_refused += 1
            say(f"{row['file']}: {row['error']}")
        else:
            self.n_answers += 1


def close(out: Path, n_answers: int, n_refused: int, inputs: "Inputs") -> None:
    """The closing sentence; leaves with an exit code of its own where some got no class."""
    tell(out, f"{n_answers} predictions of {inputs.n} {inputs.what} in {out}")
    if n_refused:
        say(f"{n_refused} of {inputs.n} {inputs.what} got no class; their reasons are in {out}")
        raise typer.Exit(SOME_FAILED)
