"""What fewer bits give and cost on a processor: images a second beside answers that change.

    python benchmarks/precision.py [RUN ...] [--data FILE] [--rounds 7] [--json]

Each finished run (default: `best`) answers its test galaxies of the file in float32, in int8 as the tools of ONNX
Runtime make it (dynamic; static with per-channel kernels, ranges taken from 96 galaxies of its training part), and in
bf16 by JAX. The head stays in float32, and of the ways an image can lie the first is asked alone. Shown are the
accuracy, the share of galaxies that get the same class as in float32, the largest difference of a logit, and how many
times the images of float32 a second, batches of 16 asked in turn. Without --data the galaxies are mock ones.
"""

import argparse
import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from _measured import Figures, begin, in_turn, parser, ratio, report, seconds

N_BATCH, N_CALIBRATION, N_MOCK = 16, 96, 300
NAME = "m"
WANTED = [f"{NAME}/logits", f"{NAME}/maps"]
STATIC: dict[str, dict[str, Any]] = {
    "int8 static, convolutions": {"op_types_to_quantize": ["Conv"]},
    "int8 static, all operations": {},
    "int8 static, all, ranges without 0.002 %": {"percentile": True},
}

Ask = Callable[[np.ndarray], list[np.ndarray]]
"""Images as the network sees them to logits and maps."""


def main() -> int:
    words = parser(__doc__)
    words.add_argument("runs", nargs="*", default=["best"], metavar="RUN", help="finished runs or sweeps")
    words.add_argument(
        "--data", type=Path, help="a file in the Galaxy10 layout, best the one they were trained on"
    )
    words.add_argument("--rounds", type=int, default=7, help="how often each is timed")
    options = begin(words)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from galaxy_core.runs.run import resolve_runs

    figures = {run.name: measure(run, options) for run in resolve_runs(options.runs)}
    return report(figures, [], options.json, text(figures))


def text(figures: Mapping[str, Figures]) -> str:
    """A table a run."""
    columns = (
        "precision",
        "images a second, times float32",
        "accuracy",
        "same class",
        "largest difference, logits",
    )
    lines = []
    for name, one in figures.items():
        lines += [f"{name}, {one['about']}", "", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
        for precision, row in one["rows"].items():
            answers = f"{row['accuracy']:.3f} | {row['same']:.1%} | {row['difference']:.2f}"
            lines.append(f"| {precision} | {row['times']:.2f} | {answers} |")
        lines.append("")
    return "\n".join(lines).rstrip()


def measure(run: Any, options: argparse.Namespace) -> Figures:
    from galaxy_core.serving.graph import build_table, to_proto
    from galaxy_core.serving.writer import Model

    calibration, images, labels, part = galaxies_for(run, options.data)
    table = build_table([(NAME, Model(run.config.network, run.tensors()))])
    with tempfile.TemporaryDirectory(prefix="galaxy-precision-") as folder:
        path = Path(folder) / "float32.onnx"
        path.write_bytes(to_proto(table, {NAME: len(run.classes)}).SerializeToString())
        ways: dict[str, Ask] = {"float32": session(path), **quantized(path, calibration)}
        if find_spec("jax"):
            from galaxy_core.serving.jax_engine import JaxEngine

            ways |= {
                f"{precision} by JAX": partial(JaxEngine(table, precision).run, WANTED)
                for precision in ("float32", "bf16")
            }
        rows = compared(ways, images, labels)
        batch = images[:N_BATCH]
        times = in_turn(
            {name: partial(seconds, partial(ask, batch)) for name, ask in ways.items()}, options.rounds
        )
    for name, row in rows.items():
        row["times"] = ratio(times["float32"], times[name])
    view = run.config.view
    about = f"{run.config.network.title} at {view.size} px, {len(labels)} galaxies ({part}), "
    about += f"float32 {N_BATCH / np.median(times['float32']):.0f} images a second, "
    return {"about": f"{about}largest logit {rows['float32'].pop('largest'):.1f}", "rows": rows}


def galaxies_for(run: Any, data: Path | None) -> tuple[np.ndarray, np.ndarray, np.ndarray, str]:
    """Views to take ranges from, views to test on, labels of the latter, and what they are; no galaxy is in both."""
    from galaxy_core.data.galaxy10 import open_galaxies
    from galaxy_core.data.mock.galaxy import mock_galaxy
    from galaxy_core.prediction.evaluate import part_to_test

    rng = np.random.default_rng(0)
    if data is None:
        made = [mock_galaxy(0, index) for index in range(N_CALIBRATION + N_MOCK)]
        seen = run.config.view.of(np.stack([one.image for one in made]))
        labels = np.array([one.label for one in made])
        return seen[:N_CALIBRATION], seen[N_CALIBRATION:], labels[N_CALIBRATION:], "mock"
    galaxies = open_galaxies(data)
    part, test, _ = part_to_test(run, galaxies)
    others = np.setdiff1d(np.arange(len(galaxies.labels)), test) if part == "test" else test
    for_ranges = np.sort(
        rng.choice(run.split().train if part == "test" else others, N_CALIBRATION, replace=False)
    )
    test = np.setdiff1d(test, for_ranges)
    see = run.config.view.of
    return see(galaxies.images[for_ranges]), see(galaxies.images[test]), galaxies.labels[test], part


def session(path: Path) -> Ask:
    import onnxruntime

    from galaxy_core.runs.cores import n_cores

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = n_cores()
    made = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda images: made.run(WANTED, {"images": images})


def quantized(path: Path, calibration: np.ndarray) -> dict[str, Ask]:
    """The graph in int8, one way after the other, by the tools that come with ONNX Runtime."""
    import onnx
    from onnxruntime.quantization import (
        CalibrationMethod,
        QuantFormat,
        QuantType,
        quantize_dynamic,
        quantize_static,
    )
    from onnxruntime.quantization.shape_inference import quant_pre_process

    logging.getLogger().setLevel(logging.ERROR)  # a warning for each normalisation, which stays as it is
    ready, made = path.with_name("ready.onnx"), dict[str, Ask]()
    quant_pre_process(path, ready, skip_symbolic_shape=True)
    head = [
        node.name
        for node in onnx.load(path).graph.node
        if node.name in ("maps", "map_means", "flat_means", "logits")
    ]
    target = path.with_name("dynamic.onnx")
    quantize_dynamic(ready, target, per_channel=True, weight_type=QuantType.QUInt8, nodes_to_exclude=head)
    made["int8 dynamic"] = session(target)
    for number, (name, asked) in enumerate(STATIC.items()):
        target, settings = path.with_name(f"static-{number}.onnx"), dict(asked)
        method = (
            CalibrationMethod.Percentile if settings.pop("percentile", False) else CalibrationMethod.MinMax
        )
        quantize_static(
            ready,
            target,
            _Ranges(calibration),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=method,
            nodes_to_exclude=head,
            **settings,
        )
        made[name] = session(target)
    return made


class _Ranges:
    """Batches for the tools to take ranges from, as they ask for them."""

    def __init__(self, images: np.ndarray) -> None:
        self._batches = iter(np.split(images, range(N_BATCH, len(images), N_BATCH)))

    def get_next(self) -> dict[str, np.ndarray] | None:
        batch = next(self._batches, None)
        return None if batch is None else {"images": batch}


def compared(ways: Mapping[str, Ask], images: np.ndarray, labels: np.ndarray) -> dict[str, Figures]:
    """What each way answers beside the first."""
    answers = {name: all_logits(ask, images) for name, ask in ways.items()}
    exact = next(iter(answers.values()))
    rows = {
        name: {
            "accuracy": float(np.mean(logits.argmax(1) == labels)),
            "same": float(np.mean(logits.argmax(1) == exact.argmax(1))),
            "difference": float(np.abs(logits - exact).max()),
        }
        for name, logits in answers.items()
    }
    next(iter(rows.values()))["largest"] = float(np.abs(exact).max())
    return rows


def all_logits(ask: Ask, images: np.ndarray) -> np.ndarray:
    parts = (images[start : start + N_BATCH] for start in range(0, len(images), N_BATCH))
    return np.concatenate([ask(part)[0] for part in parts])


if __name__ == "__main__":
    raise SystemExit(main())
