"""One or several runs as one inference: answers and maps of all of them, each of one pass through its training view.

What a run answers and what its maps explain are the same pixels: nothing outside the view changes either. Runs with the
same view are one graph, in which what they froze together is computed once, by whatever engine the device has
(`serving.engine`). It knows no Keras; a run is anything with a name, a config and tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from galaxy_core.errors import BadValueError
from galaxy_core.images.view import View
from galaxy_core.networks.backbone import Backbone
from galaxy_core.runs.cores import n_cores
from galaxy_core.serving.engine import BATCH_IMAGES, CPU, FLOAT32, Engine, open_engine
from galaxy_core.serving.graph import build_table
from galaxy_core.serving.nodes import NodeTable
from galaxy_core.serving.writer import Model, Tensors

MOST_READERS = 8
"""Threads that read for a graphics card: each holds the images of a pass."""
FEWEST_IMAGES = 4
"""In a pass of one of several threads, which together hold as many images as one pass does that has all cores."""
PIXELS = 256 * 256
"""Of an image, by which the size of a pass is told."""
Progress = Callable[[int, int], None]
OpenEngine = Callable[[NodeTable, Mapping[str, int]], Engine]


class Seeing(Protocol):
    """What a run's config says of what is seen: `crop` pixels, brought to `image_size`, lying in `turns` ways."""

    @property
    def crop(self) -> int: ...
    @property
    def image_size(self) -> int: ...
    @property
    def network(self) -> Backbone: ...
    @property
    def turns(self) -> int: ...


class Servable(Protocol):
    """A run, as far as inference is concerned."""

    @property
    def name(self) -> str: ...
    @property
    def config(self) -> Seeing: ...
    def tensors(self) -> Tensors: ...


@dataclass(frozen=True)
class Unsaved:
    """Weights in memory under a name and what they see: served as a run is, without a folder."""

    name: str
    config: Seeing
    weights: Tensors

    def tensors(self) -> Tensors:
        """The weights."""
        return self.weights


@dataclass(frozen=True)
class Explained:
    """What one run says of N images: logits (N, classes), maps (N, classes, h, w) in logits, bias (classes,).

    All float32 and of one pass: the mean of a map over its cells is logit - bias. The cells cover `view`, the part of
    each image that was classified.
    """

    logits: np.ndarray
    maps: np.ndarray
    bias: np.ndarray
    view: View


class Lineup:
    """Some runs, loaded once, asked often; safe to ask from several threads.

    `n_threads` None takes every core this process may use (`runs.cores`); `device` and `precision` are those of
    `serving.engine`, whose errors come through. Raises BadValueError for no run or for two of one name, BadFileError
    where a checkpoint does not fit. Answers come quickest of `batch_size` images or more at once; `where` names the
    graphics card that computes them, if one does.
    """

    def __init__(
        self,
        runs: Sequence[Servable],
        *,
        n_threads: int | None = None,
        device: str = CPU,
        precision: str = FLOAT32,
    ) -> None:
        self.names: tuple[str, ...] = tuple(run.name for run in runs)
        _check_names(self.names)
        by_view: dict[View, list[Servable]] = {}
        for run in runs:
            by_view.setdefault(View(run.config.crop, run.config.image_size), []).append(run)
        open_it = partial(open_engine, device=device, precision=precision, n_threads=n_threads)
        self._groups = [_Group(view, members, open_it) for view, members in by_view.items()]
        engine = self._groups[0].engine
        self.batch_size, self.where = engine.at_once, engine.where
        self.n_askers = 2  # one can read while the other is answered

    @classmethod
    def for_many(cls, runs: Sequence[Servable], *, device: str = CPU, precision: str = FLOAT32) -> Lineup:
        """The same for many images: quickest when asked from `n_askers` threads at once.

        Each computes a pass alone, and reads its images while others compute: threads that share a pass wait for each
        other at each of its nodes, above all where one of them is called away to read. One more thread than there are
        cores, since one may wait for a disk. A graphics card takes one pass at a time, of images many threads read.
        """
        lineup = cls(runs, n_threads=1, device=device, precision=precision)
        lineup.n_askers = min(n_cores() + 1, MOST_READERS) if lineup.where else n_cores() + 1
        if not lineup.where:
            lineup.batch_size = max(FEWEST_IMAGES, BATCH_IMAGES // n_cores())
        return lineup

    def predict(
        self, images: np.ndarray, batch_size: int | None = None, progress: Progress | None = None
    ) -> dict[str, np.ndarray]:
        """Logits float32 (N, classes) of every run by name: those of `explain`, without the maps."""
        answers: dict[str, list[np.ndarray]] = {name: [] for name in self.names}
        for name, one in self._passes(images, batch_size, progress):
            answers[name].append(one.logits)
        return {name: np.concatenate(logits) for name, logits in answers.items()}

    def explain(
        self, images: np.ndarray, batch_size: int | None = None, progress: Progress | None = None
    ) -> dict[str, Explained]:
        """Logits and maps of every run by name, of one pass of each image through its training view.

        images uint8 (N, H, W, 3), N may be 0; `progress(done, total)` counts images. Raises BadValueError for
        another shape or type.
        """
        passes: dict[str, list[Explained]] = {name: [] for name in self.names}
        for name, one in self._passes(images, batch_size, progress):
            passes[name].append(one)
        return {name: _joined(parts) for name, parts in passes.items()}

    def _passes(
        self, images: np.ndarray, batch_size: int | None, progress: Progress | None
    ) -> Iterator[tuple[str, Explained]]:
        """What each run says of the images, a part of them after the other."""
        _check_images(images)
        for part in _parts(len(images), batch_size or self.batch_size):
            for group in self._groups:
                yield from group.ask(images[part])
            if progress:
                progress(min(part.stop, len(images)), len(images))


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Softmax over the last axis, float32; the largest logit is taken off first, so nothing overflows."""
    exponentials = np.exp(logits - np.max(logits, axis=-1, keepdims=True, initial=-np.inf))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True), np.float32)


class _Group:
    """The runs of one training view: one graph, one engine."""

    def __init__(self, view: View, runs: Sequence[Servable], open_it: OpenEngine) -> None:
        smallest = max(run.config.network.smallest_image for run in runs)
        if view.size < smallest:
            raise BadValueError(f"a network needs {smallest} px or more a side, got {view.size}")
        self.view = view
        self._bias: dict[str, np.ndarray] = {}
        table = build_table(self._read(runs))
        n_classes = {name: len(bias) for name, bias in self._bias.items()}
        self.engine = open_it(table, n_classes)

    def _read(self, runs: Sequence[Servable]) -> Iterator[tuple[str, Model]]:
        """One checkpoint at a time, so that six of them are never in memory together."""
        for run in runs:
            model = Model(run.config.network, run.tensors(), run.config.turns)
            yield run.name, model
            self._bias[run.name] = model.bias

    def ask(self, images: np.ndarray) -> Iterator[tuple[str, Explained]]:
        """What each run says of the images, in passes as large as the engine takes."""
        for part in _parts(len(images), at_once(self.view.size, self.engine.at_once)):
            yield from self._one_pass(self.view.of(images[part]))

    def _one_pass(self, seen: np.ndarray) -> Iterator[tuple[str, Explained]]:
        """Of uint8 images at the size they are seen at."""
        wanted = [f"{name}/{what}" for name in self._bias for what in ("logits", "maps")]
        values = self.engine.run(wanted, seen)
        for (name, bias), logits, maps in zip(self._bias.items(), values[::2], values[1::2], strict=True):
            yield name, Explained(logits, maps, bias, self.view)


def _joined(parts: Sequence[Explained]) -> Explained:
    logits, maps = (np.concatenate([getattr(one, name) for one in parts]) for name in ("logits", "maps"))
    return Explained(logits, maps, parts[0].bias, parts[0].view)


def at_once(size: int, n_images: int = BATCH_IMAGES) -> int:
    """How many images of `size` pixels a side one pass may hold that holds so many of 256."""
    return max(1, n_images * PIXELS // size**2)


def _parts(n_images: int, n_at_once: int) -> Iterator[slice]:
    """Slices that cover all images; one empty slice where there are none, so that answers have shapes."""
    for start in range(0, max(n_images, 1), n_at_once):
        yield slice(start, min(start + n_at_once, n_images))


def _check_names(names: Sequence[str]) -> None:
    if not names:
        raise BadValueError("a line-up needs at least one run, got none; choose a run that has finished")
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice:
        raise BadValueError(f"each run may be in a line-up once, got {twice!r} twice; leave one out")


def _check_images(images: np.ndarray) -> None:
    if (
        not isinstance(images, np.ndarray)
        or images.dtype != np.uint8
        or images.ndim != 4
        or images.shape[3] != 3
    ):
        got = f"{images.dtype} {images.shape}" if isinstance(images, np.ndarray) else type(images).__name__
        raise BadValueError(
            f"images must be uint8 (N, H, W, 3), got {got}; one image is image[None], RGB from 0 to 255"
        )
