"""How much better a classifier looks when rare classes are repeated before the split: shown, not argued.

The classifier is the nearest neighbour on images in small. It remembers its training rows whole, so that a test
row whose copy is among them is always right: the most that such a leak can add. Plain arrays.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from galaxy_core.data.audit import TEST_SHARE, TRAIN_SHARE, Audit, frequencies, oversampled_split
from galaxy_core.errors import BadValueError
from galaxy_core.metrics.statistics import balanced_accuracy
from galaxy_core.runs.cores import n_cores

N_SPLITS = 10
BALANCED, SURVEY = "balanced", "as in the survey"
"""Of `data.audit.frequencies` the two that tell the story: the first hides what the second shows, which
only Galaxy10's classes have."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Inflation:
    """Balanced accuracy of the same classifier on the same galaxies, divided first and repeated first.

    Means over `n_splits` random splits; low and high are the lowest and highest of them: what one split may
    show. `gain` is repeated first minus divided first, split by split. `share_copied` of the test rows had
    their copy in training.
    """

    frequencies: str
    n_galaxies: int
    n_splits: int
    honest: float
    honest_low: float
    honest_high: float
    inflated: float
    inflated_low: float
    inflated_high: float
    gain: float
    gain_low: float
    gain_high: float
    share_copied: float


def inflation(
    frequencies: str,
    small: np.ndarray,
    labels: np.ndarray,
    rows: np.ndarray,
    rng: np.random.Generator,
    *,
    n_splits: int = N_SPLITS,
    progress: Progress | None = None,
) -> Inflation:
    """Classify both ways; small is any array of features (N, ...), rows int (M,) those to use of labels (N,).

    Errors: BadValueError for fewer than 20 rows, which leave nothing to divide.
    """
    if len(rows) < 20:
        raise BadValueError(f"the effect of a leak needs 20 galaxies or more, got {len(rows)}")
    features = np.asarray(small, np.float32).reshape(len(small), -1)
    honest, inflated, copied = [], [], []
    for i in range(n_splits):
        train, test = _divided(rows, rng)
        honest.append(_accuracy(features, labels, train, test))
        train, test = oversampled_split(labels, rows, rng)
        inflated.append(_accuracy(features, labels, train, test))
        copied.append(np.mean(np.isin(test, train)))
        if progress:
            progress(i + 1, n_splits)
    return Inflation(
        frequencies,
        len(rows),
        n_splits,
        *_mean_and_range(honest),
        *_mean_and_range(inflated),
        *_mean_and_range(np.subtract(inflated, honest)),
        float(np.mean(copied)),
    )


def inflations(
    found: Audit, labels: np.ndarray, *, seed: int = 0, progress: Progress | None = None
) -> list[Inflation]:
    """What the leak adds for balanced classes and for the survey's, on the images in small that the audit kept.

    labels int (N,) of the audited galaxies. `progress(done, total)` counts splits of both. Errors: as `inflation`.
    """
    rng = np.random.default_rng(seed)
    chosen = frequencies(labels, seed, found.classes)
    kinds = [kind for kind in (BALANCED, SURVEY) if kind in chosen]
    effects: list[Inflation] = []
    for kind in kinds:

        def both(done: int, total: int, before: int = len(effects)) -> None:
            if progress:
                progress(before * total + done, len(kinds) * total)

        effects.append(inflation(kind, found.prints.small, labels, chosen[kind], rng, progress=both))
    return effects


def _divided(rows: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    dealt = rng.permutation(rows)
    n_train, n_test = round(TRAIN_SHARE * len(rows)), round(TEST_SHARE * len(rows))
    return dealt[:n_train], dealt[len(rows) - n_test :]


def _accuracy(features: np.ndarray, labels: np.ndarray, train: np.ndarray, test: np.ndarray) -> float:
    """Of the nearest neighbour; each class counts alike, as it does where classes were repeated."""
    from sklearn.neighbors import KNeighborsClassifier
    from threadpoolctl import threadpool_limits

    # copies in training change no nearest neighbour, only the time it takes to find it
    kept = np.unique(train)
    classifier = KNeighborsClassifier(1, algorithm="brute").fit(features[kept], labels[kept])
    with threadpool_limits(n_cores(), user_api="blas"):
        return balanced_accuracy(labels[test], classifier.predict(features[test]))


def _mean_and_range(values: list[float] | np.ndarray) -> tuple[float, float, float]:
    return float(np.mean(values)), float(np.min(values)), float(np.max(values))
