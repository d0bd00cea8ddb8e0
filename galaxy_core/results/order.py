"""Which galaxies of a test part are worth a look first, and which test galaxies several runs share.

It works on answers that are written down already: nothing is predicted and no image is read here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import numpy as np

from galaxy_core.errors import BadValueError, MissingError
from galaxy_core.runs.run import Run

FILE, WRONG, RIGHT = "as they come", "wrong ones first", "right ones first"
SURE, UNSURE = "surest first", "least sure first"
DISPUTED, EXTREMES = "most disputed first", "best and worst of each class"
ORDERS = (EXTREMES, FILE, WRONG, RIGHT, SURE, UNSURE, DISPUTED)


@dataclass(frozen=True)
class SharedAnswers:
    """Galaxies that are in the test part of every run: index int64 (N,) into the data, labels int64 (N,), and
    float32 (N, 10) probabilities of each run by name.
    """

    index: np.ndarray
    labels: np.ndarray
    probabilities: dict[str, np.ndarray]


def shared_answers(runs: Iterable[Run]) -> SharedAnswers:
    """The written predictions of some runs on the galaxies that none of them was trained on, by index.

    MissingError where they share none, or where a run has no predictions; BadFileError where they are damaged.
    The caller sees to it that all are of the same data.
    """
    answers = {run.name: run.predictions() for run in runs}
    if not answers:
        raise MissingError("no run, so no test galaxies; choose a run that has finished")
    index = reduce(np.intersect1d, [one.index for one in answers.values()])
    if not len(index):
        raise MissingError(
            f"{', '.join(answers)} have no test galaxy in common; "
            "choose runs of one sweep, and of one fold where it has folds"
        )
    places = {name: _places(one.index, index) for name, one in answers.items()}
    first = next(iter(answers))
    return SharedAnswers(
        index,
        answers[first].labels[places[first]],
        {name: one.probabilities[places[name]] for name, one in answers.items()},
    )


def in_order(labels: np.ndarray, probabilities: np.ndarray, disputed: np.ndarray, how: str) -> np.ndarray:
    """Positions int64 (N,) of galaxies in one of ORDERS, by what one run says of them.

    labels int (N,), probabilities (N, 10), disputed (N,): how far other runs disagree. Among the right and the
    wrong ones the surest come first. `EXTREMES` goes round the classes: of each the galaxy whose true class got the
    largest probability and the one where it got the smallest, then the second best and second worst of each.
    """
    sure, is_right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    if how == EXTREMES:
        return _extremes(labels, probabilities[np.arange(len(labels)), labels])
    keys = {
        FILE: np.zeros(len(labels)),
        WRONG: is_right * 2 - sure,
        RIGHT: ~is_right * 2 - sure,
        SURE: -sure,
        UNSURE: sure,
        DISPUTED: -disputed,
    }
    if how not in keys:
        raise BadValueError(f"the order must be one of {', '.join(ORDERS)}, got {how!r}")
    return np.argsort(keys[how], kind="stable")


def _extremes(labels: np.ndarray, of_true_class: np.ndarray) -> np.ndarray:
    """Round by round the best and the worst that are left of each class; the rounds are what is sorted by first."""
    rounds = np.zeros(len(labels), np.int64)
    is_worst = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        from_best = members[np.argsort(-of_true_class[members], kind="stable")]
        place = np.arange(len(members))
        rounds[from_best] = np.minimum(place, place[::-1])
        is_worst[from_best] = place > place[::-1]
    return np.lexsort((is_worst, labels, rounds))


def _places(index: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where each of `wanted` stands in `index`."""
    order = np.argsort(index, kind="stable")
    return order[np.searchsorted(index, wanted, sorter=order)]
