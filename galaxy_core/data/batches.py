"""Galaxies in batches, augmented on the way, reproducible to the pixel from a seed. Pure NumPy, no engine.

It knows which rows come when. It must not know a network, nor how an image is changed.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from galaxy_core.data.augment import Augmentation, augment
from galaxy_core.data.joined import JoinedImages
from galaxy_core.errors import BadValueError
from galaxy_core.images.view import check_view, training_view

Batch = tuple[np.ndarray, np.ndarray]  # uint8 (B, S, S, 3), int64 (B,)
Images = np.ndarray | JoinedImages


class Batches:
    """The batches of every epoch.

    images uint8 (N, H, W, 3), usually a memory map or two joined; labels (N,); indices the rows to use, in which a
    row may come several times (oversampling). With an `augmentation` (training) an epoch is a permutation seeded by
    (seed, epoch), filled up from its own start so that all batches have one shape, and each copy of a row is
    another view, seeded by (seed, epoch, index, occurrence); with `n_views` = K, by epoch mod K instead, and
    the rows that fill up the last batch repeat views of their epoch, so that there are K views of each row.
    From epoch `stay_from` on only the rows `staying` come, over and over, in batches as many as before.
    Without (evaluation) rows come as given, as plain central views, and the last batch may be partial.
    `shuffle` overrides that default of the order. `n_threads` changes the speed, never a pixel.
    """

    def __init__(
        self,
        images: Images,
        labels: np.ndarray,
        indices: np.ndarray,
        *,
        batch_size: int,
        crop: int,
        size: int,
        augmentation: Augmentation | None = None,
        seed: int = 0,
        n_views: int | None = None,
        staying: np.ndarray | None = None,
        stay_from: int = 0,
        n_threads: int = 1,
        shuffle: bool | None = None,
    ) -> None:
        self.images, self.labels = images, np.asarray(labels)
        self.indices = np.asarray(indices, np.int64)
        self.batch_size, self.crop, self.size = batch_size, crop, size
        self.augmentation, self.seed, self.n_views = augmentation, seed, n_views
        self._staying, self._stay_from = staying, stay_from
        self.is_shuffled = augmentation is not None if shuffle is None else shuffle
        self._check(n_threads)
        self._pool = ThreadPoolExecutor(n_threads, "augment") if n_threads > 1 else None

    def n_batches(self) -> int:
        """Batches an epoch, the last one counted."""
        return -(-len(self.indices) // self.batch_size)

    def epoch(self, epoch: int) -> "Epoch":
        """The batches of epoch 0, 1, ...; each is made when it is asked for."""
        if epoch < 0:
            raise BadValueError(f"epoch must be 0 or more, got {epoch}")
        return Epoch(self, epoch, self._order(epoch))

    def views(self, indices: np.ndarray, occurrences: np.ndarray, view: int) -> np.ndarray:
        """Images uint8 (B, S, S, 3): view number `view` of each copy of a row; the plain view when not augmenting."""
        if self.augmentation is None:
            return training_view(read_rows(self.images, indices), self.crop, self.size)
        made = np.empty((len(indices), self.size, self.size, 3), np.uint8)
        seeds = [(self.seed, view, i, n) for i, n in zip(indices.tolist(), occurrences.tolist(), strict=True)]
        run = map if self._pool is None else self._pool.map
        for place, image in zip(made, run(self._view, seeds), strict=True):
            place[:] = image
        return made

    def _view(self, seeds: tuple[int, int, int, int]) -> np.ndarray:
        assert self.augmentation is not None
        rng = np.random.default_rng(seeds)
        return augment(np.asarray(self.images[seeds[2]]), self.augmentation, rng, self.size, self.crop)

    def _order(self, epoch: int) -> np.ndarray:
        left = self._staying is not None and epoch >= self._stay_from
        order = np.asarray(self._staying, np.int64) if left else self.indices
        if self.is_shuffled:
            # five words: NumPy pads shorter seeds with zeros, and a view's seed has four
            order = np.random.default_rng([self.seed, epoch, 0, 0, 1]).permutation(order)
        if self.augmentation is not None:
            order = np.resize(order, self.n_batches() * self.batch_size)
        return order

    def _check(self, n_threads: int) -> None:
        check_view(self.images.shape[1:], self.crop, self.size)
        if self.images.dtype != np.uint8:
            raise BadValueError(f"images must be uint8 (0 to 255), got {self.images.dtype}")
        if len(self.labels) != len(self.images):
            raise BadValueError(f"{len(self.images)} images need as many labels, got {len(self.labels)}")
        if self.indices.ndim != 1 or self.indices.size == 0:
            raise BadValueError("indices must be a list of rows with at least one; got none")
        if self.indices.min() < 0 or self.indices.max() >= len(self.images):
            raise BadValueError(
                f"indices must lie in [0, {len(self.images) - 1}], got {self.indices.min()} to "
                f"{self.indices.max()}; is this the split of another file?"
            )
        for name, value in (
            ("batch_size", self.batch_size),
            ("n_threads", n_threads),
            ("n_views", self.n_views),
        ):
            if value is not None and value < 1:
                raise BadValueError(f"{name} must be 1 or more, got {value}")
        if self.seed < 0:
            raise BadValueError(f"seed must be 0 or more, got {self.seed}")


class Epoch(Sequence[Batch]):
    """One epoch: `len` batches, `[i]` makes the i-th; `indices` and `occurrences` say which views, in order.

    `view` is the number that stands for the epoch in the seeds of the views.
    """

    def __init__(self, batches: Batches, epoch: int, order: np.ndarray) -> None:
        self._batches = batches
        self.indices = order
        self.occurrences = occurrences(order)
        if batches.n_views is not None:
            self.occurrences %= count_each(batches.indices, order)
        self.view = epoch if batches.n_views is None else epoch % batches.n_views

    def __len__(self) -> int:
        return self._batches.n_batches()

    def __getitem__(self, i: int) -> Batch:  # type: ignore[override]  # no slices: they would hold an epoch
        if not -len(self) <= i < len(self):
            raise IndexError(f"the epoch has batches 0 to {len(self) - 1}, got {i}")
        start = (i % len(self)) * self._batches.batch_size
        rows = slice(start, start + self._batches.batch_size)
        indices = self.indices[rows]
        views = self._batches.views(indices, self.occurrences[rows], self.view)
        return views, self._batches.labels[indices].astype(np.int64)


def read_rows(images: Images, indices: np.ndarray) -> np.ndarray:
    """Copies of these rows in the order asked, read from the memory map in the order of the disk."""
    rows, where = np.unique(indices, return_inverse=True)
    if len(rows) == len(indices) and (rows == indices).all():
        return np.asarray(images[rows])
    return np.asarray(images[rows])[where]


def count_each(indices: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """How often each of `wanted` is among `indices`."""
    rows, counts = np.unique(indices, return_counts=True)
    return counts[np.searchsorted(rows, wanted)]


def occurrences(order: np.ndarray) -> np.ndarray:
    """How often each entry came before: [7, 3, 7, 7] gives [0, 0, 1, 2]."""
    by_value = np.argsort(order, kind="stable")
    sorted_values = order[by_value]
    starts = np.searchsorted(sorted_values, sorted_values)
    found = np.empty(len(order), np.int64)
    found[by_value] = np.arange(len(order)) - starts
    return found
