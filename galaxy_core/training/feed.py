"""Batches as a compiled network wants them."""

from collections.abc import Iterator, Sequence

import numpy as np

from galaxy_core.runs.cores import n_cores

MOST_THREADS = 16
Batch = tuple[np.ndarray, np.ndarray]


def n_threads() -> int:
    """Threads that augment while the network trains: one a core, at most 16."""
    return min(MOST_THREADS, n_cores())


def padded(batches: Sequence[Batch], batch_size: int) -> Iterator[tuple[np.ndarray, int]]:
    """Images of each batch filled up to `batch_size` by repeating the last, and how many are true.

    One shape for all batches: another shape would be compiled anew, 40–120 s on some engines.
    """
    for position in range(len(batches)):
        images = batches[position][0]
        n_missing = batch_size - len(images)
        yield np.concatenate([images, np.repeat(images[-1:], n_missing, axis=0)]), len(images)
