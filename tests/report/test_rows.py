"""Lines, labels, and the run that stands for a setting."""

from collections.abc import Callable

from made_folds import make_fold, make_folds

from galaxy_core.report.rows import gather, one_of_each_setting
from galaxy_core.runs.run import Run

MakeRun = Callable[..., Run]


def test_rows_of_one_sweep_are_told_apart_by_their_share_alone(make_run: MakeRun) -> None:
    material = gather([make_run(f"first-{p:03d}-s0", p) for p in (100, 0, 20)])
    assert [material.labels[line.run] for line in material.lines] == [
        *("from scratch", "ImageNet 20\u00a0%", "ImageNet 100\u00a0%")
    ]


def test_seeds_and_policies_come_into_the_labels_where_they_are_needed(make_run: MakeRun) -> None:
    seeds = [make_run(f"first-020-s{s}", seed=s) for s in (0, 1)]
    assert set(gather(seeds).labels.values()) == {"ImageNet 20\u00a0%, seed 0", "ImageNet 20\u00a0%, seed 1"}
    other = make_run("second-020-s0", policy="freeze_prefix")
    labels = gather([seeds[0], other]).labels
    assert labels[other.name] == "ImageNet 100\u00a0%, 20\u00a0% frozen"


def test_runs_that_nothing_tells_apart_keep_their_names(make_run: MakeRun) -> None:
    material = gather([make_run("first-020-s0"), make_run("second-020-s0")])
    assert material.labels == {"first-020-s0": "first-020-s0", "second-020-s0": "second-020-s0"}


def test_a_whole_cross_validation_is_one_line_and_a_part_of_one_is_not(make_run: MakeRun) -> None:
    whole = gather(make_folds(4))
    assert [line.run for line in whole.lines] == ["first-020-s0"]
    assert whole.singles == []
    part = gather([make_fold(k, sweep="second") for k in (0, 2)])
    assert len(part.lines) == 2


def test_seeds_and_folds_of_a_setting_are_shown_by_one_run(make_run: MakeRun) -> None:
    runs = [make_run(f"first-{p:03d}-s{s}", p, seed=s) for p in (20, 40) for s in (0, 1)]
    assert [run.name for run in one_of_each_setting([*runs, *make_folds(4, sweep="second")])] == [
        *("first-020-s0", "first-040-s0", "second-020-s0-f0")
    ]
