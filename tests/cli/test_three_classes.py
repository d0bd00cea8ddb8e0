"""A reader's own three classes from a folder of pictures to the report, with a backbone of one convolution."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import Result

from galaxy_core.data.classes import Classes
from galaxy_core.networks import registry
from galaxy_core.networks.layer import Pen
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone
from galaxy_core.runs.run import find_run

pytestmark = pytest.mark.slow

Galaxy = Callable[..., Result]
COLOURS = {"elliptical": (220, 60, 40), "merger": (60, 200, 60), "spiral": (60, 80, 220)}
N_EACH = 20
TRAINED = ("--preset", "quick", "--policy", "scratch", "--trainable", 1, "--epochs", 6, "--batch-size", 4)
SEEN = ("--crop", 256, "--image-size", 32, "--learning-rate", 0.03, "--channel-shift", "none")


@pytest.fixture
def _tiny_backbone() -> Iterator[None]:
    """In place of the default: 8 × 8 pixels to 6 features."""
    pen = Pen()
    pen.conv("conv", 6, kernel=8, stride=8)
    pen.batch_norm("bn")
    pen.write("relu", "relu")
    real, maker = get_backbone(DEFAULT_BACKBONE), registry._MAKERS[DEFAULT_BACKBONE]
    small = {"title": "Tiny", "layers": tuple(pen.layers), "n_stem_layers": 2, "ends_of_blocks": ("relu",)}
    registry._MAKERS[DEFAULT_BACKBONE] = lambda: replace(real, **small)
    get_backbone.cache_clear()
    yield
    registry._MAKERS[DEFAULT_BACKBONE] = maker
    get_backbone.cache_clear()


def draw(folder: Path) -> Path:
    """Discs whose colour is their class, in subfolders of its name."""
    rng = np.random.default_rng(0)
    for name in COLOURS:
        (folder / name).mkdir(parents=True)
    row, column = np.mgrid[:256, :256] - 128
    for number in range(N_EACH):
        for name, colour in COLOURS.items():
            image = rng.integers(0, 30, (256, 256, 3)).astype(np.uint8)
            image[np.hypot(row, column) < 50 + number] = colour
            Image.fromarray(image).save(folder / name / f"{number}.png")
    (folder / "spiral" / "notes.txt").write_text("of 1995")
    return folder


@pytest.mark.usefixtures("_tiny_backbone")
def test_classes_travel_from_the_labels_to_every_answer(galaxy: Galaxy, tmp_path: Path) -> None:
    def told(*words: object) -> str:
        result = galaxy(*words)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    data, pictures = tmp_path / "own.h5", draw(tmp_path / "pictures")
    imported = told("data", "import", pictures, "--out", data)
    assert "3 classes: elliptical 20, merger 20, spiral 20" in imported
    assert "left out as no image, or without a class: 1 (spiral/notes.txt)" in imported
    assert "2  spiral" in told("data", "info", data)
    assert told("train", "--data", data, "--name", "own", *TRAINED, *SEEN).startswith("own: test accuracy")
    run = find_run("own")
    assert run.classes == run.config.classes == Classes(COLOURS)
    assert run.tensors()["predictions/bias"].shape == run.predictions().probabilities.shape[1:] == (3,)
    assert [item["name"] for item in run.metrics()["per_class"]] == list(COLOURS)
    assert run.metrics()["accuracy"] > 0.6

    table = told("table", "own", "--classes")
    assert "merger" in table
    assert "paper" not in table
    assert json.loads(told("table", "own", "--json"))["rows"][0]["paper_test_accuracy"] is None
    assert (
        json.loads(told("evaluate", "own", "--data", data, "--json"))["accuracy"] == run.metrics()["accuracy"]
    )
    assert "survey" not in told("study", "calibration", "own")

    told("predict", "--run", "own", "--images", pictures, "--out", tmp_path / "p.csv")
    with (tmp_path / "p.csv").open(newline="") as file:
        answers = list(csv.DictReader(file))
    assert list(answers[0]) == ["file", "run", "predicted", "error", "p0", "p1", "p2", "class", "status"]
    assert np.mean([row["file"].startswith(row["class"]) for row in answers]) > 0.6
    assert {row["status"] for row in answers} == {"ok"}

    told("figure", "own", "--out", tmp_path / "figure.png", "--rows", 3)
    told("export", "own", "--out", tmp_path / "own.onnx")
    told("report", "own", "--out", tmp_path / "report.html")
    report = (tmp_path / "report.html").read_text()
    assert "0 elliptical; 1 merger; 2 spiral" in report
    assert "Barred Spiral" not in report

    told("runs", "pack", "own", "--out", tmp_path / "own.zip")
    told("runs", "unpack", tmp_path / "own.zip", "--name", "again")
    assert find_run("again").classes == Classes(COLOURS)
    mixed = galaxy("train", "--data", data, "--name", "mixed", "--mocks", 10, *TRAINED, *SEEN)
    assert mixed.exit_code == 2
    assert "mock galaxies are of Galaxy10's ten classes" in mixed.stderr
