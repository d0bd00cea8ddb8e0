"""What a training works with: folds that test every galaxy once, and mock galaxies in the training part alone."""

import json
from pathlib import Path

import numpy as np
import pytest

from galaxy_core.data.galaxy10 import Galaxies, open_galaxies
from galaxy_core.data.mock import write_mock_file
from galaxy_core.data.split import split_galaxies
from galaxy_core.errors import BadValueError
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import Run, create_run
from galaxy_core.training.material import prepare
from galaxy_core.training.mocks import SEED_TRAINING, training_mocks
from galaxy_core.training.stand_in import SEED_SOURCE, SEED_TRY

N = 80  # galaxies of the coloured file, eight a class


def small(data: Path, **changes: object) -> TrainConfig:
    values = {
        "data": str(data),
        "policy": "scratch",
        "crop": 64,
        "image_size": 32,
        "batch_size": 8,
        **changes,
    }
    return TrainConfig(**values)  # type: ignore[arg-type]


def fold_runs(data: Path, n_folds: int, **changes: object) -> list[Run]:
    return [create_run(f"r-f{k}", small(data, n_folds=n_folds, fold=k, **changes)) for k in range(n_folds)]


def test_the_folds_of_a_seed_test_every_galaxy_once(coloured_galaxies: Path) -> None:
    materials = [prepare(run) for run in fold_runs(coloured_galaxies, 4)]
    tested = np.concatenate([one.split.test for one in materials])
    assert sorted(tested.tolist()) == list(range(N))
    for one in materials:
        assert not np.intersect1d(one.training.indices, one.split.test).size
        assert not np.intersect1d(one.training.indices, one.split.validation).size


def test_the_folds_are_those_of_the_split_seed_and_not_of_the_seed(coloured_galaxies: Path) -> None:
    hashes = [
        prepare(create_run(f"r{i}", small(coloured_galaxies, n_folds=4, fold=1, **seeds))).split.hash
        for i, seeds in enumerate([{}, {"seed": 5}, {"split_seed": 5}])
    ]
    assert hashes[0] == hashes[1] != hashes[2]


def test_split_json_says_which_fold_it_is_and_who_are_neighbours(
    coloured_galaxies: Path, tmp_path: Path
) -> None:
    import h5py

    data = tmp_path / "twins.h5"
    data.write_bytes(coloured_galaxies.read_bytes())
    with h5py.File(data, "a") as file:
        file["ra"][7], file["dec"][7] = file["ra"][3], file["dec"][3]
    (run, *_) = fold_runs(data, 4)
    split = prepare(run).split
    stored = json.loads((run.path / "split.json").read_text())
    assert (stored["fold"], stored["n_folds"], stored["neighbours"]) == (0, 4, [[3, 7]])
    assert stored["hash"] == split.hash == run.split().hash


def test_without_folds_the_split_is_as_it_was(coloured_galaxies: Path) -> None:
    run = create_run("one", small(coloured_galaxies))
    galaxies = open_galaxies(coloured_galaxies)
    expected = split_galaxies(galaxies.labels, galaxies.ra, galaxies.dec)
    assert prepare(run).split.hash == expected.hash
    assert "fold" not in json.loads((run.path / "split.json").read_text())


@pytest.fixture
def with_mocks(coloured_galaxies: Path) -> Run:
    return create_run("mixed", small(coloured_galaxies, n_mocks=20))


def test_mocks_are_trained_on_beside_the_galaxies(with_mocks: Run) -> None:
    material = prepare(with_mocks)
    assert isinstance(material.mocks, Galaxies)
    assert len(material.mocks) == 20
    rows = np.unique(material.training.indices)
    np.testing.assert_array_equal(rows, [*material.split.train, *range(N, N + 20)])
    # a joint row is the mock and carries its label
    np.testing.assert_array_equal(material.training.images[N + 3], material.mocks.images[3])
    assert material.training.labels[N + 3] == material.mocks.labels[3] == 3


def test_mocks_are_never_validated_or_tested_on(with_mocks: Run) -> None:
    material = prepare(with_mocks)
    galaxies = material.galaxies
    for part in (material.split.validation, material.split.test):
        assert part.max() < N
        (images, labels), *_ = list(material.part(part[:8]))
        np.testing.assert_array_equal(labels, galaxies.labels[part[:8]])
        centre = galaxies.images[part[0]][96:160, 96:160]
        assert abs(images[0].astype(float).mean() - centre.mean()) < 2


def test_mocks_leave_the_split_as_it_is(coloured_galaxies: Path, with_mocks: Run) -> None:
    alone = prepare(create_run("alone", small(coloured_galaxies)))
    assert alone.mocks is None
    assert prepare(with_mocks).split.hash == alone.split.hash


def test_rare_classes_are_repeated_until_galaxies_and_mocks_together_are_balanced(
    coloured_galaxies: Path,
) -> None:
    # 13 mocks: classes 0, 1 and 2 have two, the others one
    material = prepare(create_run("odd", small(coloured_galaxies, n_mocks=13)))
    labels = material.training.labels[material.training.indices]
    counts = np.bincount(labels)
    assert len(set(counts.tolist())) == 1
    plain = np.bincount(material.galaxies.labels[material.split.train])
    assert counts[0] == plain[0] + 2


def test_mocks_that_leave_make_room_for_real_galaxies_in_balance(coloured_galaxies: Path) -> None:
    material = prepare(create_run("left", small(coloured_galaxies, n_mocks=13, mock_epochs=2)))
    assert material.training.epoch(1).indices.max() >= N
    later = material.training.epoch(2).indices
    assert len(later) == len(material.training.epoch(1).indices)
    np.testing.assert_array_equal(np.unique(later), material.split.train)
    assert np.ptp(np.bincount(later)[material.split.train]) <= 1  # all come equally often


def test_features_of_mixed_images_are_kept_apart_from_those_of_the_galaxies_alone(
    coloured_galaxies: Path, with_mocks: Run
) -> None:
    mixed, alone = prepare(with_mocks), prepare(create_run("alone", small(coloured_galaxies)))
    assert alone.images_sha256 == alone.galaxies.sha256
    assert mixed.images_sha256 not in (alone.images_sha256, mixed.mocks.sha256)


def test_mocks_are_rendered_once_and_from_a_seed_of_their_own() -> None:
    said: list[str] = []
    first, again = training_mocks(10, said.append), training_mocks(10, said.append)
    assert said == ["rendering 10 mock galaxies to train on"]
    assert first.sha256 == again.sha256
    assert first.origin == "mock"
    np.testing.assert_array_equal(first.labels, np.arange(10))
    assert len({SEED_TRAINING, SEED_SOURCE, SEED_TRY}) == 3


def test_other_mocks_under_a_run_are_refused(with_mocks: Run) -> None:
    path = prepare(with_mocks).mocks.path
    write_mock_file(path, 20, SEED_TRAINING + 1, overwrite=True)
    with pytest.raises(BadValueError, match="mock galaxies is no longer the file that run mixed began with"):
        prepare(with_mocks)
