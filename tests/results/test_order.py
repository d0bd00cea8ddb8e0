"""Six galaxies of which it is known what a network says."""

from collections.abc import Callable

import numpy as np
import pytest

from galaxy_core.errors import BadValueError, MissingError
from galaxy_core.metrics.measure import write_predictions
from galaxy_core.results import order
from galaxy_core.runs.run import Run

LABELS = np.array([0, 0, 0, 1, 1, 2])
SAID = np.array([0, 0, 1, 1, 2, 2])
SURE = np.array([0.9, 0.5, 0.8, 0.6, 0.95, 0.7])


def shares() -> np.ndarray:
    found = np.repeat((1 - SURE)[:, None] / 9, 10, axis=1)
    found[np.arange(6), SAID] = SURE
    return found


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (order.FILE, [0, 1, 2, 3, 4, 5]),
        (order.WRONG, [4, 2, 0, 5, 3, 1]),
        (order.RIGHT, [0, 5, 3, 1, 4, 2]),
        (order.SURE, [4, 0, 2, 5, 3, 1]),
        (order.UNSURE, [1, 3, 5, 2, 0, 4]),
        (order.DISPUTED, [5, 4, 3, 2, 1, 0]),
        (order.EXTREMES, [0, 2, 3, 4, 5, 1]),
    ],
)
def test_galaxies_come_in_the_order_asked_for(how: str, expected: list[int]) -> None:
    assert order.in_order(LABELS, shares(), np.arange(6), how).tolist() == expected


def test_no_galaxies_have_every_order() -> None:
    nothing = np.zeros(0, np.int64)
    for how in order.ORDERS:
        assert len(order.in_order(nothing, np.zeros((0, 10)), nothing, how)) == 0


def test_an_order_that_is_not_one_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadValueError, match="surest first"):
        order.in_order(LABELS, shares(), np.arange(6), "prettiest first")


def write(run: Run, index: list[int]) -> Run:
    answers = np.eye(10, dtype=np.float32)[np.array(index) % 10]
    write_predictions(run.path / "predictions.csv", np.array(index), np.array(index) % 10, answers)
    return run


def test_runs_share_the_galaxies_that_both_were_tested_on(make_run: Callable[..., Run]) -> None:
    first, second = write(make_run("a"), [9, 3, 5]), write(make_run("b"), [5, 7, 9])
    shared = order.shared_answers([first, second])
    assert shared.index.tolist() == [5, 9]
    assert shared.labels.tolist() == [5, 9]
    assert {name: rows.argmax(axis=1).tolist() for name, rows in shared.probabilities.items()} == {
        "a": [5, 9],
        "b": [5, 9],
    }


def test_runs_without_a_common_test_galaxy_are_told_so(make_run: Callable[..., Run]) -> None:
    with pytest.raises(MissingError, match="a, b have no test galaxy in common"):
        order.shared_answers([write(make_run("a"), [1]), write(make_run("b"), [2])])
    with pytest.raises(MissingError, match="no run"):
        order.shared_answers([])
