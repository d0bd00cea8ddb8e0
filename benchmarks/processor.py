"""What the processor can do at all, how much of it prediction and training reach, and how their cost grows.

    python benchmarks/processor.py [--size 256] [--train-size 96] [--rounds 5] [--json]

The measure is a float32 matrix product of 2048 x 2048, by NumPy's BLAS and by ONNX Runtime, the better of the two;
beside it ONNX Runtime's convolutions of DenseNet shapes, each in turn with the product. Shares count two operations
for each multiply-add of the convolutions (`transfer.densenet121.multiply_adds`), a training step three times
those of the layers that train and once those of the frozen ones; what else a layer does (normalisation,
rectifying, concatenating, moving memory) is why no share is 100 %.

Then how the cost grows: one model on 1 to 32 images, 1 to 6 models of a sweep on one image, two models that share a
frozen prefix by its cut, and a training step by its cut, without and with the prefix computed beforehand.
It shows and has no bar. Most of its time is compiling the eleven training steps; --no-training leaves them out.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _measured import Figures, Works, begin, in_turn, is_worker, parser, report, work, worker
from _runs import CUTS, SIDE, FileRun, noise, six, write_six

from galaxy_core.networks.cut import cut_at, tap_at
from galaxy_core.networks.registry import get_backbone

DENSENET = get_backbone("densenet121")

N_PRODUCT = 2048
N_IMAGES = (1, 2, 4, 8, 16, 32)
N_BATCH = 16
N_TRAIN = 32
# kernel, channels in, channels out, cells a side at 256 px: stem, then a bottleneck and a growth of each block
CONVOLUTIONS = (
    (7, 3, 64, 128),
    (1, 160, 128, 64),
    (3, 128, 32, 64),
    (1, 320, 128, 32),
    (3, 128, 32, 32),
    (1, 640, 128, 16),
    (3, 128, 32, 16),
    (1, 768, 128, 8),
    (3, 128, 32, 8),
)


def main() -> int:
    options = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        write_six(Path(folder))
        figures = {**primitives(options), **prediction(folder, options)}
        if not options.no_training:
            figures["training"] = training(options)
    return report(figures, [], options.json, text(figures))


def primitives(options: argparse.Namespace) -> Figures:
    """GFLOP/s of the product by both libraries, and of each convolution."""
    with worker(__file__, "products") as products:
        names = ["numpy", "onnx", *map(_name, CONVOLUTIONS)]
        times = in_turn({name: _asking(products, name) for name in names}, options.rounds)
    operations = dict.fromkeys(("numpy", "onnx"), 2 * N_PRODUCT**3)
    operations |= {_name(shape): 2 * _multiply_adds(shape) for shape in CONVOLUTIONS}
    rates = {name: operations[name] / statistics.median(values) / 1e9 for name, values in times.items()}
    return {
        "gflops_product_numpy": rates.pop("numpy"),
        "gflops_product_onnx_runtime": rates.pop("onnx"),
        "gflops_convolutions": rates,
    }


def prediction(folder: str, options: argparse.Namespace) -> Figures:
    """Seconds by images, models and shared cut, each in turn with the matrix product of this very run."""

    with worker(__file__, "products") as products, worker(__file__, "graphs", folder, options.size) as graphs:
        names = [*(f"images {n}" for n in N_IMAGES), *(f"models {n}" for n in range(1, len(CUTS) + 1))]
        names += [f"pair {cut:g}" for cut in CUTS]
        asked = {name: _asking(graphs, name) for name in names}
        best = {name: _asking(products, name) for name in ("numpy", "onnx")}
        times = in_turn({**asked, **best}, options.rounds)
    medians = {name: statistics.median(values) for name, values in times.items()}
    rate = _best_rate(medians)
    operations = 2 * sum(DENSENET.multiply_adds(options.size).values())
    return {
        "prediction_size": options.size,
        "multiply_adds": operations // 2,
        "share_below": {f"{cut:.0%}": share_below(cut, options.size) for cut in CUTS},
        "seconds_by_images": {n: medians[f"images {n}"] for n in N_IMAGES},
        "share_by_images": {n: n * operations / medians[f"images {n}"] / rate for n in N_IMAGES},
        "seconds_by_models": {n: medians[f"models {n}"] for n in range(1, len(CUTS) + 1)},
        "seconds_of_a_pair_by_shared_cut": {f"{cut:.0%}": medians[f"pair {cut:g}"] for cut in CUTS},
    }


def share_below(cut: float, size: int) -> float:
    """Of the multiply-adds, what the layers below a cut take."""

    cost = DENSENET.multiply_adds(size)
    return sum(cost[layer.name] for layer in DENSENET.layers[: cut_at(DENSENET, cut).n_layers]) / sum(
        cost.values()
    )


def training(options: argparse.Namespace) -> list[Figures]:
    """A training step at every cut, without and with the prefix."""
    rows = []
    for cut in CUTS:
        row: Figures = {"cut": f"{cut:.0%}"}
        for prefix in ("without", "with") if cut else ("without",):
            row |= _step(cut, prefix, options)
        rows.append(row)
    return rows


def _step(cut: float, prefix: str, options: argparse.Namespace) -> Figures:
    """Seconds and share of one step, in a process of its own, in turn with the product."""

    words = ("step", cut, prefix, options.train_size)
    with worker(__file__, "products") as products, worker(__file__, *words) as step:
        best = {library: _asking(products, library) for library in ("numpy", "onnx")}
        times = in_turn({"step": _asking(step, "step"), **best}, options.rounds)
    medians = {name: statistics.median(values) for name, values in times.items()}
    tap = tap_at(DENSENET, cut).name if prefix == "with" else None
    operations = step_operations(cut, tap, options.train_size, N_TRAIN)
    return {
        f"{prefix}_seconds": medians["step"],
        f"{prefix}_share": operations / medians["step"] / _best_rate(medians),
    }


def _best_rate(medians: dict[str, float]) -> float:
    """Operations a second of the better matrix product."""
    return 2 * N_PRODUCT**3 / min(medians["numpy"], medians["onnx"])


def _asking(one: Any, name: str) -> Callable[[], float]:
    return lambda: one.ask(name)


def products_part() -> tuple[Figures, Works]:
    """The matrix product by both libraries and the convolutions, 16 images each, on as many threads as we take."""
    left, right = np.random.default_rng(0).random((2, N_PRODUCT, N_PRODUCT), np.float32)
    multiply = session_of("MatMul", [left.shape, right.shape], left.shape)
    works: dict[str, Callable[[], object]] = {
        "numpy": lambda: left @ right,
        "onnx": lambda: multiply.run(None, {"x0": left, "x1": right}),
    }
    for shape in CONVOLUTIONS:
        works[_name(shape)] = _convolution(shape)
    return {}, works


def _convolution(shape: tuple[int, int, int, int]) -> Callable[[], object]:
    kernel, n_in, n_out, cells = shape
    stride = 2 if kernel == 7 else 1
    image = np.ones((N_BATCH, n_in, cells * stride, cells * stride), np.float32)
    weights = np.ones((n_out, n_in, kernel, kernel), np.float32)
    put_out = (N_BATCH, n_out, cells, cells)
    attributes = {"strides": [stride] * 2, "pads": [kernel // 2] * 4, "kernel_shape": [kernel] * 2}
    session = session_of("Conv", [image.shape], put_out, weights, **attributes)
    return lambda: session.run(None, {"x0": image})


def session_of(
    operation: str,
    inputs: list[tuple[int, ...]],
    output: tuple[int, ...],
    weights: np.ndarray | None = None,
    **attributes: Any,
) -> Any:
    """ONNX Runtime on one node: inputs `x0`, `x1` …, after them the weights, which it may put in its own order."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    from galaxy_core.runs.cores import n_cores
    from galaxy_core.serving.graph import IR_VERSION, OPSET

    names = [f"x{i}" for i in range(len(inputs))]
    constants = [] if weights is None else [numpy_helper.from_array(weights, "weights")]
    node = helper.make_node(operation, [*names, *(c.name for c in constants)], ["y"], **attributes)
    values = [
        helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in zip(names, inputs, strict=True)
    ]
    made = helper.make_tensor_value_info("y", TensorProto.FLOAT, output)
    graph = helper.make_graph([node], operation, values, [made], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_cores()
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def graphs_part(folder: str, size: str) -> tuple[Figures, Works]:
    """Line-ups of one to six models, and of two that share a prefix."""
    from galaxy_core.serving.lineup import Lineup

    runs, image = six(folder, int(size)), noise(1, int(size))
    # the whole source network under another name: with the run of a cut it shares what lies below
    source = FileRun(Path(shutil.copyfile(runs[-1].path, Path(folder) / "source.safetensors")), int(size))
    one = Lineup(runs[-1:])
    works: dict[str, Callable[[], object]] = {}
    for n in N_IMAGES:
        works[f"images {n}"] = _predicting(one, noise(n, int(size)), n)
    for n in range(1, len(runs) + 1):
        works[f"models {n}"] = _predicting(Lineup(runs[-n:]), image, 1)
    for run, cut in zip(runs, CUTS, strict=True):
        works[f"pair {cut:g}"] = _predicting(Lineup([run, source]), image, 1)
    return {}, works


def _predicting(lineup: Any, images: np.ndarray, batch_size: int) -> Callable[[], object]:
    return lambda: lineup.predict(images, batch_size=batch_size)


def step_part(cut: str, prefix: str, size: str) -> tuple[Figures, Works]:
    """The compiled training step of a cut: from images, or `with` features of the frozen prefix."""

    from galaxy_core.training.network import Network, classifier_settings
    from galaxy_core.training.presets import preset_config

    side, fraction = int(size), float(cut)
    seen = {"crop": side, "image_size": side, "batch_size": N_TRAIN}
    config = preset_config("quick", "none.h5", trainable=round(1 - fraction, 6), **seen)
    tap = tap_at(DENSENET, fraction).name if prefix == "with" else None
    learner = Network(classifier_settings(config, 10, n_batches=100, tap=tap)).learner
    rng = np.random.default_rng(0)
    inputs = rng.random((N_TRAIN, *learner.input_shape[1:]), np.float32) if tap else noise(N_TRAIN, side)
    labels = rng.integers(0, 10, N_TRAIN)
    return {}, {"step": lambda: learner.train_on_batch(inputs, labels)}


def step_operations(cut: float, tap: str | None, size: int, n_images: int) -> int:
    """Operations of one training step, two for a multiply-add: none up to the tap, one pass where frozen, else three.

    Three passes: forward, and backward for a layer's input and for its weights.
    """

    names = [layer.name for layer in DENSENET.layers]
    n_skipped = names.index(tap) + 1 if tap else 0
    n_frozen = cut_at(DENSENET, cut).n_layers
    cost = DENSENET.multiply_adds(size)
    passes = [0 if i < n_skipped else 1 if i < n_frozen else 3 for i in range(len(names))]
    return 2 * n_images * sum(n * cost[name] for n, name in zip(passes, names, strict=True))


def text(figures: Figures) -> str:
    """Compact tables, as docs/performance.md shows them."""
    lines = [
        f"matrix product {N_PRODUCT} x {N_PRODUCT}, float32: NumPy {figures['gflops_product_numpy']:.0f} GFLOP/s, "
        f"ONNX Runtime {figures['gflops_product_onnx_runtime']:.0f} GFLOP/s",
        "",
        f"| convolution, {N_BATCH} images (ONNX Runtime) | GFLOP/s |",
        "|---|---|",
        *(f"| {name} | {rate:.0f} |" for name, rate in figures["gflops_convolutions"].items()),
        "",
        f"DenseNet-121 at {figures['prediction_size']} px: {figures['multiply_adds'] / 1e9:.2f} thousand million "
        "multiply-adds an image",
        "",
        f"| images of {figures['prediction_size']} px, one model | ms | ms an image | share of the product |",
        "|---|---|---|---|",
    ]
    for n, value in figures["seconds_by_images"].items():
        share = figures["share_by_images"][n]
        lines.append(f"| {n} | {value * 1000:.0f} | {value * 1000 / n:.1f} | {share:.0%} |")
    lines += ["", "| models of a sweep, one image | ms | times one |", "|---|---|---|"]
    one = figures["seconds_by_models"][1]
    lines += _beside_one(figures["seconds_by_models"], one)
    lines += ["", "| two models, frozen part shared up to | of the multiply-adds | ms | times one |"]
    lines.append("|---|---|---|---|")
    for name, value in figures["seconds_of_a_pair_by_shared_cut"].items():
        below = figures["share_below"][name]
        lines.append(f"| {name} | {below:.0%} | {value * 1000:.0f} | {value / one:.2f} |")
    if "training" in figures:
        lines += ["", *_training_table(figures["training"])]
    return "\n".join(lines)


def _beside_one(measured: dict[Any, float], one: float) -> list[str]:
    return [f"| {name} | {value * 1000:.0f} | {value / one:.2f} |" for name, value in measured.items()]


def _training_table(rows: list[Figures]) -> list[str]:
    lines = [
        f"| cut | step of {N_TRAIN} images, s | share of the product | with the prefix, s | share |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        kept = f"{row['with_seconds']:.3f} | {row['with_share']:.0%}" if "with_seconds" in row else "– | –"
        lines.append(f"| {row['cut']} | {row['without_seconds']:.2f} | {row['without_share']:.0%} | {kept} |")
    return lines


def _name(shape: tuple[int, int, int, int]) -> str:
    kernel, n_in, n_out, cells = shape
    return f"{kernel}x{kernel}, {n_in} to {n_out}, {cells} x {cells} cells"


def _multiply_adds(shape: tuple[int, int, int, int]) -> int:
    kernel, n_in, n_out, cells = shape
    return N_BATCH * kernel**2 * n_in * n_out * cells**2


def _arguments() -> argparse.Namespace:
    words = parser(__doc__)
    words.add_argument("--size", type=int, default=SIDE, help="pixels a side in prediction")
    words.add_argument("--train-size", type=int, default=96, help="pixels a side in training")
    words.add_argument("--rounds", type=int, default=5, help="times each is measured")
    words.add_argument("--no-training", action="store_true", help="leave out the training steps")
    return begin(words)


if __name__ == "__main__":
    if is_worker():
        work({"products": products_part, "graphs": graphs_part, "step": step_part})
    else:
        sys.exit(main())
