"""Two arrays of images read as one, neither copied: real galaxies and then mock ones, both memory maps.

It knows rows; it must not know what they show.
"""

import numpy as np

from galaxy_core.errors import BadValueError


class JoinedImages:
    """Rows 0 … len(first) − 1 are those of `first`, the others those of `second`; images uint8 (N, H, W, 3).

    `[i]` is one image as it lies in its array, `[rows]` a copy of several, in the order asked. Arrays whose images
    differ in shape or type are refused.
    """

    def __init__(self, first: np.ndarray, second: np.ndarray) -> None:
        if first.shape[1:] != second.shape[1:] or first.dtype != second.dtype:
            raise BadValueError(
                f"images of {first.shape[1:]} {first.dtype} and {second.shape[1:]} {second.dtype} cannot be joined; "
                "both must be of one size and type"
            )
        self._first, self._second = first, second
        self.shape = (len(first) + len(second), *first.shape[1:])
        self.dtype = first.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: int | np.integer | np.ndarray) -> np.ndarray:
        n_first = len(self._first)
        wanted = np.asarray(rows)
        if wanted.size and not 0 <= wanted.min() <= wanted.max() < len(self):
            raise IndexError(f"rows must lie in 0 to {len(self) - 1}, got {wanted.min()} to {wanted.max()}")
        if wanted.ndim == 0:
            row = int(wanted)
            return self._first[row] if row < n_first else self._second[row - n_first]
        is_first = wanted < n_first
        images = np.empty((len(wanted), *self.shape[1:]), self.dtype)
        images[is_first] = self._first[wanted[is_first]]
        images[~is_first] = self._second[wanted[~is_first] - n_first]
        return images
