"""Every kind of interval that is printed, each with worlds that draw galaxies anew and know the truth.

A world is called with a generator and a number of galaxies and gives the truth and an estimate with its interval; the
coverage of each kind, the least over its worlds, is the table of docs/science.md.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from galaxy_core.metrics.calibration import calibration_error
from galaxy_core.metrics.resample import mean_estimates, ratio_estimates
from galaxy_core.metrics.reweighting import SURVEY_FREQUENCIES, reweighted_accuracy
from galaxy_core.metrics.sign_flips import judged_difference
from galaxy_core.metrics.statistics import (
    balanced_accuracy,
    balanced_interval,
    grouped_intervals,
    wilson_interval,
)
from galaxy_core.studies.sources.ranking import _bounds, known_order

EACH = 5  # galaxies of a field


class Seen(NamedTuple):
    """What a world has drawn."""

    truth: float
    value: float
    low: float
    high: float


World = Callable[[np.random.Generator, int], Seen]


def accuracy(share: float) -> World:
    def world(rng: np.random.Generator, n: int) -> Seen:
        right = int(rng.binomial(n, share))
        return Seen(share, right / n, *wilson_interval(right, n))

    return world


def of_classes(rng: np.random.Generator, n: int, *, as_in_the_survey: bool) -> tuple[np.ndarray, np.ndarray]:
    labels = rng.choice(10, n, p=SURVEY_FREQUENCIES if as_in_the_survey else None)
    return labels, rng.random(n) < np.linspace(0.3, 0.95, 10)[labels]


def balanced(as_in_the_survey: bool) -> World:
    def world(rng: np.random.Generator, n: int) -> Seen:
        labels, right = of_classes(rng, n, as_in_the_survey=as_in_the_survey)
        truth = np.linspace(0.3, 0.95, 10)[np.unique(labels)].mean()
        value = balanced_accuracy(labels, np.where(right, labels, (labels + 1) % 10))
        return Seen(truth, value, *balanced_interval(labels, right))

    return world


def as_on_the_sky(rng: np.random.Generator, n: int) -> Seen:
    labels, right = of_classes(rng, n, as_in_the_survey=False)
    weights = np.where(np.bincount(labels, minlength=10) > 0, SURVEY_FREQUENCIES, 0)
    found = reweighted_accuracy(labels, right)
    return Seen(
        float(weights @ np.linspace(0.3, 0.95, 10) / weights.sum()), found.accuracy, found.low, found.high
    )


def in_fields(rng: np.random.Generator, n: int) -> np.ndarray:
    """Right answers of a network with six in ten right, whose galaxies of a field mostly stand or fall together."""
    of_field, is_shared = rng.random(n // EACH) < 0.6, rng.random(n // EACH) < 0.7
    return np.where(is_shared.repeat(EACH), of_field.repeat(EACH), rng.random(n) < 0.6).astype(float)


def pooled(rng: np.random.Generator, n: int) -> Seen:
    score = (in_fields(rng, n) + in_fields(rng, n)) / 2
    labels, fields = rng.permutation(np.arange(n) % 10), np.arange(n) // EACH
    return Seen(0.6, float(score.mean()), *grouped_intervals(labels, score, fields)[0])


def paired(ahead: float, behind: float) -> World:
    def world(rng: np.random.Generator, n: int) -> Seen:
        differences = rng.choice([1.0, 0.0, -1.0], n, p=[ahead, 1 - ahead - behind, behind])
        return Seen(ahead - behind, float(differences.mean()), *judged_difference(differences, rng)[0])

    return world


def paired_in_fields(rng: np.random.Generator, n: int) -> Seen:
    differences = in_fields(rng, n) - in_fields(rng, n)
    return Seen(0.0, float(differences.mean()), *judged_difference(differences, rng, np.arange(n) // EACH)[0])


def calibration(true: float, where: str) -> World:
    """A network that is too sure by so much, everywhere or of the upper 30 % of its galaxies alone."""

    def world(rng: np.random.Generator, n: int) -> Seen:
        sure = 0.3 + 0.7 * rng.beta(2, 1, n)
        edge = 0.3 + 0.7 * np.sqrt(0.7)
        gap = true if where == "everywhere" else np.where(sure > edge, true / 0.3, 0.0)
        found = calibration_error(sure, rng.random(n) < np.clip(sure - gap, 0, 1))
        return Seen(true, found.value, found.low, found.high)

    return world


def mean_of(kind: str) -> World:
    draws = {
        "share": lambda rng, n: (rng.beta(0.5, 1.2, n), 0.5 / 1.7),
        "lopsided": lambda rng, n: (rng.exponential(1.0, n), 1.0),
        "yes or no": lambda rng, n: ((rng.random(n) < 0.05).astype(float), 0.05),
        "change of yes or no": lambda rng, n: (rng.choice([1.0, 0, -1], n, p=[0.1, 0.88, 0.02]), 0.08),
    }

    def world(rng: np.random.Generator, n: int) -> Seen:
        values, truth = draws[kind](rng, n)
        (found,) = mean_estimates(values[:, None], rng)
        return Seen(truth, found.value, found.low, found.high)

    return world


def ratio(rng: np.random.Generator, n: int) -> Seen:
    below = rng.gamma(2, 1, (n, 1))
    (found,) = ratio_estimates(below * rng.gamma(1, 1.5, (n, 1)), below, rng)
    return Seen(1.5, found.value, found.low, found.high)


def tau(rng: np.random.Generator, n: int) -> Seen:
    true = np.array([0.48, 0.56, 0.52, 0.50, 0.46, 0.28])
    scores = np.arange(6.0)
    right = (rng.random((6, n)) < true[:, None]).astype(float)

    def of(accuracies: np.ndarray) -> float:
        first, second = np.triu_indices(6, 1)
        return float(
            np.mean(np.sign(scores[first] - scores[second]) * np.sign(accuracies[first] - accuracies[second]))
        )

    value = of(right.mean(axis=1))
    low, high = _bounds(scores, known_order(right, np.arange(n)), value)
    assert low is not None
    assert high is not None
    return Seen(of(true), value, low, high)


ERRORS = (0.0, 0.05, 0.1, 0.2)
KINDS: dict[str, tuple[World, ...]] = {
    "accuracy, share of sets that held": tuple(map(accuracy, (0.5, 0.75, 0.95))),
    "balanced accuracy": (balanced(False), balanced(True)),
    "accuracy as on the sky": (as_on_the_sky,),
    "accuracy of pooled seeds in fields of five": (pooled,),
    "difference of two rows": tuple(paired(*ends) for ends in ((0.2, 0.1), (0.05, 0.05), (0.3, 0.02))),
    "difference of two rows in fields of five": (paired_in_fields,),
    "calibration error": tuple(
        calibration(true, where) for true in ERRORS for where in ("everywhere", "above")
    ),
    "mean of a score": tuple(map(mean_of, ("share", "lopsided"))),
    "share of maps, change of accuracy": tuple(map(mean_of, ("yes or no", "change of yes or no"))),
    "ratio of sums": (ratio,),
    "Kendall's tau": (tau,),
}
