"""What a network is shown of a photograph: in training a random part of it in changed colours, else its centre.

The usual augmentation of natural images (Szegedy et al. 2015, section 6): one draw of a generator, one resize,
one colour matrix, uint8 in and out. Batches come in an order that follows from the seed alone.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np

from galaxy_core.data.photographs.listing import Photographs
from galaxy_core.errors import BadValueError
from galaxy_core.images.read import to_square

SMALLEST_PART = 0.35  # of the area; the usual 0.08 leaves 24 of 84 pixels
MOST_STRETCH = 4 / 3  # width over height of the part, and height over width
COLOUR_CHANGE = 0.4  # brightness, contrast and saturation times 1 ± this
GREY = np.array([0.299, 0.587, 0.114])  # luma of ITU-R BT.601

Batch = tuple[np.ndarray, np.ndarray]  # uint8 (B, S, S, 3), int64 (B,)


def random_view(image: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """One random view of a photograph: uint8 (H, W, 3) to uint8 (size, size, 3).

    A part of 35 to 100 % of the area, of a shape between 3:4 and 4:3 as far as the image allows, anywhere in it;
    mirrored half of the time; brightness, contrast and saturation changed by up to 40 %.
    """
    draws = rng.random(8)
    part = _part(image, draws[:4])
    how = cv2.INTER_AREA if min(part.shape[:2]) > size else cv2.INTER_LINEAR
    view = cv2.resize(part, (size, size), interpolation=how)
    if draws[4] < 0.5:
        view = view[:, ::-1]
    return recolour(view, *(1 + COLOUR_CHANGE * (2 * draws[5:] - 1)))


def recolour(image: np.ndarray, brightness: float, contrast: float, saturation: float) -> np.ndarray:
    """Colours moved away from grey, values from the mean grey, all times the brightness; 1, 1, 1 changes nothing.

    All three are one linear map of the channels, so one pass and one rounding do it.
    """
    mean_grey = float(np.dot(cv2.mean(image)[:3], GREY))
    channels = saturation * np.eye(3) + (1 - saturation) * np.outer(np.ones(3), GREY)
    matrix = np.empty((3, 4))
    matrix[:, :3] = brightness * contrast * channels
    matrix[:, 3] = brightness * (1 - contrast) * mean_grey
    return cv2.transform(np.ascontiguousarray(image), matrix)


class PhotographBatches(Sequence[Batch]):
    """The batches of a whole training, `[step]` made when asked for; safe to ask from several threads.

    A pass is a permutation of `indices` seeded by (seed, pass), filled up from its own start so that all batches
    have one shape; a view is seeded by (seed, pass, index). So a step is the same however often, and after
    however many interruptions, it is asked for.
    """

    def __init__(
        self,
        photographs: Photographs,
        indices: np.ndarray,
        *,
        batch_size: int,
        size: int,
        seed: int,
        n_steps: int,
    ) -> None:
        if len(indices) == 0 or batch_size < 1 or n_steps < 1:
            raise BadValueError(
                f"pictures, batch size and steps must be 1 or more, got {len(indices)}, {batch_size}, {n_steps}"
            )
        self._photographs, self._indices = photographs, np.asarray(indices, np.int64)
        self.batch_size, self._size, self._seed, self._n_steps = batch_size, size, seed, n_steps
        self._order = lru_cache(maxsize=2)(self._permuted)

    @property
    def steps_a_pass(self) -> int:
        """Batches in which every picture has been seen once."""
        return steps_a_pass(len(self._indices), self.batch_size)

    def __len__(self) -> int:
        return self._n_steps

    def __getitem__(self, step: int) -> Batch:  # type: ignore[override]  # no slices: they would hold a pass
        if not 0 <= step < self._n_steps:
            raise IndexError(f"there are steps 0 to {self._n_steps - 1}, got {step}")
        number, place = divmod(step, self.steps_a_pass)
        indices = self._order(number)[place * self.batch_size : (place + 1) * self.batch_size]
        return self._views(indices, number), self._photographs.labels[indices]

    def _views(self, indices: np.ndarray, number: int) -> np.ndarray:
        made = np.empty((len(indices), self._size, self._size, 3), np.uint8)
        for view, index in zip(made, indices.tolist(), strict=True):
            rng = np.random.default_rng((self._seed, number, index))
            view[:] = random_view(self._photographs.read(index), self._size, rng)
        return made

    def _permuted(self, number: int) -> np.ndarray:
        # five words: NumPy pads shorter seeds with zeros, and a view's seed has three
        order = np.random.default_rng([self._seed, number, 0, 0, 1]).permutation(self._indices)
        return np.resize(order, self.steps_a_pass * self.batch_size)


class PlainPhotographs(Sequence[Batch]):
    """Central squares of some photographs, in the order of `indices`; the last batch may be smaller."""

    def __init__(self, photographs: Photographs, indices: np.ndarray, *, batch_size: int, size: int) -> None:
        self._photographs, self._indices = photographs, np.asarray(indices, np.int64)
        self._batch_size, self._size = batch_size, size

    def __len__(self) -> int:
        return steps_a_pass(len(self._indices), self._batch_size)

    def __getitem__(self, i: int) -> Batch:  # type: ignore[override]
        if not 0 <= i < len(self):
            raise IndexError(f"there are batches 0 to {len(self) - 1}, got {i}")
        indices = self._indices[i * self._batch_size : (i + 1) * self._batch_size]
        views = [to_square(self._photographs.read(index), self._size) for index in indices.tolist()]
        return np.stack(views), self._photographs.labels[indices]


def steps_a_pass(n_images: int, batch_size: int) -> int:
    """Batches a pass, the last one counted."""
    return -(-n_images // batch_size)


def _part(image: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """The part of the image that is shown: area, shape and place from four numbers in [0, 1)."""
    height, width = image.shape[:2]
    area = (SMALLEST_PART + (1 - SMALLEST_PART) * draws[0]) * height * width
    stretch = math.exp((2 * draws[1] - 1) * math.log(MOST_STRETCH))
    part_width = min(width, max(1, round(math.sqrt(area * stretch))))
    part_height = min(height, max(1, round(math.sqrt(area / stretch))))
    left = int(draws[2] * (width - part_width + 1))
    top = int(draws[3] * (height - part_height + 1))
    return image[top : top + part_height, left : left + part_width]
