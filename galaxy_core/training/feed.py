"""Batches as Keras wants them: a PyDataset over arrays that were made without Keras, loaded by threads."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from galaxy_core.runs.cores import n_cores
from galaxy_core.transfer.classifier import import_keras

MOST_THREADS = 16
Batch = tuple[np.ndarray, np.ndarray]


def n_threads() -> int:
    """Threads that augment while the network trains: one a core, at most 16."""
    return min(MOST_THREADS, n_cores())


def training_feed(batches: Sequence[Batch]) -> Any:
    """A `keras.utils.PyDataset` that hands out the batches of one epoch in their own order."""
    keras = import_keras()

    class Feed(keras.utils.PyDataset):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__(workers=n_threads(), use_multiprocessing=False, max_queue_size=2 * n_threads())

        def __len__(self) -> int:
            return len(batches)

        def __getitem__(self, position: int) -> Batch:
            return batches[position]

    return Feed()


def padded(batches: Sequence[Batch], batch_size: int) -> Iterator[tuple[np.ndarray, int]]:
    """Images of each batch filled up to `batch_size` by repeating the last, and how many are true.

    One shape for all batches: another shape would be compiled anew, 40–120 s on some engines.
    """
    for position in range(len(batches)):
        images = batches[position][0]
        n_missing = batch_size - len(images)
        yield np.concatenate([images, np.repeat(images[-1:], n_missing, axis=0)]), len(images)
