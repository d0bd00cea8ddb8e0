"""What it saves to compute a frozen prefix once, and that the result is the same.

    python benchmarks/prefix_features.py [--galaxies 300] [--more 1400] [--epochs 10] [--size 160] [--json]

The six rows of a sweep are trained twice on the same mock galaxies, with frozen-prefix features kept and with
everything recomputed: the same seeds, order and views, the rows in turn, and turn about who begins. Three epochs of
each are trained with two views: the first compiles, the second sees a new view, the third one it has seen. A row's
seconds are those of a whole training of --epochs with --views: all but the epochs (reading, testing, storing), the
first epoch, one as long as the second for every other view, and the rest as long as the third. The source is a random
network whose normalisation was fitted to the galaxies: what is measured does not depend on what it knows.

An epoch of the linear probe (cut 100 %) is measured on more galaxies (--more) at --probe-size, two seeds in turn:
the second epoch, after compiling and the pass, with one view; on both sides from the first batch to the end of the
look at the validation part, as history.jsonl has it.

That the result is the same: accuracy and loss on those other galaxies, with and without, row by row; the largest
difference in accuracy beside the spread over three seeds of the 80 % row, the cheapest in which a part of the network
trains. Row 0 % has nothing frozen: its difference is what the engine's threads do alone.

Where the time of a training goes: the first row, everything recomputed, does one more epoch in parts.
"""

import argparse
import logging
import os
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from _measured import Bar, Figures, begin, parser, ratio, report, seconds
from _runs import CUTS, write_run

from galaxy_core.networks.registry import get_backbone

DENSENET = get_backbone("densenet121")

N_SEEDS, CUT_OF_SEEDS = 3, 0.8
MEASURED_EPOCHS, MEASURED_VIEWS = 3, 2
PROBE_EPOCHS = 2
KEPT, RECOMPUTED = "kept", "recomputed"


def main() -> int:
    options = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        # trainings of one machine queue up there; a wait for another one is not what is measured
        tempfile.tempdir = folder
        os.environ.update(GALAXY_RUNS=f"{folder}/runs", GALAXY_CACHE=f"{folder}/cache")
        figures = measure(options, Path(folder))
    return report(figures, bars(figures), options.json, text(figures))


def measure(options: argparse.Namespace, folder: Path) -> Figures:
    from galaxy_core.data.mock import write_mock_file

    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it would advise against so many networks
    few, more = folder / "few.h5", folder / "more.h5"
    write_mock_file(few, options.galaxies, 0, with_masks=False)
    write_mock_file(more, options.more, 1, with_masks=False)
    make_source(few, options.size)
    rows, parts = sweep(few, more, options)
    return {
        "galaxies": options.galaxies,
        "more_galaxies": options.more,
        "rows": rows,
        "parts_of_the_first_row": parts,
        "seeds": seeds(few, more, options),
        "probe_epoch_seconds": probe(more, options),
    }


def make_source(data: Path, size: int) -> None:
    """A run that may be a source: random weights, normalisation fitted to plain galaxies of that file.

    TensorFlow and Keras are warm afterwards, so that the first row pays for neither.
    """
    from galaxy_core.data.batches import Batches
    from galaxy_core.data.galaxy10 import open_galaxies
    from galaxy_core.networks.policy import initial_tensors
    from galaxy_core.transfer.batch_norm import reestimate_batch_norm
    from galaxy_core.transfer.classifier import build_classifier, get_tensors, load_tensors

    model = build_classifier(DENSENET, size, 10)
    load_tensors(model, initial_tensors(DENSENET, 10, "scratch", 0.0, 0, None))
    galaxies = open_galaxies(data)
    first = Batches(galaxies.images, galaxies.labels, range(32), batch_size=32, crop=size, size=size)
    reestimate_batch_norm(model, [images for images, _ in first.epoch(0)])
    write_run("source", "source", size, get_tensors(model))


def plan(name: str, data: Path, options: argparse.Namespace, **changes: Any) -> list[Any]:
    """The run folders of a sweep by the quick recipe, from the source that was made."""
    from galaxy_core.training.sweep import plan_sweep

    recipe = {"epochs": MEASURED_EPOCHS, "n_views": MEASURED_VIEWS, "crop": options.size}
    recipe |= {"image_size": options.size, "reuse_prefix": name.startswith(KEPT), "cuts": options.cuts}
    return plan_sweep(name, data=str(data), preset="quick", source="source", **{**recipe, **changes})


def sweep(data: Path, more: Path, options: argparse.Namespace) -> tuple[dict[str, Figures], Figures]:
    """Seconds, accuracy and loss of every row, by `kept` and `recomputed`; and the parts of the first one's time."""
    from galaxy_core.training.networks import Networks

    runs = {name: plan(name, data, options) for name in (KEPT, RECOMPUTED)}
    networks = {name: Networks([run.config for run in of]) for name, of in runs.items()}
    taken: dict[str, dict[str, float]] = {KEPT: {}, RECOMPUTED: {}}
    parts: Figures = {}
    for number in range(len(runs[KEPT])):
        for name in (KEPT, RECOMPUTED) if number % 2 else (RECOMPUTED, KEPT):
            run = runs[name][number]
            wall = train(run, networks[name])
            taken[name][run.name] = whole_training([row["seconds"] for row in run.history()], wall, options)
            # before another row takes the place of its compiled network
            parts = parts or parts_of_an_epoch(run, networks[name])
    rows: dict[str, Figures] = {}
    for name, of in runs.items():
        for run, tested in zip(of, compare(of, more), strict=True):
            row = rows.setdefault(f"{run.config.imagenet_percent} %", {})
            row[name] = {"seconds": taken[name][run.name], **tested}
    return rows, parts


def whole_training(epochs: list[float], wall: float, options: argparse.Namespace) -> float:
    """Seconds of --epochs with --views from those of three epochs with two views and of all of that training."""
    first, new_view, seen_view = epochs
    n_new = min(options.views, options.epochs) - 1
    rest = wall - sum(epochs)
    return rest + first + n_new * new_view + (options.epochs - 1 - n_new) * seen_view


def parts_of_an_epoch(run: Any, networks: Any) -> Figures:
    """Seconds of steps, look and state of one more epoch, and what compiling added to the first one."""
    from galaxy_core.runs.checkpoint import write_tensors
    from galaxy_core.training.ahead import made_ahead
    from galaxy_core.training.feed import n_threads
    from galaxy_core.training.material import N_BATCHES_FOR_A_LOOK, prepare

    material = prepare(run)
    network = networks.network(material)

    def steps() -> None:
        epoch = material.epoch(0)
        with closing(made_ahead(epoch, range(len(epoch)), n_threads())) as ready:
            for images, labels in ready:
                network.train(images, labels)

    def look() -> None:
        network.reestimate(material.statistics_batches(0, N_BATCHES_FOR_A_LOOK))
        network.logits(material.part(material.split.validation))

    parts = {
        "steps": seconds(steps),
        "look": seconds(look),
        "state": seconds(lambda: write_tensors(run.path / "measured.safetensors", network.state())),
    }
    first = run.history()[0]["seconds"]
    return {"compiling": max(0.0, first - parts["steps"] - parts["look"]), **parts}


def compare(runs: list[Any], data: Path) -> list[dict[str, float]]:
    """Accuracy and loss of each run on all galaxies of that file."""
    from galaxy_core.data.galaxy10 import open_galaxies
    from galaxy_core.metrics.statistics import accuracy, cross_entropy
    from galaxy_core.serving.lineup import Lineup, probabilities

    galaxies = open_galaxies(data)
    answers = Lineup(runs).predict(np.asarray(galaxies.images))
    shares = [probabilities(answers[run.name]) for run in runs]
    return [
        {
            "accuracy": accuracy(galaxies.labels, share.argmax(1)),
            "loss": cross_entropy(galaxies.labels, share),
        }
        for share in shares
    ]


def train(run: Any, networks: Any) -> float:
    """Wall time of the training from beginning to end."""
    from galaxy_core.training.train import train_run

    started = time.perf_counter()
    train_run(run, networks=networks)
    taken = time.perf_counter() - started
    print(f"{run.name}: {taken:.1f} s", file=sys.stderr, flush=True)
    return taken


def probe(data: Path, options: argparse.Namespace) -> dict[str, list[float]]:
    """Seconds of the linear probe's later epochs, with and without, a seed after the other in turn."""
    from galaxy_core.training.networks import Networks

    changes = {"cuts": (1.0,), "epochs": PROBE_EPOCHS, "n_views": 1, "n_seeds": 2}
    changes |= {"crop": options.probe_size, "image_size": options.probe_size}
    names = (KEPT, RECOMPUTED)
    runs = {name: plan(f"{name}-probe", data, options, **changes) for name in names}
    networks = {name: Networks([run.config for run in runs[name]]) for name in names}
    taken: dict[str, list[float]] = {name: [] for name in names}
    for number in range(len(runs[KEPT])):
        for name in names:
            run = runs[name][number]
            train(run, networks[name])
            taken[name] += [row["seconds"] for row in run.history()[1:]]
    return taken


def seeds(data: Path, more: Path, options: argparse.Namespace) -> list[dict[str, float]]:
    """Accuracy and loss of the 80 % row for several seeds, by the sweep's own recipe, features kept."""
    from galaxy_core.training.networks import Networks

    runs = plan(KEPT, data, options, cuts=(CUT_OF_SEEDS,), n_seeds=N_SEEDS)
    networks = Networks([run.config for run in runs])
    for run in runs:
        if not run.is_whole:
            train(run, networks)
    return compare(runs, more)


def bars(figures: Figures) -> list[Bar]:
    """The three ratios, and the largest difference of a frozen row's accuracy beside the spread of seeds."""
    rows, epochs = figures["rows"], figures["probe_epoch_seconds"]
    frozen = [row for name, row in rows.items() if name != "0 %"]
    differences = [abs(row[KEPT]["accuracy"] - row[RECOMPUTED]["accuracy"]) for row in frozen]
    of_seeds = [seed["accuracy"] for seed in figures["seeds"]]
    return [
        Bar("an epoch of the linear probe", ratio(epochs[RECOMPUTED], epochs[KEPT]), 30, True, " times"),
        Bar("rows with a frozen part together", saved(frozen), 1.7, True, " times"),
        Bar("all rows", saved(list(rows.values())), 1.3, True, " times"),
        Bar(
            "largest difference in accuracy, frozen rows; spread of seeds",
            max(differences, default=None),
            max(of_seeds) - min(of_seeds),
        ),
    ]


def saved(rows: list[Figures]) -> float | None:
    """How many times as long these rows took together without; None for no row."""
    if not rows:
        return None
    return sum(row[RECOMPUTED]["seconds"] for row in rows) / sum(row[KEPT]["seconds"] for row in rows)


def text(figures: Figures) -> str:
    """The table of rows as docs/performance.md shows it, then the parts of an epoch, the seeds and the probe."""
    lines = [
        "| row | s with | s without | ratio | accuracy with | without | loss with | without |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in figures["rows"].items():
        kept, recomputed = row[KEPT], row[RECOMPUTED]
        numbers = f"{kept['seconds']:.0f} | {recomputed['seconds']:.0f} | {saved([row]):.2f}"
        pairs = (f"{kept[what]:.3f} | {recomputed[what]:.3f}" for what in ("accuracy", "loss"))
        lines.append(f"| {name} | {numbers} | {' | '.join(pairs)} |")
    lines += ["", *_parts(figures["parts_of_the_first_row"]), ""]
    for what in ("accuracy", "loss"):
        values = ", ".join(f"{seed[what]:.3f}" for seed in figures["seeds"])
        lines.append(f"{CUT_OF_SEEDS:.0%} row, {what} of {len(figures['seeds'])} seeds: {values}")
    kept, recomputed = (statistics.median(figures["probe_epoch_seconds"][n]) for n in (KEPT, RECOMPUTED))
    lines.append(f"an epoch of the linear probe: {kept:.2f} s with, {recomputed:.2f} s without")
    return "\n".join(lines)


def _parts(parts: Figures) -> list[str]:
    """Seconds of the parts of an epoch and their shares; compiling, which happens once, as so many epochs."""
    epoch = sum(value for name, value in parts.items() if name != "compiling")
    rows = [
        f"| {name} | {value:.2f} | {value / epoch:.0%} |"
        for name, value in parts.items()
        if name != "compiling"
    ]
    once = (
        f"| compiling, once | {parts['compiling']:.2f} | as long as {parts['compiling'] / epoch:.1f} epochs |"
    )
    return ["| an epoch of the first row, recomputed | s | share |", "|---|---|---|", *rows, once]


def _arguments() -> argparse.Namespace:
    words = parser(__doc__)
    words.add_argument("--galaxies", type=int, default=300, help="mock galaxies of the sweep")
    words.add_argument("--more", type=int, default=1400, help="mock galaxies of the probe and to compare on")
    words.add_argument("--cuts", type=float, nargs="+", default=CUTS, help="rows of the sweep")
    words.add_argument("--epochs", type=int, default=10, help="of the training that seconds are given for")
    words.add_argument("--views", type=int, default=5, help="augmented views a galaxy")
    words.add_argument("--size", type=int, default=160, help="pixels a side, cut from the centre")
    words.add_argument("--probe-size", type=int, default=96, help="pixels a side for the probe")
    return begin(words)


if __name__ == "__main__":
    sys.exit(main())
