"""One model, batches of 16 images of 256 px: our graph beside ONNX Runtime on Keras' own export.

    python benchmarks/one_model.py [--rounds 9] [--json] [--exported FILE.onnx]
    python benchmarks/one_model.py --export FILE.onnx     # only write Keras' own export of the same weights

The export, `model.export(format="onnx")`, needs tf2onnx: `pip install -e ".[bench]"`. Where that cannot be installed
beside the rest, export in another environment and hand the file over with --exported. Both sides get the same
threads and session options and answer in turn, each in a process of its own. Ours is `Lineup.predict`, from uint8
images to logits, the maps of all classes included; theirs is the session alone, fed with float32 and without maps.
"""

import statistics
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from _measured import Bar, Figures, Works, begin, in_turn, is_worker, parser, ratio, report, work, worker
from _runs import SIDE, FileRun, noise, six, write_six

from galaxy_core.networks.registry import get_backbone

DENSENET = get_backbone("densenet121")

N_BATCH = 16
MISSING = 'Keras\' own export was left out: tf2onnx is not installed; pip install -e ".[bench]"'
LARGEST_DIFFERENCE = 1e-3
"""Of the largest logit: the two must be the same network, not the same rounding."""


def main() -> int:
    words = parser(__doc__)
    words.add_argument("--rounds", type=int, default=9, help="times each side is asked")
    words.add_argument("--exported", type=Path, help="an export made elsewhere with --export")
    words.add_argument("--export", type=Path, help="write Keras' own export to this file, and nothing else")
    options = begin(words)
    with tempfile.TemporaryDirectory() as folder:
        run = write_six(Path(folder))[-1]
        if options.export:
            export(run, options.export)
            return 0
        exported = options.exported
        if exported is None and find_spec("tf2onnx"):
            exported = Path(folder) / "exported.onnx"
            with worker(__file__, "export", folder, exported):
                pass  # in a process of its own, since TensorFlow stays in the one that imports it
        figures = measure(folder, exported, options.rounds)
    code = report(figures, bars(figures), options.json)
    if exported is None:
        print(MISSING, file=sys.stderr)
    return code


def bars(figures: Figures) -> list[Bar]:
    return [Bar("one model, batches of 16, over Keras' own export", figures.get("ours_over_export"), 1.3)]


def measure(folder: str, exported: Path | None, n_rounds: int) -> Figures:
    """Both sides in turn; ours alone where there is no export."""
    with worker(__file__, "ours", folder) as ours:
        sides = {"ours": lambda: ours.ask("batch")}
        if exported is None:
            times = in_turn(sides, n_rounds)
            return {"images_per_second": N_BATCH / statistics.median(times["ours"])}
        with worker(__file__, "exported", exported) as theirs:
            difference = _difference(ours.ready, theirs.ready)
            times = in_turn({**sides, "export": lambda: theirs.ask("batch")}, n_rounds)
    figures = {f"{name}_images_per_second": N_BATCH / statistics.median(t) for name, t in times.items()}
    return figures | {
        "ours_over_export": ratio(times["ours"], times["export"]),
        "largest_difference_of_logits_relative": difference,
    }


def _difference(ours: Figures, theirs: Figures) -> float:
    """Largest difference of two logits over the largest logit; SystemExit where they are not the same network."""
    expected = np.array(theirs["logits"])
    difference = float(np.abs(ours["logits"] - expected).max() / np.abs(expected).max())
    if not difference <= LARGEST_DIFFERENCE:
        raise SystemExit(
            f"the two give different answers (by {difference:g} of the largest logit); "
            "export again with this version of the project"
        )
    return difference


def our_side(folder: str) -> tuple[Figures, Works]:
    """The line-up of the last run, as everything that predicts asks it."""
    from galaxy_core.serving.lineup import Lineup

    run, batch = six(folder)[-1], noise(N_BATCH)
    lineup = Lineup([run])
    logits = lineup.predict(batch)[run.name]
    return {"logits": logits.tolist()}, {"batch": lambda: lineup.predict(batch, batch_size=N_BATCH)}


def their_side(exported: str) -> tuple[Figures, Works]:
    """A session on the export, with as many threads as ours takes and all else at its default, as ours."""
    import onnxruntime

    from galaxy_core.runs.cores import n_cores

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_cores()
    session = onnxruntime.InferenceSession(exported, options, providers=["CPUExecutionProvider"])
    name, batch = session.get_inputs()[0].name, noise(N_BATCH).astype(np.float32)
    logits = session.run(None, {name: batch})[0]
    return {"logits": logits.tolist()}, {"batch": lambda: session.run(None, {name: batch})}


def export(run: FileRun, path: Path) -> None:
    """What Keras itself makes of the model, with a free number of images."""
    from galaxy_core.transfer.classifier import build_classifier, load_tensors

    model = build_classifier(DENSENET, SIDE, 10)
    load_tensors(model, run.tensors())
    model.predict_on_batch(noise(1))  # only a model that was called knows what it takes
    model.export(str(path), format="onnx", verbose=False)


def export_part(folder: str, path: str) -> tuple[Figures, Works]:
    export(six(folder)[-1], Path(path))
    return {}, {}


if __name__ == "__main__":
    if is_worker():
        work({"ours": our_side, "exported": their_side, "export": export_part})
    else:
        sys.exit(main())
