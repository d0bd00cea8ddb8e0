"""Between two steps of a training: its history, and the one file from which it carries on.

`resume/state.safetensors` holds weights, optimizer, the lines of history and what has been counted since the last of
them; lines that were written after it are written again.
"""

import json
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.files.atomic import write_text_atomically
from galaxy_core.runs.checkpoint import Tensors, read_tensors, write_tensors
from galaxy_core.runs.run import HISTORY, RESUME, Run
from galaxy_core.training.network import Network

STATE = "state.safetensors"
NOTE = "resume/note"
"""Tensor in the state: JSON as uint8."""
Rows = list[dict[str, Any]]
"""Lines of history."""


@dataclass
class Tally:
    """Sums over the images since the last line of history; `seconds` are those before the last carrying on."""

    loss: float = 0.0
    right: float = 0.0
    n: int = 0
    seconds: float = 0.0
    _since: float = field(default_factory=time.monotonic)

    def add(self, logs: dict[str, float], n: int) -> None:
        """Count a batch of `n` images."""
        self.loss += n * logs["loss"]
        self.right += n * logs["accuracy"]
        self.n += n

    def means(self) -> dict[str, float]:
        """Mean loss and accuracy of the batches counted."""
        n = max(self.n, 1)
        return {"loss": self.loss / n, "accuracy": self.right / n}

    def elapsed(self) -> float:
        """Seconds of training since the last line."""
        return self.seconds + time.monotonic() - self._since

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; `Tally(**of_it)` goes on counting."""
        return {"loss": self.loss, "right": self.right, "n": self.n, "seconds": round(self.elapsed(), 3)}


def keep_state(run: Run, network: Network, rows: Rows, tally: Tally, began_with: str) -> None:
    """Write everything that carrying on from here needs, in one step."""
    note = {"history": rows, "tally": tally.to_json(), "began_with": began_with}
    folder = run.path / RESUME
    folder.mkdir(exist_ok=True)
    text = np.frombuffer(json.dumps(note).encode(), dtype=np.uint8)
    write_tensors(folder / STATE, {**network.state(), NOTE: text})


def resume_state(run: Run, network: Network, began_with: str, what: str) -> tuple[Rows, Tally] | None:
    """Put the network back where the last state was written; None where there is none.

    BadValueError where the training began with another file than `began_with`, of which `what` tells.
    """
    path = run.path / RESUME / STATE
    if not path.is_file():
        return None
    state = read_tensors(path)
    note = json.loads(state.pop(NOTE).tobytes()) if NOTE in state else _note_of_an_epoch(run, state)
    then = note.get("began_with", note.get("data_sha256"))
    if then and began_with and then != began_with:
        raise BadValueError(
            f"{what} that run {run.name} began with; put the old ones back or start a new run"
        )
    network.restore(state)
    if "history" not in note:  # a source of the first version, which began a line anew
        note["history"] = [row for row in run.history() if row["step"] <= network.n_steps_done]
    return note["history"], Tally(**note["tally"])


def _note_of_an_epoch(run: Run, state: Tensors) -> dict[str, Any]:
    """What a classifier of the first version kept at the end of an epoch; its tensors are taken out of the state."""
    n_done, line = int(state.pop("resume/epoch")[0]), json.loads(state.pop("resume/line").tobytes())
    source = state.pop("resume/source", np.zeros(0, np.uint8)).tobytes().decode()
    return {"history": [*run.history()[: n_done - 1], line], "tally": {}, "began_with": source}


def write_history(run: Run, rows: Rows) -> None:
    """All lines, in the place of those there are."""
    write_text_atomically(run.path / HISTORY, "".join(json.dumps(row) + "\n" for row in rows))
