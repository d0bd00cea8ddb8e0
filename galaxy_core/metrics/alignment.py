"""What two networks make alike of the same images, layer by layer: linear centred kernel alignment (CKA).

Features float (N, D) of the same N images in the same order; it does not matter how they are turned, mirrored or
scaled, nor that the two have different numbers of them. Plain arrays.
"""

from collections.abc import Mapping

import numpy as np

from galaxy_core.errors import BadValueError

MOST_IMAGES = 2000
"""Beyond, two kernels take 32 MB each and the number hardly changes."""


def alignment_matrix(first: Mapping[str, np.ndarray], second: Mapping[str, np.ndarray]) -> np.ndarray:
    """Linear CKA of every layer of the first (rows) with every layer of the second (columns), float64 (L, M).

    Kornblith et al. 2019, eq. 4, with the unbiased HSIC of Song et al. 2012 (eq. 5): 1 for the same features up to
    rotation and scale, 0 on average for unrelated ones also where there are more features than images, where the plain
    form is far above 0 (Nguyen et al. 2021); it may be a little below 0. NaN where one of the two never changes.
    Errors: BadValueError for fewer than four images or different numbers.
    """
    ours = [_kernel(features) for features in first.values()]
    theirs = [_kernel(features) for features in second.values()]
    sizes = [len(kernel) for kernel in (*ours, *theirs)]
    if len(set(sizes)) > 1:
        raise BadValueError(f"both networks must see the same images, got {sizes[0]} and {sizes[-1]}")
    own = np.array([_dependence(kernel, kernel) for kernel in ours])
    other = np.array([_dependence(kernel, kernel) for kernel in theirs])
    shared = np.array([[_dependence(a, b) for b in theirs] for a in ours])
    scale = np.outer(own, other)
    return np.divide(shared, np.sqrt(np.abs(scale)), out=np.full(shared.shape, np.nan), where=scale > 0)


def _kernel(features: np.ndarray) -> np.ndarray:
    """Inner products (N, N) of centred features, the diagonal set to 0 as the unbiased form wants it."""
    features = np.asarray(features, np.float64)
    if features.ndim != 2 or len(features) < 4:
        raise BadValueError(f"alignment needs features (N, D) of four images or more, got {features.shape}")
    centred = features - features.mean(axis=0)
    kernel = centred @ centred.T
    np.fill_diagonal(kernel, 0)
    return kernel


def _dependence(one: np.ndarray, other: np.ndarray) -> float:
    """Unbiased HSIC of two kernels with zero diagonals."""
    n = len(one)
    product = np.sum(one * other)
    sums = one.sum() * other.sum() / ((n - 1) * (n - 2))
    crossed = 2 * float(one.sum(axis=0) @ other.sum(axis=0)) / (n - 2)
    return float((product + sums - crossed) / (n * (n - 3)))
