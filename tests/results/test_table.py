"""The table: its columns, its order, what is not yet known, and what the paper is compared with."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from galaxy_core.errors import BadFileError, BadValueError
from galaxy_core.results.paper import PAPER_ROWS, REFERENCE_6, paper_row
from galaxy_core.results.render import COLUMNS, as_plain, as_text
from galaxy_core.results.table import TableRow, is_source, seed_summary, table_notes, table_rows
from galaxy_core.runs.run import Run

MakeRun = Callable[..., Run]


def test_columns_are_those_scripts_rely_on() -> None:
    assert ", ".join(COLUMNS) == (
        "run, policy, source, imagenet_percent, trainable_percent, seed, train_loss, train_accuracy, test_loss, "
        "test_accuracy, test_low, test_high, balanced_accuracy, paper_test_accuracy, "
        "backbone, paper_train_loss, paper_train_accuracy, paper_test_loss"
    )


def test_a_row_holds_the_last_epoch_and_the_test_part(make_run: MakeRun) -> None:
    (row,) = table_rows([make_run("first-020-s0")])
    assert (row.run, row.policy, row.source) == ("first-020-s0", "transfer_frozen", "imagenet")
    assert (row.imagenet_percent, row.trainable_percent, row.seed) == (20, 80, 0)
    assert (row.train_loss, row.train_accuracy) == (1.0, 0.6)
    assert row.test_accuracy == 0.75
    assert row.test_low is not None
    assert row.test_high is not None
    assert row.test_low < 0.75 < row.test_high
    assert row.balanced_low is not None
    assert row.balanced_high is not None
    assert row.balanced_low <= row.balanced_accuracy <= row.balanced_high
    assert row.paper_test_accuracy == 0.79


def test_a_run_that_is_not_done_has_no_test_numbers(make_run: MakeRun) -> None:
    (row,) = table_rows([make_run("half", done=False)])
    assert row.train_loss == 1.0
    assert row.source == "auto"
    assert (
        row.test_loss is row.test_accuracy is row.test_low is row.test_high is row.balanced_accuracy is None
    )


def test_a_run_before_its_first_epoch_is_a_row(make_run: MakeRun) -> None:
    run = make_run("new", done=False)
    (run.path / "history.jsonl").unlink()
    assert table_rows([run])[0].train_loss is None


def test_a_diverged_epoch_has_no_loss(make_run: MakeRun) -> None:
    run = make_run("diverged", done=False)
    (run.path / "history.jsonl").write_text('{"epoch": 1, "loss": NaN, "accuracy": 0.1}\n')
    assert table_rows([run])[0].train_loss is None


def test_a_finished_scratch_run_has_no_source(make_run: MakeRun) -> None:
    assert table_rows([make_run("s", policy="scratch", percent=0)])[0].source == "none"


def test_a_row_that_takes_nothing_has_no_source_before_and_after_it_is_done(make_run: MakeRun) -> None:
    runs = [make_run("done", percent=0, source=None), make_run("half", percent=0, done=False)]
    assert [row.source for row in table_rows(runs)] == ["none", "none"]


@pytest.mark.parametrize("metrics", ["{}", None])
def test_a_run_that_was_never_tested_is_a_row_without_test_numbers_and_without_notes(
    make_run: MakeRun, metrics: str | None
) -> None:
    run = make_run("loaded")
    (run.path / "metrics.json").unlink()
    if metrics:
        (run.path / "metrics.json").write_text(metrics)
    (row,) = table_rows([run])
    assert (row.test_accuracy, row.balanced_low, row.source) == (None, None, "imagenet")
    assert table_notes([run]) == []


def test_a_run_with_a_card_alone_is_a_row(make_run: MakeRun) -> None:
    run = make_run("shipped", percent=40)
    (run.path / "config.json").unlink()
    (row,) = table_rows([run])
    assert (row.policy, row.imagenet_percent, row.seed) == ("transfer_frozen", 40, None)


def test_rows_are_sorted_by_policy_then_percent_then_seed(make_run: MakeRun) -> None:
    runs = [
        make_run("d", percent=100),
        make_run("c", percent=20, seed=1),
        make_run("b", percent=20, seed=0),
        make_run("e", policy="freeze_prefix", percent=0),
        make_run("a", policy="scratch", percent=0),
    ]
    assert [row.run for row in table_rows(runs)] == ["a", "b", "c", "d", "e"]


def test_a_source_of_weights_has_no_row(make_run: MakeRun) -> None:
    run = make_run("shapes", kind="source")
    assert is_source(run)
    with pytest.raises(BadValueError, match="--source shapes"):
        table_rows([run])


def test_a_damaged_metrics_file_is_named(make_run: MakeRun) -> None:
    run = make_run("hurt")
    (run.path / "metrics.json").write_text("{")
    with pytest.raises(BadFileError, match=r"metrics\.json"):
        table_rows([run])


def test_the_paper_is_compared_only_with_what_it_did() -> None:
    assert [row.test_accuracy for row in PAPER_ROWS.values()] == [0.65, 0.79, 0.73, 0.76, 0.67, 0.48]
    assert REFERENCE_6 == 0.89
    assert paper_row("scratch", 0) == paper_row("transfer_frozen", 0) == PAPER_ROWS[0]
    assert paper_row("freeze_prefix", 60) == PAPER_ROWS[60]
    assert paper_row("freeze_prefix", 0) is None  # full fine-tuning
    assert paper_row("scratch", 20) is None
    assert paper_row("transfer_tuned", 20) is paper_row("random_frozen", 20) is None
    assert paper_row("transfer_frozen", 30) is None


def test_seeds_are_summarised_by_policy_source_and_percent(make_run: MakeRun) -> None:
    runs = [make_run(f"r{seed}", seed=seed, n_right=20 + 4 * seed) for seed in range(3)]
    (summary,) = seed_summary(table_rows([*runs, make_run("half", done=False)]))
    assert (summary.n_seeds, summary.lowest, summary.highest) == (3, 0.5, 0.7)
    assert summary.mean == pytest.approx(0.6)
    assert summary.spread == pytest.approx(0.1)


def test_one_seed_has_no_spread(make_run: MakeRun) -> None:
    assert seed_summary(table_rows([make_run("alone")]))[0].spread is None


def test_notes_say_how_many_galaxies_of_what(make_run: MakeRun) -> None:
    notes = table_notes([make_run("a"), make_run("b", seed=1), make_run("half", done=False)])
    assert notes[0] == (
        "Tested on 40 rendered (mock) galaxies of galaxies.h5 (sha256 abababababab…), "
        "each class about as often, unlike the full set."
    )
    assert "no like for like" in notes[1]
    assert len(notes) == 2


def test_notes_warn_of_runs_tested_on_different_galaxies(make_run: MakeRun) -> None:
    other = {"file": "other.h5", "sha256": "ee" * 32, "origin": "survey"}
    first = make_run("a", split_hash="1")
    for different in (make_run("b", data=other, split_hash="1"), make_run("c", split_hash="2")):
        assert any("do not compare" in note for note in table_notes([first, different]))
    assert not any("do not compare" in note for note in table_notes([first, make_run("d", split_hash="1")]))


def test_only_the_survey_itself_is_like_for_like(make_run: MakeRun) -> None:
    survey = {"file": "Galaxy10_DECals.h5", "sha256": "19" * 32, "origin": "survey"}
    (note,) = table_notes([make_run("a", data=survey)])
    assert note.startswith("Tested on 40 galaxies of Galaxy10_DECals.h5")


def test_no_finished_run_has_no_notes(make_run: MakeRun) -> None:
    assert table_notes([make_run("half", done=False)]) == []


def test_rows_are_plain_values(make_run: MakeRun, tmp_path: Path) -> None:
    (row,) = table_rows([make_run("a")])
    plain = as_plain(row)
    assert json.loads(json.dumps(plain)) == plain
    assert isinstance(row, TableRow)


def test_a_narrow_terminal_keeps_every_name_whole_and_leaves_out_what_is_least_needed(
    make_run: MakeRun,
) -> None:
    rows = table_rows([make_run("a-sweep-with-a-long-name-020-s0")])
    wide, narrow = as_text(rows, width=160), as_text(rows, width=90)
    assert "balanced" in wide
    assert "train loss" in wide
    assert "too narrow" not in wide
    assert "│ a-sweep-with-a-long-name-020-s0 │" in narrow
    assert "test acc." in narrow
    assert "balanced" not in narrow
    assert narrow.splitlines()[-1].startswith("This terminal is too narrow for all columns")
