"""A file of galaxies at a glance, in small worlds where the answer is known."""

from pathlib import Path

import numpy as np
import pytest

from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.data.overview import (
    Overview,
    counts_by_part,
    example_rows,
    oversampled_counts,
    read_examples,
    read_overview,
    sky_duplicates,
)
from galaxy_core.data.split import oversample, split_galaxies
from galaxy_core.errors import BadValueError, MissingError


def sky(labels: list[int], ra: list[float]) -> Overview:
    return Overview(Path("sky.h5"), np.array(labels), np.array(ra), np.zeros(len(ra)), "mock")


def test_an_overview_says_what_opening_the_file_says(coloured_galaxies: Path) -> None:
    overview, galaxies = read_overview(coloured_galaxies), open_galaxies(coloured_galaxies)
    assert np.array_equal(overview.labels, galaxies.labels)
    assert np.array_equal(overview.ra, galaxies.ra)
    assert overview.origin == galaxies.origin == "imported"
    assert overview.counts == [8] * 10


def test_examples_are_the_images_of_those_rows(coloured_galaxies: Path) -> None:
    images = open_galaxies(coloured_galaxies).images
    assert np.array_equal(read_examples(coloured_galaxies, [7, 3]), images[[7, 3]])
    with pytest.raises(BadValueError, match="0 to 79"):
        read_examples(coloured_galaxies, [80])


def test_a_file_that_is_not_there_is_said_in_a_sentence() -> None:
    with pytest.raises(MissingError, match="does not exist"):
        read_overview("/nowhere.h5")


def test_the_examples_of_a_class_begin_anew_where_it_has_fewer() -> None:
    labels = np.array([4, 4, 2, 4])
    assert example_rows(labels, 0) == [2, 0]
    assert example_rows(labels, 4) == [2, 1]


def test_oversampled_counts_are_what_oversampling_makes() -> None:
    labels = np.array([0] * 5 + [3] * 2 + [9])
    made = labels[oversample(labels, np.arange(len(labels)), seed=1)]
    counts = np.bincount(labels, minlength=10).tolist()
    assert oversampled_counts(counts) == np.bincount(made, minlength=10).tolist()


def test_the_parts_of_a_split_hold_all_galaxies_of_a_class_once() -> None:
    labels = np.arange(100) % 10
    nowhere = np.full(100, np.nan)
    parts = counts_by_part(labels, split_galaxies(labels, nowhere, nowhere), 10)
    assert {part: counts[0] for part, counts in parts.items()} == {"train": 7, "validation": 1, "test": 2}
    with pytest.raises(BadValueError, match="another file"):
        counts_by_part(labels[:50], split_galaxies(labels, nowhere, nowhere), 10)


def test_neighbours_on_the_sky_are_one_group_and_say_whether_they_disagree() -> None:
    arcsec = 1 / 3600
    groups = sky_duplicates(sky([1, 2, 3, 3], [10, 10 + 5 * arcsec, 80, 80 + 5 * arcsec]), 10)
    assert [group.rows for group in groups] == [(0, 1), (2, 3)]
    assert [group.has_several_labels for group in groups] == [True, False]
    assert sky_duplicates(sky([1, 2], [10, 11]), 10) == []
