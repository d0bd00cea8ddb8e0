"""What is known of shipped rows in folds and with other seeds: read as it was told, or not at all."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from galaxy_core.results.shipped_evidence import accuracies_by_seed, in_folds
from galaxy_core.runs.run import Run

TOLD = {
    "n_folds": 5, "n_seeds": 1, "n_galaxies": 700, "test_accuracy": 0.55, "test_low": 0.51, "test_high": 0.59,
    "balanced_accuracy": 0.54,
}  # fmt: skip
LINES = """question,run or pair,score,value,low,high,command
accuracy,a-020-s0,test accuracy,0.5,,,x
accuracy,a-020-s0,test loss,1.5,,,x
accuracy,a-020-s1,test accuracy,0.6,,,x
accuracy,a-040-s0,test accuracy,0.7,,,x
accuracy,a-020,"test accuracy, mean of 2 seeds",0.55,,,x
"""


def with_card(run: Run, told: object) -> Run:
    card = json.loads((run.path / "card.json").read_text())
    (run.path / "card.json").write_text(json.dumps({**card, "cross_validation": told}))
    return Run(run.path)


def test_the_card_tells_of_the_folds(make_run: Callable[..., Run]) -> None:
    run = make_run("a-020-s0")
    assert in_folds(run) is None
    found = in_folds(with_card(run, TOLD))
    assert found is not None
    assert (found.n_folds, found.n_galaxies, found.accuracy, found.low) == (5, 700, 0.55, 0.51)


@pytest.mark.parametrize(
    "wrong", [None, [], {}, {**TOLD, "test_low": "low"}, {**TOLD, "n_folds": 0}, {**TOLD, "test_high": 7}]
)
def test_a_card_that_tells_nonsense_of_folds_tells_nothing(
    make_run: Callable[..., Run], wrong: object
) -> None:
    assert in_folds(with_card(make_run("a-020-s0"), wrong)) is None


def test_seeds_of_a_row_are_those_of_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "results-seeds.csv").write_text(LINES)
    assert accuracies_by_seed(["a-020-s0", "a-040-s0", "best"], tmp_path) == {"a-020-s0": {0: 0.5, 1: 0.6}}
    assert accuracies_by_seed(["a-020-s0"], tmp_path / "nowhere") == {}
