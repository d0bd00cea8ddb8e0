"""What ships on each device can be asked for; what is finished is shipped, and nothing is trained twice."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from made_folds import make_folds

from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.data.split import split_galaxies
from galaxy_core.maps.cells import is_coarse
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.device import Device
from galaxy_core.runs.pretrain_config import PretrainConfig
from galaxy_core.runs.run import Run, create_run
from galaxy_core.runs.status import Status, write_status
from galaxy_core.training.presets import PAPER_FRACTIONS
from galaxy_core.training.ship import ship_fold
from galaxy_core.training.shipped import (
    BEST,
    RECIPES,
    SOURCE,
    TERMS,
    Recipe,
    Shipped,
    make_models,
    single_config,
    tell_of_folds,
)

TWO_CORES = Device("processor", 2, "on two cores")


@pytest.mark.parametrize("device", ["processor", "gpu"])
def test_every_setting_of_a_recipe_is_one_that_a_training_knows(device: str, coloured_galaxies: Path) -> None:
    recipe = RECIPES[device]
    source = PretrainConfig.from_json({"images": "photographs", "terms": TERMS, **recipe.source})
    assert source.epochs >= 1
    assert {one.name: len(one.cuts) for one in recipe.shipped} == {
        BEST: 1,
        "imagenet-lite0": 6,
        "fractions": 6,
    }
    for one in recipe.shipped:
        config = single_config(one, str(coloured_galaxies))
        assert not is_coarse(config.view), "its maps must say where it looks"
        assert config.network.map_cells(config.image_size) >= 7
        assert config.source == (SOURCE if one.name == "fractions" else "imagenet")
        assert one.n_seeds >= 1


def test_the_runs_of_a_sweep_are_named_as_reproduce_names_them() -> None:
    _, rows, _ = RECIPES["processor"].shipped
    names = [rows.run_name(cut) for cut in PAPER_FRACTIONS]
    assert names[0::5] == ["imagenet-lite0-000-s0", "imagenet-lite0-100-s0"]


def test_what_is_finished_is_shipped_before_anything_is_trained_and_then_passed_over(
    own_folders: Path, coloured_galaxies: Path
) -> None:
    tiny = {
        "preset": "quick",
        "backbone": "efficientnet_lite0",
        "source": "none",
        "image_size": 32,
        "crop": 64,
    }
    recipe = Recipe({}, 0, (Shipped(BEST, tiny, (0.0,), "scratch", is_single=True, n_seeds=0),))
    models, said = own_folders / "models", []
    _finished(models / SOURCE)
    done = _finished_classifier(single_config(recipe.shipped[0], str(coloured_galaxies)))
    for told in (f"{BEST}: done", f"{BEST}: done"):
        made = make_models(
            str(coloured_galaxies), "none", models, device=TWO_CORES, recipe=recipe, say=said.append
        )
        assert [run.name for run in made] == [SOURCE, BEST]
        assert told in said
    assert made[1].card()["licence"] == "MIT, as the project"
    assert {*made[1].tensors()} == {*done.tensors()}


def test_what_is_left_to_train_is_told_with_its_time(own_folders: Path, coloured_galaxies: Path) -> None:
    tiny = {"preset": "quick", "backbone": "efficientnet_lite0", "source": "none", "image_size": 32}
    recipe = Recipe({}, 0, (Shipped("rows", tiny, (0.0, 0.2), "scratch"),))
    models, said = own_folders / "models", []
    _finished(models / SOURCE)

    def say(sentence: str) -> None:
        said.append(sentence)
        if sentence.startswith("rows in folds"):
            raise InterruptedError  # all has been said, and the training is about to begin

    with pytest.raises(InterruptedError):
        make_models(str(coloured_galaxies), "none", models, device=TWO_CORES, recipe=recipe, say=say)
    assert said[0].startswith("rows: 2 of 2 trainings to do, about ")
    assert said[1].startswith("rows in folds: 10 of 10 trainings to do, about ")


def test_workers_are_given_all_rows_and_folds_at_once(own_folders: Path, coloured_galaxies: Path) -> None:
    tiny = {"preset": "quick", "backbone": "efficientnet_lite0", "source": "none", "image_size": 32}
    recipe = Recipe({}, 0, tuple(Shipped(name, tiny, (0.0, 0.2), "scratch") for name in ("a", "b")))
    models, given = own_folders / "models", []
    _finished(models / SOURCE)

    def train_apart(runs: Sequence[Run]) -> None:
        given.extend(run.name for run in runs)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        make_models(
            str(coloured_galaxies), "none", models, device=TWO_CORES, recipe=recipe, train_apart=train_apart
        )
    assert given[:5] == ["a-000-s0", "a-020-s0", "b-000-s0", "b-020-s0", "a-folds-000-s0-f0"]
    assert len(given) == 4 + 2 * 2 * 5


def test_folds_that_ship_are_told_of_on_the_card_and_not_trained_again(
    own_folders: Path, coloured_galaxies: Path
) -> None:
    tiny = {"preset": "quick", "backbone": "efficientnet_lite0", "source": "none", "image_size": 32}
    recipe = Recipe({}, 0, (Shipped("rows", tiny, (0.0, 0.2), "scratch", n_seeds=2),))
    models, planned = own_folders / "models", []
    _finished(models / SOURCE)
    folds = make_folds(5, sweep="rows-folds", percent=0)
    for name, epochs in (("rows-000-s0", 3), ("rows-020-s0", 10)):
        asked = {**folds[0].config.to_json(), "n_folds": None, "fold": None, "test": 0.2}
        asked |= {"epochs": epochs, "trainable": 1 - int(name[5:8]) / 100}
        (_finished(models / name) / "config.json").write_text(json.dumps(asked))
        card = {**folds[0].card(), "name": name, "cut": int(name[5:8]) / 100}
        (models / name / "card.json").write_text(json.dumps(card))
    for fold in folds:
        ship_fold(fold, models / "folds")
        shutil.rmtree(fold.path)
    tell_of_folds(recipe.shipped[0], models)
    assert "cross_validation" not in Run(models / "rows-000-s0").card(), "its row had other epochs"
    values = json.loads((models / "rows-000-s0" / "config.json").read_text())
    (models / "rows-000-s0" / "config.json").write_text(json.dumps({**values, "epochs": 10}))
    tell_of_folds(recipe.shipped[0], models)
    cards = [Run(models / name).card() for name in ("rows-000-s0", "rows-020-s0")]
    assert cards[0]["cross_validation"]["n_seeds"] == 1
    assert cards[0]["cross_validation"]["test_accuracy"] == 1
    assert "cross_validation" not in cards[1]

    def train_apart(runs: Sequence[Run]) -> None:
        planned.extend(run.name for run in runs)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        make_models(
            str(coloured_galaxies), "none", models, device=TWO_CORES, recipe=recipe, train_apart=train_apart
        )
    # the second seed of the first row, and both seeds of the other
    assert planned == [
        *(f"rows-folds-000-s1-f{fold}" for fold in range(5)),
        *(f"rows-folds-020-s{seed}-f{fold}" for seed in (0, 1) for fold in range(5)),
    ]


def _finished(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / "card.json").write_text(json.dumps({"kind": "source", "name": path.name}))
    write_status(path, Status("done", "trained"))
    return path


def _finished_classifier(config: TrainConfig) -> Run:
    """A run as its training would have left it."""
    run, galaxies = create_run(BEST, config), open_galaxies(config.data)
    split = split_galaxies(galaxies.labels, galaxies.ra, galaxies.dec, seed=0, validation=0.2, test=0.2)
    write_tensors(
        run.path / "weights.safetensors", initial_tensors(config.network, 10, "scratch", 0.0, 1, None)
    )
    card = {"kind": "classifier", "policy": "scratch", "cut": 0.0, "source": None, "split_hash": split.hash}
    card |= {"data": {"sha256": galaxies.sha256}, "n": np.size(galaxies.labels)}
    (run.path / "card.json").write_text(json.dumps(card))
    (run.path / "split.json").write_text(json.dumps(split.to_json()))
    (run.path / "history.jsonl").write_text("")
    write_status(run.path, Status("done", "trained"))
    return run
