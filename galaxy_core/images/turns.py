"""The eight ways a square can lie: four quarter turns, and those of its mirror image.

A galaxy has no upper side, but a network is not quite indifferent to how it lies: the mean of its answers over several
turns is steadier than one. Number 0 is the image as it is, 1 to 3 are quarter turns, 4 to 7 those of the mirror image.
"""

import numpy as np

CHOICES = (1, 4, 8)
"""How many of them an answer may be the mean of: the image alone, its quarter turns, all eight."""


def turned(images: np.ndarray, number: int, axes: tuple[int, int]) -> np.ndarray:
    """Squares lying in another of the eight ways; `axes` are those of rows and columns."""
    lying = np.flip(images, axes[1]) if number >= 4 else images
    return np.rot90(lying, number % 4, axes)


def turned_back(images: np.ndarray, number: int, axes: tuple[int, int]) -> np.ndarray:
    """What `turned` gave, as it was."""
    lying = np.rot90(images, -(number % 4), axes)
    return np.flip(lying, axes[1]) if number >= 4 else lying
