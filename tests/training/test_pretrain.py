"""A source trained for real: a tiny network at 32 px on discs whose class is their colour."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from tiny_backbone import N_FEATURES

from galaxy_core.errors import BadFileError, BadValueError, StoppedError
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import DEFAULT_BACKBONE, get_backbone
from galaxy_core.runs.checkpoint import read_tensors, write_tensors
from galaxy_core.runs.pack import pack_run
from galaxy_core.runs.run import Run, find_run
from galaxy_core.runs.status import request_stop
from galaxy_core.serving.lineup import Lineup
from galaxy_core.training.networks import Networks
from galaxy_core.training.progress import Progress
from galaxy_core.training.source import SourceTask, plan_source
from galaxy_core.training.state import NOTE, write_history
from galaxy_core.training.train import train_run
from galaxy_core.transfer.source import load_source
from galaxy_core.transfer.weights.receive import receive_run

pytestmark = pytest.mark.usefixtures("tiny_backbone")

COLOURS = {"blue": (30, 60, 220), "green": (40, 200, 60), "red": (220, 50, 40)}
N_EACH = 20
SMALL = {"image_size": 32, "batch_size": 8, "epochs": 3.0, "learning_rate": 0.1, "held_out": 0.2}


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three folders of discs on grey, each class a colour."""
    folder = tmp_path_factory.mktemp("photographs")
    rng = np.random.default_rng(0)
    y, x = np.mgrid[-20:20, -20:20]
    for name, colour in COLOURS.items():
        (folder / name).mkdir()
        for i in range(N_EACH):
            image = rng.integers(90, 130, (40, 40, 3), dtype=np.uint8)
            image[x**2 + y**2 < rng.integers(8, 18) ** 2] = colour[::-1]  # OpenCV writes blue first
            cv2.imwrite(str(folder / name / f"{i:02d}.png"), image)
    return folder


def stop_after(run: Run, n_batches: int):
    """A watcher that asks the run to stop once so many batches were seen."""
    seen = 0

    def watcher(progress: Progress) -> None:
        nonlocal seen
        seen += 1
        if seen == n_batches:
            request_stop(run.path)

    return watcher


@pytest.fixture(autouse=True)
def every_batch_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("galaxy_core.training.progress.SECONDS_BETWEEN_BEATS", 0.0)


@pytest.fixture(scope="module")
def networks(tiny_backbone: None) -> Networks:
    """One compiled network for the tests of this file."""
    return Networks()


@pytest.fixture(scope="module")
def trained(photographs: Path, networks: Networks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs with `colours`, trained undisturbed, and what was kept of it half-way."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GALAXY_RUNS", str(folder))
        patch.setattr(tempfile, "tempdir", str(folder))  # where trainings queue up
        train_run(plan_source(str(photographs), "colours", keep_at=(0.5,), **SMALL), networks=networks)
    return folder


def same_source(run: Run, other: Run) -> None:
    """Weights to the last bit; the card but for names, times and the path of the photographs."""
    tensors, others = run.tensors(), other.tensors()
    assert list(tensors) == list(others)
    for name, value in tensors.items():
        np.testing.assert_array_equal(value, others[name], err_msg=name)
    assert run.card()["held_out"] == other.card()["held_out"]
    lines = [
        [{k: v for k, v in row.items() if k != "seconds"} for row in one.history()] for one in (run, other)
    ]
    assert lines[0] == lines[1]


def test_a_training_leaves_a_source_that_says_what_it_saw(
    trained: Path, photographs: Path, networks: Networks
) -> None:
    run = Run(trained / "colours")
    card, held_out = run.card(), run.card()["held_out"]
    assert (run.status().state, run.is_source, card["kind"]) == ("done", True, "source")
    assert card["classes"] == ["blue", "green", "red"]
    assert (card["images_seen"], card["passes"], held_out["n"]) == (3 * 48, 3.0, 12)
    assert held_out["accuracy"] >= 7 / 12  # 4 / 12 by chance
    assert held_out["accuracy_low"] < held_out["accuracy"] <= held_out["accuracy_high"]
    assert [row["epoch"] for row in run.history()] == [1, 2, 3]
    assert not (run.path / "resume").exists()
    said = (run.path / "log.txt").read_text()
    assert "listing the photographs\n" in said
    assert [f"pass {number} of 3: loss " in said for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert said.endswith(" trained for 3 passes\n")


def test_the_card_tells_how_the_stored_weights_do(
    trained: Path, photographs: Path, networks: Networks
) -> None:
    for name in ("colours", "colours-050"):
        run = Run(trained / name)
        task = SourceTask(run.pretrain_config)
        network = task.network(networks)
        network.load(run.tensors())
        assert task.measure(network) == run.card()["held_out"]


def test_a_source_is_stored_at_half_size_but_for_batch_normalisation_and_head(trained: Path) -> None:
    from safetensors.numpy import load_file

    stored = load_file(trained / "colours" / "weights.safetensors")
    assert stored.keys() == get_backbone(DEFAULT_BACKBONE).tensor_shapes(3).keys()
    for name, value in stored.items():
        is_convolution = name in ("conv/kernel", "conv2/kernel")
        assert value.dtype == (np.float16 if is_convolution else np.float32), name


def test_a_source_is_kept_on_the_way(trained: Path) -> None:
    run, half = Run(trained / "colours"), Run(trained / "colours-050")
    card = half.card()
    assert (card["name"], card["of"], card["share"]) == ("colours-050", "colours", 0.5)
    assert (card["images_seen"], half.status().state, half.is_source) == (72, "done", True)
    assert not np.array_equal(half.tensors()["bn/gamma"], run.tensors()["bn/gamma"])


def test_a_source_gives_a_classifier_its_backbone_and_not_its_head(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GALAXY_RUNS", str(trained))
    backbone = get_backbone(DEFAULT_BACKBONE)
    source = load_source("colours", backbone)
    assert source is not None
    tensors = initial_tensors(backbone, 10, "freeze_prefix", 1.0, 0, source.tensors)
    assert source.tensors["predictions/kernel"].shape == (N_FEATURES, 3)
    assert tensors["predictions/kernel"].shape == (N_FEATURES, 10)
    np.testing.assert_array_equal(tensors["conv/kernel"], source.tensors["conv/kernel"])
    with pytest.raises(BadValueError, match="no classifier of galaxies"):
        Lineup([find_run("colours")])


def test_a_source_is_packed_and_unpacked(trained: Path, tmp_path: Path) -> None:
    run = Run(trained / "colours")
    other = receive_run(pack_run(run, tmp_path / "colours.zip"))
    same_source(other, run)
    assert other.asked == run.asked


def test_a_stopped_training_carries_on_as_if_it_had_not_been(
    trained: Path, photographs: Path, networks: Networks
) -> None:
    run = plan_source(str(photographs), "colours", keep_at=(0.5,), **SMALL)
    for n_batches in (5, 9):
        with pytest.raises(StoppedError, match="carries on"):
            train_run(run, progress=stop_after(run, n_batches), networks=networks)
        assert run.status().state == "stopped"
        assert not run.is_whole
    train_run(plan_source(str(photographs), "colours", keep_at=(0.5,), **SMALL), networks=networks)
    same_source(run, Run(trained / "colours"))
    same_source(find_run("colours-050"), Run(trained / "colours-050"))


def test_a_state_that_the_first_version_kept_is_carried_on_with(
    trained: Path, photographs: Path, networks: Networks
) -> None:
    run = plan_source(str(photographs), "colours", keep_at=(0.5,), **SMALL)
    with pytest.raises(StoppedError):
        train_run(run, progress=stop_after(run, 8), networks=networks)
    path = run.path / "resume" / "state.safetensors"
    state = read_tensors(path)
    note = json.loads(state[NOTE].tobytes())
    old = {"tally": note["tally"], "data_sha256": note["began_with"]}
    write_tensors(path, {**state, NOTE: np.frombuffer(json.dumps(old).encode(), np.uint8)})
    ahead = {"epoch": 2, "step": 12, "images": 96, "loss": 0.5}  # written after the state
    write_history(run, [*run.history(), ahead])
    train_run(run, networks=networks)
    same_source(run, Run(trained / "colours"))


KILLED = """
import sys
sys.path.insert(0, sys.argv[1])
from tiny_backbone import use_tiny_backbone
from galaxy_core.runs.run import find_run
from galaxy_core.training import train
use_tiny_backbone()
train.SECONDS_BETWEEN_STATES = 0.0
train.train_run(find_run("colours"))
"""


LEFT_OVER = ".state.safetensors.0123456789ab.tmp"


def test_a_killed_training_carries_on_as_if_it_had_not_been_and_what_its_writers_left_is_gone(
    trained: Path, photographs: Path, networks: Networks
) -> None:
    run = plan_source(str(photographs), "colours", keep_at=(0.5,), **SMALL)
    with subprocess.Popen([sys.executable, "-c", KILLED, str(Path(__file__).parents[1] / "made")]) as child:
        while len(run.history()) < 1 and child.poll() is None:
            time.sleep(0.05)
        child.kill()
    assert run.status().state == "stopped"
    assert not run.is_whole
    for folder in (run.path, run.path / "resume"):
        (folder / LEFT_OVER).write_bytes(b"half a state")  # wherever in its writing it was killed
    train_run(run, networks=networks)
    assert run.status().state == "done"
    assert not (run.path / "resume").exists()
    assert not (run.path / LEFT_OVER).exists()
    (run.path / "resume").mkdir()  # as a kill between the last status and the end leaves it
    (run.path / "resume" / LEFT_OVER).write_bytes(b"half a state")
    train_run(run, networks=networks)
    assert not (run.path / "resume").exists()
    same_source(run, Run(trained / "colours"))


def test_other_photographs_than_it_began_with_are_refused(
    photographs: Path, networks: Networks, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(photographs, tmp_path / "copy"))
    run = plan_source(str(copy), "colours", **SMALL)
    with pytest.raises(StoppedError):
        train_run(run, progress=stop_after(run, 2), networks=networks)
    shutil.copy(copy / "red" / "00.png", copy / "red" / "new.png")
    with pytest.raises(BadValueError, match="no longer holds the photographs"):
        train_run(run, networks=networks)
    assert run.status().state == "failed"


def test_a_damaged_photograph_ends_the_training_with_its_name(
    photographs: Path, networks: Networks, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(photographs, tmp_path / "copy"))
    for file in (copy / "red").iterdir():
        file.write_bytes(file.read_bytes()[:100])
    run = plan_source(str(copy), "colours", **SMALL)
    with pytest.raises(BadFileError, match=r"red/\d\d\.png cannot be decoded"):
        train_run(run, networks=networks)
    assert run.status().state == "failed"
    assert "red/" in run.status().sentence


def test_a_name_that_is_taken_by_another_training_is_refused(photographs: Path) -> None:
    plan_source(str(photographs), "colours", **SMALL)
    with pytest.raises(BadValueError, match="was asked for something else"):
        plan_source(str(photographs), "colours", **{**SMALL, "seed": 1})
