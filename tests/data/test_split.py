"""The split: disjoint, stratified, no sky neighbours on two sides, reproducible, and not to be tampered with."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_core.data.published import PUBLISHED_COUNTS
from galaxy_core.data.sky import sky_groups
from galaxy_core.data.split import Split, folds, oversample, split_galaxies
from galaxy_core.errors import BadFileError, BadValueError


def sky(n, seed=0, n_twins=0):
    """Far positions, of which the last `n_twins` repeat others."""
    rng = np.random.default_rng(seed)
    ra, dec = rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    twins = rng.choice(n - n_twins, n_twins, replace=False)
    ra[n - n_twins :], dec[n - n_twins :] = ra[twins], dec[twins]
    return ra, dec


def parts(split):
    return split.train, split.validation, split.test


def assert_whole(split, n, groups):
    assert sorted(np.concatenate(parts(split)).tolist()) == list(range(n))
    sides = [set(groups[part].tolist()) for part in parts(split)]
    assert not (sides[0] & sides[1])
    assert not (sides[0] & sides[2])
    assert not (sides[1] & sides[2])


def test_the_published_counts_are_shared_out_to_the_galaxy():
    labels = np.repeat(np.arange(10), PUBLISHED_COUNTS)
    ra, dec = sky(len(labels), n_twins=182)
    split = split_galaxies(labels, ra, dec, seed=1)
    assert_whole(split, len(labels), sky_groups(ra, dec, 67))
    for part, share in ((split.test, 0.2), (split.validation, 0.1)):
        np.testing.assert_allclose(np.bincount(labels[part]), share * np.array(PUBLISHED_COUNTS), atol=0.5)


def test_twins_are_shared_out_as_all_galaxies_are():
    labels, (ra, dec) = np.arange(4000) % 10, sky(4000, n_twins=400)
    is_twin = np.arange(4000) >= 3600
    splits = [split_galaxies(labels, ra, dec, seed=seed) for seed in range(3)]
    for k in range(3):
        assert np.mean([is_twin[parts(split)[k]].mean() for split in splits]) == pytest.approx(0.1, abs=0.03)


def test_the_seed_decides_and_nothing_else():
    labels, (ra, dec) = np.arange(200) % 10, sky(200)
    first, again, other = (split_galaxies(labels, ra, dec, seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert first.hash == again.hash != other.hash
    np.testing.assert_array_equal(first.test, again.test)
    assert all((np.diff(part) > 0).all() and part.dtype == np.int64 for part in parts(first))


def test_galaxies_without_coordinates_are_split_one_by_one():
    unknown = np.full(100, np.nan)
    split = split_galaxies(np.arange(100) % 10, unknown, unknown)
    assert [len(part) for part in parts(split)] == [70, 10, 20]


def test_a_class_of_one_or_two_is_no_error():
    labels = np.array([0] * 50 + [1] * 2 + [2])
    split = split_galaxies(labels, *sky(53))
    assert_whole(split, 53, np.arange(53))


def test_many_classes_of_one_still_fill_every_part():
    split = split_galaxies(np.arange(10), *sky(10))
    assert [len(part) for part in parts(split)] == [7, 1, 2]


def test_three_large_groups_give_one_to_each_part():
    ra = np.repeat([10.0, 50.0, 90.0], 10)
    split = split_galaxies(np.zeros(30, int), ra, np.zeros(30))
    assert [len(part) for part in parts(split)] == [10, 10, 10]


def test_a_part_left_empty_is_an_error_with_the_way_out():
    with pytest.raises(BadValueError, match=r"(train|validation) part would be empty"):
        split_galaxies(np.zeros(30, int), np.repeat([10.0, 50.0], 15), np.zeros(30))
    with pytest.raises(BadValueError, match=r"part would be empty.*smaller separation"):
        split_galaxies(np.zeros(30, int), np.zeros(30), np.zeros(30))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**40),
    sizes=st.lists(st.integers(1, 6), min_size=20, max_size=60),
    n_classes=st.integers(1, 4),
    validation=st.floats(0.05, 0.3),
    test=st.floats(0.05, 0.5),
)
def test_any_world_is_split_whole_and_as_near_to_the_shares_as_groups_allow(
    seed, sizes, n_classes, validation, test
):
    group = np.repeat(np.arange(len(sizes)), sizes)
    labels = group % n_classes  # groups of one class: then the bound below can be proved
    split = split_galaxies(
        labels, group * 5.0, np.zeros(len(group)), seed=seed, validation=validation, test=test
    )
    assert_whole(split, len(group), group)
    for part, share in ((split.validation, validation), (split.test, test)):
        got, asked = np.bincount(labels[part], minlength=n_classes), share * np.bincount(labels)
        assert (np.abs(got - asked) <= 0.5 + max(sizes) / 2).all() or asked.sum() < max(sizes)


@pytest.mark.parametrize(
    ("settings_", "words"),
    [
        ({"test": 0}, "test must lie between 0 and 1"),
        ({"validation": 1.5}, "validation must lie between"),
        ({"test": float("nan")}, "test must lie"),
        ({"test": 0.6, "validation": 0.4}, "must leave something to train on"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"seed": 1.5}, "seed must be"),
    ],
)
def test_settings_outside_their_rule_are_refused(settings_, words):
    with pytest.raises(BadValueError, match=words):
        split_galaxies(np.arange(50) % 5, *sky(50), **settings_)


def test_arrays_of_different_lengths_are_refused():
    with pytest.raises(BadValueError, match="as long as each other"):
        split_galaxies(np.zeros(5), np.zeros(4), np.zeros(5))
    with pytest.raises(BadValueError, match="not empty"):
        split_galaxies(np.zeros(0), np.zeros(0), np.zeros(0))


@pytest.fixture
def split():
    return split_galaxies(np.arange(100) % 10, *sky(100), seed=3)


def test_json_and_back_is_the_same_split(split):
    again = Split.from_json(split.to_json())
    assert again == split
    for one, other in zip(parts(again), parts(split), strict=True):
        np.testing.assert_array_equal(one, other)


def spoil(name, value):
    def change(json):
        json[name] = value(json[name]) if callable(value) else value

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (spoil("test", lambda rows: rows[1:]), "does not match its hash"),
        (spoil("hash", "0" * 64), "does not match its hash"),
        (spoil("hash", None), "does not match its hash"),
        (spoil("seed", "3"), "seed of a split must be a whole number"),
        (spoil("train", []), "train part of the split must be a list"),
        (spoil("train", "abc"), "train part of the split must be a list"),
        (spoil("train", [1.0]), "holds 1.0; rows must be"),
        (spoil("train", [True]), "holds True"),
        (spoil("train", [-1]), "holds -1"),
        (spoil("train", [10**30]), "holds 1000"),
        (spoil("train", [2**31]), "holds 2147483648; rows must be 0 to 2147483647"),
        (spoil("train", lambda rows: [*rows, rows[0]]), "share galaxies"),
        (lambda json: json["train"].append(json["test"][0]), "share galaxies"),
        (lambda json: json.pop("test"), "must be an object with seed"),
    ],
)
def test_a_split_that_was_tampered_with_is_refused(split, change, words):
    json = copy.deepcopy(split.to_json())
    change(json)
    with pytest.raises(BadFileError, match=words):
        Split.from_json(json)


def test_moving_the_border_between_two_parts_changes_the_hash():
    one = Split.of([0, 1], [2, 3], [4], seed=0)
    other = Split.of([0], [1, 2, 3], [4], seed=0)
    assert one.hash != other.hash


@settings(max_examples=30, deadline=None)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5) | st.floats(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["seed", "hash", "train", "validation", "test"]), inner)
        ),
        max_leaves=12,
    )
)
def test_whatever_stands_in_a_split_json_is_refused_in_one_way(value):
    with pytest.raises(BadFileError):
        Split.from_json(value)


def test_folds_test_every_galaxy_once_and_keep_neighbours_together():
    labels, (ra, dec) = np.arange(300) % 10, sky(300, n_twins=30)
    splits = folds(labels, ra, dec, n_folds=5, seed=0)
    groups = sky_groups(ra, dec, 67)
    assert sorted(np.concatenate([split.test for split in splits]).tolist()) == list(range(300))
    for split in splits:
        assert_whole(split, 300, groups)
        assert (np.abs(np.bincount(labels[split.test], minlength=10) - 6) <= 1).all()
        assert (np.abs(np.bincount(labels[split.validation], minlength=10) - 3) <= 1).all()


def test_folds_are_decided_by_their_seed():
    labels, (ra, dec) = np.arange(100) % 10, sky(100)
    first, again, other = (folds(labels, ra, dec, n_folds=4, seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert first != other


@pytest.mark.parametrize("n_folds", [1, 0, 51])
def test_a_number_of_folds_outside_its_rule_is_refused(n_folds):
    with pytest.raises(BadValueError, match=r"n_folds must lie in \[2, 50\]"):
        folds(np.zeros(50, int), *sky(50), n_folds=n_folds, seed=0)


def test_oversampling_balances_with_copies_of_the_rows_given():
    labels = np.array([0] * 8 + [1] * 3 + [2])
    indices = np.array([0, 1, 2, 3, 4, 8, 9, 11])
    more = oversample(labels, indices, seed=0)
    assert np.bincount(labels[more]).tolist() == [5, 5, 5]
    assert set(more.tolist()) == set(indices.tolist())
    np.testing.assert_array_equal(more[: len(indices)], indices)
    np.testing.assert_array_equal(more, oversample(labels, indices, seed=0))
    assert (more != oversample(labels, indices, seed=1)).any()


def test_one_class_needs_no_oversampling():
    assert oversample(np.zeros(5, int), np.array([3, 1]), seed=0).tolist() == [3, 1]
