"""Between two steps of the training of a source: its history, and the one file from which it carries on.

`resume/state.safetensors` holds weights, optimizer, and what has been counted since the last line of history;
lines that were written after it are written again.
"""

import json
import shutil
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.files.atomic import write_text_atomically
from galaxy_core.runs.checkpoint import read_tensors, write_tensors
from galaxy_core.runs.run import HISTORY, RESUME, Run
from galaxy_core.training.source_network import SourceNetwork

STATE = "state.safetensors"
NOTE = "resume/note"
"""Tensor in the state: JSON as uint8."""


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
        """Mean loss and accuracy of the batches counted, and their number of images."""
        n = max(self.n, 1)
        return {"loss": self.loss / n, "accuracy": self.right / n}

    def elapsed(self) -> float:
        """Seconds of training since the last line."""
        return self.seconds + time.monotonic() - self._since

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; `Tally(**of_it)` goes on counting."""
        return {"loss": self.loss, "right": self.right, "n": self.n, "seconds": round(self.elapsed(), 3)}


def keep_state(run: Run, network: SourceNetwork, tally: Tally, data_sha256: str) -> None:
    """Write everything that carrying on from here needs, in one step."""
    note = {"tally": tally.to_json(), "data_sha256": data_sha256}
    folder = run.path / RESUME
    folder.mkdir(exist_ok=True)
    line = np.frombuffer(json.dumps(note).encode(), dtype=np.uint8)
    write_tensors(folder / STATE, {**network.state(), NOTE: line})


def resume_state(run: Run, network: SourceNetwork, data_sha256: str) -> Tally | None:
    """Put the network back where the last state was written; None where there is none.

    BadValueError where the photographs are no longer those it began with.
    """
    path = run.path / RESUME / STATE
    if not path.is_file():
        return None
    state = read_tensors(path)
    note = json.loads(state.pop(NOTE).tobytes())
    if note["data_sha256"] != data_sha256:
        raise BadValueError(
            f"{run.pretrain_config.images} no longer holds the photographs that {run.name} began with; "
            "put the old ones back or start under another name"
        )
    network.restore(state)
    rows = [row for row in run.history() if row["step"] <= network.n_steps_done]
    _write_history(run, rows)
    return Tally(**note["tally"])


def append_line(run: Run, row: dict[str, Any]) -> None:
    """Add a line of history."""
    _write_history(run, [*run.history(), row])


def forget_state(run: Run) -> None:
    """Remove the state of a training that is done, and whatever a killed writer left beside it."""
    shutil.rmtree(run.path / RESUME, ignore_errors=True)


def begin_history(run: Run) -> None:
    """An empty history."""
    _write_history(run, [])


def _write_history(run: Run, rows: list[dict[str, Any]]) -> None:
    write_text_atomically(run.path / HISTORY, "".join(json.dumps(row) + "\n" for row in rows))
