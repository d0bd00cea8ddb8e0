"""Pooling: every galaxy once, in the order of the file, and nothing that would count one twice or leave one out."""

import json

import numpy as np
import pytest
from made_folds import LABELS, N, make_fold, make_folds

from galaxy_core.errors import BadFileError, BadValueError, MissingError
from galaxy_core.results.cross_validation import is_fold, missing_folds, pool, pooled_metrics


def test_every_galaxy_is_there_once_with_the_answer_of_the_fold_that_tested_it() -> None:
    right = np.arange(N) % 3 == 0
    pooled = pool(make_folds(right=right))
    np.testing.assert_array_equal(pooled.index, np.arange(N))
    np.testing.assert_array_equal(pooled.labels, LABELS)
    np.testing.assert_array_equal(pooled.probabilities.argmax(1) == LABELS, right)
    assert pooled.name == "first-020-s0"


def test_the_order_in_which_folds_are_named_changes_nothing() -> None:
    runs = make_folds(right=np.arange(N) < 9)
    forward, backward = pool(runs), pool(runs[::-1])
    np.testing.assert_array_equal(forward.probabilities, backward.probabilities)
    assert [run.name for run in backward.runs] == [run.name for run in runs]


def test_the_pooled_numbers_are_those_of_all_galaxies_and_not_means_over_folds() -> None:
    # folds of different size: 30 and 10 galaxies, all right in the larger one
    runs = [
        make_fold(0, n_folds=2, test=np.arange(30)),
        make_fold(1, n_folds=2, test=np.arange(30, N), right=np.zeros(N, bool)),
    ]
    metrics = pooled_metrics(pool(runs))
    assert metrics["n"] == N
    assert metrics["accuracy"] == 0.75
    assert sum(map(sum, metrics["confusion"])) == N
    assert metrics["per_class"][0]["n"] == 4


def test_a_fold_that_is_missing_or_not_finished_is_named() -> None:
    runs = [make_fold(0), make_fold(1, done=False), make_fold(3)]
    with pytest.raises(MissingError, match="first-020-s0 is not pooled: folds 1, 2 of 0 to 3 missing"):
        pool(runs)
    assert missing_folds([*runs, make_fold(2)]).startswith("first-020-s0 is not pooled: fold 1 of")


def test_a_fold_that_is_there_twice_is_named() -> None:
    runs = [*make_folds(), make_fold(2, sweep="second")]
    with pytest.raises(BadValueError, match=r"fold 2 is there 2 times \(first-020-s0-f2, second-020-s0-f2\)"):
        pool(runs)


def test_a_galaxy_that_two_folds_tested_is_named_with_both() -> None:
    runs = [make_fold(0, n_folds=2, test=np.arange(21)), make_fold(1, n_folds=2, test=np.arange(20, N))]
    with pytest.raises(BadValueError, match="galaxy 20 is tested by first-020-s0-f0, first-020-s0-f1"):
        pool(runs)


def test_a_galaxy_that_no_fold_tested_is_named() -> None:
    runs = [make_fold(0, n_folds=2, test=np.arange(19)), make_fold(1, n_folds=2, test=np.arange(21, N))]
    with pytest.raises(BadValueError, match="galaxy 19 and 1 more of first-020-s0 is tested by no fold"):
        pool(runs)


@pytest.mark.parametrize("other", [{"percent": 40}, {"seed": 1}, {"epochs": 3}, {"n_mocks": 10}])
def test_runs_that_differ_in_more_than_the_fold_are_not_pooled(other: dict[str, int]) -> None:
    with pytest.raises(BadValueError, match="differ in more than the fold"):
        pool([make_fold(0, n_folds=2), make_fold(1, n_folds=2, **other)])


def test_folds_of_another_file_of_galaxies_are_not_pooled() -> None:
    runs = make_folds()
    card = runs[2].card()
    card["data"]["sha256"] = "cd" * 32
    (runs[2].path / "card.json").write_text(json.dumps(card))
    with pytest.raises(BadValueError, match="first-020-s0-f2 differ in more than the fold"):
        pool(runs)


def test_a_run_without_folds_is_no_fold(make_run) -> None:
    alone = make_run("alone")
    assert not is_fold(alone)
    with pytest.raises(BadValueError, match="alone is no fold"):
        pool([alone])
    with pytest.raises(BadValueError, match="no runs to pool"):
        pool([])


def test_neighbours_on_the_sky_are_one_group() -> None:
    groups = pool(make_folds(neighbours=[[3, 7, 9], [10, 11]])).groups
    assert groups[3] == groups[7] == groups[9]
    assert groups[10] == groups[11]
    assert len(np.unique(groups)) == N - 3


@pytest.mark.parametrize("damaged", [[[3, 400]], [["a"]], [3], 5, [[-1, 2]]])
def test_neighbours_that_are_no_galaxies_are_refused(damaged: object) -> None:
    runs = make_folds()
    path = runs[0].path / "split.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "neighbours": damaged}))
    with pytest.raises(BadFileError, match="neighbours in"):
        pool(runs)
