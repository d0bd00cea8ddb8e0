"""One or several runs as one inference: probabilities and maps of all of them, each through its own training
view.

Runs with the same view are one ONNX graph, in which what they froze together is computed once. It knows ONNX
Runtime (imported when a line-up is made) and neither Keras nor an engine; a run is anything with a name, a
config and tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from galaxy_core.data.view import training_view
from galaxy_core.errors import BadValueError
from galaxy_core.runs.cores import n_cores
from galaxy_core.serving.graph import INPUT, SMALL_BYTES, build_table, to_proto
from galaxy_core.serving.nodes import NodeTable
from galaxy_core.serving.writer import Tensors
from galaxy_core.transfer.densenet121 import HEAD, SMALLEST_IMAGE

if TYPE_CHECKING:
    import onnx
    import onnxruntime

BATCH_PIXELS = 16 * 256 * 256
"""Most pixels in one pass while explaining: what a batch of 16 galaxies has, whatever size a run explains at.
"""

Progress = Callable[[int, int], None]


class View(Protocol):
    """The part of a run's config that says what the network was shown: `crop` pixels, brought to
    `image_size`.
    """

    @property
    def crop(self) -> int: ...
    @property
    def image_size(self) -> int: ...


class Servable(Protocol):
    """A run, as far as inference is concerned."""

    @property
    def name(self) -> str: ...
    @property
    def config(self) -> View: ...
    def tensors(self) -> Tensors: ...


@dataclass(frozen=True)
class Explained:
    """What one run says of N images: logits (N, classes), maps (N, classes, h, w) in logits, bias (classes,).

    All float32; the mean of a map over its cells is logit - bias.
    """

    logits: np.ndarray
    maps: np.ndarray
    bias: np.ndarray


class Lineup:
    """Some runs, loaded once, asked often; safe to ask from several threads.

    `n_threads` None takes every core this process may use (`runs.cores`). Raises BadValueError for no run or for
    two of one name, BadFileError where a checkpoint does not fit.
    """

    def __init__(self, runs: Sequence[Servable], *, n_threads: int | None = None) -> None:
        self.names: tuple[str, ...] = tuple(run.name for run in runs)
        _check_names(self.names)
        by_view: dict[tuple[int, int], list[Servable]] = {}
        for run in runs:
            by_view.setdefault((run.config.crop, run.config.image_size), []).append(run)
        self._groups = [_Group(view, members, n_threads) for view, members in by_view.items()]

    def predict(
        self, images: np.ndarray, batch_size: int = 16, progress: Progress | None = None
    ) -> dict[str, np.ndarray]:
        """Logits float32 (N, classes) of every run by name, each at its own training view.

        images uint8 (N, H, W, 3), N may be 0; `progress(done, total)` counts images. Raises BadValueError for
        another shape or type.
        """
        _check_images(images)
        answers: dict[str, list[np.ndarray]] = {name: [] for name in self.names}
        for part in _parts(len(images), batch_size):
            for group in self._groups:
                for name, (logits, _) in group.run(
                    training_view(images[part], group.crop, group.size)
                ).items():
                    answers[name].append(logits)
            if progress:
                progress(min(part.stop, len(images)), len(images))
        return {name: np.concatenate(logits) for name, logits in answers.items()}

    def explain(self, images: np.ndarray) -> dict[str, Explained]:
        """Logits and maps of every run by name, of whole images at the scale the run was trained at.

        images uint8 (N, H, H, 3), square. A run trained on the central 96 px at 96 px explains all 256 px;
        one trained on 192 px brought to 96 explains 128 px. The same pass as `predict` where the training
        view is the whole image.
        """
        _check_images(images)
        if images.shape[1] != images.shape[2]:
            height, width = images.shape[1:3]
            raise BadValueError(
                f"images to explain must be square, got {height} x {width} px; cut out the centre"
            )
        explained = {name: one for group in self._groups for name, one in group.explain(images).items()}
        return {name: explained[name] for name in self.names}

    def predict_and_explain(self, images: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, Explained]]:
        """What `predict` and `explain` answer; runs whose training view is the whole image are asked once for both."""
        explained = self.explain(images)
        seen_whole = {name for group in self._groups if group.crop == images.shape[1] for name in group.names}
        logits = {name: explained[name].logits for name in seen_whole}
        for group in self._groups:
            if seen_whole.isdisjoint(group.names):
                answers = group.run(training_view(images, group.crop, group.size))
                logits |= {name: of_run for name, (of_run, _) in answers.items()}
        return {name: logits[name] for name in self.names}, explained


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Softmax over the last axis, float32; the largest logit is taken off first, so nothing overflows."""
    exponentials = np.exp(logits - np.max(logits, axis=-1, keepdims=True, initial=-np.inf))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True), np.float32)


def explain_size(side: int, crop: int, size: int) -> int:
    """Pixels that give an image of `side` px the scale of a training view of `crop` px brought to `size`."""
    return round(side * size / crop)


class _Group:
    """The runs of one training view: one graph, one session."""

    def __init__(self, view: tuple[int, int], runs: Sequence[Servable], n_threads: int | None) -> None:
        self.crop, self.size = view
        self._bias: dict[str, np.ndarray] = {}
        table = build_table(self._read(runs))
        self._session = open_session(table, list(self._bias), n_threads)

    def _read(self, runs: Sequence[Servable]) -> Iterator[tuple[str, Tensors]]:
        """One checkpoint at a time, so that six of them are never in memory together."""
        for run in runs:
            tensors = run.tensors()
            yield run.name, tensors
            self._bias[run.name] = np.array(tensors[f"{HEAD}/bias"], np.float32)

    @property
    def names(self) -> list[str]:
        return list(self._bias)

    def run(self, images: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Logits and maps by run, of uint8 images at the size they are to be seen at."""
        wanted = [f"{name}/{what}" for name in self._bias for what in ("logits", "maps")]
        values = self._session.run(wanted, {INPUT: images}, _run_options(len(images)))
        return dict(zip(self._bias, zip(values[::2], values[1::2], strict=True), strict=True))

    def explain(self, images: np.ndarray) -> dict[str, Explained]:
        side = images.shape[1]
        size = explain_size(side, self.crop, self.size)
        if size < SMALLEST_IMAGE:
            raise BadValueError(
                f"images of {side} px would be explained at {size} px; they need {SMALLEST_IMAGE} or more"
            )
        n_at_once = max(1, BATCH_PIXELS // size**2)
        passes = [
            self.run(training_view(images[part], side, size)) for part in _parts(len(images), n_at_once)
        ]
        return {name: _joined([one[name] for one in passes], bias) for name, bias in self._bias.items()}


def _joined(passes: list[tuple[np.ndarray, np.ndarray]], bias: np.ndarray) -> Explained:
    logits, maps = (np.concatenate(parts) for parts in zip(*passes, strict=True))
    return Explained(logits, maps, bias)


def open_session(
    table: NodeTable, names: Sequence[str], n_threads: int | None = None
) -> onnxruntime.InferenceSession:
    """A session of the models of those names."""
    return start_session(table, to_proto(table, names, weights_inside=False), n_threads)


def start_session(
    table: NodeTable, model: onnx.ModelProto, n_threads: int | None = None
) -> onnxruntime.InferenceSession:
    """A session on the processor; weights go in beside the graph, since inside they would be copied twice."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads or n_cores()
    options.log_severity_level = 3  # errors only
    large = {name: values for name, values in table.constants.items() if values.nbytes > SMALL_BYTES}
    held = [onnxruntime.OrtValue.ortvalue_from_numpy(values) for values in large.values()]
    options.add_external_initializers(list(large), held)
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _run_options(n_images: int) -> onnxruntime.RunOptions:
    """After a batch its memory is given back (16 images and six runs: 450 MB), after one image kept for the
    next.
    """
    import onnxruntime

    options = onnxruntime.RunOptions()
    if n_images > 1:
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


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
