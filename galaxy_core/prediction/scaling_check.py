"""Whether a network is shown images as it has learned to see them: asked of labelled galaxies, and told where not.

A wrong scaling does not fail: it merely answers like guessing. So a network whose answers are no better than the
commonest class is shown the same galaxies in every other way, and one that is far better is named.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.metrics.statistics import wilson_interval
from galaxy_core.networks.scaling import IN_WORDS, SCALINGS
from galaxy_core.runs.run import Run
from galaxy_core.serving.lineup import Lineup, Unsaved

MOST_GALAXIES = 60
"""Enough to tell guessing from knowing; as few as one can wait for when five scalings are tried on a processor."""
ALIKE = {"efficientnet_lite": "-1-1", "minus_one_to_one": "-1-1"}
"""Scalings within a hundredth of another, which are not tried beside it."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ScalingDoubt:
    """`n_right` of `n` galaxies in the run's own scaling, and how many in the `better` one."""

    own: str
    better: str
    n: int
    n_right: int
    n_right_better: int

    @property
    def sentence(self) -> str:
        """What is told of it."""
        return (
            f"its answers are like guessing ({self.n_right} of {self.n} of these galaxies right), and with the scaling "
            f"{self.better} ({IN_WORDS[self.better]}) {self.n_right_better} would be: it was probably trained so; "
            "import it again with that scaling"
        )


def doubt_scaling(run: Run, galaxies: Galaxies, *, progress: Progress | None = None) -> ScalingDoubt | None:
    """The scaling in which a run answers far better than in its own, where that is like guessing; None otherwise.

    Of at most MOST_GALAXIES galaxies, as many of each class as there are. Like guessing: not surely more often right
    than one class alone would be; far better: the intervals (Wilson, 95 %) of both shares do not meet. Classes of run
    and galaxies must be the same.
    """
    rows = _rows(galaxies.labels)
    labels = galaxies.labels[rows]
    n, own = len(rows), run.network.preprocessing.name
    n_right = _n_right(run, own, galaxies, rows)
    guessed = np.bincount(labels).max() / n
    if wilson_interval(n_right, n)[0] > guessed:
        return None
    others = [name for name in SCALINGS if ALIKE.get(name, name) != ALIKE.get(own, own) and name not in ALIKE]
    counts = {}
    for place, name in enumerate(others):
        counts[name] = _n_right(run, name, galaxies, rows)
        if progress:
            progress(place + 1, len(others))
    better = max(others, key=lambda name: counts[name])
    if wilson_interval(counts[better], n)[0] <= max(wilson_interval(n_right, n)[1], guessed):
        return None
    return ScalingDoubt(own, better, n, n_right, counts[better])


def _rows(labels: np.ndarray) -> np.ndarray:
    """Rows int64, the classes in turn, the same each time."""
    rng = np.random.default_rng(0)
    order = rng.permutation(len(labels))
    rank = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        own = order[labels[order] == label]
        rank[own] = np.arange(len(own))
    return np.sort(order[np.argsort(rank[order], kind="stable")][:MOST_GALAXIES])


def _n_right(run: Run, scaling: str, galaxies: Galaxies, rows: np.ndarray) -> int:
    one = Unsaved(run.name, replace(run.config, scaling=scaling), run.tensors())
    logits = Lineup([one]).predict(np.asarray(galaxies.images[rows]))[run.name]
    return int((logits.argmax(1) == galaxies.labels[rows]).sum())
