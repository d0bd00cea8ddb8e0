"""What corrections change of a training: other labels and fewer galaxies, in the training part alone.

They are read once, when the run divides its galaxies, and kept with the division, so that a run that carries on learns
what it began to learn, whatever was marked meanwhile.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from galaxy_core.data.corrections import ANOTHER, DOUBTFUL, corrections_of
from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.data.split import Split
from galaxy_core.errors import BadValueError

CORRECTIONS = "corrections"
"""Where split.json keeps them."""


@dataclass(frozen=True)
class Corrected:
    """Rows of the training part whose label is another, with its number, and those that are doubtful."""

    relabelled: tuple[tuple[int, int], ...] = ()
    left_out: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Corrected":
        """As `to_json` wrote it."""
        return cls(tuple((row, label) for row, label in values["relabelled"]), tuple(values["left_out"]))

    def to_json(self) -> dict[str, Any]:
        """Plain lists."""
        return asdict(self)

    def labels(self, labels: np.ndarray) -> np.ndarray:
        """The labels int (N,) that are learned."""
        if not self.relabelled:
            return labels
        rows, new = np.array(self.relabelled).T
        learned = labels.copy()
        learned[rows] = new
        return learned

    def rows(self, rows: np.ndarray) -> np.ndarray:
        """Those of some rows int (n,) that are learned from."""
        return rows[~np.isin(rows, self.left_out)]

    def told(self) -> dict[str, Any]:
        """What the card says: how many, and a digest that two runs share where theirs are the same."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return {
            "n_relabelled": len(self.relabelled),
            "n_left_out": len(self.left_out),
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
        }


def corrected(galaxies: Galaxies, split: Split) -> Corrected:
    """What is kept beside the galaxies, as far as it is of the training part and changes something.

    BadValueError where nothing is kept, or where no galaxy of a class would be left to learn from.
    """
    kept = corrections_of(galaxies)
    if not kept:
        raise BadValueError(
            f"there are no corrections of {galaxies.path} to train with; mark galaxies on the page Data or "
            "Gallery, or leave out --corrections"
        )
    train = {int(row) for row in split.train}
    new = [
        (row, galaxies.classes.index(c.class_name))
        for row, c in kept.items()
        if row in train and c.verdict == ANOTHER
    ]
    found = Corrected(
        tuple((row, label) for row, label in new if label != galaxies.labels[row]),
        tuple(row for row, c in kept.items() if row in train and c.verdict == DOUBTFUL),
    )
    left = found.labels(galaxies.labels)[found.rows(split.train)]
    if gone := np.setdiff1d(galaxies.labels[split.train], left).tolist():
        raise BadValueError(
            f"the corrections leave no galaxy of the class {galaxies.classes[gone[0]]} to train on; take some back "
            "on the page where they were marked, or leave out --corrections"
        )
    return found
