"""A finished run on a file of labelled galaxies: on its own test part where the file is the one it knows."""

from collections.abc import Callable
from typing import Any

import numpy as np

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadValueError
from galaxy_core.metrics.measure import measure
from galaxy_core.prediction.predict import BATCH_SIZE, Asked
from galaxy_core.runs.run import SPLIT, Run

Progress = Callable[[int, int], None]


def evaluate_run(
    run: Run, galaxies: Galaxies, *, lineup: Asked | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """The metrics of `run` on `galaxies`, with `part` ("test" or "all") and a `sentence` that says why.

    The run's test part where the file's sha256 is that of its card and its split is whole; all galaxies
    otherwise. Errors: BadValueError for a run without a classifier, MissingError where nothing is trained.
    """
    if run.card().get("kind") == "source":
        raise BadValueError(
            f"{run.name} holds pre-trained weights and no classifier; train a run from it first"
        )
    part, indices, sentence = part_to_test(run, galaxies)
    shares = served_probabilities(lineup or _lineup(run), run.name, galaxies.images, indices, progress)
    return {
        "run": run.name,
        "data": str(galaxies.path),
        "data_sha256": galaxies.sha256,
        "data_origin": galaxies.origin,
        "part": part,
        "sentence": sentence,
        **measure(galaxies.labels[indices], shares),
    }


def part_to_test(run: Run, galaxies: Galaxies) -> tuple[str, np.ndarray, str]:
    """Which galaxies to test on: ("test" or "all", their indices int64, and why in one sentence)."""
    card = run.card()
    everything = np.arange(len(galaxies.labels))
    if (card.get("data") or {}).get("sha256") != galaxies.sha256:
        reason = f"All {len(everything)} galaxies: this is not the file that {run.name} was trained on"
        return "all", everything, f"{reason}, and whether it has seen some of them is not known."
    if not (run.path / SPLIT).is_file() or run.split().hash != card.get("split_hash"):
        reason = f"All {len(everything)} galaxies, those it was trained on among them"
        return (
            "all",
            everything,
            f"{reason}: the split of {run.name} is gone. Too good to compare with others.",
        )
    indices = run.split().test
    return "test", indices, f"The {len(indices)} galaxies of the test part of {run.name}, unseen in training."


def _lineup(run: Run) -> Asked:
    from galaxy_core.serving.lineup import Lineup

    return Lineup([run])


def served_probabilities(
    lineup: Asked, name: str, images: np.ndarray, indices: np.ndarray, progress: Progress | None = None
) -> np.ndarray:
    """What one network of a line-up answers of these rows, float32 (len(indices), 10), a block at a time."""
    from galaxy_core.serving.lineup import probabilities

    shares = np.empty((len(indices), 10), np.float32)
    for start in range(0, len(indices), BATCH_SIZE):
        part = slice(start, start + BATCH_SIZE)
        shares[part] = probabilities(lineup.predict(np.asarray(images[indices[part]]))[name])
        if progress:
            progress(min(start + BATCH_SIZE, len(indices)), len(indices))
    return shares
