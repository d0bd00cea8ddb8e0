"""Weights of strangers as run folders: whole or not there, with a card that says where they are from."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from foreign_files import lively, of_torch, places, write_keras_2, write_layers, write_safetensors

from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.errors import BadFileError, BadValueError
from galaxy_core.networks.registry import get_backbone
from galaxy_core.networks.scaling import SCALINGS
from galaxy_core.results.table import table_rows
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.pack import pack_run
from galaxy_core.runs.run import find_run, list_runs
from galaxy_core.serving.lineup import Lineup
from galaxy_core.transfer.source import load_source
from galaxy_core.transfer.weights.imported import import_classifier, import_source, order_of
from galaxy_core.transfer.weights.receive import receive_run

TENSORS = lively()
CONFIG = TrainConfig("/elsewhere/galaxies.h5", "transfer_frozen", 0.8, "imagenet", image_size=64)
THREE = ("spiral", "elliptical", "merger")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of torchvision's."""
    return write_safetensors(tmp_path_factory.mktemp("theirs") / "theirs.safetensors", of_torch(TENSORS))


def test_a_source_is_whole_and_its_card_says_where_its_weights_came_from(
    theirs: Path, tmp_path: Path
) -> None:
    made = import_source(theirs, "mine", scaling="0-1")
    assert made.taken_as == "DenseNet of PyTorch (safetensors) of DenseNet-121, values divided by 255"
    run = find_run("mine")
    assert (run.is_source, run.is_whole, run.status().state) == (True, True, "done")
    card = run.card()
    assert card["loaded_from"] == {
        "file": "theirs.safetensors",
        "sha256": hashlib.sha256(theirs.read_bytes()).hexdigest(),
        "format": "DenseNet of PyTorch (safetensors)",
    }
    assert card["preprocessing"] == json.loads(json.dumps(SCALINGS["0-1"].told()))
    assert card["left_out"] == ["the linear layer 'classifier'", "counts of batches (121 tensors)"]
    source = load_source("mine", get_backbone("densenet121"))
    assert source is not None
    assert (source.backbone.preprocessing.name, source.sha256) == ("0-1", card["weights_sha256"])
    assert np.array_equal(source.tensors["bn/gamma"], TENSORS["bn/gamma"])
    packed = pack_run(run, tmp_path / "packed.zip")
    assert receive_run(packed, name="again").network.preprocessing.name == "0-1"


def test_a_classifier_is_whole_has_no_test_numbers_and_is_served_in_its_scaling(
    theirs: Path, tmp_path: Path
) -> None:
    run = import_classifier(theirs, "mine", CONFIG, scaling="-1-1").run
    (row,) = table_rows([run])
    assert (row.imagenet_percent, row.source, row.test_accuracy) == (20, "imagenet", None)
    assert (run.config.scaling, run.card()["preprocessing"]["name"], run.classes) == (
        "-1-1",
        "-1-1",
        GALAXY10,
    )
    images = np.random.default_rng(0).integers(0, 256, (2, 256, 256, 3), dtype=np.uint8)
    again = receive_run(pack_run(run, tmp_path / "packed.zip"), name="again")
    assert np.array_equal(*(Lineup([one]).predict(images)[one.name] for one in (run, again)))


def test_the_same_file_in_another_scaling_is_another_network_by_its_hash(theirs: Path) -> None:
    marks = {
        scaling: import_source(theirs, f"as{scaling}", scaling=scaling).run.card() for scaling in SCALINGS
    }
    assert len({card["weights_sha256"] for card in marks.values()}) == len(SCALINGS)
    assert len({card["loaded_from"]["sha256"] for card in marks.values()}) == 1


def test_a_card_whose_scaling_is_not_what_its_name_says_is_refused(theirs: Path, tmp_path: Path) -> None:
    run = import_classifier(theirs, "mine", CONFIG, scaling="0-1").run
    card = run.card()
    for wrong, words in (
        ({"name": "0-1", "factor": [1.0] * 3, "term": [0.0] * 3}, "has other numbers"),
        ({"name": "-1-1"}, r"the scaling is 0-1, its card says '-1-1'"),
        ({"name": "caffe"}, "scaling must be one of"),
    ):
        (run.path / "card.json").write_text(json.dumps({**card, "preprocessing": wrong}))
        with pytest.raises(BadFileError, match=words):
            receive_run(pack_run(run, tmp_path / "packed.zip", overwrite=True), name="again")


def test_a_refused_file_and_a_taken_or_reserved_name_leave_no_run(theirs: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.h5").write_bytes(b"nothing")
    for load in (import_source, lambda path, name: import_classifier(path, name, CONFIG)):
        with pytest.raises(BadFileError):
            load(tmp_path / "bad.h5", "mine")
        with pytest.raises(BadValueError, match="run name"):
            load(theirs, "../mine")
    for name in ("imagenet", "auto", "none"):
        with pytest.raises(BadValueError, match="means something else as a source"):
            import_source(theirs, name)
    assert list_runs() == []
    import_source(theirs, "mine")
    with pytest.raises(BadValueError, match="a run named mine exists"):
        import_classifier(theirs, "mine", CONFIG)
    assert [path.name for path in runs_folder().iterdir()] == ["mine"]


def test_outputs_in_another_order_of_classes_are_put_in_ours(tmp_path: Path) -> None:
    file = write_layers(tmp_path / "mine.weights.h5", TENSORS, places())
    order = [3, 0, 9, 1, 2, 8, 4, 5, 7, 6]
    names = ",".join(GALAXY10[i].upper() for i in order)
    found = import_classifier(file, "mine", CONFIG, classes=names).run.tensors()
    for tensor in ("predictions/kernel", "predictions/bias"):
        assert np.array_equal(found[tensor][..., order], TENSORS[tensor])


@pytest.mark.parametrize(
    ("n", "told", "of_data", "classes", "order"),
    [
        (10, None, None, GALAXY10, list(range(10))),
        (10, "galaxy10-sorted", None, GALAXY10, [2, 6, 7, 5, 1, 0, 9, 8, 4, 3]),
        (3, "spiral, elliptical,merger", None, Classes(THREE), [0, 1, 2]),
        (3, None, Classes(THREE), Classes(THREE), [0, 1, 2]),
        (3, "Merger,Spiral,Elliptical", Classes(THREE), Classes(THREE), [1, 2, 0]),
    ],
)
def test_classes_are_those_told_or_those_of_the_galaxies_or_galaxy10s(
    n, told, of_data, classes, order
) -> None:
    found, places_of = order_of(n, told, of_data)
    assert found == classes
    assert places_of == order


@pytest.mark.parametrize(
    ("n", "told", "of_data", "words"),
    [
        (
            3,
            None,
            None,
            r"tells 3 classes apart and does not name them, and Galaxy10 has 10; .*--classes A,B,C",
        ),
        (1000, None, Classes(THREE), "the galaxies have 3; name them"),
        (3, "a,b", None, "tells 3 classes apart, and 2 are named"),
        (3, "spiral,merger,star", Classes(THREE), "'star' is none"),
        (10, ",".join(["Spiral", *GALAXY10[1:]]), None, "'Spiral' is none"),
        (2, "a,a", None, "'a' twice"),
        (1, "a", None, "has one output, and a network here has one for each class"),
    ],
)
def test_classes_that_are_not_told_well_are_refused_with_the_way_out(n, told, of_data, words) -> None:
    with pytest.raises(BadValueError, match=words):
        order_of(n, told, of_data)


def test_a_model_that_scales_images_in_an_unknown_way_needs_to_be_told(tmp_path: Path) -> None:
    import h5py

    file = write_keras_2(tmp_path / "mine.h5", TENSORS)
    layer = {"class_name": "Rescaling", "config": {"scale": 0.3, "offset": 1}}
    with h5py.File(file, "a") as opened:
        opened.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"layers": [layer]}})
    with pytest.raises(BadFileError, match="scales images in a layer of its own that is none of imagenet"):
        import_source(file, "mine")
    assert import_source(file, "mine", scaling="0-255").run.network.preprocessing.name == "0-255"
