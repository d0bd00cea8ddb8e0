"""Which images of a file are the same picture: byte for byte, or up to compression and brightness.

One pass over the memory map leaves a few hundred bytes an image; what is compared afterwards is those. It knows
pixels and nothing of labels, positions or parts.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

Progress = Callable[[int, int], None]

HASH_SIDE = 32
SMALL_SIDE = 16
NEAR_AGREEMENT = 0.75
"""Share of the 1,024 bits from which two images are one picture. Of all pairs of 234 real galaxies the nearest
agree in 0.60 of them; a galaxy and itself after strong JPEG compression (quality 60) in 0.87 at least.
"""
ROWS_AT_ONCE = 1024


@dataclass(frozen=True, eq=False)
class Fingerprints:
    """Of N images: the sha256 of each (bytes (N,)), its curvature hash bool (N, 1024), and the image in small.

    `small` is uint8 (N, 16, 16, 3), each pixel the mean of its part of the image.
    """

    sha256: np.ndarray
    bits: np.ndarray
    small: np.ndarray


def fingerprints(images: np.ndarray, progress: Progress | None = None) -> Fingerprints:
    """Read every image uint8 (N, H, W, 3) once, one at a time; `progress(done, total)` counts images."""
    n = len(images)
    sha256 = np.empty(n, "S32")
    bits = np.empty((n, HASH_SIDE * HASH_SIDE), bool)
    small = np.empty((n, SMALL_SIDE, SMALL_SIDE, 3), np.uint8)
    for row in range(n):
        image = np.ascontiguousarray(images[row])
        # the trailing byte keeps NumPy from stripping zeros off the digest
        sha256[row] = hashlib.sha256(image.data).digest()[:31] + b"."
        bits[row] = curvature_hash(image)
        small[row] = cv2.resize(image, (SMALL_SIDE, SMALL_SIDE), interpolation=cv2.INTER_AREA)
        if progress and (row % 64 == 63 or row == n - 1):
            progress(row + 1, n)
    return Fingerprints(sha256, bits, small)


def curvature_hash(image: np.ndarray) -> np.ndarray:
    """Whether each of 32 × 32 cells is brighter than the mean of those beside it, bool (1024,), of (H, W, 3).

    Brightness, contrast and any smooth light cancel out; the noise of the sky does not, so that two galaxies of
    one shape differ. A picture moved by a cell (8 px of 256) or turned is another one to it.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    cells = cv2.resize(grey, (HASH_SIDE + 2, HASH_SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(2 * cells[:, 1:-1] > cells[:, :-2] + cells[:, 2:]).ravel()


def identical_pairs(prints: Fingerprints) -> np.ndarray:
    """Pairs of rows (P, 2), first < second, whose images are equal in every byte (by sha256); one pair a copy.

    Of n equal images n − 1 pairs are named, each with the first of them.
    """
    first, group = np.unique(prints.sha256, return_index=True, return_inverse=True)[1:]
    rows = np.arange(len(prints.sha256))
    is_copy = first[group] != rows
    return np.column_stack([first[group][is_copy], rows[is_copy]]).astype(np.int64)


def near_identical_pairs(prints: Fingerprints, agreement: float = NEAR_AGREEMENT) -> np.ndarray:
    """All pairs of rows (P, 2), first < second, whose hashes agree in at least that share of the bits.

    Every pair is compared (no index that might miss one), a block of rows at a time; 17,736 images take a
    minute. Images equal in every byte are among them; so are empty ones, whose hashes are all alike.
    """
    signs = np.where(prints.bits, np.float32(1), np.float32(-1))
    n_bits = signs.shape[1]
    least = (2 * agreement - 1) * n_bits
    found = [np.zeros((0, 2), np.int64)]
    for start in range(0, len(signs), ROWS_AT_ONCE):
        products = signs[start : start + ROWS_AT_ONCE] @ signs[start:].T
        one, other = np.nonzero(products >= least)
        is_later = other > one
        found.append(np.column_stack([one[is_later], other[is_later]]) + start)
    return np.concatenate(found)
