"""Trainings for real, of a tiny network, that each compile one of their own: layers that train, the cuts of a sweep."""

from pathlib import Path

import numpy as np
import pytest
from small_trainings import make_source, small
from trainings import HELD, Trainings, outcome

from galaxy_core.networks.policy import frozen_layers
from galaxy_core.runs.run import create_run
from galaxy_core.training.features import clear_features, features_folder
from galaxy_core.training.networks import Networks
from galaxy_core.training.train import train_run

ONE_BLOCK = 0.5
"""The share that leaves the last convolution and its batch normalisation above the cut."""

pytestmark = pytest.mark.usefixtures("tiny_backbone")


def test_frozen_layers_are_their_sources_bits_and_the_others_are_not(coloured_galaxies: Path) -> None:
    source = make_source(7)
    run = create_run(
        "t",
        small(coloured_galaxies, policy="transfer_frozen", trainable=ONE_BLOCK, source="source-7", epochs=1),
    )
    train_run(run)
    before, after = source.tensors(), run.tensors()
    frozen = frozen_layers(run.network, "transfer_frozen", 1 - ONE_BLOCK)
    changed = {name.split("/")[0] for name in before if not np.array_equal(before[name], after[name])}
    assert not frozen & changed
    assert {name.split("/")[0] for name in before} - frozen <= changed
    assert run.card()["source"] == {"name": "source-7", "sha256": "abc"}


def test_a_killed_training_that_is_carried_on_ends_in_the_same_bits(
    trainings: Trainings, coloured_galaxies: Path
) -> None:
    """With layers and batch normalisation that train above kept features; what is killed is a process of its own."""
    config = small(coloured_galaxies, trainable=ONE_BLOCK, epochs=2, n_views=2)
    undisturbed, killed = create_run("undisturbed", config), create_run("killed", config)
    assert trainings.carry_out(undisturbed).exit_code == 0
    training = trainings.start(killed, [("become resume/state.safetensors", 6)])
    assert training.wait() == HELD
    training.kill()
    assert len(killed.history()) == 1
    assert "process is gone" in killed.status().sentence
    assert trainings.carry_out(killed).exit_code == 0
    assert outcome(killed) == outcome(undisturbed)


def test_a_sweep_makes_the_features_of_all_its_cuts_in_one_pass(coloured_galaxies: Path) -> None:
    configs = [
        small(
            coloured_galaxies, policy="transfer_frozen", trainable=t, source="source-3", n_views=1, epochs=1
        )
        for t in (ONE_BLOCK, 0.0)
    ]
    make_source(3)
    runs = [create_run(f"cut-{i}", config) for i, config in enumerate(configs)]
    networks = Networks(configs)
    train_run(runs[0], networks=networks)
    made = sorted(features_folder().glob("*.f16"))
    assert len(made) == 2 * 2  # two taps, each with one augmented view and validation
    train_run(runs[1], networks=networks)
    assert sorted(features_folder().glob("*.f16")) == made
    assert clear_features() > 0
    assert not list(features_folder().glob("*.f16"))
