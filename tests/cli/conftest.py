"""The command as a user types it, and run folders made by hand."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from galaxy_core.cli import app
from galaxy_core.data.split import Split
from galaxy_core.metrics.measure import measure, write_predictions
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import Run
from galaxy_core.runs.status import Status, write_status

SPLIT = Split.of(np.arange(0, 20), np.arange(20, 30), np.arange(30, 40), seed=0)


@pytest.fixture
def galaxy(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run `galaxy` with these words in a wide terminal; the result has exit_code, stdout and stderr."""
    monkeypatch.setenv("COLUMNS", "140")
    runner = CliRunner()

    def run(*words: object) -> Result:
        result = runner.invoke(app, [str(word) for word in words], prog_name="galaxy")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@contextmanager
def held_elsewhere(expression: str) -> Iterator[None]:
    """Another process holds this lock (an expression that makes it) while the block runs."""
    code = (
        "from pathlib import Path\nfrom galaxy_core.runs.launch import sweep_lock\n"
        f"from galaxy_core.runs.status import run_lock\nwith {expression}: print('held', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        yield
        other.communicate("\n")


@pytest.fixture
def lock_elsewhere() -> Callable[[str], AbstractContextManager[None]]:
    """Let another process hold a lock."""
    return held_elsewhere


@pytest.fixture
def make_run(own_folders: Path) -> Callable[..., Run]:
    """Write a run folder; finished unless `done` is False, its weights random where they are given."""

    def make(
        name: str,
        *,
        data: Path = Path("galaxies.h5"),
        sha256: str = "ab" * 32,
        policy: str = "transfer_frozen",
        percent: int = 20,
        seed: int = 0,
        done: bool = True,
        tensors: dict[str, np.ndarray] | None = None,
        folder: str = "runs",
        **card: Any,
    ) -> Run:
        path = own_folders / folder / name
        path.mkdir(parents=True)
        config = TrainConfig(str(data), policy, 1 - percent / 100, seed=seed, crop=128, image_size=64)
        (path / "config.json").write_text(json.dumps(config.to_json()))
        (path / "history.jsonl").write_text('{"epoch": 1, "loss": 1.5, "accuracy": 0.4, "seconds": 2}\n')
        write_status(path, Status("done", "trained") if done else Status("stopped", "stopped after 1 epoch"))
        if done:
            _finish(
                path, policy, config.cut, sha256, tensors or {"predictions/bias": np.zeros(10, "f4")}, card
            )
        return Run(path)

    return make


def _finish(
    path: Path, policy: str, cut: float, sha256: str, tensors: dict[str, np.ndarray], card: dict[str, Any]
) -> None:
    labels = SPLIT.test % 10
    shares = 0.05 + 0.5 * np.eye(10)[np.where(labels < 7, labels, 0)]
    write_tensors(path / "weights.safetensors", tensors)
    write_predictions(path / "predictions.csv", SPLIT.test, labels, shares)
    (path / "metrics.json").write_text(json.dumps(measure(labels, shares)))
    (path / "split.json").write_text(json.dumps(SPLIT.to_json()))
    data = {"file": "galaxies.h5", "sha256": sha256, "origin": "mock"}
    source = {"name": "imagenet", "sha256": "cd" * 32}
    values = {"kind": "classifier", "policy": policy, "cut": cut, "source": source, "data": data}
    (path / "card.json").write_text(json.dumps({**values, "split_hash": SPLIT.hash, **card}))
