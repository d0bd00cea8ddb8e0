"""Run folders against each other: which become one row, and what is refused."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.results.comparison import (
    compare_runs,
    judged,
    row_names,
)
from galaxy_core.runs.run import Run

MakeRun = Callable[..., Run]


def test_rows_are_called_by_their_percentage_in_the_order_of_the_table(make_run: MakeRun) -> None:
    pairs = compare_runs([make_run("b", percent=40, n_right=10), make_run("a", percent=20, n_right=36)])
    (pair,) = pairs
    assert (pair.first, pair.second) == ("20 %", "40 %")
    assert (pair.n_galaxies, pair.only_first, pair.only_second) == (40, 26, 0)
    assert pair.is_distinguishable


def test_seeds_of_one_setting_are_one_row(make_run: MakeRun) -> None:
    runs = [make_run(f"r{p}-{s}", percent=p, seed=s, n_right=p // 2 + s) for p in (20, 40) for s in (0, 1)]
    (pair,) = compare_runs(runs)
    assert (pair.n_draws, pair.n_galaxies) == (2, 40)
    assert pair.accuracy_first == pytest.approx(10.5 / 40)


def test_seeds_are_one_row_though_their_file_was_moved_in_between(make_run: MakeRun) -> None:
    runs = [make_run(f"r{p}-{s}", percent=p, seed=s) for p in (20, 40) for s in (0, 1)]
    config = runs[1].path / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "data": "elsewhere/galaxies.h5"}))
    (pair,) = compare_runs(runs)
    assert (pair.first, pair.second, pair.n_draws) == ("20 %", "40 %", 2)


def test_a_source_of_which_nothing_is_taken_makes_no_row_of_its_own(make_run: MakeRun) -> None:
    runs = [make_run(f"r{p}-{s}", percent=p, seed=s) for p in (0, 20) for s in (0, 1)]
    config = runs[1].path / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "source": "another"}))
    assert [pair.n_draws for pair in compare_runs(runs)] == [2]


def test_each_run_is_told_the_row_it_is_one_of(make_run: MakeRun) -> None:
    runs = [make_run(f"r{p}-{s}", percent=p, seed=s) for p in (20, 40) for s in (0, 1)]
    assert row_names(runs) == {"r20-0": "20 %", "r20-1": "20 %", "r40-0": "40 %", "r40-1": "40 %"}


def test_seeds_alone_are_compared_with_each_other(make_run: MakeRun) -> None:
    rows = judged([make_run("x", seed=0), make_run("y", seed=1)])
    assert [row.name for row in rows] == ["x", "y"]


def test_folds_of_one_setting_are_one_row_that_tests_every_galaxy(make_run: MakeRun) -> None:
    runs = []
    for percent, fold in ((20, 0), (20, 1), (40, 0), (40, 1)):
        run = make_run(f"r-{percent:03d}-s0-f{fold}", percent=percent, n_right=percent)
        config = json.loads((run.path / "config.json").read_text())
        (run.path / "config.json").write_text(json.dumps({**config, "n_folds": 2, "fold": fold, "test": 0.5}))
        lines = (run.path / "predictions.csv").read_text().splitlines(keepends=True)
        tested = [line for line in lines[1:] if int(line.split(",")[0]) % 2 == fold]
        (run.path / "predictions.csv").write_text("".join([lines[0], *tested]))
        runs.append(run)
    (pair,) = compare_runs(runs)
    assert (pair.first, pair.n_galaxies, pair.n_draws) == ("20 %", 40, 2)
    assert (pair.accuracy_first, pair.accuracy_second) == (0.5, 1.0)


def test_policies_are_named_where_percentages_do_not_tell_rows_apart(make_run: MakeRun) -> None:
    rows = judged([make_run("x"), make_run("y", policy="freeze_prefix")])
    assert [row.name for row in rows] == ["transfer_frozen 20 %", "freeze_prefix 20 %"]


def test_runs_on_different_files_are_not_paired(make_run: MakeRun) -> None:
    other = make_run("other", percent=60, data={"sha256": "ef" * 32})
    with pytest.raises(BadValueError, match="first and other were tested on different files"):
        compare_runs([make_run("first"), other])


def test_the_answer_is_the_same_every_time(make_run: MakeRun) -> None:
    runs = [make_run("a", percent=20, n_right=20), make_run("b", percent=40, n_right=26)]
    first, again = compare_runs(runs), compare_runs(runs)
    assert first[0].low == again[0].low
    assert not np.isnan(first[0].detectable)
