"""Run folders of a cross-validation with known answers, without weights to speak of."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from galaxy_core.data.split import Split
from galaxy_core.metrics.measure import measure, write_predictions
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.run import Run
from galaxy_core.runs.status import Status, write_status

N = 40
LABELS = np.arange(N) % 10
DATA = {
    "file": "galaxies.h5",
    "sha256": "ab" * 32,
    "origin": "imported",
    "n": N,
    "n_train": 28,
    "n_train_mock": 0,
}


def make_fold(
    fold: int,
    *,
    sweep: str = "first",
    seed: int = 0,
    percent: int = 20,
    n_folds: int = 4,
    right: np.ndarray | None = None,
    test: np.ndarray | None = None,
    done: bool = True,
    n_mocks: int = 0,
    neighbours: list[list[int]] | None = None,
    **config: Any,
) -> Run:
    """One fold: it tests every `n_folds`-th galaxy, of which those that are `right` (bool (N,)) get their own label."""
    name = f"{sweep}-{percent:03d}-s{seed}-f{fold}"
    path = runs_folder() / name
    path.mkdir(parents=True)
    values = {"seed": seed, "n_folds": n_folds, "fold": fold, "n_mocks": n_mocks, **config}
    asked = TrainConfig("galaxies.h5", trainable=1 - percent / 100, **values)
    (path / "config.json").write_text(json.dumps(asked.to_json()))
    (path / "history.jsonl").write_text('{"epoch": 1, "loss": 1.0, "accuracy": 0.5}\n')
    write_status(path, Status("done", "trained") if done else Status("stopped", "stopped after 1 epoch"))
    if done:
        test = np.arange(fold, N, n_folds) if test is None else test
        _finish(path, asked, test, np.ones(N, bool) if right is None else right, neighbours or [])
    return Run(path)


def make_folds(n_folds: int = 4, **settings: Any) -> list[Run]:
    """All folds of one seed."""
    return [make_fold(fold, n_folds=n_folds, **settings) for fold in range(n_folds)]


def _finish(
    path: Path, asked: TrainConfig, test: np.ndarray, right: np.ndarray, neighbours: list[list[int]]
) -> None:
    rest = np.setdiff1d(np.arange(N), test)
    split = Split.of(rest[2:], rest[:2], test, seed=0)
    about = {"fold": asked.fold, "n_folds": asked.n_folds, "neighbours": neighbours}
    (path / "split.json").write_text(json.dumps({**split.to_json(), **about}))
    answers = np.where(right[test], LABELS[test], (LABELS[test] + 1) % 10)
    shares = np.full((len(test), 10), 0.05) + 0.5 * np.eye(10)[answers]
    write_predictions(path / "predictions.csv", test, LABELS[test], shares)
    (path / "metrics.json").write_text(json.dumps(measure(LABELS[test], shares)))
    (path / "weights.safetensors").write_bytes(b"")
    card = {"kind": "classifier", "policy": asked.policy, "cut": asked.cut, "source": {"name": "imagenet"}}
    card |= {"split_hash": split.hash, "fold": asked.fold, "n_folds": asked.n_folds}
    data = {**DATA, "n_train": len(split.train), "n_train_mock": asked.n_mocks}
    (path / "card.json").write_text(json.dumps({**card, "data": data}))
