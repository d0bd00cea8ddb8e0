"""One training, for real: DenseNet-121 at 32 px on discs whose class is their colour."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from galaxy_core.errors import BadValueError, DiskFullError, StoppedError
from galaxy_core.evaluation.measure import measure
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.run import Run, create_run
from galaxy_core.runs.status import Status, request_stop, write_status
from galaxy_core.training.features import clear_features, features_folder
from galaxy_core.training.material import prepare
from galaxy_core.training.networks import Networks
from galaxy_core.training.progress import Progress
from galaxy_core.training.train import train_run
from galaxy_core.transfer.policy import frozen_layers, initial_tensors

pytestmark = pytest.mark.slow


def small(data: Path, **changes: object) -> TrainConfig:
    values = {
        "data": str(data),
        "policy": "random_frozen",
        "trainable": 0.0,
        "source": "none",
        "epochs": 3,
        "learning_rate": 3e-3,
        "batch_size": 8,
        "image_size": 32,
        "crop": 128,
        "test": 0.25,
        "validation": 0.125,
        **changes,
    }
    return TrainConfig(**values)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def networks() -> Networks:
    """One compiled linear probe for the tests of this file."""
    return Networks()


def make_source(seed: int) -> Run:
    """A run that is a source: other random weights, with a whole checkpoint."""
    run = create_run(f"source-{seed}", TrainConfig(data="none.h5"))
    write_tensors(run.path / "weights.safetensors", initial_tensors("scratch", 0.0, seed, None))
    (run.path / "card.json").write_text(json.dumps({"kind": "source", "weights_sha256": "abc"}))
    write_status(run.path, Status("done", "made by hand"))
    return run


def test_a_training_leaves_a_whole_run_folder(coloured_galaxies: Path, networks: Networks) -> None:
    run = create_run("one", small(coloured_galaxies))
    seen: list[Progress] = []
    train_run(run, progress=seen.append, networks=networks)
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
    np.testing.assert_array_equal(predictions.index, split.test)
    measured = measure(predictions.labels, predictions.probabilities)
    stored = run.metrics()
    assert measured["accuracy"] == stored["accuracy"]
    assert measured["loss"] == pytest.approx(stored["loss"], rel=1e-6)
    assert set(stored["batch_norm"]) == {"keras", "re-estimated"}
    # ten colours, two test galaxies each: far from the one in ten of guessing
    assert stored["accuracy"] > 0.4


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(
    coloured_galaxies: Path, networks: Networks
) -> None:
    runs = [
        create_run(name, small(coloured_galaxies, seed=seed)) for name, seed in [("a", 0), ("b", 1), ("c", 0)]
    ]
    for run in runs:
        train_run(run, networks=networks)
    a, b, c = (run.card()["weights_sha256"] for run in runs)
    assert a == c
    assert a != b


def test_frozen_layers_are_their_sources_bits_and_the_others_are_not(coloured_galaxies: Path) -> None:
    source = make_source(7)
    run = create_run(
        "t", small(coloured_galaxies, policy="transfer_frozen", trainable=0.2, source="source-7", epochs=1)
    )
    train_run(run)
    before, after = source.tensors(), run.tensors()
    frozen = frozen_layers("transfer_frozen", 0.8)
    changed = {name.split("/")[0] for name in before if not np.array_equal(before[name], after[name])}
    assert not frozen & changed
    assert {name.split("/")[0] for name in before} - frozen <= changed
    assert run.card()["source"] == {"name": "source-7", "sha256": "abc"}


def test_a_source_that_changed_under_its_name_is_refused_where_a_training_goes_on(
    coloured_galaxies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_source(7)
    settings = {"policy": "transfer_frozen", "source": "auto", "n_views": 1, "epochs": 2}
    monkeypatch.setattr("galaxy_core.transfer.source._fetch_imagenet", lambda: "offline")
    monkeypatch.setattr("galaxy_core.transfer.source.shipped_source", lambda: source)
    run = create_run("t", small(coloured_galaxies, **settings))

    def stop_in_the_second_epoch(progress: Progress) -> None:
        # the last batch of an epoch is always told; the one after it sees the request
        if progress.epoch == 1 and progress.batch == progress.n_batches:
            request_stop(run.path)

    with pytest.raises(StoppedError):
        train_run(run, progress=stop_in_the_second_epoch)
    assert "source: source-7, shipped with the project" in (run.path / "log.txt").read_text()
    card = source.path / "card.json"
    before = card.read_text()
    card.write_text(before.replace("abc", "def"))
    with pytest.raises(BadValueError, match="source-7 no longer holds the weights that run t began with"):
        train_run(run)
    assert len(run.history()) == 1
    card.write_text(before)
    train_run(run)
    assert run.card()["source"]["sha256"] == "abc"


def test_a_stop_keeps_the_epochs_done_and_the_run_carries_on_to_the_same_end(
    coloured_galaxies: Path, networks: Networks
) -> None:
    undisturbed = create_run("undisturbed", small(coloured_galaxies))
    train_run(undisturbed, networks=networks)
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
    assert run.card()["weights_sha256"] == undisturbed.card()["weights_sha256"]
    assert [row["loss"] for row in run.history()] == [row["loss"] for row in undisturbed.history()]


def test_a_killed_training_that_is_carried_on_ends_in_the_same_bits(coloured_galaxies: Path) -> None:
    """With a layer and batch normalisation that train above kept features, in processes of their own."""
    config = small(coloured_galaxies, trainable=0.02, epochs=2, n_views=2)
    undisturbed, killed = create_run("undisturbed", config), create_run("killed", config)
    command = [sys.executable, "-m", "galaxy_core", "train", "--run"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([*command, "undisturbed"], check=True, **quiet)
    child = subprocess.Popen([*command, "killed"], **quiet)
    deadline = time.monotonic() + 240
    while not killed.history() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert len(killed.history()) == 1
    assert "process is gone" in killed.status().sentence
    subprocess.run([*command, "killed"], check=True, **quiet)
    assert killed.card()["weights_sha256"] == undisturbed.card()["weights_sha256"]
    assert (killed.path / "predictions.csv").read_bytes() == (
        undisturbed.path / "predictions.csv"
    ).read_bytes()


def test_a_full_disk_is_named_and_the_last_state_is_kept(
    coloured_galaxies: Path, networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = create_run("full", small(coloured_galaxies))
    whole_state = run.path / "resume" / "state.safetensors"
    flush = os.fsync

    def no_room_once_a_state_is_there(descriptor: int) -> None:
        if whole_state.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        flush(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_room_once_a_state_is_there)
        with pytest.raises(DiskFullError, match="no room left"):
            train_run(run, networks=networks)
    assert not list(run.path.rglob("*.tmp"))
    train_run(run, networks=networks)
    assert [row["epoch"] for row in run.history()] == [1, 2, 3]


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


def test_a_run_trained_with_jax_opens_and_carries_on_elsewhere(coloured_galaxies: Path) -> None:
    pytest.importorskip("jax", reason="jax is not installed")
    run = create_run("one", small(coloured_galaxies, epochs=1))
    command = [sys.executable, "-m", "galaxy_core", "train", "--run", "one"]
    subprocess.run(
        command, check=True, env={**os.environ, "KERAS_BACKEND": "jax", "GALAXY_RUNS": str(runs_folder())}
    )
    assert run.card()["environment"]["engine"] == "jax"
    same = create_run("two", small(coloured_galaxies, epochs=1))
    train_run(same)
    ours, theirs = same.predictions().probabilities, run.predictions().probabilities
    np.testing.assert_allclose(ours, theirs, atol=2e-3)


def test_features_that_are_computed_once_change_nothing_but_the_rounding(coloured_galaxies: Path) -> None:
    kept, recomputed = (
        create_run(name, small(coloured_galaxies, n_views=2, reuse_prefix=reuse))
        for name, reuse in (("kept", True), ("recomputed", False))
    )
    for run in (kept, recomputed):
        train_run(run)
    ours, theirs = kept.predictions().probabilities, recomputed.predictions().probabilities
    np.testing.assert_allclose(ours, theirs, atol=5e-3)


def test_a_sweep_makes_the_features_of_all_its_cuts_in_one_pass(coloured_galaxies: Path) -> None:
    configs = [
        small(
            coloured_galaxies, policy="transfer_frozen", trainable=t, source="source-3", n_views=1, epochs=1
        )
        for t in (0.02, 0.0)
    ]
    make_source(3)
    runs = [create_run(f"cut-{i}", config) for i, config in enumerate(configs)]
    networks = Networks(configs)
    train_run(runs[0], networks=networks)
    made = sorted(features_folder().glob("*.f16"))
    assert len(made) == 2 * 3  # two taps, each with one augmented view, validation and test
    train_run(runs[1], networks=networks)
    assert sorted(features_folder().glob("*.f16")) == made
    assert clear_features() > 0
    assert not list(features_folder().glob("*.f16"))
