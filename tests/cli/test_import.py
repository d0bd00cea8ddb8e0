"""`galaxy runs import`: what is taken, what is told of it, and what is refused without a run left behind."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from foreign_files import places
from typer.testing import Result

from galaxy_core.data.classes import GALAXY10
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.run import find_run, list_runs
from galaxy_core.transfer.weights.formats import MOST_BYTES

DENSENET = get_backbone("densenet121")

Galaxy = Callable[..., Result]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As Keras lays them out, with one tensor of an optimizer; output i has bias i."""
    path = tmp_path_factory.mktemp("weights") / "theirs.weights.h5"
    tensors = {
        **initial_tensors(DENSENET, 10, "scratch", 0.0, 0, None),
        "predictions/bias": np.arange(10, dtype="f4"),
    }
    with h5py.File(path, "w") as file:
        for name, place in places().items():
            file[place] = tensors[name]
        file["optimizer/vars/0"] = 1.0
    return path


def test_weights_become_a_run_and_what_they_are_taken_as_is_told_in_one_line(
    galaxy: Galaxy, weights: Path
) -> None:
    result = galaxy("runs", "import", weights, "--name", "theirs")
    assert result.exit_code == 0, result.stderr
    run = find_run("theirs")
    assert result.stdout == f"theirs is in {run.path}\n"
    taken, left_out = result.stderr.splitlines()
    assert "weights of Keras 3 of DenseNet-121, values 0 to 255 standardised with ImageNet's mean" in taken
    assert "(as its ImageNet weights), outputs in the order of Galaxy10, a view of 256 px" in taken
    assert "--backbone, --scaling, --classes, --crop" in taken
    assert left_out.endswith("only training needs it: the optimizer (1 tensors)")
    assert run.is_whole
    assert (run.config.policy, run.config.imagenet_percent) == ("transfer_frozen", 20)
    again = galaxy("runs", "import", weights, "--name", "theirs")
    assert (again.exit_code, "a run named theirs exists" in again.stderr) == (2, True)


def test_options_say_otherwise(galaxy: Galaxy, weights: Path) -> None:
    classes = ",".join(reversed(GALAXY10))
    words = (
        "--classes",
        classes,
        "--crop",
        "96",
        "--image-size",
        "128",
        "--policy",
        "scratch",
        "--percent",
        "0",
    )
    result = galaxy("runs", "import", weights, "--name", "theirs", *words)
    assert result.exit_code == 0, result.stderr
    run = find_run("theirs")
    assert run.tensors()["predictions/bias"].tolist() == list(range(9, -1, -1))
    assert (run.config.crop, run.config.image_size, run.config.policy) == (96, 128, "scratch")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--scaling", "caffe"), "the scaling must be one of imagenet, 0-255"),
        (("--classes", "Spiral,Smooth"), "tells 10 classes apart, and 2 are named"),
        (("--classes", ",".join(["Spiral", *GALAXY10[1:]])), "'Spiral' is none"),
        (("--backbone", "vgg16"), "backbone must be one of"),
        (("--percent", "120"), "must lie in 0..100"),
        (("--policy", "magic"), "policy must be one of"),
    ],
)
def test_a_mistake_is_one_sentence_and_makes_no_run(
    galaxy: Galaxy, weights: Path, words: tuple[str, ...], sentence: str
) -> None:
    result = galaxy("runs", "import", weights, "--name", "theirs", *words)
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
    assert sentence in result.stderr
    assert list_runs() == []


def test_what_is_no_weights_file_is_refused_by_its_name(galaxy: Galaxy, tmp_path: Path) -> None:
    zipped, large = tmp_path / "theirs.keras", tmp_path / "large.weights.h5"
    zipped.write_bytes(b"PK\3\4 and so on")
    with large.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    for path, words in (
        (zipped, "theirs.keras"),
        (large, "at most"),
        (tmp_path / "gone", "no file"),
    ):
        result = galaxy("runs", "import", path, "--name", "theirs")
        assert result.exit_code == 2
        assert path.name in result.stderr
        assert words in result.stderr
    assert list_runs() == []
