"""Does a network rely on what its map points at: what happens to its answer when the hot pixels go, or come alone.

What goes is replaced by sky noise of the same image (`sky_fill`), or for ROAD by noisy interpolation. The
network is a function from images to the probability of one class; nothing here knows runs, graphs or files.
"""

from collections.abc import Callable

import cv2
import numpy as np

from galaxy_core.maps.focus import rectified_heat

N_STEPS = 8
ROAD_SHARES = (0.2, 0.5, 0.8)
ROAD_SIDE = (
    128  # pixels; interpolation has no detail that a finer grid would keep, and costs four times as much
)
ROAD_NOISE = 0.01 * 255  # as in Rong et al. 2022, in counts
SCORES = ("deletion", "insertion", "road", "average_drop")

Probability = Callable[[np.ndarray], np.ndarray]
"""From images uint8 (M, H, W, 3) to the probability of the explained class, (M,)."""


def ordered_pixels(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Rank of each pixel of an image of `size` by the heat of its map (h, w), int64 (H, W); 0 is the hottest.

    Signed: a pixel that speaks against the class comes last. Equal heat keeps the order of the rows.
    """
    from galaxy_core.maps.overlay import upsample

    order = np.argsort(-upsample(values, size).ravel(), kind="stable")
    ranks = np.empty(order.size, np.int64)
    ranks[order] = np.arange(order.size)
    return ranks.reshape(size)


def replaced(below: np.ndarray, above: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """`below` with its hottest 0/n ... n/n pixels turned to those of `above`, uint8 (n + 1, H, W, 3)."""
    limits = np.arange(N_STEPS + 1) / N_STEPS * ranks.size
    return np.stack([np.where((ranks < limit)[..., None], above, below) for limit in limits])


def area_under(curve: np.ndarray) -> float:
    """Area under a curve over equal steps of the share of pixels, by trapezoids: RISE's score, in [0, 1].

    Petsiuk et al. 2018, section 4.2: for deletion low is faithful, for insertion high.
    """
    return float((curve[:-1] + curve[1:]).mean() / 2)


def deletion_and_insertion(
    probability: Probability, image: np.ndarray, sky: np.ndarray, values: np.ndarray
) -> tuple[float, float]:
    """Both areas of one map (h, w) of one image, uint8 (H, W, 3)."""
    ranks = ordered_pixels(values, image.shape[:2])
    deleted = probability(replaced(image, sky, ranks))
    inserted = probability(replaced(sky, image, ranks))
    return area_under(deleted), area_under(inserted)


def road(probability: Probability, image: np.ndarray, values: np.ndarray, rng: np.random.Generator) -> float:
    """Remove and debias: probability left without the coldest pixels minus that without the hottest.

    Mean over the removal of 20, 50 and 80 % of the pixels (Rong et al. 2022, without retraining; the difference
    as their section 5 suggests). In [-1, 1]; positive is faithful, 0 is what a map without meaning gets.
    """
    ranks = ordered_pixels(values, image.shape[:2])
    n = ranks.size
    hot = [imputed(image, ranks < share * n, rng) for share in ROAD_SHARES]
    cold = [imputed(image, ranks >= (1 - share) * n, rng) for share in ROAD_SHARES]
    left = probability(np.stack([*hot, *cold]))
    return float(left[len(hot) :].mean() - left[: len(hot)].mean())


def imputed(image: np.ndarray, is_gone: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The image, uint8 (H, W, 3), with lost pixels filled by noisy linear imputation (Rong et al. 2022, eq. 5).

    Each lost pixel is the weighted mean of its eight neighbours (1/6 beside, 1/12 across a corner), which is one
    sparse linear system; a little noise is added. Solved at 128 pixels a side. Where all is gone, it is black.
    """
    height, width = is_gone.shape
    small_gone = (
        cv2.resize(is_gone.astype(np.float32), (ROAD_SIDE, ROAD_SIDE), interpolation=cv2.INTER_AREA) > 0
    )
    small = cv2.resize(image, (ROAD_SIDE, ROAD_SIDE), interpolation=cv2.INTER_AREA).astype(np.float64)
    filled = cv2.resize(_solved(small, small_gone), (width, height), interpolation=cv2.INTER_LINEAR)
    noisy = filled + rng.normal(0, ROAD_NOISE, filled.shape)
    kept = np.where(is_gone[..., None], noisy, image)
    return np.clip(np.rint(kept), 0, 255).astype(np.uint8)


def average_drop(probability: Probability, image: np.ndarray, sky: np.ndarray, values: np.ndarray) -> float:
    """Share of the probability that is lost when only the hot part is shown (Chattopadhay et al. 2018, eq. 17).

    The image is blended with sky by its heat over the heat's maximum; in [0, 1], 0 where nothing is lost, NaN for
    a blank map.
    """
    heat = rectified_heat(values[None], image.shape[:2])[0]
    top = float(heat.max())
    if not top > 0:
        return float("nan")
    share = (heat / top)[..., None]
    blended = np.rint(image * share + sky * (1 - share)).astype(np.uint8)
    whole, part = probability(np.stack([image, blended]))
    return float(max(whole - part, 0) / whole)


def faithfulness_scores(
    probability: Probability,
    image: np.ndarray,
    sky: np.ndarray,
    values: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """All SCORES of one map (h, w) of one image, float64 (4,)."""
    deletion, insertion = deletion_and_insertion(probability, image, sky, values)
    return np.array(
        [
            deletion,
            insertion,
            road(probability, image, values, rng),
            average_drop(probability, image, sky, values),
        ]
    )


def _solved(image: np.ndarray, is_gone: np.ndarray) -> np.ndarray:
    """The lost pixels of a float image (H, W, 3) as the mean of their neighbours, lost ones among them."""
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import spsolve

    n_gone = int(is_gone.sum())
    if n_gone in (0, is_gone.size):
        return np.where(is_gone[..., None], 0.0, image)
    number = np.full(is_gone.shape, -1)
    number[is_gone] = np.arange(n_gone)
    rows, columns, weights = [], [], []
    known, total = np.zeros((n_gone, image.shape[2])), np.zeros(n_gone)
    for step, weight in _NEIGHBOURS:
        y, x = (np.argwhere(is_gone) + step).T
        inside = (y >= 0) & (y < is_gone.shape[0]) & (x >= 0) & (x < is_gone.shape[1])
        own, y, x = np.flatnonzero(inside), y[inside], x[inside]
        total[own] += weight
        lost = is_gone[y, x]
        known[own[~lost]] += weight * image[y[~lost], x[~lost]]
        rows.append(own[lost])
        columns.append(number[y[lost], x[lost]])
        weights.append(np.full(int(lost.sum()), -weight))
    diagonal = np.arange(n_gone)
    places = np.concatenate([*rows, diagonal]), np.concatenate([*columns, diagonal])
    system = coo_array((np.concatenate([*weights, total]), places), shape=(n_gone, n_gone)).tocsc()
    solved = image.copy()
    solved[is_gone] = spsolve(system, known).reshape(n_gone, -1)
    return solved


_NEIGHBOURS = [
    ((dy, dx), 1 / 6 if 0 in (dy, dx) else 1 / 12) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx
]
