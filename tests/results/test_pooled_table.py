"""One line a setting: folds pooled, seeds averaged, intervals over galaxies that all seeds have seen."""

import csv
import io
import json
from collections.abc import Callable

import numpy as np
import pytest
from made_folds import N, make_fold, make_folds

from galaxy_core.errors import BadValueError
from galaxy_core.metrics.statistics import wilson_interval
from galaxy_core.results.cross_validation import pool
from galaxy_core.results.pooled_table import as_table_rows, pooled_row, pooled_table
from galaxy_core.results.render_pooled import COLUMNS, pooled_csv, pooled_markdown, pooled_text
from galaxy_core.results.table import table_notes
from galaxy_core.runs.run import Run

HALF = np.arange(N) < 20
THREE_QUARTERS = np.arange(N) < 30


def test_seeds_are_averaged_and_their_spread_is_that_of_the_seeds() -> None:
    runs = [*make_folds(seed=0, right=HALF), *make_folds(seed=1, right=THREE_QUARTERS)]
    (row,) = pooled_table(runs).rows
    assert (row.name, row.n_seeds, row.n_folds, row.n_galaxies) == ("first-020", 2, 4, N)
    assert row.test_accuracy == pytest.approx(0.625)
    assert row.test_spread == pytest.approx(np.std([0.5, 0.75], ddof=1))
    assert (row.test_lowest, row.test_highest) == (0.5, 0.75)
    assert (row.train_loss, row.train_accuracy) == (1.0, 0.5)
    assert row.paper_test_accuracy == 0.79


def test_one_seed_has_its_own_name_and_no_spread() -> None:
    (row,) = pooled_table(make_folds(right=HALF)).rows
    assert (row.name, row.n_seeds, row.test_spread, row.balanced_spread) == ("first-020-s0", 1, None, None)


def test_more_seeds_that_agree_make_the_interval_no_narrower() -> None:
    seeds = [pool(make_folds(seed=seed, right=HALF)) for seed in range(3)]
    one, three = pooled_row(seeds[:1]), pooled_row(seeds)
    assert (three.test_low, three.test_high) == (one.test_low, one.test_high)
    assert one.test_low < 0.5 < one.test_high


def test_neighbours_on_the_sky_make_the_interval_wider() -> None:
    # ten galaxies of one fold each, all of one piece of sky: four draws decide, not forty
    pieces = [list(range(10 * k, 10 * k + 10)) for k in range(4)]
    alone = pooled_row([pool(make_folds(right=HALF))])
    together = pooled_row([pool(make_folds(sweep="sky", right=HALF, neighbours=pieces))])
    assert together.test_high - together.test_low > 2 * (alone.test_high - alone.test_low)


def test_where_all_are_right_the_interval_is_wilsons() -> None:
    (row,) = pooled_table(make_folds()).rows
    assert row.test_accuracy == 1
    assert (row.test_low, row.test_high) == wilson_interval(N, N)


def test_classes_and_confusion_are_means_over_the_seeds() -> None:
    seeds = [pool(make_folds(seed=0, right=HALF)), pool(make_folds(seed=1))]
    row = pooled_row(seeds)
    assert row.per_class[0]["n"] == 4
    assert row.per_class[0]["completeness"] == 0.75
    assert row.confusion[0][:2] == [3.0, 1.0]
    assert json.loads(json.dumps(row.confusion)) == row.confusion


def test_a_source_of_which_nothing_is_taken_makes_no_row_of_its_own() -> None:
    runs = [*make_folds(percent=0, seed=0), *make_folds(percent=0, seed=1)]
    for run in runs[:2]:
        asked = json.loads((run.path / "config.json").read_text())
        (run.path / "config.json").write_text(json.dumps({**asked, "source": "another"}))
    (row,) = pooled_table(runs).rows
    assert row.n_seeds == 2


def test_settings_are_kept_apart_and_come_in_the_order_of_the_table() -> None:
    runs = [
        *make_folds(percent=100),
        *make_folds(percent=20, sweep="mixed", n_mocks=50),
        *make_folds(percent=20),
    ]
    rows = pooled_table(runs).rows
    assert [(row.imagenet_percent, row.n_mocks) for row in rows] == [(20, 0), (20, 50), (100, 0)]


def test_a_seed_that_lacks_folds_is_a_sentence_and_the_others_are_pooled(
    make_run: Callable[..., Run],
) -> None:
    runs = [*make_folds(seed=0), make_fold(0, seed=1), make_fold(2, seed=1, done=False), make_run("alone")]
    table = pooled_table(runs)
    assert [row.n_seeds for row in table.rows] == [1]
    assert table.runs == {f"first-020-s0-f{k}" for k in range(4)}
    (sentence,) = table.missing
    assert sentence == "first-020-s1 is not pooled: folds 1, 2, 3 of 0 to 3 missing or not finished."


def test_seeds_that_tested_other_galaxies_make_no_row() -> None:
    first = pool(make_folds())
    second = pool([make_fold(k, seed=1, n_folds=2) for k in range(2)])
    second.labels[0] = 5
    with pytest.raises(BadValueError, match="not tested on the same galaxies"):
        pooled_row([first, second])


def test_pooled_rows_have_the_shape_of_single_ones_for_whoever_draws_those() -> None:
    (pooled,) = pooled_table(make_folds(right=HALF)).rows
    (row,) = as_table_rows([pooled])
    assert (row.run, row.seed, row.imagenet_percent) == ("first-020-s0", None, 20)
    assert (row.test_accuracy, row.test_low) == (0.5, pooled.test_low)


def test_csv_and_markdown_have_a_line_a_setting() -> None:
    table = pooled_table([*make_folds(right=HALF), *make_folds(percent=40)])
    lines = list(csv.DictReader(io.StringIO(pooled_csv(table))))
    assert tuple(lines[0]) == COLUMNS
    assert [line["imagenet_percent"] for line in lines] == ["20", "40"]
    assert float(lines[0]["test_accuracy"]) == 0.5
    assert lines[0]["test_spread"] == ""
    text = pooled_markdown(table)
    assert "| first-020-s0 |" in text
    assert "Each of 40 galaxies tested once by a seed, in 4 folds." in text


@pytest.mark.parametrize("width", [80, 110, 140])
def test_text_shows_the_paper_in_brackets_and_what_is_missing(width: int) -> None:
    runs = [*make_folds(right=HALF), make_fold(1, seed=1)]
    text = pooled_text(pooled_table(runs), ["A note."], width)
    (line,) = [line for line in text.splitlines() if "first-020" in line and "pooled" not in line]
    assert "0.500 [0.79]" in line
    assert "│ 20 % │" in " ".join(line.split())
    assert "first-020-s1 is not pooled" in text
    assert "A note.\n" in text
    assert max(len(line) for line in text.splitlines() if "│" in line) <= width


def test_notes_say_that_folds_are_compared_pooled_and_what_was_trained_on() -> None:
    notes = table_notes([*make_folds(), *make_folds(sweep="mixed", n_mocks=1000)])
    assert notes[0] == (
        "Tested on 40 real galaxies of galaxies.h5 (sha256 abababababab…), each run on one of 4 folds."
    )
    assert "Trained on 28 real galaxies. (4 runs)" in notes
    assert "Trained on 28 real and 1,000 mock galaxies. (4 runs)" in notes
    assert any("compare the pooled rows" in note for note in notes)
    assert not any("do not compare" in note for note in notes)


def test_notes_warn_where_folds_stand_beside_another_split(make_run: Callable[..., Run]) -> None:
    notes = table_notes([*make_folds(), make_run("alone", split_hash="1")])
    assert any("do not compare" in note for note in notes)
