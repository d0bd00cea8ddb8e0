"""The experiment as a reader of the README does it, made tiny: reproduce, table, figure, predict, runs show."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import Result

from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.data.mock import write_mock_file
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.results.render import COLUMNS
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import create_run, find_run
from galaxy_core.runs.status import Status, write_status

DENSENET = get_backbone("densenet121")

pytestmark = pytest.mark.slow

Galaxy = Callable[..., Result]
TINY = ("--epochs", 1, "--crop", 64, "--image-size", 32, "--batch-size", 8, "--channel-shift", "per-channel")
# its five views are kept as features, so that only the layers above the cut are compiled
PRESET = ("--preset", "quick")


def make_source() -> None:
    """A source of random weights."""
    run = create_run("weights", TrainConfig(data="none.h5"))
    sha256 = write_tensors(
        run.path / "weights.safetensors", initial_tensors(DENSENET, 10, "scratch", 0.0, 9, None)
    )
    (run.path / "card.json").write_text(json.dumps({"kind": "source", "weights_sha256": sha256}))
    write_status(run.path, Status("done", "made by hand"))


def test_two_rows_of_the_experiment_from_the_file_to_the_table_the_figure_and_the_prediction(
    galaxy: Galaxy, tmp_path: Path
) -> None:
    make_source()
    data = write_mock_file(tmp_path / "mock.h5", 40, 0, with_masks=False)
    rows = ("--percent", 80, "--percent", 100, "--source", "weights")
    trained = galaxy("reproduce", "--data", data, "--name", "tiny", *PRESET, *rows, *TINY)
    assert trained.exit_code == 0, trained.stderr
    assert "tiny-080-s0: epoch 1 of 1, loss" in trained.stderr
    assert "tiny-100-s0" in trained.stdout

    galaxy("table", "tiny", "--out", tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert tuple(table[0]) == COLUMNS
    assert [(row["run"], row["source"]) for row in table] == [
        ("tiny-080-s0", "weights"),
        ("tiny-100-s0", "weights"),
    ]
    assert all(0 <= float(row["test_low"]) <= float(row["test_accuracy"]) <= 1 for row in table)

    assert "2 runs in" in galaxy("figure", "tiny", "--out", tmp_path / "figure.png", "--rows", 2).stdout
    with Image.open(tmp_path / "figure.png") as picture:
        assert picture.width > 400

    image = tmp_path / "galaxy.png"
    Image.fromarray(np.asarray(open_galaxies(data).images[0])).save(image)
    answered = galaxy("predict", "--run", "tiny", "--images", image, "--out", tmp_path / "p.csv")
    assert answered.exit_code == 0, answered.stderr
    with (tmp_path / "p.csv").open(newline="") as file:
        answers = list(csv.DictReader(file))
    assert {answer["run"] for answer in answers} == {"tiny-080-s0", "tiny-100-s0"}
    assert all(
        sum(float(answer[f"p{c}"]) for c in range(10)) == pytest.approx(1, abs=1e-4) for answer in answers
    )

    shown = galaxy("runs", "show", "tiny-100-s0")
    assert "done: trained for 1 epoch" in shown.stdout
    assert "true class down" in shown.stdout
    assert find_run("tiny-100-s0").config.augmentation.channel_shift_mode == "per_channel"
    # every row of a sweep has a log of its own
    assert "epoch 1 of 1: loss" in (find_run("tiny-100-s0").path / "log.txt").read_text()
