"""Worlds of classes whose answers are known: a network that mistakes some for others, and leans to some."""

from dataclasses import dataclass

import numpy as np

N_CLASSES = 10
ALIKE = ((5, 6), (6, 7), (5, 7), (0, 1), (0, 7), (2, 3), (3, 4), (8, 9), (4, 8))
"""Classes that are mistaken for each other, as in Galaxy10."""


@dataclass
class World:
    """A network on galaxies of known classes: right of about 0.6 of them, its logits distorted by `lean`.

    Galaxies are normal clouds around the middles of their classes; an undistorted network knows these, and is surer
    than it should be.
    """

    rng: np.random.Generator
    lean: float = 0.0

    def __post_init__(self) -> None:
        self.middles = 1.95 * np.eye(N_CLASSES)
        for a, b in ALIKE:
            self.middles[a, b] = self.middles[b, a] = 0.91
        fixed = np.random.default_rng(5)
        self.mixed = np.eye(N_CLASSES) + self.lean * fixed.normal(size=(N_CLASSES, N_CLASSES))
        self.bias = 2 * self.lean * fixed.normal(size=N_CLASSES)

    def probabilities(self, labels: np.ndarray) -> np.ndarray:
        """What the network says of galaxies of these classes, (N, C)."""
        seen = self.middles[labels] + self.rng.normal(size=(len(labels), N_CLASSES))
        logits = (seen @ self.middles.T - 0.5 * (self.middles**2).sum(axis=1)) / 0.7
        logits = logits @ self.mixed.T + self.bias
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def drawn(self, n: int, frequencies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """n objects of a sky: their classes and what is said of them."""
        labels = self.rng.choice(N_CLASSES, n, p=frequencies)
        return labels, self.probabilities(labels)
