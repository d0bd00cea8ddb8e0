"""What it saves to compute a frozen prefix once: `python benchmarks/prefix_features.py [--json]`.

The six rows of a sweep are trained twice on the same mock galaxies in one process each, with frozen-prefix
features kept and with everything recomputed, as ratios of the seconds spent (compiling included, and the pass
that makes the features). One row more: an epoch of the linear probe after its feature pass.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--galaxies", type=int, default=300)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--views", type=int, default=5)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(GALAXY_RUNS=f"{folder}/runs", GALAXY_CACHE=f"{folder}/cache")
        figures = measure(options, Path(folder))
    print(json.dumps(figures) if options.json else as_text(figures))


def measure(options: argparse.Namespace, folder: Path) -> dict[str, float]:
    from galaxy_core.data.mock import write_mock_file

    data = folder / "mock.h5"
    write_mock_file(data, options.galaxies, 0)
    make_source()
    kept, recomputed = (sweep(options, data, reuse) for reuse in (True, False))
    frozen = [percent for percent in kept["seconds"] if percent]
    together = {
        name: sum(one["seconds"][p] for p in frozen) for name, one in (("k", kept), ("r", recomputed))
    }
    return {
        "linear probe, an epoch": recomputed["probe_epoch"] / kept["probe_epoch"],
        "five rows with a frozen part": together["r"] / together["k"],
        "all six rows": sum(recomputed["seconds"].values()) / sum(kept["seconds"].values()),
        **{f"row {p} %": recomputed["seconds"][p] / kept["seconds"][p] for p in kept["seconds"]},
        "seconds with reuse": sum(kept["seconds"].values()),
        "seconds without": sum(recomputed["seconds"].values()),
        "mean difference in test accuracy": kept["accuracy"] - recomputed["accuracy"],
    }


def make_source() -> None:
    """Random weights with a card: what is measured does not depend on what they know."""
    from galaxy_core.runs.checkpoint import write_tensors
    from galaxy_core.runs.config import TrainConfig
    from galaxy_core.runs.run import create_run
    from galaxy_core.runs.status import Status, write_status
    from galaxy_core.transfer.policy import initial_tensors

    run = create_run("source", TrainConfig(data="none.h5"))
    write_tensors(run.path / "weights.safetensors", initial_tensors("scratch", 0.0, 0, None))
    (run.path / "card.json").write_text(json.dumps({"kind": "source", "weights_sha256": ""}))
    write_status(run.path, Status("done", "random weights"))


def sweep(options: argparse.Namespace, data: Path, reuse: bool) -> dict:
    from galaxy_core.training.networks import Networks
    from galaxy_core.training.sweep import plan_sweep
    from galaxy_core.training.train import train_run

    runs = plan_sweep(
        "kept" if reuse else "recomputed",
        data=str(data),
        preset="quick",
        source="source",
        epochs=options.epochs,
        n_views=options.views,
        crop=options.size,
        image_size=options.size,
        reuse_prefix=reuse,
    )
    networks = Networks([run.config for run in runs])
    seconds = {}
    for run in runs:
        started = time.perf_counter()
        train_run(run, networks=networks)
        seconds[run.config.imagenet_percent] = time.perf_counter() - started
        print(f"{run.name}: {seconds[run.config.imagenet_percent]:.1f} s", flush=True)
    probe = sorted(row["seconds"] for row in runs[-1].history())
    accuracy = sum(run.metrics()["accuracy"] for run in runs) / len(runs)
    return {"seconds": seconds, "probe_epoch": probe[len(probe) // 2], "accuracy": accuracy}


def as_text(figures: dict[str, float]) -> str:
    return "\n".join(f"{name:34s} {value:8.2f}" for name, value in figures.items())


if __name__ == "__main__":
    main()
