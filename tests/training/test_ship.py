"""A shipped run is the run it came from: half the size, its numbers its own, and no path of this machine in it."""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from galaxy_core.data.galaxy10 import Galaxies, open_galaxies
from galaxy_core.data.split import split_galaxies
from galaxy_core.errors import BadFileError, BadValueError, MissingError
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.prediction.calibrate import CALIBRATION
from galaxy_core.prediction.evaluate import evaluate_run
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.pack import pack_run
from galaxy_core.runs.pretrain_config import PretrainConfig
from galaxy_core.runs.run import Run
from galaxy_core.runs.status import Status, write_status
from galaxy_core.training.models_readme import write_readme
from galaxy_core.training.ship import ship_classifier, ship_fold, ship_source
from galaxy_core.transfer.weights.receive import receive_run

DENSENET = get_backbone("densenet121")


@pytest.fixture(scope="module")
def tensors() -> dict[str, np.ndarray]:
    return initial_tensors(DENSENET, 10, "scratch", 0.0, 3, None)


@pytest.fixture
def galaxies(coloured_galaxies: Path) -> Galaxies:
    return open_galaxies(coloured_galaxies)


@pytest.fixture
def run(own_folders: Path, galaxies: Galaxies, tensors: dict[str, np.ndarray]) -> Run:
    """A finished classifier that was never trained."""
    path = _folder(own_folders / "runs" / "mine")
    config = TrainConfig(str(galaxies.path), trainable=0.8, crop=64, image_size=32)
    split = split_galaxies(galaxies.labels, galaxies.ra, galaxies.dec, seed=0, validation=0.2, test=0.2)
    data = {"file": galaxies.path.name, "sha256": galaxies.sha256, "origin": "imported", "n_train": 48}
    card = {"kind": "classifier", "policy": config.policy, "cut": config.cut, "source": {"name": "s"}}
    card |= {"data": data, "split_hash": split.hash, "seconds": 60.0, "weights_sha256": "old"}
    both = {"keras": {"accuracy": 0.1}, "re-estimated": {"accuracy": 0.2}}
    write_tensors(path / "weights.safetensors", tensors)
    _write(path, config=config.to_json(), card=card, split=split.to_json(), metrics={"batch_norm": both})
    return Run(path)


@pytest.fixture
def source(own_folders: Path, tensors: dict[str, np.ndarray]) -> Run:
    path = _folder(own_folders / "runs" / "photographs")
    measured = {"n": 100, "accuracy": 0.4, "accuracy_low": 0.3, "accuracy_high": 0.5}
    card = {"kind": "source", "classes": ["a", "b"], "images_seen": 5000, "passes": 2.0, "image_size": 64}
    card |= {
        "held_out": measured,
        "seconds": 3600.0,
        "environment": {"device": "processor"},
        "terms": "research and education",
    }
    write_tensors(path / "weights.safetensors", tensors)
    _write(path, config=PretrainConfig(str(own_folders / "pictures")).to_json(), card=card)
    return Run(path)


def _folder(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / "history.jsonl").write_text('{"epoch": 1, "loss": 1.0, "accuracy": 0.5}\n')
    write_status(path, Status("done", "trained", 4321))
    return path


def _write(path: Path, **files: dict[str, Any]) -> None:
    for name, values in files.items():
        (path / f"{name}.json").write_text(json.dumps(values))


def test_its_kernels_are_halves_and_nothing_else_is(run: Run, galaxies: Galaxies, tmp_path: Path) -> None:
    stored = load_file(ship_classifier(run, galaxies, _models(tmp_path)).path / "weights.safetensors")
    kinds = {name: value.dtype for name, value in stored.items()}
    assert {kinds[name] for name, value in stored.items() if value.ndim == 4} == {np.dtype("f2")}
    assert {kinds[name] for name, value in stored.items() if value.ndim != 4} == {np.dtype("f4")}


def test_what_is_its_source_s_bit_for_bit_is_named_and_not_held_until_it_is_packed(
    run: Run,
    source: Run,
    galaxies: Galaxies,
    tensors: dict[str, np.ndarray],
    own_folders: Path,
    tmp_path: Path,
) -> None:
    models = own_folders / "models"
    models.mkdir()
    ship_source(source, models)
    # a frozen layer whose statistics were estimated anew is not its source's, nor is a head
    trained = {
        name: tensors[name] * np.float32(1.5) for name in ("conv1_bn/moving_mean", "conv1_conv/kernel")
    }
    trained["conv1_bn/moving_mean"] += 1
    write_tensors(run.path / "weights.safetensors", {**tensors, **trained})
    _write(run.path, card={**run.card(), "source": {"name": "photographs"}})
    shipped = ship_classifier(run, galaxies, models)
    held = load_file(shipped.path / "weights.safetensors")
    assert held.keys() == {*trained, "predictions/kernel", "predictions/bias"}
    assert shipped.card()["borrowed"]["n_tensors"] == len(tensors) - len(held)
    assert shipped.card()["licence"] == "as of its source photographs: research and education"
    assert all(
        np.array_equal(value, tensors[name]) for name, value in shipped.tensors().items() if name not in held
    )

    packed = pack_run(shipped, tmp_path / "mine.zip")
    with zipfile.ZipFile(packed) as archive:
        notice = archive.read("NOTICE.txt").decode()
    assert "those of photographs" in notice
    assert "research and education" in notice
    shutil.rmtree(models / "photographs")
    with pytest.raises(MissingError, match="no source photographs in"):
        Run(models / "mine").tensors()
    back = receive_run(packed, name="back").tensors()
    assert back.keys() == tensors.keys()
    assert all(np.array_equal(back[name], value) for name, value in held.items())


def test_a_run_that_lacks_its_source_is_not_taken_as_a_packed_one(
    run: Run, source: Run, galaxies: Galaxies, own_folders: Path, tmp_path: Path
) -> None:
    models = own_folders / "models"
    models.mkdir()
    ship_source(source, models)
    _write(run.path, card={**run.card(), "source": {"name": "photographs"}})
    shipped = ship_classifier(run, galaxies, models)
    with zipfile.ZipFile(tmp_path / "bare.zip", "w") as archive:
        for name in ("card.json", "config.json", "weights.safetensors"):
            archive.write(shipped.path / name, name)
    with pytest.raises(BadFileError, match="took tensors over from photographs and does not hold them"):
        receive_run(tmp_path / "bare.zip", name="bare")


def test_its_numbers_are_those_of_the_weights_beside_them(
    run: Run, galaxies: Galaxies, tmp_path: Path
) -> None:
    shipped = ship_classifier(run, galaxies, _models(tmp_path))
    again = evaluate_run(shipped, galaxies)
    assert again["part"] == "test"
    assert shipped.metrics()["loss"] == pytest.approx(again["loss"], rel=1e-6)
    assert shipped.metrics()["batch_norm"] == run.metrics()["batch_norm"]
    assert shipped.card()["weights_sha256"] != "old"
    calibration = json.loads((shipped.path / CALIBRATION).read_text())
    assert calibration["run"] == "mine"
    assert calibration["n_test"] == len(shipped.split().test)


def test_no_path_of_this_machine_goes_with_it(
    run: Run, source: Run, galaxies: Galaxies, tmp_path: Path
) -> None:
    models = _models(tmp_path)
    for shipped in (ship_classifier(run, galaxies, models), ship_source(source, models)):
        for file in shipped.path.glob("*.json*"):
            assert str(tmp_path.parent) not in file.read_text(), file
        assert shipped.status().pid is None
    assert Run(models / "mine").config.data == galaxies.path.name


def test_of_a_fold_the_answers_ship_and_not_the_weights(run: Run, galaxies: Galaxies, tmp_path: Path) -> None:
    for name in ("history.jsonl", "predictions.csv"):
        (run.path / name).write_text(f"{name}\n")
    for _ in range(2):  # a second time nothing is changed
        shipped = ship_fold(run, tmp_path / "folds")
        assert (shipped.is_finished, shipped.is_whole) == (True, False)
        assert shipped.config.data == galaxies.path.name
        assert shipped.split().hash == run.split().hash
        same = ("card.json", "metrics.json", "predictions.csv", "history.jsonl")
        assert all((shipped.path / name).read_bytes() == (run.path / name).read_bytes() for name in same)
        (run.path / "history.jsonl").write_text("history.jsonl\n")
    write_status(run.path, Status("stopped", "stopped after 1 epoch"))
    with pytest.raises(BadValueError, match="mine is not finished"):
        ship_fold(run, tmp_path / "others")


def test_an_unfinished_run_and_other_galaxies_are_refused(
    run: Run, galaxies: Galaxies, tmp_path: Path
) -> None:
    models = _models(tmp_path)
    write_status(run.path, Status("stopped", "stopped after 1 epoch"))
    with pytest.raises(BadValueError, match="mine is not finished"):
        ship_classifier(run, galaxies, models)
    write_status(run.path, Status("done", "trained"))
    _write(run.path, card={**run.card(), "data": {"sha256": "ab" * 32}})
    with pytest.raises(BadValueError, match="another file"):
        ship_classifier(run, galaxies, models)
    assert list(models.iterdir()) == []


def test_the_table_has_a_line_for_each_and_says_what_they_are_not_for(
    run: Run, source: Run, galaxies: Galaxies, tmp_path: Path
) -> None:
    models = _models(tmp_path)
    ship_classifier(run, galaxies, models)
    ship_source(source, models)
    text = write_readme(models).read_text()
    assert "| photographs | 2 | 5,000 (2 passes) | 64 px | 40.0 % (30.0 %–50.0 %, 100 photographs) |" in text
    (line,) = [line for line in text.splitlines() if line.startswith("| mine |")]
    assert "48 real" in line
    assert f"{run.config.crop} px, {DENSENET.map_cells(run.config.image_size)} ×" in line
    assert "20 galaxies" in line
    assert "must not be used for" in text
    assert "Legacy Imaging Surveys" in text


def _models(tmp_path: Path) -> Path:
    folder = tmp_path / "shipped"
    folder.mkdir()
    return folder


def test_a_run_that_began_with_another_classifier_says_what_that_one_learned_from(
    run: Run, galaxies: Galaxies, own_folders: Path, tmp_path: Path
) -> None:
    earlier = own_folders / "runs" / "s"
    shutil.copytree(run.path, earlier)
    card = {**run.card(), "name": "s", "epochs": 10, "source": {"name": "photographs"}}
    _write(earlier, card={**card, "data": {**card["data"], "n_train_mock": 2000}})
    models = _models(tmp_path)
    shipped = ship_classifier(run, galaxies, models).card()
    (stage,) = shipped["before"]
    assert (stage["name"], stage["source"], stage["epochs"]) == ("s", "photographs", 10)
    assert shipped["data"]["n_train_mock"] == 2000
    text = write_readme(models).read_text()
    assert "48 real and 2,000 mock" in text
    assert "photographs, in 2 stages" in text
