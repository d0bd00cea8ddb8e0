"""Whether a network waits for its pictures: training fed as it really is, beside training on pictures made beforehand.

    python benchmarks/feeding.py [--steps 12] [--rounds 3] [--json]

A source on photographs: JPEG files of 128 px in a zip file, decoded, cut, resized and recoloured by threads, 64 of
64 px a step, as `galaxy pretrain` does it on a processor. A classifier on galaxies: uint8 images of 256 px from the
memory map, turned, moved and recoloured, 32 of 96 px a step, as the quick preset does it, with every layer trained.
Each against the same steps on one batch that lies ready, in turn; their ratio is what reading costs. Then what threads
can make alone, and what rendering the mock galaxies of a training costs, which is done once and kept.
"""

import argparse
import os
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from _measured import Bar, Figures, begin, in_turn, parser, ratio, report

from galaxy_core.networks.registry import get_backbone

DENSENET = get_backbone("densenet121")

MOST = 1.1
"""Steps with reading over steps without."""
N_PHOTOGRAPHS = 400
N_GALAXIES = 200
N_MOCKS = 50


def main() -> int:
    options = _arguments()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with tempfile.TemporaryDirectory(prefix="galaxy-feeding-") as folder:
        figures = source_figures(Path(folder), options) | classifier_figures(Path(folder), options)
    return report(figures | mock_figures(), bars(figures), options.json)


def bars(figures: Figures) -> list[Bar]:
    return [
        Bar("training a source: fed over ready", figures["source_fed_over_ready"], MOST, unit=" times"),
        Bar(
            "training a classifier: fed over ready", figures["classifier_fed_over_ready"], MOST, unit=" times"
        ),
    ]


def source_figures(folder: Path, options: argparse.Namespace) -> Figures:
    """Of the pre-training, by its own pieces."""
    from galaxy_core.networks.policy import initial_tensors
    from galaxy_core.runs.pretrain_config import PretrainConfig
    from galaxy_core.training.ahead import made_ahead
    from galaxy_core.training.feed import n_threads
    from galaxy_core.training.networks import Networks
    from galaxy_core.training.source import SourceTask

    config = PretrainConfig(str(make_photographs(folder / "photographs.zip")), epochs=100)
    task = SourceTask(config)
    batches, network = task.training, task.network(Networks())
    network.start(initial_tensors(DENSENET, 2, "scratch", 0.0, 0, None))
    with closing(made_ahead(batches, range(len(batches)), n_threads())) as fed:
        figures = compared("source", lambda: next(fed), network.train, batches[0], options)
    return figures | making("source", batches, config.batch_size)


def classifier_figures(folder: Path, options: argparse.Namespace) -> Figures:
    """Of a training on galaxies, by its own pieces."""
    from galaxy_core.data.augment import Augmentation
    from galaxy_core.data.batches import Batches
    from galaxy_core.training.ahead import made_ahead
    from galaxy_core.training.feed import n_threads
    from galaxy_core.transfer.classifier import build_classifier, import_keras

    keras = import_keras()
    galaxies = make_galaxies(folder / "galaxies.h5")
    rows = np.random.default_rng(0).integers(0, len(galaxies), 32 * (options.steps * (options.rounds + 2)))
    settings = {"batch_size": 32, "crop": 96, "size": 96, "augmentation": Augmentation()}
    epoch = Batches(galaxies.images, galaxies.labels, rows, **settings).epoch(0)
    model = build_classifier(DENSENET, 96, 10)
    model.compile(keras.optimizers.Adam(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with closing(made_ahead(epoch, range(len(epoch)), n_threads())) as fed:
        figures = compared("classifier", lambda: next(fed), model.train_on_batch, epoch[0], options)
    return figures | making("classifier", epoch, 32)


def compared(
    name: str,
    fed: Callable[[], Any],
    train: Callable[..., Any],
    ready: Any,
    options: argparse.Namespace,
) -> Figures:
    """Seconds of so many steps in turn, with every batch made anew and with one that lies ready."""

    def steps(batch: Callable[[], Any]) -> float:
        started = time.perf_counter()
        for _ in range(options.steps):
            train(*batch())
        return time.perf_counter() - started

    times = in_turn({"fed": lambda: steps(fed), "ready": lambda: steps(lambda: ready)}, options.rounds)
    n_images = options.steps * len(ready[0])
    return {
        f"{name}_fed_over_ready": ratio(times["fed"], times["ready"]),
        f"{name}_trained_images_per_s": n_images / min(times["fed"]),
    }


def making(name: str, batches: Any, batch_size: int, n_batches: int = 6) -> Figures:
    """Pictures a second that one thread makes while nothing else runs."""
    started = time.perf_counter()
    for number in range(n_batches):
        batches[number]
    return {f"{name}_made_images_per_s_one_thread": n_batches * batch_size / (time.perf_counter() - started)}


def mock_figures() -> Figures:
    """What the mock galaxies of a training cost, once: seconds a thousand, on one core."""
    from galaxy_core.data.mock import make_mock_galaxies

    list(make_mock_galaxies(10, seed=1))
    started = time.process_time()
    list(make_mock_galaxies(N_MOCKS, seed=0))
    return {"rendering_1000_mock_galaxies_s": 1000 / N_MOCKS * (time.process_time() - started)}


def make_photographs(path: Path) -> Path:
    """A zip file of two classes of JPEG pictures: soft shapes in noise, as hard to decode as photographs are."""
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as file:
        for number in range(N_PHOTOGRAPHS):
            soft = cv2.resize(
                rng.integers(0, 256, (9, 9, 3), np.uint8), (128, 128), interpolation=cv2.INTER_CUBIC
            )
            picture = np.clip(soft + rng.normal(0, 8, soft.shape), 0, 255).astype(np.uint8)
            data = cv2.imencode(".jpg", picture)[1].tobytes()
            file.writestr(f"class{number % 2}/{number:04d}.jpg", data)
    return path


def make_galaxies(path: Path) -> Any:
    """Mock galaxies in the Galaxy10 layout, opened as a training opens them."""
    from galaxy_core.data.galaxy10 import open_galaxies
    from galaxy_core.data.mock import write_mock_file

    write_mock_file(path, N_GALAXIES, 0, with_masks=False)
    return open_galaxies(path, cache_folder=path.parent / "cache")


def _arguments() -> argparse.Namespace:
    words = parser(__doc__)
    words.add_argument("--steps", type=int, default=12, help="steps a round")
    words.add_argument("--rounds", type=int, default=3, help="rounds, after one that compiles")
    return begin(words)


if __name__ == "__main__":
    sys.exit(main())
