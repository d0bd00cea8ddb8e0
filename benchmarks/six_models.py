"""Six models on one galaxy: logits and the maps of all classes, beside six times the stock Keras Grad-CAM
recipe.

    python benchmarks/six_models.py            # prints seconds, memory and ratios (about a minute)
    python benchmarks/six_models.py --json     # the same as one JSON object

The six are a sweep under `transfer_frozen`, cuts 0 to 100 % from one random source: what they froze together
the graph computes once. To hold: warm, at least six times as fast as the recipe; opening all six within 3 s
and 700 MB. The two sides run in turn, each in a process of its own, and only their ratio means much on a
shared machine.

Last figures (two cores shared with other work, load 3, November 2026): six models 108 ms, 3.1 times one model
(34 ms); recipe 1130 ms a model, six of them 63 times as long as ours; opening 1.5 s; memory 507 MB at its
height, 357 MB settled (recipe: 1264 MB); batches of 16 at 256 px 28 images/s.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from galaxy_core.runs.checkpoint import read_tensors, write_tensors

SIDE, N_BATCH, N_ROUNDS = 256, 16, 2
CUTS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
LEAST_RATIO, MOST_SECONDS, MOST_MEGABYTES = 6.0, 3.0, 700.0


@dataclass(frozen=True)
class FileRun:
    """A run as `Lineup` wants it, whose weights lie in one file."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def config(self) -> SimpleNamespace:
        return SimpleNamespace(crop=SIDE, image_size=SIDE)

    def tensors(self) -> dict[str, np.ndarray]:
        return read_tensors(self.path)


def main() -> int:
    """Print the figures; 1 when one of the three promises does not hold."""
    with tempfile.TemporaryDirectory() as folder:
        make_weights(Path(folder))
        ours, theirs = [], []
        for _ in range(N_ROUNDS):
            ours.append(in_a_process("lineup", folder))
            theirs.append(in_a_process("recipe", folder))
        exported = in_a_process("exported", folder) if find_spec("tf2onnx") else None
    figures = summary(ours, theirs, exported)
    print(json.dumps(figures, indent=1) if "--json" in sys.argv else text(figures))
    fits = figures["open_seconds"] <= MOST_SECONDS and figures["memory_mb"] <= MOST_MEGABYTES
    return int(not fits or figures["ratio"] < LEAST_RATIO)


def summary(ours: list[dict], theirs: list[dict], exported: dict | None) -> dict[str, float]:
    """Medians over the rounds; memory is the worst of them."""
    figures = {key: statistics.median(one[key] for one in ours) for key in ours[0]}
    figures["memory_mb"] = max(one["memory_mb"] for one in ours)
    figures["recipe_one_seconds"] = statistics.median(one["recipe_one_seconds"] for one in theirs)
    figures["recipe_memory_mb"] = max(one["recipe_memory_mb"] for one in theirs)
    figures["ratio"] = 6 * figures["recipe_one_seconds"] / figures["six_explained_seconds"]
    return figures | (exported or {})


def text(figures: dict[str, float]) -> str:
    """The figures in words."""
    passes = figures["six_explained_seconds"] / figures["one_explained_seconds"]
    lines = [
        f"six models explained    {figures['six_explained_seconds'] * 1000:7.0f} ms, {passes:.1f} times one model",
        f"one model explained     {figures['one_explained_seconds'] * 1000:7.0f} ms",
        f"stock recipe, one model {figures['recipe_one_seconds'] * 1000:7.0f} ms; six of them take "
        f"{figures['ratio']:.0f} times as long as ours",
        f"opening six             {figures['open_seconds']:7.2f} s (ONNX Runtime's import included)",
        f"memory of the process   {figures['memory_mb']:7.0f} MB at its height, {figures['settled_mb']:.0f} MB settled"
        f" (recipe, one model: {figures['recipe_memory_mb']:.0f} MB)",
        f"batches of {N_BATCH}           {figures['images_per_second']:7.1f} images/s, one model",
    ]
    if "exported_images_per_second" in figures:
        lines.append(f"Keras' own export       {figures['exported_images_per_second']:7.1f} images/s")
    else:
        lines.append("Keras' own export was left out: it needs tf2onnx, which is not installed.")
    return "\n".join(lines)


def make_weights(folder: Path) -> None:
    """Six untrained checkpoints with one frozen trunk between them."""
    from galaxy_core.transfer.policy import initial_tensors

    source = initial_tensors("scratch", 0.0, seed=99, source=None)
    for cut in CUTS:
        tensors = initial_tensors("transfer_frozen", cut, seed=round(100 * cut), source=source)
        write_tensors(folder / f"cut-{round(100 * cut):03d}.safetensors", tensors)


def in_a_process(part: str, folder: str) -> dict[str, float]:
    """What a measurement prints, taken in a fresh process."""
    words = [sys.executable, __file__, part, folder]
    shown = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return json.loads(shown.splitlines()[-1])


def measure_lineup(folder: Path) -> dict[str, float]:
    """Open six runs, explain one galaxy with all and with one, predict a batch."""
    started = time.perf_counter()
    from galaxy_core.serving.lineup import Lineup

    runs = [FileRun(path) for path in sorted(folder.glob("*.safetensors"))]
    six = Lineup(runs)
    open_seconds = time.perf_counter() - started
    image = galaxies(1)
    six.explain(image)
    memory, settled = peak_mb(), settled_mb()
    figures = {"six_explained_seconds": median_seconds(lambda: six.explain(image), 11)}
    one, batch = Lineup(runs[-1:]), galaxies(N_BATCH)
    figures["one_explained_seconds"] = median_seconds(lambda: one.explain(image), 11)
    batch_seconds = median_seconds(lambda: one.predict(batch, batch_size=N_BATCH), 3)
    figures["images_per_second"] = N_BATCH / batch_seconds
    return figures | {"open_seconds": open_seconds, "memory_mb": memory, "settled_mb": settled}


def measure_recipe(folder: Path) -> dict[str, float]:
    """The recipe of keras.io: a model with two outputs, a gradient tape, the mean gradient times the
    features.
    """
    import tensorflow as tf

    keras, model = keras_model(folder)
    both = keras.Model(model.inputs[0], [model.get_layer("relu").output, model.output])
    image = galaxies(1)

    def recipe() -> np.ndarray:
        with tf.GradientTape() as tape:
            features, logits = both(image)
            score = logits[:, tf.argmax(logits[0])]
        weights = tf.reduce_mean(tape.gradient(score, features), axis=(0, 1, 2))
        heat = tf.squeeze(features[0] @ weights[..., tf.newaxis])
        return (tf.maximum(heat, 0) / tf.math.reduce_max(heat)).numpy()

    return {"recipe_one_seconds": median_seconds(recipe, 5), "recipe_memory_mb": peak_mb()}


def measure_export(folder: Path) -> dict[str, float]:
    """ONNX Runtime on the file that Keras itself exports."""
    import onnxruntime

    _, model = keras_model(folder)
    path = str(folder / "exported.onnx")
    model.export(path, format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    name, batch = session.get_inputs()[0].name, galaxies(N_BATCH).astype(np.float32)
    return {
        "exported_images_per_second": N_BATCH / median_seconds(lambda: session.run(None, {name: batch}), 3)
    }


def keras_model(folder: Path) -> tuple:
    """Keras and the model of the last run."""
    from galaxy_core.transfer.classifier import build_classifier, import_keras, load_tensors

    model = build_classifier(SIDE)
    load_tensors(model, read_tensors(max(folder.glob("*.safetensors"))))
    return import_keras(), model


def galaxies(n: int) -> np.ndarray:
    """Noise of the right shape: what a pixel holds does not change what it costs."""
    return np.random.default_rng(0).integers(0, 256, (n, SIDE, SIDE, 3), dtype=np.uint8)


def median_seconds(work: Callable[[], object], n_times: int) -> float:
    """Median wall time, the first (cold) time left out."""
    times = []
    for _ in range(n_times + 1):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:])


def peak_mb() -> float:
    """The most memory the process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def settled_mb() -> float:
    """The memory it holds now."""
    import psutil

    return psutil.Process().memory_info().rss / 2**20


if __name__ == "__main__":
    parts = {"lineup": measure_lineup, "recipe": measure_recipe, "exported": measure_export}
    if len(sys.argv) == 3 and sys.argv[1] in parts:
        print(json.dumps(parts[sys.argv[1]](Path(sys.argv[2]))))
    else:
        sys.exit(main())
