"""Runs that look alike, and runs that do not."""

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadValueError
from galaxy_core.results.records import AGREEMENT, kept
from galaxy_core.results.table import TableRow, table_rows
from galaxy_core.runs.run import Run
from galaxy_core.studies.agreement import COLUMNS, kept_agreement, study_agreement

MakeRun = Callable[..., Run]


def two_seeds_and_another(make_studied: MakeRun) -> list[Run]:
    """One setting with two seeds that look at what is bright, and another that looks at a corner."""
    return [
        make_studied("bright-s0", percent=20, seed=0),
        make_studied("bright-s1", percent=20, seed=1),
        make_studied("corner-s0", percent=80, seed=0),
    ]


def with_rows(runs: list[Run]) -> list[tuple[Run, TableRow]]:
    """Each run with its row, in the order of the table."""
    return [(run, row) for row in table_rows(runs) for run in runs if run.name == row.run]


def test_seeds_that_look_alike_and_settings_that_do_not_differ_beyond_noise(
    make_studied: MakeRun, galaxies: Galaxies, looking: type
) -> None:
    runs = two_seeds_and_another(make_studied)
    found = study_agreement(runs, galaxies, lineup_of=looking)
    assert found.noise
    assert found.difference
    assert found.noise.value == pytest.approx(1)
    assert found.difference.high < -0.5
    assert "as far as 12 galaxies tell" in found.sentence  # of so few nothing is said to be real
    enough = replace(found, difference=replace(found.difference, n=20))
    assert "beyond noise" in enough.sentence
    table = found.matrix()
    assert table[0, 1] == pytest.approx(1)
    assert table[0, 2] < 0.5
    np.testing.assert_array_equal(table, table.T)


def test_settings_that_look_alike_are_said_to_differ_by_no_more_than_noise(
    make_studied: MakeRun, galaxies: Galaxies, looking: type
) -> None:
    runs = [make_studied(f"bright-{p}-{s}", percent=p, seed=s) for p in (20, 80) for s in (0, 1)]
    found = study_agreement(runs, galaxies, lineup_of=looking)
    assert found.difference
    assert found.difference.value == pytest.approx(0)
    assert "no more than the seeds disagree" in found.sentence


def test_without_two_seeds_the_noise_is_not_known(
    make_studied: MakeRun, galaxies: Galaxies, looking: type
) -> None:
    runs = [make_studied("bright-a", percent=20), make_studied("corner-a", percent=80)]
    found = study_agreement(runs, galaxies, lineup_of=looking)
    assert found.difference is None
    assert "cannot be told" in found.sentence
    assert [len(row) for row in found.rows()] == [len(COLUMNS)]
    record = kept(runs[0], AGREEMENT)
    assert record
    assert list(record["with"]) == ["corner-a"]


def test_two_recipes_are_neither_noise_nor_a_change_of_share(
    make_studied: MakeRun, galaxies: Galaxies, looking: type
) -> None:
    recipes = [
        make_studied("bright-a", percent=20),
        make_studied("bright-b", percent=20, preset="paper", epochs=3),
    ]
    found = study_agreement(recipes, galaxies, lineup_of=looking)
    assert [(pair.is_same_setting, pair.unlike) for pair in found.pairs] == [
        (False, "preset custom and paper, epochs 10 and 3")
    ]
    assert "these differ in preset custom and paper, epochs 10 and 3 too" in found.sentence
    found = study_agreement(
        [*recipes, make_studied("bright-c", percent=20, seed=1)], galaxies, lineup_of=looking
    )
    assert found.noise is None


def test_flat_maps_agree_with_nothing(make_studied: MakeRun, galaxies: Galaxies, looking: type) -> None:
    runs = [make_studied("nothing-a", percent=20), make_studied("corner-a", percent=80)]
    assert study_agreement(runs, galaxies, lineup_of=looking).pairs[0].correlation.n == 0


def test_one_run_alone_is_refused(make_studied: MakeRun, galaxies: Galaxies, looking: type) -> None:
    with pytest.raises(BadValueError, match="two runs"):
        study_agreement([make_studied("bright-a")], galaxies, lineup_of=looking)


def test_a_comparison_is_kept_for_its_runs_and_their_weights(
    make_studied: MakeRun, galaxies: Galaxies, looking: type
) -> None:
    runs = two_seeds_and_another(make_studied)
    asked = with_rows(runs)
    assert kept_agreement(asked).missing == tuple(row.run for _, row in asked)
    found = study_agreement(runs, galaxies, lineup_of=looking)
    again = kept_agreement(asked).found["bright-s1"]
    assert again == found
    assert [pair.second.run for pair in again.of_seeds] == ["bright-s1"]
    of_two = kept_agreement([asked[0], asked[2]]).found["corner-s0"]
    assert [(pair.first.run, pair.second.run) for pair in of_two.pairs] == [("bright-s0", "corner-s0")]
    assert (of_two.noise, of_two.n_further) == (found.noise, 1)
    assert of_two.sentence == f"{found.sentence} Measured together with one further run."
    card = json.loads((runs[2].path / "card.json").read_text())
    (runs[2].path / "card.json").write_text(json.dumps({**card, "weights_sha256": "others"}))
    trained_again = kept_agreement(asked)
    assert trained_again.found == {}
    assert len(trained_again.missing) == 3
    assert kept_agreement(asked[:2]).found


def test_records_of_two_comparisons_are_not_mixed(
    make_studied: MakeRun, galaxies: Galaxies, looking: type
) -> None:
    runs = [make_studied(f"bright-{s}", percent=20, seed=s) for s in range(3)]
    asked = with_rows(runs)
    study_agreement(runs, galaxies, lineup_of=looking)
    study_agreement(runs[1:], galaxies, lineup_of=looking)
    assert kept_agreement(asked).found == {}
    assert kept_agreement(asked[1:]).found


def test_runs_of_two_views_are_compared_where_both_see_and_coarse_ones_not_at_all(
    make_studied: MakeRun, galaxies: Galaxies, looking: type
) -> None:
    runs = [
        make_studied("bright-wide", percent=20),
        make_studied("bright-near", percent=80, crop=192, image_size=192),
    ]
    (pair,) = study_agreement(runs, galaxies, lineup_of=looking).pairs
    assert pair.correlation.low > 0.6  # the rest is noise of the sky on two grids
    coarse = make_studied("bright-coarse", percent=60, crop=256, image_size=128)
    with pytest.raises(BadValueError, match="4 × 4 cells, too coarse"):
        study_agreement([*runs, coarse], galaxies, lineup_of=looking)
