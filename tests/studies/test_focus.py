"""Runs that look at a known place, scored."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadValueError
from galaxy_core.maps.focus import SCORES
from galaxy_core.metrics.resample import CONFIRMED, FEWEST_TO_JUDGE, REFUTED, UNDECIDED, Estimate
from galaxy_core.results.records import FOCUS, kept
from galaxy_core.runs.run import Run
from galaxy_core.studies.focus import COLUMNS, RunFocus, study_focus

MakeRun = Callable[..., Run]


@pytest.fixture(scope="module")
def runs(make_shared_run: MakeRun) -> list[Run]:
    percents = {"bright-020": 20, "corner-100": 100, "nothing-000": 0}
    return [make_shared_run(name, percent=percent) for name, percent in percents.items()]


@pytest.fixture(scope="module")
def found(runs: list[Run], galaxies: Galaxies, looking: type) -> dict[str, RunFocus]:
    studied = study_focus(runs, galaxies, n_shifted=3, lineup_of=looking)
    return {one.setting.run: one for one in studied}


def test_a_run_that_looks_at_light_is_on_the_galaxy_and_no_better_than_the_brightness(
    found: dict[str, RunFocus],
) -> None:
    bright = found["bright-020"]
    assert bright.scores["pointing"].value == 1
    assert bright.scores["energy_galaxy"].value > 0.6
    assert bright.minus["brightness"]["energy_galaxy"].value == pytest.approx(0, abs=0.1)
    assert bright.scores["offset_radii"].value < 0.2
    assert bright.n_galaxies == 12  # its own test part, not all 14


def test_a_run_that_looks_at_a_corner_is_nowhere_near_and_below_both_nulls(
    found: dict[str, RunFocus],
) -> None:
    corner = found["corner-100"]
    assert corner.scores["pointing"].value == 0
    assert corner.scores["energy_galaxy"].value < 0.01
    for null in ("gaussian", "brightness"):
        assert corner.minus[null]["energy_galaxy"].high < -0.2
    assert corner.claim
    assert corner.claim.verdict(corner.scores) == UNDECIDED  # of twelve galaxies
    assert corner.claim.verdict(of_many(corner)) == CONFIRMED  # 100 %: often in the wrong place


def test_the_heat_follows_the_galaxy_or_stays(found: dict[str, RunFocus]) -> None:
    bright, corner = found["bright-020"].follow, found["corner-100"].follow
    assert bright
    assert corner
    assert bright.value == pytest.approx(1, abs=0.2)
    assert corner.value == pytest.approx(0, abs=0.01)
    assert bright.n == 3


def test_blank_maps_are_counted_and_confirm_what_the_paper_says_of_them(found: dict[str, RunFocus]) -> None:
    nothing = found["nothing-000"]
    assert nothing.scores["blank"].value == 1
    assert nothing.scores["energy_galaxy"].n == 0
    assert nothing.claim
    assert nothing.claim.verdict(of_many(nothing)) == CONFIRMED
    assert nothing.claim.verdict(of_many(found["corner-100"])) == REFUTED


def of_many(focus: RunFocus) -> dict[str, Estimate]:
    """The same scores, had there been enough galaxies to judge by."""
    return {name: replace(one, n=FEWEST_TO_JUDGE) for name, one in focus.scores.items()}


def test_every_run_keeps_its_record_and_its_rows_have_the_columns(
    found: dict[str, RunFocus], runs: list[Run]
) -> None:
    for run in runs:
        one = found[run.name]
        rows = list(one.rows())
        assert {len(row) for row in rows} == {len(COLUMNS)}
        assert [row[4] for row in rows][: len(SCORES)] == list(SCORES)
        record = kept(run, FOCUS)
        assert record
        assert record["scores"]["blank"]["n"] == 12
        assert record["data"]["sha256"] == "ab" * 32
        json.dumps(record, allow_nan=False)


def test_class_centred_maps_are_not_held_against_the_papers_words(
    make_studied: MakeRun, galaxies: Galaxies, looking: type
) -> None:
    (one,) = study_focus([make_studied("bright-020")], galaxies, n_shifted=0, centred=True, lineup_of=looking)
    assert one.claim is None
    assert one.follow is None
    assert one.scores["pointing"].value == 1


def test_a_shipped_run_is_scored_and_left_as_it_is(
    make_studied: MakeRun, galaxies: Galaxies, looking: type
) -> None:
    shipped = make_studied("bright-shipped", folder="models")
    (one,) = study_focus([shipped], galaxies, n_shifted=0, lineup_of=looking)
    assert one.n_galaxies == 12
    assert not (shipped.path / FOCUS).exists()
    assert kept(shipped, FOCUS)


def test_what_was_kept_comes_back_and_tells_what_the_nulls_would_score(
    found: dict[str, RunFocus], runs: list[Run]
) -> None:
    for run in runs:
        one = found[run.name]
        record = kept(run, FOCUS)
        assert record
        again = RunFocus.from_json(one.setting, record)
        assert again.to_json() == one.to_json()
        assert list(again.rows()) == list(one.rows())
    bright, corner = found["bright-020"], found["corner-100"]
    for null in ("gaussian", "brightness"):
        assert bright.null_level(null, "pointing") == corner.null_level(null, "pointing") == 1
    assert bright.null_level("brightness", "energy_galaxy") == pytest.approx(
        bright.scores["energy_galaxy"].value, abs=0.1
    )
    assert bright.of("shift_slope") == bright.follow


def test_everything_is_measured_in_what_the_run_sees(
    make_studied: MakeRun, galaxies: Galaxies, looking: type
) -> None:
    """The galaxy fills more of a narrow view, and the corner of that is nearer."""
    runs = [
        make_studied("bright-020"),
        make_studied("bright-040", percent=40, crop=128, image_size=256),
        make_studied("corner-060", percent=60, crop=128, image_size=256),
    ]
    whole, near, corner = study_focus(runs, galaxies, n_shifted=3, lineup_of=looking)
    assert near.scores["energy_galaxy"].value > whole.scores["energy_galaxy"].value
    assert near.minus["brightness"]["energy_galaxy"].value == pytest.approx(0, abs=0.1)
    assert near.follow
    assert near.follow.value == pytest.approx(1, abs=0.2)
    # the hottest place of the other is the corner of the view, 64 pixels from the middle and not 128
    far = corner.scores["offset_arcsec"].value / 0.262
    assert far == pytest.approx(2**0.5 * 56, abs=3)


def test_a_run_whose_maps_are_too_coarse_is_refused_before_any_work(
    make_studied: MakeRun, galaxies: Galaxies, looking: type
) -> None:
    runs = [make_studied("bright-020"), make_studied("bright-040", percent=40, crop=96, image_size=96)]
    with pytest.raises(BadValueError, match="the maps of bright-040 have 3 × 3 cells, too coarse"):
        study_focus(runs, galaxies, lineup_of=looking)
    assert kept(runs[0], FOCUS) is None
