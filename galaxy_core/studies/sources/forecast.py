"""Cheap answers before training: what frozen features at each depth of a source promise, beside what was measured.

It asks one network for its features and knows what to compute of them; where the network came from is not its
business.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.data.split import Split
from galaxy_core.errors import BadFileError
from galaxy_core.images.view import training_view
from galaxy_core.metrics import transferability
from galaxy_core.metrics.calibration import softmax
from galaxy_core.metrics.statistics import wilson_interval
from galaxy_core.networks.backbone import HEAD, Backbone
from galaxy_core.runs.cores import n_cores
from galaxy_core.serving.depths import Depths, taps_of
from galaxy_core.serving.writer import Tensors

Progress = Callable[[int, int], None]

MOST_GALAXIES = 3000
"""Of each part; more change the order of the depths no longer and the probes' time a lot."""
N_AT_ONCE = 64


@dataclass(frozen=True)
class DepthScore:
    """Features handed over at one cut: shares right of test galaxies with 95 % intervals, LogME and H-score."""

    cut: float
    layer: str
    n_features: int
    neighbours: float
    neighbours_low: float
    neighbours_high: float
    probe: float
    probe_low: float
    probe_high: float
    log_me: float
    h_score: float


@dataclass(frozen=True)
class Forecast:
    """The depths of one source in order, its LEEP (None without a head), and how many galaxies it took."""

    depths: tuple[DepthScore, ...]
    leep: float | None
    n_train: int
    n_test: int


def forecast(
    backbone: Backbone,
    tensors: Tensors,
    galaxies: Galaxies,
    split: Split,
    view: tuple[int, int],
    *,
    seed: int = 0,
    progress: Progress | None = None,
    scored: Progress | None = None,
) -> Forecast:
    """Score the features of a network at the cuts of the paper's rows.

    view: crop and size in pixels, as in a run's config. Neighbours and probe learn from the training part and are
    tested on the test part, LogME, H-score and LEEP see the training part; of each at most MOST_GALAXIES.
    `progress` counts galaxies shown to the network, `scored` the depths whose features were scored afterwards.
    """
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(seed)
    parts = [_some(part, rng) for part in (split.train, split.validation, split.test)]
    taps, last = taps_of(backbone), backbone.feature_layer
    features = features_at(
        Depths(backbone, tensors, [*taps.values(), last]),
        galaxies.images,
        np.concatenate(parts),
        view,
        progress,
    )
    bounds = np.cumsum([len(part) for part in parts])[:-1]
    labels = np.split(galaxies.labels[np.concatenate(parts)], bounds)
    scores: list[DepthScore] = []
    # BLAS would take a thread for every logical core and get in the way of the graphs that the same server runs
    with threadpool_limits(n_cores(), user_api="blas"):
        for cut, tap in taps.items():
            scores.append(_score(cut, tap, np.split(features[tap], bounds), labels))
            if scored:
                scored(len(scores), len(taps))
    leep = _leep(tensors, features[last][: len(parts[0])], labels[0])
    return Forecast(tuple(scores), leep, len(parts[0]), len(parts[2]))


def features_at(
    depths: Depths,
    images: np.ndarray,
    rows: np.ndarray,
    view: tuple[int, int],
    progress: Progress | None = None,
) -> dict[str, np.ndarray]:
    """Features of these rows at every depth, float32 (len(rows), channels), a block of images at a time."""
    made: list[Mapping[str, np.ndarray]] = []
    for start in range(0, len(rows), N_AT_ONCE):
        some = np.asarray(images[rows[start : start + N_AT_ONCE]])
        made.append(depths.pooled(training_view(some, *view)))
        if progress:
            progress(min(start + N_AT_ONCE, len(rows)), len(rows))
    return {tap: np.concatenate([one[tap] for one in made]) for tap in depths.taps}


def _some(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.sort(rng.permutation(rows)[:MOST_GALAXIES])


def _score(cut: float, tap: str, features: Sequence[np.ndarray], labels: Sequence[np.ndarray]) -> DepthScore:
    train, held_out, test = (np.asarray(part, np.float64) for part in features)
    by_neighbours = transferability.nearest_neighbours(train, labels[0], test)
    by_probe = transferability.linear_probe(train, labels[0], held_out, labels[1], test)
    return DepthScore(
        cut,
        tap,
        train.shape[1],
        *_share(by_neighbours == labels[2]),
        *_share(by_probe == labels[2]),
        log_me=transferability.log_maximum_evidence(train, labels[0]),
        h_score=transferability.h_score(train, labels[0]),
    )


def _share(is_right: np.ndarray) -> tuple[float, float, float]:
    return float(is_right.mean()), *wilson_interval(int(is_right.sum()), len(is_right))


def _leep(tensors: Tensors, features: np.ndarray, labels: np.ndarray) -> float | None:
    """From the last features and the source's own head, which may have any number of classes."""
    kernel, bias = tensors.get(f"{HEAD}/kernel"), tensors.get(f"{HEAD}/bias")
    if kernel is None or bias is None:
        return None
    if kernel.ndim != 2 or len(kernel) != features.shape[1] or bias.shape != kernel.shape[1:]:
        raise BadFileError(
            f"the head has tensors of shape {kernel.shape} and {bias.shape}, expected ({features.shape[1]}, classes)"
        )
    shares = softmax(features.astype(np.float64) @ kernel + bias)
    return transferability.log_expected_prediction(shares, labels)
