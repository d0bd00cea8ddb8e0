"""What a network loses that reads nothing but the brightness of the middle."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from made_sky import blob, sky_image

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.results.records import CUES, kept
from galaxy_core.runs.run import Run
from galaxy_core.studies.cues import COLUMNS, SHAPE_OVER_TEXTURE, RunCues, study_cues

MakeRun = Callable[..., Run]


def test_it_loses_with_the_outline_and_with_nothing_else(
    make_studied: MakeRun, galaxies: Galaxies, looking: type
) -> None:
    run = make_studied("bright-020", crop=256, image_size=256)
    (found,) = study_cues([run], galaxies, lineup_of=looking)
    assert found.accuracy.value == 1
    assert found.drops["colour"].value == 0
    assert found.drops["texture"].value == 0
    assert found.drops["outline"].low > 0
    assert found.drops[SHAPE_OVER_TEXTURE].value == pytest.approx(found.drops["outline"].value)


def test_each_run_is_shuffled_within_what_it_sees(
    make_studied: MakeRun, galaxies: Galaxies, looking: type
) -> None:
    """A patch of the narrow view lies wholly in the bright middle, whatever its place."""
    images = [
        sky_image(blob(width=60, height=150 - 40 * label), seed=i) for i, label in enumerate(galaxies.labels)
    ]
    broad = replace(galaxies, images=np.stack(images))
    runs = [
        make_studied("bright-wide", crop=256, image_size=256),
        make_studied("bright-narrow", crop=32, image_size=32),
    ]
    narrow, wide = sorted(study_cues(runs, broad, lineup_of=looking), key=lambda one: one.setting.run)
    assert narrow.drops["outline"].value == 0
    assert wide.drops["outline"].value > 0


def test_rows_have_the_columns_and_the_record_is_kept(
    make_studied: MakeRun, galaxies: Galaxies, looking: type
) -> None:
    run = make_studied("bright-020")
    (found,) = study_cues([run], galaxies, lineup_of=looking)
    rows = list(found.rows())
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert [row[4] for row in rows] == ["texture", "colour", "outline", SHAPE_OVER_TEXTURE]
    record = kept(run, CUES)
    assert record
    assert record["accuracy"]["n"] == 12


def test_what_was_kept_comes_back_with_the_accuracy_without_each_cue(
    make_studied: MakeRun, galaxies: Galaxies, looking: type
) -> None:
    run = make_studied("bright-020", crop=256, image_size=256)
    (found,) = study_cues([run], galaxies, lineup_of=looking)
    for cue, without in found.without.items():
        assert without.value == pytest.approx(found.accuracy.value - found.drops[cue].value)
        assert without.low <= without.value <= without.high
    record = kept(run, CUES)
    assert record
    assert RunCues.from_json(found.setting, record).to_json() == found.to_json()
