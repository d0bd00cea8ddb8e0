"""A set of classes instead of one, which holds the true class as often as promised: split conformal prediction.

The score is one minus the probability of the class: "least ambiguous" sets, the smallest on average that keep the
promise (Sadinle, Lei & Wasserman 2019), chosen over adaptive ones (Romano et al. 2020), which are larger with ten
classes and few galaxies. The promise holds for galaxies like the held-out ones, whatever the network, and over all
classes together, not within each. It takes that a held-out galaxy was never used to choose the network: its
probabilities go in as the network gives them, not as a temperature fitted on the same galaxies leaves them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.metrics.statistics import wilson_interval

MOST_NAMED = 4
"""Classes that a sentence can hold."""


@dataclass(frozen=True)
class Coverage:
    """What sets do on galaxies with known labels; shares of `n` galaxies, `low` and `high` at 95 % (Wilson)."""

    n: int
    covered: float
    low: float
    high: float
    mean_size: float
    share_single: float


def set_threshold(probabilities: np.ndarray, labels: np.ndarray, coverage: float) -> float:
    """The least probability a class must have to be in the set, from held-out galaxies.

    It is one minus the k-th smallest of N scores, k = ⌈(N + 1)·coverage⌉ (Vovk et al. 2005; Sadinle et al.
    2019, eq. 5), which covers a new galaxy with at least that probability. 0, every class, where N is too
    small for the promise. Errors: BadValueError for a coverage outside (0, 1).
    """
    if not 0 < coverage < 1:
        raise BadValueError(f"coverage must lie between 0 and 1, got {coverage:g}; 0.9 is usual")
    scores = 1.0 - np.asarray(probabilities, np.float64)[np.arange(len(labels)), labels]
    k = math.ceil((len(scores) + 1) * coverage - 1e-9)
    if k > len(scores):
        return 0.0
    return float(1.0 - np.sort(scores)[k - 1])


def prediction_sets(probabilities: np.ndarray, threshold: float) -> np.ndarray:
    """Which classes each set holds, bool (N, C): those at or above the threshold, and always the likeliest.

    The likeliest is added so that no set is empty; that can only raise the coverage.
    """
    shares = np.asarray(probabilities, np.float64)
    # thresholds are probabilities of other galaxies, so a tie is a rounding away from being one
    is_in = shares >= threshold - 1e-12
    is_in[np.arange(len(shares)), shares.argmax(axis=1)] = True
    return np.asarray(is_in, bool)


def measured_coverage(sets: np.ndarray, labels: np.ndarray) -> Coverage:
    """How often the sets bool (N, C) hold the true class, and how large they are; NaN without galaxies."""
    n = len(labels)
    if not n:
        return Coverage(0, math.nan, math.nan, math.nan, math.nan, math.nan)
    is_covered = sets[np.arange(n), labels]
    sizes = sets.sum(axis=1)
    low, high = wilson_interval(int(is_covered.sum()), n)
    return Coverage(n, float(is_covered.mean()), low, high, float(sizes.mean()), float((sizes == 1).mean()))


def likely_coverage(n_held_out: int, coverage: float) -> tuple[float, float]:
    """Between what the true coverage lies, nine times in ten, for a threshold from so many held-out galaxies.

    The promise is an average over choices of those galaxies; of one choice it is Beta(k, N + 1 − k)
    distributed (Vovk 2012, prop. 2). (1, 1) where the sets hold every class.
    """
    from scipy.stats import beta

    k = math.ceil((n_held_out + 1) * coverage - 1e-9)
    if k > n_held_out:
        return 1.0, 1.0
    low, high = beta.ppf([0.05, 0.95], k, n_held_out + 1 - k)
    return float(low), float(high)


def set_in_words(is_in: np.ndarray, names: Sequence[str]) -> str:
    """One set bool (C,) as a person would say it: "barred or unbarred tight spiral"; "any of 6 classes" if many.

    Words that all names end in are said once.
    """
    chosen = [name.lower().split() for name, inside in zip(names, is_in, strict=True) if inside]
    if len(chosen) > MOST_NAMED:
        return f"any of {len(chosen)} classes"
    n_shared = 0
    if len(chosen) > 1:
        while all(len(words) > n_shared + 1 for words in chosen) and _ends_alike(chosen, n_shared + 1):
            n_shared += 1
    ending = " ".join(chosen[0][len(chosen[0]) - n_shared :])
    heads = [" ".join(words[: len(words) - n_shared]) for words in chosen]
    listed = " or ".join([", ".join(heads[:-1]), heads[-1]] if len(heads) > 1 else heads)
    return f"{listed} {ending}".strip()


def _ends_alike(chosen: Sequence[Sequence[str]], n_words: int) -> bool:
    return len({tuple(words[-n_words:]) for words in chosen}) == 1
