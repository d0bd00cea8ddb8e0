"""A file with known copies and neighbours is audited, and every one is counted once."""

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from galaxy_core.data.audit import Audit, apart, audit_galaxies, frequencies, oversampled_split
from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.data.published import PUBLISHED_COUNTS
from galaxy_core.data.sky import sky_pairs
from galaxy_core.data.split import split_galaxies
from galaxy_core.errors import BadValueError

ARCSEC = 1 / 3600
N = 100


def galaxies() -> Any:
    """A hundred noise images far apart on the sky but: 1 lies 2″ from 0 with another label, 3 lies 50″ from 2 and
    is its image again, 4 has no position."""
    rng = np.random.default_rng(0)
    labels = np.arange(N) % 10
    images = rng.integers(0, 256, (N, 256, 256, 3), dtype=np.uint8)
    ra, dec = np.linspace(0, 300, N), np.zeros(N)
    ra[1], ra[3] = ra[0] + 2 * ARCSEC, ra[2] + 50 * ARCSEC
    labels[3], images[3], ra[4] = labels[2], images[2], np.nan
    return SimpleNamespace(images=images, labels=labels, ra=ra, dec=dec, classes=GALAXY10)


@pytest.fixture(scope="module")
def audit() -> Audit:
    return audit_galaxies(galaxies(), seed=3)


def test_every_kind_of_pair_is_counted_with_its_labels(audit: Audit) -> None:
    found = {one.kind: (one.n_pairs, one.n_two_labels) for one in audit.pairs}
    assert found == {
        "within 3 arcsec": (1, 1),
        "within 33.5 arcsec": (1, 1),
        "within 67 arcsec": (2, 1),
        "identical images": (1, 0),
        "nearly identical images": (1, 0),
    }
    assert audit.n_without_position == 1


def test_our_split_keeps_neighbours_together_and_a_random_one_does_not(audit: Audit) -> None:
    sky = [one for one in audit.pairs if one.kind.startswith("within")]
    assert [one.apart_by_split for one in sky] == [0, 0, 0]
    # two draws without replacement: 2 · 0.7 · 0.2 of the pairs
    assert sky[-1].apart_by_chance == pytest.approx(2 * 0.28, abs=0.3)


def test_the_hash_is_that_of_the_split_of_this_seed(audit: Audit) -> None:
    made = galaxies()
    assert audit.split.hash == split_galaxies(made.labels, made.ra, made.dec, seed=3).hash
    values = json.loads(json.dumps(audit.to_json(), allow_nan=False))
    assert values["split"]["hash"] == audit.split.hash
    assert values["n"] == N


def test_balanced_classes_hide_what_oversampling_before_the_split_does(audit: Audit) -> None:
    copies = {one.frequencies: one for one in audit.copies}
    assert copies["balanced"].share_copied == 0
    assert copies["as in the survey"].share_copied > 0.3


def test_rows_are_drawn_with_the_frequencies_of_the_survey() -> None:
    labels = np.repeat(np.arange(10), 200)
    rows = frequencies(labels, 0)["as in the survey"]
    counts = np.bincount(labels[rows])
    assert counts.max() == 200
    np.testing.assert_allclose(counts, np.array(PUBLISHED_COUNTS) * 200 / 2645, atol=1)
    assert len(np.unique(rows)) == len(rows)
    # the published file is its own sky
    published = np.repeat(np.arange(10), PUBLISHED_COUNTS)
    assert len(frequencies(published, 0)["as in the survey"]) == 17736


def test_a_class_that_is_missing_stays_missing() -> None:
    chosen = frequencies(np.repeat([0, 3], [50, 20]), 0)
    assert all(set(np.repeat([0, 3], [50, 20])[rows]) == {0, 3} for rows in chosen.values())


def test_repeating_first_makes_classes_equal_and_divides_the_copies() -> None:
    labels = np.repeat([0, 1], [90, 10])
    train, test = oversampled_split(labels, np.arange(100), np.random.default_rng(0))
    assert (len(train), len(test)) == (126, 36)
    rare = test[labels[test] == 1]
    assert np.mean(np.isin(rare, train)) > 0.9


def test_a_pair_is_apart_only_between_training_and_test() -> None:
    pairs = np.array([[0, 1], [0, 2], [2, 3], [1, 4]])
    assert apart(pairs, np.array([0, 1]), np.array([2, 3]), 5) == 1
    assert apart(pairs[:0], np.array([0]), np.array([1]), 5) == 0


def test_pairs_on_the_sky_are_found_across_the_zero_of_right_ascension() -> None:
    ra = np.array([359.9999, 0.0001, 180.0, np.nan])
    assert sky_pairs(ra, np.zeros(4), 1.0).tolist() == [[0, 1]]
    assert sky_pairs(ra, np.zeros(4), 0.5).tolist() == []
    assert sky_pairs(np.full(3, np.nan), np.zeros(3), 1.0).shape == (0, 2)


def test_one_position_for_everything_is_refused() -> None:
    with pytest.raises(BadValueError, match="put NaN where a position is not known"):
        sky_pairs(np.zeros(4000), np.zeros(4000), 3.0)


def test_how_often_the_survey_has_a_class_is_known_of_galaxy10s_alone() -> None:
    assert list(frequencies(np.repeat([0, 1], [50, 20]), 0, Classes(["a", "b"]))) == [
        "as in the file",
        "balanced",
    ]
