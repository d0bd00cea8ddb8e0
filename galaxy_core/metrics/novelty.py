"""Whether a network has seen the like of an image, from its logits alone.

A score is a number a galaxy, the larger the stranger. What is strange is measured against held-out galaxies of the
training kind: no image of another kind is needed to set a threshold. It says nothing of pixels (see `familiarity`).
"""

from collections.abc import Callable

import numpy as np

from galaxy_core.errors import BadValueError


def energy(logits: np.ndarray) -> np.ndarray:
    """−log Σ exp(logit), float64 (N,): high where no class speaks up (Liu et al. 2020, eq. 4, at temperature 1)."""
    logits = np.asarray(logits, np.float64)
    largest = logits.max(axis=1)
    return np.asarray(-(largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1))))


def largest_logit(logits: np.ndarray) -> np.ndarray:
    """Minus the largest logit, float64 (N,) (Hendrycks et al. 2022)."""
    return np.asarray(-np.asarray(logits, np.float64).max(axis=1))


def doubt(logits: np.ndarray) -> np.ndarray:
    """One minus the largest probability, float64 (N,): the baseline (Hendrycks & Gimpel 2017)."""
    logits = np.asarray(logits, np.float64)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(1 - 1 / shares.sum(axis=1))


SCORES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "energy": energy,
    "largest logit": largest_logit,
    "doubt": doubt,
}


def share_as_strange(scores: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """The share of held-out galaxies that are at least as strange, (1 + how many)/(1 + M), float64 (N,).

    A conformal p-value (Bates et al. 2023): a galaxy of the training kind falls to 0.05 or below at most once
    in twenty, whatever the score. reference float (M,), scores of held-out galaxies in any order.
    """
    if not len(reference):
        raise BadValueError("strangeness is measured against held-out galaxies, got none")
    ordered = np.sort(reference)
    n_stranger = len(ordered) - np.searchsorted(ordered, scores, side="left")
    return np.asarray((1 + n_stranger) / (1 + len(ordered)), np.float64)


def share_as_unusual(scores: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """The share of held-out galaxies that lie as far out, on either side: twice the smaller one, at most 1.

    float64 (N,); a galaxy of the training kind falls to 0.05 or below at most once in twenty, and nothing does with
    fewer than 39 held-out galaxies. Both sides, since a network may be far surer of what it has never seen than of any
    galaxy: six rows of DenseNet-121 at 96 px find 5 to 75 % of 128 photographs of things by both sides of the energy,
    0 to 5 % by the strange side alone.
    """
    above = share_as_strange(scores, reference)
    below = share_as_strange(-np.asarray(scores), -np.asarray(reference))
    return np.asarray(np.minimum(1.0, 2 * np.minimum(above, below)), np.float64)


def separation(strange: np.ndarray, known: np.ndarray) -> float:
    """How often a strange image scores above a known one (AUROC); 0.5 is chance, 1 never the other way round."""
    ordered = np.sort(known)
    below = np.searchsorted(ordered, strange, side="left") + np.searchsorted(ordered, strange, side="right")
    return float(below.mean() / (2 * len(ordered)))
