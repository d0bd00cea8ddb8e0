"""How many objects of each class there are, from a network's answers: the argmax counts what it was shown, not the sky.

A network trained on classes that came alike often gives rare ones too many objects, and what it mistakes goes to one
side. Its answers on labelled galaxies say how: the probabilities of all objects have the mean that those of some
mixture of the labelled classes would have, and the mixture is what is asked for ("probabilistic adjusted count", Bella
et al. 2010; "black-box shift", Lipton et al. 2018). That holds whether or not the probabilities are calibrated; what it
takes is that a galaxy of a class looks alike in both. Plain arrays; it knows neither runs nor files.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from galaxy_core.errors import BadValueError

FEWEST_OF_A_CLASS = 5
"""Labelled galaxies; of fewer a bootstrap bounds nothing."""
N_DRAWS = 500
LEVEL = 0.95
RIDGE = 1e-6
"""Of the mean variance, added to each: so a probability that never moves does not weigh infinitely."""
WEIGHT_OF_SUM = 1e4
"""By so much more than one moment the sum of the shares must be 1."""


class Answers:
    """What is needed of the answers on many objects, added batch by batch in constant memory.

    The moments are the probability of each class and, last, how sure an answer is (`moments`).
    """

    def __init__(self, n_classes: int) -> None:
        self.n = 0
        self.counts = np.zeros(n_classes, np.int64)
        self._sum = np.zeros(n_classes + 1)
        self._products = np.zeros((n_classes + 1, n_classes + 1))

    def add(self, probabilities: np.ndarray) -> None:
        """Some more, float (N, C)."""
        found = moments(probabilities)
        self.n += len(found)
        self.counts += np.bincount(found[:, :-1].argmax(axis=1), minlength=len(self.counts))
        self._sum += found.sum(axis=0)
        self._products += found.T @ found

    @property
    def mean(self) -> np.ndarray:
        """Of the moments, (C + 1,)."""
        return self._sum / self.n

    @property
    def covariance_of_mean(self) -> np.ndarray:
        """Of `mean`, (C + 1, C + 1)."""
        centred = self._products / self.n - np.outer(self.mean, self.mean)
        return np.asarray(centred / max(self.n - 1, 1))


def moments(probabilities: np.ndarray) -> np.ndarray:
    """The probabilities (N, C) and, last, the sum of their squares, 1 for a certain answer: float64 (N, C + 1)."""
    shares = np.asarray(probabilities, np.float64)
    return np.column_stack([shares, (shares**2).sum(axis=1)])


@dataclass(frozen=True, eq=False)
class ClassShares:
    """The share of each class among the objects, float64 (C,), with bounds at 95 %.

    `misfit` is how seldom answers to a mixture of the labelled classes lie as far off, or are as much surer or less
    sure, as these are: near 0 the objects are unlike the labelled galaxies, whatever their classes. It is corrected by
    `n_labelled` galaxies.
    """

    shares: np.ndarray
    low: np.ndarray
    high: np.ndarray
    misfit: float
    n_labelled: int


def class_shares(
    answers: Answers,
    labelled: np.ndarray,
    labels: np.ndarray,
    rng: np.random.Generator,
    *,
    n_draws: int = N_DRAWS,
) -> ClassShares:
    """The mixture whose answers have the mean of these; its percentile bootstrap over objects and labelled galaxies.

    labelled float (M, C), probabilities of galaxies that the network never saw, with their labels int (M,); drawn anew
    within each class. The probabilities weigh by the inverse of their covariance (Hansen 1982). The bounds always hold
    the shares. Errors: BadValueError without objects, or with fewer than FEWEST_OF_A_CLASS labelled ones of a class.
    """
    n_classes = len(answers.counts)
    _check(answers, labels, n_classes)
    of_class = [moments(labelled[labels == c]) for c in range(n_classes)]
    means = np.stack([one.mean(axis=0) for one in of_class], axis=1)
    weight = _weight(answers, of_class)
    found = _mixture(weight, means, answers.mean)
    drawn = [(_mixture(weight, *one), *one) for one in _draws(answers, of_class, rng, n_draws)]
    low, high = np.quantile([one[0] for one in drawn], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    surer = [float(mean[-1] - means_drawn[-1] @ shares) for shares, means_drawn, mean in drawn]
    distance = weight @ (answers.mean - means @ found)[: n_classes - 1]
    return ClassShares(
        found,
        np.minimum(low, found),
        np.maximum(high, found),
        _seldom(distance, float(answers.mean[-1] - means[-1] @ found), float(np.std(surer))),
        len(labels),
    )


def _check(answers: Answers, labels: np.ndarray, n_classes: int) -> None:
    if not answers.n:
        raise BadValueError("there is no object with a class, so there is nothing to count")
    if n_classes < 2:
        raise BadValueError("there is but one class, so there is nothing to correct")
    counts = np.bincount(labels, minlength=n_classes)
    if counts.min() < FEWEST_OF_A_CLASS:
        raise BadValueError(
            f"of class {int(counts.argmin())} there are {int(counts.min())} labelled galaxies, and {FEWEST_OF_A_CLASS} "
            "of each are needed to correct counts; test on more"
        )


def _weight(answers: Answers, of_class: list[np.ndarray]) -> np.ndarray:
    """A root of the inverse covariance of what is compared: all probabilities but the last, which follows."""
    last = len(of_class) - 1
    covariance = answers.covariance_of_mean + sum(
        share**2 * np.cov(one.T) / len(one) for share, one in zip(answers.mean[:-1], of_class, strict=True)
    )
    covariance = covariance[:last, :last]
    ridge = RIDGE * (np.trace(covariance) / last + 1e-12) * np.eye(last)
    return np.asarray(np.linalg.cholesky(np.linalg.inv(covariance + ridge)).T)


def _mixture(weight: np.ndarray, means: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Shares, 0 or more and of sum 1, with the least weighted distance of `means` @ shares from `mean`."""
    from scipy.optimize import nnls

    pull = WEIGHT_OF_SUM * float(np.abs(weight).max())
    n = len(weight)
    rows = np.vstack([weight @ means[:n], np.full((1, means.shape[1]), pull)])
    shares, _ = nnls(rows, np.append(weight @ mean[:n], pull), maxiter=100 * means.shape[1])
    return np.asarray(shares / shares.sum())


def _draws(
    answers: Answers, of_class: list[np.ndarray], rng: np.random.Generator, n_draws: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Means of the classes (C + 1, C) and of the objects (C + 1,), as other galaxies of the kind would have them."""
    again = np.stack(
        [
            rng.multinomial(len(one), np.full(len(one), 1 / len(one)), n_draws) @ one / len(one)
            for one in of_class
        ],
        axis=2,
    )
    objects = rng.multivariate_normal(answers.mean, answers.covariance_of_mean, n_draws, method="eigh")
    return zip(again, objects, strict=True)


def _seldom(distance: np.ndarray, surer: float, spread: float) -> float:
    """How seldom a mixture lies so far off, or is so much surer or less sure: the smaller chance, twice."""
    from scipy.stats import chi2, norm

    far = float(chi2.sf(float(distance @ distance), len(distance)))
    return min(1.0, 2 * min(far, 2 * float(norm.sf(abs(surer) / max(spread, 1e-9)))))
