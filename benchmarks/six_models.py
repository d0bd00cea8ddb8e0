"""Six models on one galaxy, logits and the maps of all classes, beside six times the stock Grad-CAM recipe.
from galaxy_core.networks.registry import get_backbone

DENSENET = get_backbone("densenet121")

    python benchmarks/six_models.py [--rounds 9] [--json]

The six are a sweep under `transfer_frozen`, cuts 0 to 100 %, from one random source: what they froze together
the graph computes once. They answer one 256 px image, warm, in turn with the recipe of keras.io (one model, one
class: a gradient tape) and, where it is installed (`pip install -e ".[bench]"`), with tf-keras-vis' Gradcam.
Each side is a process of its own. Opening counts from an interpreter that has loaded NumPy to graphs that can
be asked, import of ONNX Runtime included; memory is the process' height after its first answer.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from _measured import (
    Bar,
    Figures,
    Worker,
    Works,
    begin,
    in_turn,
    is_worker,
    parser,
    peak_mb,
    ratio,
    report,
    seconds,
    settled_mb,
    work,
    worker,
)
from _runs import noise, six, write_six

N_OPENINGS = 3


def main() -> int:
    words = parser(__doc__)
    words.add_argument("--rounds", type=int, default=9, help="times each side is asked")
    options = begin(words)
    with tempfile.TemporaryDirectory() as folder:
        write_six(Path(folder))
        figures = measure(folder, options.rounds)
    return report(figures, bars(figures), options.json, text(figures))


def measure(folder: str, n_rounds: int) -> Figures:
    """Openings one after the other, then all sides in turn."""
    openings = []
    for _ in range(N_OPENINGS):
        with worker(__file__, "ours", folder) as one:
            openings.append(one.ready)
    with ExitStack() as stack:
        ours, recipe, other = (
            stack.enter_context(worker(__file__, part, folder)) for part in ("ours", "recipe", "tf-keras-vis")
        )
        sides = {"six": _asks(ours, "six"), "one": _asks(ours, "one"), "recipe": _asks(recipe, "one")}
        if "reason" not in other.ready:
            sides["tf_keras_vis"] = _asks(other, "one")
        times = in_turn(sides, n_rounds)
        figures = {f"{name}_seconds": statistics.median(values) for name, values in times.items()}
        figures["six_over_one"] = ratio(times["six"], times["one"])
        for name in sides.keys() & {"recipe", "tf_keras_vis"}:
            figures[f"{name}_times_six_over_ours"] = 6 * ratio(times[name], times["six"])
        if "reason" in other.ready:
            figures["tf_keras_vis_reason"] = other.ready["reason"]
        figures["recipe_memory_mb"] = recipe.ready["memory_mb"]
    figures["open_seconds"] = statistics.median(one["open_seconds"] for one in openings)
    return figures | {key: max(one[key] for one in openings) for key in ("memory_mb", "settled_mb")}


def _asks(one: Worker, what: str) -> Callable[[], float]:
    return lambda: one.ask(what)


def bars(figures: Figures) -> list[Bar]:
    return [
        Bar("six models, one 256 px image, logits and all maps", figures["six_seconds"], 0.25, unit=" s"),
        Bar(
            "six times the stock Keras Grad-CAM recipe over that",
            figures["recipe_times_six_over_ours"],
            30,
            is_at_least=True,
            unit=" times",
        ),
        Bar("building and loading the graph of six runs", figures["open_seconds"], 3, unit=" s"),
        Bar("memory of the process afterwards, at its height", figures["memory_mb"], 700, unit=" MB"),
    ]


def text(figures: Figures) -> str:
    """The figures in words."""
    lines = [
        f"six models explained    {figures['six_seconds'] * 1000:7.0f} ms, "
        f"{figures['six_over_one']:.1f} times one model ({figures['one_seconds'] * 1000:.0f} ms)",
        f"stock recipe, one model {figures['recipe_seconds'] * 1000:7.0f} ms; six of them take "
        f"{figures['recipe_times_six_over_ours']:.0f} times as long as ours",
    ]
    if "tf_keras_vis_seconds" in figures:
        lines.append(
            f"tf-keras-vis, one model {figures['tf_keras_vis_seconds'] * 1000:7.0f} ms; six of them take "
            f"{figures['tf_keras_vis_times_six_over_ours']:.0f} times as long as ours"
        )
    else:
        lines.append(f"tf-keras-vis was left out: {figures['tf_keras_vis_reason']}")
    lines.append(
        f"memory: {figures['memory_mb']:.0f} MB at its height, {figures['settled_mb']:.0f} MB settled; "
        f"the recipe, one model: {figures['recipe_memory_mb']:.0f} MB"
    )
    return "\n".join(lines)


def our_side(folder: str) -> tuple[Figures, Works]:
    """Six runs opened and asked once; then all of them and one."""
    runs, image = six(folder), noise(1)
    opened: list[Any] = []

    def open_all() -> None:
        from galaxy_core.serving.lineup import Lineup

        opened.append(Lineup(runs))

    open_seconds = seconds(open_all)
    together = opened[0]
    together.explain(image)
    figures = {"open_seconds": open_seconds, "memory_mb": peak_mb(), "settled_mb": settled_mb()}
    alone = type(together)(runs[-1:])
    return figures, {"six": lambda: together.explain(image), "one": lambda: alone.explain(image)}


def recipe_side(folder: str) -> tuple[Figures, Works]:
    """The recipe of keras.io: a model with two outputs, a gradient tape, the mean gradient times the features."""
    keras, model = keras_model(folder)  # before TensorFlow, which is imported quietly there
    import tensorflow as tf

    both = keras.Model(model.inputs[0], [model.get_layer("relu").output, model.output])
    image = noise(1)

    def recipe() -> np.ndarray:
        with tf.GradientTape() as tape:
            features, logits = both(image)
            score = logits[:, tf.argmax(logits[0])]
        weights = tf.reduce_mean(tape.gradient(score, features), axis=(0, 1, 2))
        heat = tf.squeeze(features[0] @ weights[..., tf.newaxis])
        return (tf.maximum(heat, 0) / tf.math.reduce_max(heat)).numpy()

    recipe()
    return {"memory_mb": peak_mb()}, {"one": recipe}


def tf_keras_vis_side(folder: str) -> tuple[Figures, Works]:
    """Its Gradcam at the last feature map, or the reason why it could not be asked."""
    if find_spec("tf_keras_vis") is None:
        return {"reason": 'it is not installed; pip install -e ".[bench]"'}, {}
    image = noise(1).astype(np.float32)
    _, model = keras_model(folder)
    try:
        from tf_keras_vis.gradcam import Gradcam
        from tf_keras_vis.utils.scores import CategoricalScore

        gradcam = Gradcam(model, clone=False)

        def explain() -> Any:
            return gradcam(
                CategoricalScore(0), image, penultimate_layer="relu", seek_penultimate_conv_layer=False
            )

        explain()
    except Exception as error:  # whatever it is, it is the answer to the question whether it runs here
        return {"reason": f"{type(error).__name__}: {error}"}, {}
    return {}, {"one": explain}


def keras_model(folder: str) -> tuple[Any, Any]:
    """Keras, and the model of the last run."""
    from galaxy_core.networks.registry import get_backbone
    from galaxy_core.transfer.classifier import build_classifier, import_keras, load_tensors

    model = build_classifier(get_backbone("densenet121"), 256, 10)
    load_tensors(model, six(folder)[-1].tensors())
    return import_keras(), model


if __name__ == "__main__":
    if is_worker():
        work({"ours": our_side, "recipe": recipe_side, "tf-keras-vis": tf_keras_vis_side})
    else:
        sys.exit(main())
