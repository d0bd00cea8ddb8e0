"""`galaxy reproduce` and `galaxy models` by workers of Dask and by jobs of a real SLURM, which are killed at work."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from typer.testing import Result

from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.run import Run
from galaxy_core.training import shipped
from galaxy_core.training.shipped import SOURCE, Recipe, Shipped
from tests.made.one_node_slurm import IS_HERE, one_node_slurm

pytest.importorskip("dask_jobqueue")
pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[2]
N_EPOCHS = 8
SMALL = ("--preset", "quick", "--policy", "random_frozen", "--percent", "100", "--epochs", str(N_EPOCHS))
SMALL += ("--image-size", "32", "--crop", "128", "--batch-size", "8")


@contextmanager
def dask(folder: Path) -> Iterator[tuple[str, ...]]:
    """One worker, and another in its place when it is killed."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        yield "--workers", cluster.scheduler_address.replace("tcp", "dask")


@contextmanager
def slurm(folder: Path) -> Iterator[tuple[str, ...]]:
    """One job at a time."""
    if not IS_HERE:
        pytest.skip("SLURM is not installed; tests/install_slurm.sh does it")
    settings = folder / "cluster.toml"
    settings.write_text('jobs = 1\ncores = 1\nmemory = "900MB"\ninterface = "lo"\n')
    with one_node_slurm(folder / "slurm") as node, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLURM_CONF", str(node.conf))
        yield "--workers", "slurm", "--cluster", str(settings)


def kill_the_worker_of(run: Run) -> None:
    holder = run.status().pid
    assert holder
    worker = psutil.Process(holder).parent()
    assert worker
    worker.kill()


def runs_listed() -> dict[str, dict[str, object]]:
    """What `galaxy runs list` says of each run."""
    command = [sys.executable, "-m", "galaxy_core", "runs", "list", "--json"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    return {one["name"]: one for one in json.loads(shown.stdout)["runs"]}


def until(is_so: Callable[[], object], seconds: float = 200) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("cluster", [dask, slurm])
def test_a_training_whose_worker_is_killed_is_carried_on_with_and_all_are_listed_as_they_are(
    cluster: Callable[..., Iterator[tuple[str, ...]]],
    coloured_galaxies: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    command = [sys.executable, "-m", "galaxy_core", "reproduce", "--data", str(coloured_galaxies)]
    command += [*SMALL, "--seeds", "2", "--name", "two"]
    first, second = (Run(runs_folder() / f"two-100-s{seed}") for seed in (0, 1))
    with (
        cluster(tmp_path) as workers,
        subprocess.Popen([*command, *workers], stdout=subprocess.PIPE, text=True) as process,
    ):
        until(lambda: len(first.history()) >= 3 or process.poll() is not None)
        listed = runs_listed()
        kill_the_worker_of(first)
        printed, _ = process.communicate(timeout=300)
    assert (listed[first.name]["state"], str(listed[first.name]["sentence"])[:5]) == ("running", "epoch")
    assert (listed[second.name]["state"], listed[second.name]["sentence"]) == (
        "queued",
        "waiting for a worker",
    )
    assert process.returncode == 0
    assert second.name in printed
    assert {one["state"] for one in runs_listed().values()} == {"done"}
    told = re.findall(rf"epoch (\d+) of {N_EPOCHS}:", (first.path / "log.txt").read_text())
    assert told == [str(1 + number) for number in range(N_EPOCHS)], "each epoch once: it went on where it was"


def test_the_models_that_ship_are_made_by_workers_the_source_first_and_carried_on_with(
    galaxy: Callable[..., Result], coloured_galaxies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a recipe of a small source and two classifiers that begin with it, in two folds."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    tiny = {"preset": "quick", "source": SOURCE, "image_size": 32, "crop": 128, "epochs": 2, "batch_size": 8}
    rows = Shipped("fractions", tiny, (0.8, 1.0), "transfer_frozen")
    source = {"image_size": 32, "batch_size": 8, "epochs": 2.0, "held_out": 0.2}
    monkeypatch.setitem(shipped.RECIPES, "processor", Recipe(source, 1, (rows,)))
    monkeypatch.setattr(shipped, "N_FOLDS", 2)
    words = ("models", "--data", coloured_galaxies, "--photographs", photographs(tmp_path / "photographs"))
    words += ("--out", tmp_path / "models", "--recipe", "processor")
    with dask(tmp_path) as workers, ThreadPoolExecutor(1) as beside:
        first = Run(runs_folder() / "fractions-080-s0")
        killed = beside.submit(lambda: (until(lambda: first.status().pid), kill_the_worker_of(first)))
        result = galaxy(*words, *workers)
        killed.result()
    assert result.exit_code == 0
    assert "3 models in" in result.stdout
    made = [Run(tmp_path / "models" / name) for name in (SOURCE, "fractions-080-s0", "fractions-100-s0")]
    assert [run.status().state for run in made] == ["done"] * 3
    assert all("cross_validation" in run.card() for run in made[1:])
    assert "of 6: fractions-080-s0 is done" in result.stderr
    again = galaxy(*words, "--workers", "dask://127.0.0.1:9")
    assert again.exit_code == 0, "nothing is left for workers, so none are asked"


def photographs(folder: Path) -> Path:
    """Two classes of twenty: light and dark."""
    rng = np.random.default_rng(0)
    for name, least in (("dark", 0), ("light", 150)):
        (folder / name).mkdir(parents=True)
        for i in range(20):
            pixels = rng.integers(least, least + 100, (40, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.png")
    return folder
