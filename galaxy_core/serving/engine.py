"""What computes a graph, and on which device.

On the processor that is ONNX Runtime. On a graphics card it is ONNX Runtime too where its build for cards is
installed (`onnxruntime-gpu`), and JAX (`serving.jax_engine`) where that sees the card. All of them carry out the same
table of nodes. It knows no runs; every engine is imported when one is opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import numpy as np

from galaxy_core.errors import BadValueError, MissingError
from galaxy_core.runs.cores import n_cores
from galaxy_core.runs.device import NVIDIA
from galaxy_core.serving.graph import INPUT, SMALL_BYTES, to_proto
from galaxy_core.serving.nodes import NodeTable

if TYPE_CHECKING:
    import onnx
    import onnxruntime

AUTO, CPU, _ = DEVICES = ("auto", "cpu", "gpu")
"""Where to compute: on a graphics card if one can be used and on the processor otherwise, or on the one named."""
FLOAT32, BF16 = PRECISIONS = ("float32", "bf16")
"""bf16: convolutions of eight bits of precision, added up in float32, which a graphics card is made for."""
CUDA, PROCESSOR = "CUDAExecutionProvider", "CPUExecutionProvider"
BATCH_IMAGES, CARD_IMAGES = 16, 256
"""Images in a pass on a processor, and on a graphics card, which sixteen would leave idle for most of the time."""
NO_CARD = (
    "there is no NVIDIA graphics card that its driver lists here; --device cpu computes on the processor"
)
NO_ENGINE = (
    "nothing installed here computes on the graphics card; "
    'get JAX with `pip install "galaxy-transfer-explorer[gpu]"`, or onnxruntime-gpu in the place of onnxruntime'
)
ONLY_JAX = (
    'bf16 is computed by JAX on a graphics card; `pip install "galaxy-transfer-explorer[gpu]"` beside one'
)


class Engine(Protocol):
    """Carries out a graph, best on `at_once` images of 256 px in a pass; `where` names the card it is on, if any."""

    at_once: int
    where: str

    def run(self, wanted: Sequence[str], images: np.ndarray) -> list[np.ndarray]:
        """These outputs, float32, of uint8 images (N, H, W, 3); N may be 0."""
        ...


def open_engine(
    table: NodeTable,
    n_classes: Mapping[str, int],
    device: str = CPU,
    precision: str = FLOAT32,
    n_threads: int | None = None,
) -> Engine:
    """An engine for the models of those names, each with its number of classes.

    Errors: BadValueError for an unknown device or precision, or a precision the processor has not; MissingError where
    a graphics card is asked for and there is none, or nothing installed computes on it.
    """
    check_device(device, precision)
    if device == CPU or (device == AUTO and not has_card()):
        if precision == BF16:
            raise BadValueError(ONLY_JAX)
        # passes of one thread are small, and others are under way beside them: what one frees, the next takes
        return OnnxEngine(open_session(table, n_classes, n_threads), keeps_memory=n_threads == 1)
    if precision == FLOAT32 and (session := _session_on_card(table, n_classes)):
        return OnnxEngine(session, "the graphics card, by ONNX Runtime")
    if find_spec("jax") is not None:
        from galaxy_core.serving.jax_engine import JaxEngine, card_of_jax

        if card := card_of_jax():
            return JaxEngine(table, precision, f"{card}, by JAX in {precision}")
    if device == AUTO:
        return open_engine(table, n_classes, CPU, precision, n_threads)
    raise MissingError(NO_ENGINE if has_card() else NO_CARD)


def check_device(device: str, precision: str) -> None:
    """BadValueError for a word that is none of DEVICES or PRECISIONS."""
    for called, choices, value in (("device", DEVICES, device), ("precision", PRECISIONS, precision)):
        if value not in choices:
            raise BadValueError(
                f"{called} must be one of {', '.join(choices)}, got {value!r}; choose one of them"
            )


def has_card() -> bool:
    """Whether a driver lists an NVIDIA card; no engine is started for it."""
    return NVIDIA.is_dir() and any(NVIDIA.iterdir())


class OnnxEngine:
    """A session of ONNX Runtime; a graphics card carries out one pass at a time."""

    def __init__(
        self, session: onnxruntime.InferenceSession, where: str = "", keeps_memory: bool = False
    ) -> None:
        self._session, self.where = session, where
        self._keeps_memory = keeps_memory or bool(where)
        self.at_once = CARD_IMAGES if where else BATCH_IMAGES
        self._turn = Lock() if where else nullcontext()

    def run(self, wanted: Sequence[str], images: np.ndarray) -> list[np.ndarray]:
        """See `Engine`."""
        options = None if self._keeps_memory else _run_options(len(images))
        with self._turn:
            values: list[np.ndarray] = self._session.run(list(wanted), {INPUT: images}, options)
        return values


def open_session(
    table: NodeTable, n_classes: Mapping[str, int], n_threads: int | None = None
) -> onnxruntime.InferenceSession:
    """A session on the processor of the models of those names, each with its number of classes."""
    return start_session(table, to_proto(table, n_classes, weights_inside=False), n_threads)


def start_session(
    table: NodeTable,
    model: onnx.ModelProto,
    n_threads: int | None = None,
    providers: Sequence[object] = (PROCESSOR,),
) -> onnxruntime.InferenceSession:
    """A session; weights go in beside the graph, since inside they would be copied twice."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads or n_cores()
    options.log_severity_level = 3  # errors only
    large = {name: values for name, values in table.constants.items() if values.nbytes > SMALL_BYTES}
    held = [onnxruntime.OrtValue.ortvalue_from_numpy(values) for values in large.values()]
    options.add_external_initializers(list(large), held)
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=list(providers))


def _session_on_card(table: NodeTable, n_classes: Mapping[str, int]) -> onnxruntime.InferenceSession | None:
    """A session on the card in full float32; None where this build of ONNX Runtime has no way to one, or fails at it.

    A build for cards that lacks a library of CUDA says so on standard error and takes the processor instead.
    """
    import onnxruntime

    if not has_card() or CUDA not in onnxruntime.get_available_providers():
        return None
    model = to_proto(table, n_classes, weights_inside=False)
    session = start_session(table, model, providers=((CUDA, {"use_tf32": "0"}), PROCESSOR))
    return session if session.get_providers()[0] == CUDA else None


def _run_options(n_images: int) -> onnxruntime.RunOptions:
    """After a batch its memory is given back (16 images and six runs: 450 MB), after one image kept for the
    next.
    """
    import onnxruntime

    options = onnxruntime.RunOptions()
    if n_images > 1:
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options
