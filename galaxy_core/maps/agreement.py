"""How far two maps of one image agree: the difference in logits, and the correlation of their ranks.

Plain arrays in, plain numbers out. It knows neither runs nor pictures of maps.
"""

import math
from collections.abc import Sequence

import numpy as np

from galaxy_core.images.view import View
from galaxy_core.maps.cam import centred_map


def difference_map(first: np.ndarray, second: np.ndarray, class_index: int) -> np.ndarray:
    """What speaks for a class in the second network more than in the first, float32 (h, w) in logits, signed.

    Maps of all classes (classes, h, w), class-centred before they are taken from one another: a plain map moves
    when one vector is added to the weights of every class, which changes no probability. Both on `on_one_grid`.
    """
    return np.asarray(centred_map(second, class_index) - centred_map(first, class_index), np.float32)


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's (1904) correlation of two maps over their cells, in [-1, 1]; NaN where one of them is flat.

    1: both put the cells in the same order, whatever the size of their logits; 0: neither tells of the other.
    Equal cells share the mean of their ranks. Neighbouring cells are not independent, so it has no p-value.
    """
    ranks = [_ranks(values) for values in (first, second)]
    deviations = [values - values.mean() for values in ranks]
    spread = math.sqrt(float(np.prod([np.sum(values**2) for values in deviations])))
    return float(np.sum(deviations[0] * deviations[1])) / spread if spread > 0 else math.nan


def rank_correlations(maps: Sequence[np.ndarray], views: Sequence[View]) -> np.ndarray:
    """Rank correlation of each map (h, w) with each, float64 (n, n), symmetric; each two on `on_one_grid`."""
    seen = list(zip(maps, views, strict=True))
    table = [[rank_correlation(*on_one_grid([a, b], [of_a, of_b])) for b, of_b in seen] for a, of_a in seen]
    return np.array(table, np.float64).reshape(len(seen), len(seen))


def paired_rank_correlations(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """`rank_correlation` of map i of one network with map i of the other, (N, h, w) each, float64 (N,).

    NaN where one of the two is flat.
    """
    return np.asarray(np.sum(_unit_ranks(first) * _unit_ranks(second), axis=1), np.float64)


def on_one_grid(maps: Sequence[np.ndarray], views: Sequence[View]) -> list[np.ndarray]:
    """Maps (..., h, w) of one image by networks of these views on one grid, float32: where all of them see.

    Its cells are as fine as the finest; between the centres of cells maps are linear. What has this grid already is
    unchanged.
    """
    crop = min(view.crop for view in views)
    n_cells = max(
        math.ceil(values.shape[-1] * crop / view.crop) for values, view in zip(maps, views, strict=True)
    )
    return [
        _within(np.asarray(values, np.float32), crop / view.crop, n_cells)
        for values, view in zip(maps, views, strict=True)
    ]


def _within(values: np.ndarray, share: float, n_cells: int) -> np.ndarray:
    """The central `share` of maps (..., h, h) as n_cells x n_cells cells."""
    n_own = values.shape[-1]
    if (share, n_own) == (1, n_cells):
        return values
    place = (((np.arange(n_cells) + 0.5) / n_cells - 0.5) * share + 0.5) * n_own - 0.5
    place = np.clip(place, 0, n_own - 1)
    before = np.minimum(place.astype(int), max(n_own - 2, 0))
    weights = np.zeros((n_cells, n_own), np.float32)
    weights[np.arange(n_cells), np.minimum(before + 1, n_own - 1)] = place - before
    weights[np.arange(n_cells), before] += 1 - (place - before)
    return np.asarray(weights @ values @ weights.T, np.float32)


def _unit_ranks(maps: np.ndarray) -> np.ndarray:
    """Ranks of each map's cells, float64 (N, h w), of mean 0 and length 1; NaN where the map is flat."""
    ranks = np.array([_ranks(values) for values in maps]).reshape(len(maps), -1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    length = np.sqrt(np.sum(ranks**2, axis=1, keepdims=True))
    return np.divide(ranks, length, out=np.full_like(ranks, np.nan), where=length > 0)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, float64 (n,), ties at the mean of theirs; cells that are not finite tie with each other."""
    _, place, counts = np.unique(values.ravel(), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place], np.float64)
