"""Trainings for real that each compile a network of their own: layers that train, a kill, the cuts of a sweep."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from small_trainings import make_source, small

from galaxy_core.networks.policy import frozen_layers
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.run import create_run
from galaxy_core.training.features import clear_features, features_folder
from galaxy_core.training.networks import Networks
from galaxy_core.training.train import train_run

DENSENET = get_backbone("densenet121")

pytestmark = pytest.mark.slow


def test_frozen_layers_are_their_sources_bits_and_the_others_are_not(coloured_galaxies: Path) -> None:
    source = make_source(7)
    run = create_run(
        "t", small(coloured_galaxies, policy="transfer_frozen", trainable=0.2, source="source-7", epochs=1)
    )
    train_run(run)
    before, after = source.tensors(), run.tensors()
    frozen = frozen_layers(DENSENET, "transfer_frozen", 0.8)
    changed = {name.split("/")[0] for name in before if not np.array_equal(before[name], after[name])}
    assert not frozen & changed
    assert {name.split("/")[0] for name in before} - frozen <= changed
    assert run.card()["source"] == {"name": "source-7", "sha256": "abc"}


def test_a_killed_training_that_is_carried_on_ends_in_the_same_bits(coloured_galaxies: Path) -> None:
    """With a layer and batch normalisation that train above kept features; what is killed is a process of its own."""
    config = small(coloured_galaxies, trainable=0.02, epochs=2, n_views=2)
    undisturbed, killed = create_run("undisturbed", config), create_run("killed", config)
    networks = Networks()
    train_run(undisturbed, networks=networks)
    command = [sys.executable, "-m", "galaxy_core", "train", "--run", "killed"]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 240
    while not killed.history() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert len(killed.history()) == 1
    assert "process is gone" in killed.status().sentence
    train_run(killed, networks=networks)
    assert killed.card()["weights_sha256"] == undisturbed.card()["weights_sha256"]
    assert (killed.path / "predictions.csv").read_bytes() == (
        undisturbed.path / "predictions.csv"
    ).read_bytes()


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
    # two taps, each with one augmented view and the validation; the test is of whole images
    assert len(made) == 2 * 2
    train_run(runs[1], networks=networks)
    assert sorted(features_folder().glob("*.f16")) == made
    assert clear_features() > 0
    assert not list(features_folder().glob("*.f16"))
