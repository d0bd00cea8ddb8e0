"""How far several networks agree on a galaxy, from their probabilities alone.

Plain arrays; it knows neither runs nor images.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from galaxy_core.errors import BadValueError


@dataclass(frozen=True)
class Consensus:
    """`answer` has the largest mean probability, `n_votes` of `n_networks` name it, and `bits` they disagree."""

    answer: int
    n_votes: int
    n_networks: int
    bits: float
    n_classes: int

    @property
    def most_bits(self) -> float:
        """What so many networks disagree by where each is sure of a class of its own; 0 for one."""
        return math.log2(min(self.n_networks, self.n_classes))


def consensus(probabilities: Sequence[np.ndarray]) -> Consensus:
    """What several networks say together of one galaxy; a row of probabilities of the same classes from each."""
    table = _checked([np.atleast_2d(row) for row in probabilities])[:, 0]
    answer = int(table.mean(axis=0).argmax())
    n_votes = int(np.sum(table.argmax(axis=1) == answer))
    bits = float(disagreement([row[None] for row in table])[0])
    return Consensus(answer, n_votes, len(table), bits, table.shape[1])


def disagreement(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """Jensen-Shannon divergence (Lin 1991) between networks for each galaxy, float64 (N,), in bits.

    (N, classes) from each network, equally weighted. 0 where all give the same probabilities, log2 of the
    number of networks where each is sure of a class of its own; one network alone never disagrees.
    """
    table = _checked(probabilities)
    return np.maximum(_entropy(table.mean(axis=0)) - _entropy(table).mean(axis=0), 0.0)


def _entropy(shares: np.ndarray) -> np.ndarray:
    """In bits over the last axis; 0 log 0 is 0."""
    logarithms = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.asarray(-np.sum(shares * logarithms, axis=-1), np.float64)


def _checked(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    shapes = {np.shape(shares) for shares in probabilities}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2:
        raise BadValueError(
            f"every network must give (N, classes) probabilities of the same galaxies, got {sorted(shapes)}"
        )
    return np.stack([np.asarray(shares, np.float64) for shares in probabilities])
