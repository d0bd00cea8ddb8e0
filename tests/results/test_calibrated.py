"""What a calibration says, read back as numbers; whatever is no number is refused."""

import copy
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from galaxy_core.prediction.calibrate import measured_trust
from galaxy_core.results.calibrated import Calibrated, calibrated_from
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.runs.run import Run

N = 120
SCORE = {"accuracy": 0.5, "low": 0.4, "high": 0.6, "n": N, "n_effective": 99.5}


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    """As JSON, of a network that is right in half of its answers and as good as sure of all."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 2 * N)
    logits = 9 * np.eye(10)[np.where(np.arange(2 * N) % 2, labels, (labels + 1) % 10)]
    measured = measured_trust(logits[:N], labels[:N], logits[N:], labels[N:])
    survey = {"plain": SCORE, "shifted": {**SCORE, "accuracy": None}}
    record = {"n_validation": N, "n_test": N, **measured, "survey": survey}
    return dict(json.loads(json.dumps(record, allow_nan=False)))


@pytest.fixture
def row(make_run: Callable[..., Run]) -> TableRow:
    return table_rows([make_run("first")])[0]


@pytest.fixture
def one(row: TableRow, record: dict[str, Any]) -> Calibrated:
    return calibrated_from(row, record)


def test_an_error_that_scaling_removes_is_beyond_chance_before_and_not_after(one: Calibrated) -> None:
    assert one.before.error == pytest.approx(0.5, abs=0.01)
    assert (one.before.low > 0, one.after.low > 0) == (True, False)
    assert sum(each.n for each in one.before.bins) == one.n_test == N


def test_promises_and_scores_are_read_and_one_that_is_undefined_is_none(one: Calibrated) -> None:
    assert list(one.sets) == [0.8, 0.9, 0.95]
    assert one.sets[0.9].covered >= 0.85
    assert one.plain is not None
    assert one.plain.n_effective == 99.5
    assert one.shifted is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("temperature",), "hot"),
        (("before", "error"), 0.1),
        (("before", "error", "low"), float("nan")),
        (("after", "bins"), [{"n": 1}]),
        (("sets",), 3),
        (("survey",), 3),
        (("n_test",), True),
    ],
)
def test_what_is_no_number_is_refused(
    row: TableRow, record: dict[str, Any], path: tuple[str, ...], value: Any
) -> None:
    spoilt = copy.deepcopy(record)
    within = spoilt
    for key in path[:-1]:
        within = within[key]
    within[path[-1]] = value
    with pytest.raises((KeyError, TypeError, ValueError)):
        calibrated_from(row, spoilt)
