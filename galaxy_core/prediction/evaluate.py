"""A finished run on a file of labelled galaxies: on its own test part where the file is the one it knows."""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadValueError, quoted
from galaxy_core.metrics.measure import measure
from galaxy_core.prediction.predict import Asked, images_at_once
from galaxy_core.runs.run import SPLIT, Run

Progress = Callable[[int, int], None]


def evaluate_run(
    run: Run, galaxies: Galaxies, *, lineup: Asked | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """The metrics of `run` on `galaxies`, with `part` ("test" or "all") and a `sentence` that says why.

    The run's test part where the file's sha256 is that of its card and its split is whole; all galaxies
    otherwise. Errors: BadValueError for a run without a classifier or of other classes,
    MissingError where nothing is trained.
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
        **measure(galaxies.labels[indices], shares, run.classes),
    }


def part_to_test(run: Run, galaxies: Galaxies) -> tuple[str, np.ndarray, str]:
    """Which galaxies to test on: ("test" or "all", their indices int64, and why in one sentence).

    Errors: BadValueError where their classes are not those of the run.
    """
    if galaxies.classes != run.classes:
        raise BadValueError(
            f"{run.name} tells apart {quoted(str(run.classes))}, and {galaxies.path.name} holds "
            f"{quoted(str(galaxies.classes))}: the answers of the one are no labels of the other"
        )
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


def part_of_all(runs: Sequence[Run], galaxies: Galaxies) -> tuple[np.ndarray, list[str]]:
    """The galaxies that each of the runs may be tested on, and a sentence on each that may have seen some of them."""
    parts = [part_to_test(run, galaxies) for run in runs]
    unsure = dict.fromkeys(sentence for part, _, sentence in parts if part == "all")
    return reduce(np.intersect1d, [indices for _, indices, _ in parts]), list(unsure)


def _lineup(run: Run) -> Asked:
    from galaxy_core.serving.lineup import Lineup

    return Lineup([run])


def served_probabilities(
    lineup: Asked, name: str, images: np.ndarray, indices: np.ndarray, progress: Progress | None = None
) -> np.ndarray:
    """What one network of a line-up answers of these rows, float32 (len(indices), classes), a block at a time."""
    from galaxy_core.serving.lineup import probabilities

    return probabilities(served_logits(lineup, name, images, indices, progress))


def served_logits(
    lineup: Asked, name: str, images: np.ndarray, indices: np.ndarray, progress: Progress | None = None
) -> np.ndarray:
    """The same in logits."""
    found, n = [], images_at_once(lineup)
    for start in range(0, max(len(indices), 1), n):  # of no rows too, for the shape
        some = indices[start : start + n]
        found.append(lineup.predict(np.asarray(images[some]))[name])
        if progress:
            progress(start + len(some), len(indices))
    return np.concatenate(found)
