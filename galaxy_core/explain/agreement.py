"""How far two maps of one image agree: the difference in logits, and the correlation of their ranks.

Plain arrays in, plain numbers out. It knows neither runs nor pictures of maps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from galaxy_core.explain.cam import centred_map
from galaxy_core.explain.overlay import upsample


def difference_map(first: np.ndarray, second: np.ndarray, class_index: int) -> np.ndarray:
    """What speaks for a class in the second network more than in the first, float32 (h, w) in logits, signed.

    Maps of all classes (classes, h, w), class-centred before they are taken from one another: a plain map moves
    when one vector is added to the weights of every class, which changes no probability. Maps of different
    sizes are compared on the finer grid.
    """
    before, after = on_one_grid([centred_map(first, class_index), centred_map(second, class_index)])
    return np.asarray(after - before, np.float32)


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's (1904) correlation of two maps over their cells, in [-1, 1]; NaN where one of them is flat.

    1: both put the cells in the same order, whatever the size of their logits; 0: neither tells of the other.
    Equal cells share the mean of their ranks. Neighbouring cells are not independent, so it has no p-value.
    """
    ranks = [_ranks(values) for values in on_one_grid([first, second])]
    deviations = [values - values.mean() for values in ranks]
    spread = math.sqrt(float(np.prod([np.sum(values**2) for values in deviations])))
    return float(np.sum(deviations[0] * deviations[1])) / spread if spread > 0 else math.nan


def rank_correlations(maps: Sequence[np.ndarray]) -> np.ndarray:
    """Rank correlation of each map with each, float64 (n, n), symmetric."""
    return np.array([[rank_correlation(first, second) for second in maps] for first in maps]).reshape(
        len(maps), len(maps)
    )


def paired_rank_correlations(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """`rank_correlation` of map i of one network with map i of the other, (N, h, w) each, float64 (N,).

    NaN where one of the two is flat. Networks whose maps have different numbers of cells meet on the finer grid.
    """
    if first.shape[1:] != second.shape[1:]:
        pairs = [on_one_grid(pair) for pair in zip(first, second, strict=True)]
        first, second = (np.stack(maps) for maps in zip(*pairs, strict=True))
    return np.asarray(np.sum(_unit_ranks(first) * _unit_ranks(second), axis=1), np.float64)


def on_one_grid(maps: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Maps (h, w) of one image on the finest grid among them, float32; those that have it already unchanged."""
    finest = max((values.shape for values in maps), default=(1, 1))
    return [
        np.asarray(values, np.float32)
        if values.shape == finest
        else upsample(values, finest, interpolation="linear")
        for values in maps
    ]


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
