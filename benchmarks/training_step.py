"""A training step with batch normalisation as one operation, beside the same network with Keras' own layer.

    python benchmarks/training_step.py [--size 224] [--rounds 5] [--json]

Keras' layer spells batch normalisation out; what a user gets who writes the network with `keras.layers` or takes it
from `keras.applications`. Each side is compiled in a process of its own and asked in turn for one step of 32 images:
forward, backward and AdamW, with every layer trained and with the lower 60 % frozen. Both in float32; beside them ours
in mixed precision, quicker where the processor has instructions for bfloat16 and the network no depthwise convolutions.
"""

import argparse
import statistics
import sys
from contextlib import ExitStack
from functools import partial

import numpy as np
from _measured import Bar, Figures, Works, begin, in_turn, is_worker, parser, ratio, report, work, worker

BACKBONES = ("efficientnet_lite0", "densenet121")
CUTS = (0.0, 0.6)
SIDES = ("ours", "keras", "mixed")
N_IMAGES = 32
LEAST = 1.3
"""Keras' own layer over ours, a network of which every layer trains."""


def main() -> int:
    options = _arguments()
    rows = [step_figures(backbone, cut, options) for backbone in BACKBONES for cut in CUTS]
    return report({"steps": rows}, bars({"steps": rows}), options.json, text(rows))


def bars(figures: Figures) -> list[Bar]:
    rows = figures["steps"] if isinstance(figures["steps"], list) else []
    whole = [row["ratio"] for row in rows if row["cut"] == 0]
    return [
        Bar(
            "training step, Keras' batch normalisation over ours",
            min(whole, default=None),
            LEAST,
            is_at_least=True,
            unit=" times",
        )
    ]


def step_figures(backbone: str, cut: float, options: argparse.Namespace) -> Figures:
    """Seconds of a step on both sides, and their ratio round by round."""
    with ExitStack() as workers:
        asked = {
            side: workers.enter_context(worker(__file__, "step", side, backbone, cut, options.size))
            for side in SIDES
        }
        times = in_turn({side: partial(one.ask, "step") for side, one in asked.items()}, options.rounds)
    medians = {f"{side}_seconds": statistics.median(values) for side, values in times.items()}
    ratios = {
        "ratio": ratio(times["keras"], times["ours"]),
        "mixed_ratio": ratio(times["ours"], times["mixed"]),
    }
    return {"backbone": backbone, "cut": cut, **medians, **ratios}


def step_part(side: str, backbone: str, cut: str, size: str) -> tuple[Figures, Works]:
    """The compiled step of one side."""
    from galaxy_core.training.network import Network, classifier_settings
    from galaxy_core.training.presets import preset_config
    from galaxy_core.transfer import keras_writer

    if side == "keras":
        keras_writer.batch_normalization = lambda keras: keras.layers.BatchNormalization
    seen = {"image_size": int(size), "batch_size": N_IMAGES, "trainable": round(1 - float(cut), 6)}
    precision = "mixed" if side == "mixed" else "float32"
    config = preset_config("thorough", "none.h5", backbone=backbone, precision=precision, **seen)
    network = Network(classifier_settings(config, 10, n_batches=100))
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (N_IMAGES, int(size), int(size), 3), np.uint8)
    labels = rng.integers(0, 10, N_IMAGES)
    return {}, {"step": lambda: network.train(images, labels)}


def text(rows: list[Figures]) -> str:
    """The table, as docs/performance.md shows it."""
    lines = [
        "| network | frozen | ours, s | Keras' layer, s | ratio | ours, mixed, s | float32 over mixed |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = (
            *(row["backbone"], f"{row['cut']:.0%}", f"{row['ours_seconds']:.3g}"),
            *(f"{row['keras_seconds']:.3g}", f"{row['ratio']:.2f}"),
            *(f"{row['mixed_seconds']:.3g}", f"{row['mixed_ratio']:.2f}"),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    words = parser(__doc__)
    words.add_argument("--size", type=int, default=224, help="pixels a side")
    words.add_argument("--rounds", type=int, default=5, help="times each is measured")
    return begin(words)


if __name__ == "__main__":
    if is_worker():
        work({"step": step_part})
    else:
        sys.exit(main())
