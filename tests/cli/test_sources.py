"""`galaxy sources`, and networks of others from the shell: taken, told, started from, doubted, refused."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest
from brightness import write_galaxies, write_network
from typer.testing import Result

from galaxy_core.runs.run import find_run, list_runs
from galaxy_core.training.sweep import plan_sweep

Galaxy = Callable[..., Result]
pytestmark = pytest.mark.usefixtures("tiny_backbone")
SMALL = ("--epochs", 1, "--image-size", 32, "--batch-size", 8)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return write_network(tmp_path / "theirs.safetensors")


@pytest.fixture
def galaxies(tmp_path: Path) -> Path:
    return write_galaxies(tmp_path / "galaxies.h5")


def test_a_source_is_imported_listed_and_started_from_in_its_scaling(
    galaxy: Galaxy, weights: Path, galaxies: Path
) -> None:
    empty = galaxy("sources", "list", "--json").stdout
    taken = galaxy("sources", "import", weights, "--name", "theirs", "--scaling", "0-255")
    assert taken.exit_code == 0, taken.stderr
    assert "use it with `--source theirs --backbone densenet121`" in taken.stdout
    first, second = taken.stderr.splitlines()
    assert (
        "tensors named as ours (safetensors) of Tiny, values 0 to 255 as they are; --backbone and --scaling"
        in first
    )
    assert second.endswith("a source needs none of it: the dense layer of 2 outputs")
    listed = json.loads(galaxy("sources", "list", "--json").stdout)["sources"]
    (own,) = [one for one in listed if one not in json.loads(empty)["sources"]]
    assert own == {
        "name": "theirs",
        "backbone": "densenet121",
        "scaling": "0-255",
        "from": "theirs.safetensors, tensors named as ours (safetensors)",
    }
    assert re.search(r"^theirs +densenet121 +0-255 ", galaxy("sources", "list").stdout, re.MULTILINE)
    assert "(source)" in galaxy("runs", "list").stdout
    assert "loaded_from" in galaxy("runs", "show", "theirs").stdout
    trained = galaxy(
        "train", "--data", galaxies, "--source", "theirs", "--trainable", 0.5, "--name", "mine", *SMALL
    )
    assert trained.exit_code == 0, trained.stderr
    card = find_run("mine").card()
    assert (card["preprocessing"]["name"], card["source"]["name"]) == ("0-255", "theirs")


def test_every_row_of_a_sweep_is_shown_images_as_its_source_is(
    galaxy: Galaxy, weights: Path, galaxies: Path
) -> None:
    galaxy("sources", "import", weights, "--name", "theirs", "--scaling", "-1-1")
    runs = plan_sweep("first", data=str(galaxies), source="theirs", cuts=(0.0, 0.5))
    assert [run.config.scaling for run in runs] == ["-1-1", "-1-1"]
    assert plan_sweep("first", data=str(galaxies), cuts=(0.0, 0.5))[0].name == runs[0].name


def test_a_wrong_scaling_is_pointed_out_when_galaxies_are_at_hand_and_when_it_is_tested(
    galaxy: Galaxy, weights: Path, galaxies: Path
) -> None:
    words = ("runs", "import", weights, "--image-size", 32)
    told = galaxy(*words, "--name", "theirs", "--data", galaxies, "--scaling", "0-1")
    assert told.exit_code == 0, told.stderr
    assert "outputs in the order of the galaxies (dark, bright)" in told.stderr
    doubt = (
        "theirs: its answers are like guessing (20 of 40 of these galaxies right), and with the scaling 0-255"
    )
    assert doubt in told.stderr
    assert doubt in galaxy("evaluate", "theirs", "--data", galaxies).stderr
    right = galaxy(
        *words, "--name", "right", "--classes", "dark,bright", "--scaling", "0-255", "--data", galaxies
    )
    assert "guessing" not in right.stderr
    assert "accuracy 1.000" in galaxy("evaluate", "right", "--data", galaxies).stdout


def test_what_is_missing_or_wrong_is_one_sentence_and_leaves_no_run(
    galaxy: Galaxy, weights: Path, tmp_path: Path
) -> None:
    (tmp_path / "bad.pth").write_bytes(b"dear network")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["layers/conv2d/vars/0"] = [1.0]
    for words, sentence in (
        (("runs", "import", weights, "--name", "x"), "tells 2 classes apart and does not name them"),
        (("sources", "import", weights, "--name", "imagenet"), "imagenet means something else as a source"),
        (
            ("sources", "import", weights, "--name", "x", "--scaling", "caffe"),
            "scaling must be one of imagenet",
        ),
        (("sources", "import", weights, "--name", "x", "--backbone", "vgg16"), "backbone must be one of"),
        (("sources", "import", tmp_path / "bad.pth", "--name", "x"), "bad.pth is no whole weights file"),
        (("sources", "import", tmp_path / "gone.pth", "--name", "x"), "there is no file"),
        (
            ("sources", "import", tmp_path / "other.h5", "--name", "x"),
            "tensor conv/kernel of other.h5 has shape (1,)",
        ),
    ):
        result = galaxy(*words)
        assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
        assert sentence in result.stderr
    assert list_runs() == []
