"""One training, for real: a tiny network at 32 px on discs whose class is their colour."""

import errno
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from small_trainings import make_source
from small_trainings import small as shown_whole

from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.errors import BadValueError, DiskFullError, StoppedError
from galaxy_core.metrics.measure import measure
from galaxy_core.prediction.evaluate import served_probabilities
from galaxy_core.runs.checkpoint import read_tensors, write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.run import Run, create_run
from galaxy_core.runs.status import request_stop
from galaxy_core.serving.lineup import Lineup
from galaxy_core.training.material import prepare
from galaxy_core.training.networks import Networks
from galaxy_core.training.progress import Progress
from galaxy_core.training.state import NOTE
from galaxy_core.training.train import train_run

pytestmark = pytest.mark.usefixtures("tiny_backbone")


STATE = "resume/state.safetensors"


def small(data: Path, **changes: object) -> TrainConfig:
    """So that the head of a tiny network learns something within three epochs."""
    return shown_whole(data, **{"crop": 64, "learning_rate": 0.1, **changes})


@pytest.fixture(scope="module")
def networks(tiny_backbone: None) -> Networks:
    """One compiled linear probe for the tests of this file."""
    return Networks()


@pytest.fixture(scope="module")
def undisturbed(
    coloured_galaxies: Path, networks: Networks, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Run, list[Progress]]:
    """A run that was trained once for the tests that only look at it, and the progress that was told."""
    folder, seen = tmp_path_factory.mktemp("undisturbed"), []
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("GALAXY_RUNS", "GALAXY_CACHE"):
            patch.setenv(variable, str(folder / variable))
        patch.setattr(tempfile, "tempdir", str(folder))  # where trainings queue up
        run = create_run("undisturbed", small(coloured_galaxies))
        train_run(run, progress=seen.append, networks=networks)
    return run, seen


def test_a_training_leaves_a_whole_run_folder(undisturbed: tuple[Run, list[Progress]]) -> None:
    run, seen = undisturbed
    assert run.status().state == "done"
    assert [row["epoch"] for row in run.history()] == [1, 2, 3]
    assert not (run.path / "resume").exists()
    said = [line[20:] for line in (run.path / "log.txt").read_text().splitlines()]
    assert said[:2] == ["reading the galaxies", "compiling the network"]
    assert [line.partition(":")[0] for line in said[2:5]] == [f"epoch {n} of 3" for n in (1, 2, 3)]
    assert said[5:] == ["testing", "trained for 3 epochs"]
    assert seen[-1].epoch == 3
    assert seen[-1].batch == seen[-1].n_batches
    card, predictions, split = run.card(), run.predictions(), run.split()
    assert (card["policy"], card["cut"], card["source"]) == ("random_frozen", 1.0, None)
    assert card["split_hash"] == split.hash
    assert card["data"]["n_train"] == len(split.train)
    assert {part: sum(n.values()) for part, n in card["data"]["pixel_scales_arcsec"].items()} == {
        part: len(getattr(split, part)) for part in ("train", "validation", "test")
    }
    np.testing.assert_array_equal(predictions.index, split.test)
    measured = measure(predictions.labels, predictions.probabilities)
    stored = run.metrics()
    assert measured["accuracy"] == stored["accuracy"]
    assert measured["loss"] == pytest.approx(stored["loss"], rel=1e-6)
    assert set(stored["batch_norm"]) == {"keras", "re-estimated"}
    # ten colours, two test galaxies each: far from the one in ten of guessing
    assert stored["accuracy"] > 0.4


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(
    coloured_galaxies: Path, networks: Networks, undisturbed: tuple[Run, list[Progress]]
) -> None:
    others = [create_run(name, small(coloured_galaxies, seed=seed)) for name, seed in [("b", 1), ("c", 0)]]
    for run in others:
        train_run(run, networks=networks)
    a, b, c = (run.card()["weights_sha256"] for run in (undisturbed[0], *others))
    assert a == c
    assert a != b


def test_a_source_that_changed_under_its_name_is_refused_where_a_training_goes_on(
    coloured_galaxies: Path, networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_source(7)
    settings = {"policy": "transfer_frozen", "source": "auto"}
    monkeypatch.setattr("galaxy_core.transfer.source._fetch_imagenet", lambda _: "offline")
    monkeypatch.setattr("galaxy_core.transfer.source.shipped_source", lambda _: source)
    run = create_run("t", small(coloured_galaxies, **settings))

    def stop_in_the_second_epoch(progress: Progress) -> None:
        # the last batch of an epoch is always told; the one after it sees the request
        if progress.epoch == 1 and progress.batch == progress.n_batches:
            request_stop(run.path)

    with pytest.raises(StoppedError):
        train_run(run, progress=stop_in_the_second_epoch, networks=networks)
    assert "source: source-7, shipped with the project" in (run.path / "log.txt").read_text()
    card = source.path / "card.json"
    before = card.read_text()
    card.write_text(before.replace("abc", "def"))
    with pytest.raises(BadValueError, match="source-7 no longer holds the weights that run t began with"):
        train_run(run, networks=networks)
    assert len(run.history()) == 1
    card.write_text(before)
    train_run(run, networks=networks)
    assert run.card()["source"]["sha256"] == "abc"


def test_a_stop_keeps_the_epochs_done_and_the_run_carries_on_to_the_same_end(
    coloured_galaxies: Path, networks: Networks, undisturbed: tuple[Run, list[Progress]]
) -> None:
    whole, _ = undisturbed
    run = create_run("stopped", small(coloured_galaxies))

    def stop_in_the_second_epoch(progress: Progress) -> None:
        # the last batch of an epoch is always told; the one after it sees the request
        if progress.epoch == 1 and progress.batch == progress.n_batches:
            request_stop(run.path)

    with pytest.raises(StoppedError, match="after 1 of 3 epochs"):
        train_run(run, progress=stop_in_the_second_epoch, networks=networks)
    assert run.status().state == "stopped"
    assert "galaxy train --run stopped" in run.status().sentence
    assert not run.is_whole
    train_run(run, networks=networks)
    assert run.card()["weights_sha256"] == whole.card()["weights_sha256"]
    assert [row["loss"] for row in run.history()] == [row["loss"] for row in whole.history()]


def test_a_full_disk_is_named_and_the_last_state_is_kept(
    coloured_galaxies: Path, networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = create_run("full", small(coloured_galaxies))
    fill_disk_at_the_first_state(run, networks, monkeypatch)
    assert not list(run.path.rglob("*.tmp"))
    train_run(run, networks=networks)
    assert [row["epoch"] for row in run.history()] == [1, 2, 3]


def fill_disk_at_the_first_state(run: Run, networks: Networks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Train until there is a state, and no room for the line of history that it holds."""
    flush = os.fsync

    def no_room_once_a_state_is_there(descriptor: int) -> None:
        if (run.path / STATE).exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        flush(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_room_once_a_state_is_there)
        with pytest.raises(DiskFullError, match="no room left"):
            train_run(run, networks=networks)


def test_a_state_that_the_first_version_kept_is_carried_on_with(
    coloured_galaxies: Path,
    networks: Networks,
    undisturbed: tuple[Run, list[Progress]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = create_run("old", small(coloured_galaxies))
    fill_disk_at_the_first_state(run, networks, monkeypatch)
    state = read_tensors(run.path / STATE)
    (line,) = json.loads(state.pop(NOTE).tobytes())["history"]
    del line["step"]
    state["resume/line"] = np.frombuffer(json.dumps(line).encode(), np.uint8)
    write_tensors(run.path / STATE, {**state, "resume/epoch": np.array([1])})
    train_run(run, networks=networks)
    assert run.card()["weights_sha256"] == undisturbed[0].card()["weights_sha256"]
    assert [row["loss"] for row in run.history()] == [row["loss"] for row in undisturbed[0].history()]


def test_data_that_changed_under_a_run_are_refused(coloured_galaxies: Path, tmp_path: Path) -> None:
    import h5py

    data = tmp_path / "mine.h5"
    data.write_bytes(coloured_galaxies.read_bytes())
    run = create_run("one", small(data))
    prepare(run)
    with h5py.File(data, "a") as file:
        file["ra"][0] = 11.0
    with pytest.raises(BadValueError, match="no longer the file"):
        prepare(run)


def test_an_epoch_that_diverged_leaves_a_line_without_numbers(
    coloured_galaxies: Path, networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("galaxy_core.training.train.cross_entropy", lambda *_: float("nan"))
    run = create_run("diverged", small(coloured_galaxies))
    train_run(run, networks=networks)
    lines = (run.path / "history.jsonl").read_text()
    assert "NaN" not in lines
    assert [json.loads(line)["val_loss"] for line in lines.splitlines()] == [None] * 3
    assert "validation loss –" in (run.path / "log.txt").read_text()


def test_a_failed_training_says_why_in_its_status() -> None:
    run = create_run("one", small(Path("nowhere.h5")))
    with pytest.raises(FileNotFoundError):
        train_run(run)
    assert run.status().state == "failed"
    assert "nowhere.h5" in run.status().sentence


TRAINED_ELSEWHERE = """
import sys
sys.path.insert(0, sys.argv[1])
from tiny_backbone import use_tiny_backbone
from galaxy_core.runs.run import find_run
from galaxy_core.training.state import NOTE
from galaxy_core.training.train import train_run
use_tiny_backbone()
train_run(find_run("one"))
"""


def test_a_run_trained_with_jax_opens_and_carries_on_elsewhere(
    coloured_galaxies: Path, undisturbed: tuple[Run, list[Progress]]
) -> None:
    pytest.importorskip("jax", reason="jax is not installed")
    run = create_run("one", small(coloured_galaxies))
    command = [sys.executable, "-c", TRAINED_ELSEWHERE, str(Path(__file__).parents[1] / "made")]
    # as quickly compiled as can be: what it computes is the same
    jax = {"KERAS_BACKEND": "jax", "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
    subprocess.run(command, check=True, env={**os.environ, **jax, "GALAXY_RUNS": str(runs_folder())})
    assert run.card()["environment"]["engine"] == "jax"
    ours, theirs = undisturbed[0].predictions().probabilities, run.predictions().probabilities
    np.testing.assert_allclose(ours, theirs, atol=2e-3)


def test_features_that_are_computed_once_change_nothing_but_the_rounding(
    coloured_galaxies: Path, networks: Networks
) -> None:
    kept, recomputed = (
        create_run(name, small(coloured_galaxies, n_views=2, reuse_prefix=reuse))
        for name, reuse in (("kept", True), ("recomputed", False))
    )
    train_run(recomputed, networks=networks)
    train_run(kept)
    ours, theirs = kept.predictions().probabilities, recomputed.predictions().probabilities
    np.testing.assert_allclose(ours, theirs, atol=5e-3)
    # the features are rounded, what is tested and served is not
    images = open_galaxies(coloured_galaxies).images
    served = served_probabilities(Lineup([kept]), kept.name, images, kept.predictions().index)
    np.testing.assert_allclose(ours, served, atol=1e-6)
