"""Which trainings of a sweep share kept features; nothing is compiled here."""

from pathlib import Path

import pytest

from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import create_run
from galaxy_core.training.features import kept_bytes
from galaxy_core.training.material import prepare
from galaxy_core.training.networks import Networks, _taps


@pytest.fixture
def plan(coloured_galaxies: Path) -> list[TrainConfig]:
    """Two cuts of two folds, and a training from scratch that keeps nothing."""
    values = {"data": str(coloured_galaxies), "source": "r", "crop": 64, "image_size": 32, "n_views": 1}
    folds = [
        TrainConfig(**values, trainable=trainable, n_folds=2, fold=fold)  # type: ignore[arg-type]
        for trainable in (0.2, 0.0)
        for fold in (0, 1)
    ]
    return [*folds, TrainConfig(**values, policy="scratch", trainable=1.0)]  # type: ignore[arg-type]


def family(plan: list[TrainConfig]) -> list[TrainConfig]:
    material = prepare(create_run("one", plan[0]))
    return Networks(plan)._family(material)


def test_cuts_of_one_fold_share_their_features(plan: list[TrainConfig]) -> None:
    assert family(plan) == [plan[0], plan[2]]


def test_they_do_not_where_the_other_folds_would_push_them_out(
    plan: list[TrainConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    n_rows = len(prepare(create_run("count", plan[0])).training.indices)
    both = kept_bytes(plan[0], n_rows, _taps([plan[0], plan[2]]))
    monkeypatch.setenv("GALAXY_FEATURES_GB", str(2.01 * both / 1e9))
    assert family(plan) == [plan[0], plan[2]]
    monkeypatch.setenv("GALAXY_FEATURES_GB", str(1.99 * both / 1e9))
    run = create_run("again", plan[0])
    assert Networks(plan)._family(prepare(run)) == [plan[0]]
