"""Which galaxies a network takes for alike: the nearest in the space of its final features, those that its head reads.

A distance says what the network makes of two pictures, not what they show: two galaxies are near where it has learned
to make no difference between them. It knows no page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from galaxy_core.catalogues.pictures import Picture
from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadValueError
from galaxy_core.images.fits_options import AS_THE_SURVEY, FitsOptions
from galaxy_core.images.view import View
from galaxy_core.prediction.predict import Row, asked_ahead
from galaxy_core.results.provenance import data_of
from galaxy_core.runs.run import Run
from galaxy_core.serving.depths import Depths

MOST_GALAXIES = 2_000
"""Of a larger training part so many are drawn: on one core some minutes of work, and 8 MB of features."""
N_AT_ONCE = 64
TRAINED, HELD_OUT, EVERY = PARTS = ("training", "held out", "all")
"""Which galaxies of a file: those the run learned from, the validation and test part, or whatever is in the file."""
COLUMNS = ("file", "rank", "row", "class", "distance", "error")
"""Of a table of similar galaxies: of each picture so many ranks, from 1, with the row of the galaxy in its file."""
PERPLEXITY, MOST_EMBEDDED = 30, 2_500
"""Of t-SNE, and how many it takes at once: 2,000 are some 12 s of one core."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Embedding:
    """Where N galaxies and M images lie on a flat map that keeps neighbours together, float64 (N, 2) and (M, 2).

    Nothing but nearness means anything on it: neither how far groups are apart nor how large they are.
    """

    galaxies: np.ndarray
    images: np.ndarray
    perplexity: float


class Space:
    """N galaxies as one network sees them: features float32 (N, D), each with its row in their file, int (N,).

    Distances are Euclidean after each feature is brought to deviation 1 among the N (one that never changes is left
    out), in units of `unit`: the median of how far a galaxy of the N is from the nearest other. So 1 is as near as a
    galaxy commonly has another, and several times that is far from all of them.
    """

    def __init__(self, features: np.ndarray, rows: np.ndarray) -> None:
        if len(features) < 2 or len(features) != len(rows):
            raise BadValueError(
                f"a space needs the features of 2 galaxies or more and a row of each, got {len(features)} and "
                f"{len(rows)}; take a run that was trained on more"
            )
        self.features, self.rows = features, rows
        deviation = features.std(axis=0, dtype=np.float64)
        self._scale = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 0)
        self.unit = self._typical()

    def nearest(self, features: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Of each of M images the n nearest of the N, the nearest first: rows int (M, n), distances float64 (M, n).

        features float (M, D) of `final_features`; all N where there are no more than n. A galaxy of the N itself is
        its own nearest, at 0.
        """
        distances = self.distances(features, self.features)
        order = np.argsort(distances, axis=1, kind="stable")[:, :n]
        return self.rows[order], np.take_along_axis(distances, order, axis=1)

    def distances(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """How far each of M images is from each of K others, float64 (M, K), from their features."""
        return self._apart(first, second) / self.unit

    def on_map(self, features: np.ndarray) -> np.ndarray:
        """Where M images lie on the flat map of the N, float64 (M, 2): their first two principal components.

        In units of `unit`, so that what is near on the map may be far apart, and never the other way round.
        """
        centre, axes, _ = self._plane
        return np.asarray((features * self._scale - centre) @ axes.T / self.unit)

    def embedding(self, features: np.ndarray) -> Embedding:
        """The N and M images, float (M, D), by t-SNE (van der Maaten & Hinton 2008), begun from the map of `on_map`.

        The same every time. Raises BadValueError for more than MOST_EMBEDDED of both.
        """
        from sklearn.manifold import TSNE
        from threadpoolctl import threadpool_limits

        together = np.concatenate([self.features, features])
        if len(together) > MOST_EMBEDDED:
            raise BadValueError(
                f"t-SNE takes {MOST_EMBEDDED} galaxies and images at most, got {len(together)}; draw fewer"
            )
        start = self.on_map(together)
        start *= 1e-4 / (start[:, 0].std() or 1.0)
        perplexity = min(PERPLEXITY, (len(together) - 1) / 3)
        how = TSNE(perplexity=perplexity, init=start.astype(np.float32), random_state=0)
        with threadpool_limits(
            1
        ):  # threads that wait for each other on a busy computer cost thirty times the work
            there = how.fit_transform(together * self._scale)
        n = len(self.features)
        return Embedding(there[:n].astype(np.float64), there[n:].astype(np.float64), perplexity)

    @property
    def share_on_map(self) -> float:
        """How much of the variance of the N the map shows, from 0 to 1; 1 where they are all alike."""
        return self._plane[2]

    @cached_property
    def _plane(self) -> tuple[np.ndarray, np.ndarray, float]:
        """The mean of the N, the two axes (2, D), and their share of the variance."""
        scaled = self.features * self._scale
        centre = scaled.mean(axis=0)
        _, singular, axes = np.linalg.svd(scaled - centre, full_matrices=False)
        axes = np.pad(axes[:2], ((0, 2 - min(2, len(axes))), (0, 0)))
        axes *= np.where(axes.sum(axis=1) < 0, -1, 1)[:, None]  # of two mirrored maps always the same one
        total = float(np.sum(singular**2))
        return centre, axes, float(np.sum(singular[:2] ** 2)) / total if total else 1.0

    def _apart(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        from scipy.spatial.distance import cdist

        return np.asarray(cdist(first * self._scale, second * self._scale))

    def _typical(self) -> float:
        """The median distance to the nearest other; 1 where half of the galaxies have a copy among the others."""
        apart = self._apart(self.features, self.features)
        np.fill_diagonal(apart, np.inf)
        return float(np.median(apart.min(axis=1))) or 1.0


def final_features(
    run: Run, images: np.ndarray, rows: np.ndarray | None = None, progress: Progress | None = None
) -> np.ndarray:
    """What the run's head reads of images, float32 (N, D): its last feature maps, averaged over their cells.

    images uint8 (N, H, W, 3), or a memory map of which `rows` are read a block at a time; each is seen once and
    upright, in the run's own view. `progress(done, total)` counts images.
    """
    see = _seen_by(run)
    rows = np.arange(len(images)) if rows is None else rows
    made = [np.zeros((0, run.network.feature_channels), np.float32)]
    for start in range(0, len(rows), N_AT_ONCE):
        made.append(see(np.asarray(images[rows[start : start + N_AT_ONCE]])))
        if progress:
            progress(min(start + N_AT_ONCE, len(rows)), len(rows))
    return np.concatenate(made)


def _seen_by(run: Run) -> Callable[[np.ndarray], np.ndarray]:
    """The graph of the run up to its head: images uint8 (n, H, W, 3) in, features float32 (n, D) out."""
    network, view = run.network, View(run.config.crop, run.config.image_size)
    depths = Depths(network, run.tensors(), [network.feature_layer])
    return lambda images: np.asarray(depths.pooled(view.of(images))[network.feature_layer])


def space_of(
    run: Run,
    galaxies: Galaxies,
    part: str = TRAINED,
    most: int = MOST_GALAXIES,
    progress: Progress | None = None,
) -> Space:
    """The galaxies of one of PARTS as the run sees them; of more than `most` so many, always the same ones.

    Raises BadValueError for no part, or for a part of the training in another file than that of the training.
    """
    if part not in PARTS:
        raise BadValueError(f"the part must be one of {', '.join(PARTS)}, got {part!r}")
    if part == EVERY:
        rows = np.arange(len(galaxies))
    elif data_of(run).get("sha256") == galaxies.sha256:
        split = run.split()
        rows = split.train if part == TRAINED else np.concatenate([split.validation, split.test])
    else:
        raise BadValueError(
            f"{run.name} was not trained on {galaxies.path.name}, so its training galaxies are not in it; "
            "give the file that it was trained on, or take all galaxies of this one"
        )
    rows = np.sort(np.random.default_rng(0).permutation(rows)[:most])
    return Space(final_features(run, galaxies.images, rows, progress), rows)


def similar_rows(
    run: Run,
    space: Space,
    galaxies: Galaxies,
    pictures: Iterable[Picture],
    n: int,
    fits: FitsOptions = AS_THE_SURVEY,
) -> Iterator[Row]:
    """Rows with the keys of COLUMNS in the order of the pictures: the n galaxies of the space nearest to each.

    A picture that cannot be read or shows no object is one row with the reason in `error` and nothing in the rest.
    """
    for read, features in asked_ahead(pictures, N_AT_ONCE, _seen_by(run), fits):
        found = iter(()) if features is None else zip(*space.nearest(features, n), strict=True)
        for name, image in read:
            if isinstance(image, str):
                yield {"file": name, "error": image}
                continue
            for rank, (row, distance) in enumerate(zip(*next(found), strict=True), 1):
                of_row = {"row": int(row), "class": galaxies.classes[int(galaxies.labels[row])]}
                yield {"file": name, "rank": rank, **of_row, "distance": float(distance), "error": None}
