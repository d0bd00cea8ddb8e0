"""Whether the ways to one answer agree: engines, and closed form beside gradients, by the largest difference.

    python benchmarks/agreement.py [--images 4] [--size 256] [--json]

One DenseNet-121 with random tensors of a lively scale answers noise: Keras on TensorFlow and on JAX, and the
ONNX graph of the line-up, each in a process of its own. Compared are the logits and the maps of all classes in
closed form; and on TensorFlow the closed form with Grad-CAM through the gradient, for every class. All in logits.
"""

import argparse
import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from _measured import Bar, Figures, Works, begin, is_worker, parser, report, work, worker
from _runs import SIDE, noise, six

from galaxy_core.networks.registry import get_backbone

DENSENET = get_backbone("densenet121")

MOST = 1e-4
SCALE = "largest_logit"
BARS = {
    "maps_by_gradient": "closed-form maps beside gradients",
    "jax_logits": "logits, JAX beside TensorFlow",
    "jax_maps": "closed-form maps, JAX beside TensorFlow",
    "lineup_logits": "logits, line-up beside Keras",
    "lineup_maps": "closed-form maps, line-up beside Keras",
}


def main() -> int:
    words = parser(__doc__)
    words.add_argument("--images", type=int, default=4, help="images of noise")
    words.add_argument("--size", type=int, default=SIDE, help="pixels a side")
    options = begin(words)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), options)
    return report(figures, bars(figures), options.json)


def measure(folder: Path, options: argparse.Namespace) -> Figures:
    """Largest differences; an engine that is not installed is left out."""
    parts = ["tensorflow", *(["jax"] if find_spec("jax") else []), "lineup"]
    for part in parts:
        with worker(__file__, part, folder, options.images, options.size):
            pass  # it has answered by the time it is ready
    answers = {part: dict(np.load(folder / f"{part}.npz")) for part in parts}
    return differences(answers)


def differences(answers: dict[str, dict[str, np.ndarray]]) -> Figures:
    """The largest difference of every pair, and beside them the largest logit: what they are small against."""
    keras = answers["tensorflow"]
    figures = {
        SCALE: float(np.abs(keras["logits"]).max()),
        "maps_by_gradient": _largest(keras["maps_by_gradient"], keras["maps"]),
    }
    for part in [part for part in answers if part != "tensorflow"]:
        for what in ("logits", "maps"):
            figures[f"{part}_{what}"] = _largest(answers[part][what], keras[what])
    return figures


def _largest(ours: np.ndarray, theirs: np.ndarray) -> float:
    """NaN where either has one, so that it meets no bar."""
    return float(np.abs(ours - theirs).max())


def bars(figures: Figures) -> list[Bar]:
    return [Bar(what, figures.get(name), MOST) for name, what in BARS.items()]


def tensorflow_part(folder: str, n_images: str, size: str) -> tuple[Figures, Works]:
    """Makes the tensors that all are asked about."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    from galaxy_core.maps.gradients import grad_cam_at
    from galaxy_core.runs.checkpoint import write_tensors
    from galaxy_core.transfer.classifier import get_tensors

    model, images = _lively_model(int(size)), noise(int(n_images), int(size))
    write_tensors(Path(folder) / "cut-000.safetensors", get_tensors(model))
    answers = _closed_form(model, images)
    n_classes = answers["logits"].shape[1]
    by_class = [grad_cam_at(model, images, number, "relu") for number in range(n_classes)]
    np.savez(Path(folder) / "tensorflow.npz", **answers, maps_by_gradient=np.stack(by_class, axis=1))
    return {}, {}


def jax_part(folder: str, n_images: str, size: str) -> tuple[Figures, Works]:
    os.environ["KERAS_BACKEND"] = "jax"
    from galaxy_core.transfer.classifier import build_classifier, load_tensors

    model = build_classifier(DENSENET, int(size), 10)
    load_tensors(model, six(folder)[0].tensors())
    np.savez(Path(folder) / "jax.npz", **_closed_form(model, noise(int(n_images), int(size))))
    return {}, {}


def lineup_part(folder: str, n_images: str, size: str) -> tuple[Figures, Works]:
    from galaxy_core.serving.lineup import Lineup

    run = six(folder, int(size))[0]
    explained = Lineup([run]).explain(noise(int(n_images), int(size)))[run.name]
    np.savez(Path(folder) / "lineup.npz", logits=explained.logits, maps=explained.maps)
    return {}, {}


def _closed_form(model: Any, images: np.ndarray) -> dict[str, np.ndarray]:
    """Logits (N, classes) and the maps of all classes (N, classes, h, w), by the engine of this process."""
    from galaxy_core.maps.cam import closed_form_maps
    from galaxy_core.transfer.classifier import import_keras

    keras = import_keras()
    both = keras.Model(model.inputs[0], [model.get_layer("relu").output, model.output])
    features, logits = (np.asarray(value) for value in both.predict_on_batch(images))
    kernel = np.asarray(model.get_layer("predictions").kernel)
    return {"logits": logits, "maps": closed_form_maps(features, kernel)}


def _lively_model(size: int) -> Any:
    """The random DenseNet-121 of the tests: logits of order 1, which freshly initialised weights do not give."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "made"))
    import made_network

    return made_network.random_densenet(size)


if __name__ == "__main__":
    if is_worker():
        work({"tensorflow": tensorflow_part, "jax": jax_part, "lineup": lineup_part})
    else:
        sys.exit(main())
