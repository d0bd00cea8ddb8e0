"""Corrections change what is learned and never what is validated or tested on."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from test_material import small

from galaxy_core.data.corrections import ANOTHER, DOUBTFUL, RIGHT, Correction, Ledger, ledger_of
from galaxy_core.data.galaxy10 import Galaxies, open_galaxies
from galaxy_core.data.split import Split, split_galaxies
from galaxy_core.errors import BadValueError
from galaxy_core.runs.run import create_run
from galaxy_core.training.material import prepare


@pytest.fixture
def galaxies(coloured_galaxies: Path, tmp_path: Path) -> Galaxies:
    return open_galaxies(shutil.copy(coloured_galaxies, tmp_path / "own.h5"))


@pytest.fixture
def split(galaxies: Galaxies) -> Split:
    return split_galaxies(galaxies.labels, galaxies.ra, galaxies.dec)


@pytest.fixture
def ledger(galaxies: Galaxies) -> Ledger:
    return ledger_of(galaxies.path, galaxies.sha256)


def another(galaxies: Galaxies, row: int) -> Correction:
    return Correction(ANOTHER, galaxies.classes[(galaxies.labels[row] + 1) % 10])


def test_another_class_is_learned_and_a_doubtful_galaxy_is_not_learned_from(
    galaxies: Galaxies, split: Split, ledger: Ledger
) -> None:
    new, doubtful, right = map(int, split.train[:3])
    ledger.add(str(new), another(galaxies, new))
    ledger.add(str(doubtful), Correction(DOUBTFUL))
    ledger.add(str(right), Correction(RIGHT))
    material = prepare(create_run("corrected", small(galaxies.path, corrections=True)))
    assert material.split.hash == split.hash
    assert material.training.labels[new] == (galaxies.labels[new] + 1) % 10
    assert set(material.training.indices.tolist()) == set(split.train.tolist()) - {doubtful}
    counts = np.bincount(material.training.labels[material.training.indices])
    assert len(set(counts.tolist())) == 1
    told = material.corrected.told() if material.corrected else {}
    assert (told["n_relabelled"], told["n_left_out"]) == (1, 1)


def test_validation_and_test_stay_as_the_file_has_them(
    galaxies: Galaxies, split: Split, ledger: Ledger
) -> None:
    for row in (int(split.test[0]), int(split.validation[0])):
        ledger.add(str(row), another(galaxies, row))
        ledger.add(str(split.test[1]), Correction(DOUBTFUL))
    material = prepare(create_run("corrected", small(galaxies.path, corrections=True)))
    np.testing.assert_array_equal(material.split.test, split.test)
    np.testing.assert_array_equal(material.training.labels, galaxies.labels)
    for part in (split.test, split.validation):
        learned = np.concatenate([labels for _, labels in material.part(part)])
        np.testing.assert_array_equal(learned, galaxies.labels[part])


def test_nothing_is_corrected_unless_it_is_asked_for(
    galaxies: Galaxies, split: Split, ledger: Ledger
) -> None:
    ledger.add(str(split.train[0]), another(galaxies, int(split.train[0])))
    material = prepare(create_run("as-it-is", small(galaxies.path)))
    assert material.corrected is None
    np.testing.assert_array_equal(material.training.labels, galaxies.labels)


def test_a_run_goes_on_with_the_corrections_it_began_with(
    galaxies: Galaxies, split: Split, ledger: Ledger
) -> None:
    first, second = map(int, split.train[:2])
    ledger.add(str(first), Correction(DOUBTFUL))
    run = create_run("goes-on", small(galaxies.path, corrections=True))
    began = prepare(run).training.indices
    ledger.add(str(second), Correction(DOUBTFUL))
    np.testing.assert_array_equal(prepare(run).training.indices, began)


def test_without_a_correction_and_without_a_galaxy_left_the_way_out_is_said(
    galaxies: Galaxies, split: Split, ledger: Ledger
) -> None:
    run = create_run("none", small(galaxies.path, corrections=True))
    with pytest.raises(BadValueError, match=r"no corrections of .* leave out --corrections"):
        prepare(run)
    for row in split.train[galaxies.labels[split.train] == 4]:
        ledger.add(str(row), Correction(DOUBTFUL))
    with pytest.raises(BadValueError, match="leave no galaxy of the class Cigar"):
        prepare(run)
