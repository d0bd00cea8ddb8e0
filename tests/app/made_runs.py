"""Run folders made by hand: small, whole, and with numbers that are known, for the tests of the pages."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from galaxy_core.data.split import Split, folds, split_galaxies
from galaxy_core.metrics.measure import measure, write_predictions
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import sweep_run_name
from galaxy_core.runs.status import Status, write_status

DENSENET = get_backbone("densenet121")

N_GALAXIES = 60
N_FOLDS = 2
SHARE_RIGHT = {0: 0.55, 20: 0.75, 40: 0.7, 60: 0.7, 80: 0.6, 100: 0.45}
PIXELS = 64


def make_weights(folder: Path) -> dict[int, Path]:
    """Weights of the six cuts, random, with one frozen trunk as a sweep has it."""
    folder.mkdir(parents=True, exist_ok=True)
    source = initial_tensors(DENSENET, 10, "scratch", 0.0, 99, None)
    files = {}
    for percent in SHARE_RIGHT:
        files[percent] = folder / f"{percent}.safetensors"
        write_tensors(
            files[percent], initial_tensors(DENSENET, 10, "transfer_frozen", percent / 100, 0, source)
        )
    return files


def make_sweep(
    runs: Path, weights: dict[int, Path], data: Path, name: str = "first", **more: Any
) -> list[Path]:
    """A finished run for each of the weights."""
    return [make_run(runs, percent, data, name, weights=file, **more) for percent, file in weights.items()]


def make_run(
    runs: Path,
    percent: int,
    data: Path,
    sweep: str = "first",
    *,
    state: str = "done",
    sentence: str = "trained for 5 epochs",
    n_epochs: int = 5,
    weights: Path | None = None,
    policy: str = "transfer_frozen",
    seed: int = 0,
    source: str = "shapes",
    crop: int = 192,
    pixels: int = PIXELS,
    fold: int | None = None,
) -> Path:
    """One run folder; with `weights` it is whole, else it is as far as its history. `fold` is one of N_FOLDS."""
    folder = runs / sweep_run_name(sweep, None, percent, seed, fold)
    folder.mkdir(parents=True)
    config = TrainConfig(
        str(data), policy, 1 - percent / 100, "none", epochs=5, crop=crop, image_size=pixels, seed=seed,
        n_folds=None if fold is None else N_FOLDS, fold=fold,
    )  # fmt: skip
    _write(folder / "config.json", config.to_json())
    write_status(folder, Status(state, sentence))
    history = [json.dumps(_epoch(epoch, percent)) for epoch in range(1, n_epochs + 1)]
    (folder / "history.jsonl").write_text("\n".join(history) + "\n" if history else "")
    if weights is not None:
        _make_whole(folder, config, weights, data, source)
    return folder


def make_shipped_folds(models: Path, weights: dict[int, Path], data: Path) -> None:
    """Two rows that ship, and beside them what all folds of their recipes answered, without weights."""
    for percent in (20, 40):
        make_run(models, percent, data, "fractions", weights=weights[percent])
        for fold in range(N_FOLDS):
            one = make_run(
                models / "folds", percent, data, "fractions-folds", weights=weights[percent], fold=fold
            )
            (one / "weights.safetensors").unlink()


@contextmanager
def held_elsewhere(*locks: Path) -> Iterator[None]:
    """Another process holds these lock files, as a training does; this process could take its own again."""
    script = (
        "import contextlib, pathlib, sys\n"
        "from galaxy_core.files.lock import locked\n"
        "with contextlib.ExitStack() as stack:\n"
        "    for path in sys.argv[1:]:\n"
        "        stack.enter_context(locked(pathlib.Path(path)))\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, *map(str, locks)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield
        process.stdin.close()


def _epoch(epoch: int, percent: int) -> dict[str, float]:
    right = SHARE_RIGHT.get(percent, 0.5) * (1 - 0.6 / epoch)
    return {
        "epoch": epoch,
        "loss": 2.5 * (1 - right),
        "accuracy": right + 0.1,
        "val_loss": 2.7 * (1 - right),
        "val_accuracy": right,
        "seconds": 12.5,
    }


def _make_whole(folder: Path, config: TrainConfig, weights: Path, data: Path, source: str) -> None:
    (folder / "weights.safetensors").hardlink_to(weights)
    labels = np.arange(N_GALAXIES) % 10
    nowhere = np.full(N_GALAXIES, np.nan)
    if config.fold is None:
        split = split_galaxies(labels, nowhere, nowhere, seed=0)
        _write(folder / "split.json", split.to_json())
    else:
        split = folds(labels, nowhere, nowhere, n_folds=N_FOLDS, seed=0)[config.fold]
        about = {"fold": config.fold, "n_folds": N_FOLDS, "neighbours": []}
        _write(folder / "split.json", {**split.to_json(), **about})
    _write_answers(folder, config.imagenet_percent, labels, split)
    _write(folder / "card.json", _card(folder.name, config, data, split, source))


def _write_answers(folder: Path, percent: int, labels: np.ndarray, split: Split) -> None:
    rng = np.random.default_rng(percent)
    truth = labels[split.test]
    is_right = rng.random(len(truth)) < SHARE_RIGHT.get(percent, 0.5)
    answers = np.where(is_right, truth, (truth + 1) % 10)
    probabilities = np.full((len(truth), 10), 0.05, np.float32)
    probabilities[np.arange(len(truth)), answers] = 0.55
    write_predictions(folder / "predictions.csv", split.test, truth, probabilities)
    _write(folder / "metrics.json", measure(truth, probabilities))


def _card(name: str, config: TrainConfig, data: Path, split: Split, source: str) -> dict[str, Any]:
    from galaxy_core.data.galaxy10 import open_galaxies

    return {
        "kind": "classifier",
        "name": name,
        "policy": config.policy,
        "cut": config.cut,
        "source": {"name": source, "sha256": "0" * 64},
        "split_hash": split.hash,
        "data": {
            "file": data.name,
            "sha256": open_galaxies(data).sha256 if data.is_file() else "0" * 64,
            "origin": "mock",
            "n_train": len(split.train),
            "n_validation": len(split.validation),
            "n_test": len(split.test),
        },
    }


def _write(path: Path, values: Any) -> None:
    path.write_text(json.dumps(values))
