"""Which galaxies are shown, and on which scale."""

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from known_answers import CornerPointer
from page_reader import Page
from PIL import Image

from galaxy_core.data.galaxy10 import Galaxies, open_galaxies
from galaxy_core.maps.heat_scale import THIS_GALAXY, THIS_MAP, THIS_PAGE, scale_said
from galaxy_core.report.maps import galaxies_or_reason, maps_section, sample_of
from galaxy_core.report.markup import LeftOut, Section
from galaxy_core.report.rows import gather
from galaxy_core.runs.run import Run

MakeRun = Callable[..., Run]


@pytest.fixture
def galaxies(coloured_galaxies: Path) -> Galaxies:
    return open_galaxies(coloured_galaxies)


def known(galaxies: Galaxies) -> dict[str, object]:
    return {"data": {"file": galaxies.path.name, "sha256": galaxies.sha256, "origin": "mock"}}


def pictures(section: Section, path: Path) -> list[np.ndarray]:
    path.write_text(section.body, encoding="utf-8")
    sources = [str(picture["src"]).split(",")[1] for picture in Page(path).named("img")]
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(one))), float) for one in sources]


def test_the_first_test_galaxy_of_each_class_is_shown(make_run: MakeRun, galaxies: Galaxies) -> None:
    run = make_run("first-020-s0", card=known(galaxies))
    sample = sample_of([run], galaxies)
    # classes are eight galaxies each and the test part is rows 30 to 59
    assert list(sample.labels) == [3, 4, 5, 6, 7]
    assert np.array_equal(sample.images, galaxies.images[[30, 32, 40, 48, 56]])


def test_another_file_is_shown_with_the_warning_that_goes_with_it(
    make_run: MakeRun, galaxies: Galaxies
) -> None:
    sample = sample_of([make_run("first-020-s0")], galaxies)
    assert len(sample.labels) == 10
    assert "this is not the file that first-020-s0 was trained on" in sample.sentences[1]


def test_without_a_file_mock_galaxies_are_shown_and_said_to_be_mocks(make_run: MakeRun) -> None:
    run = make_run("first-020-s0")
    reason = galaxies_or_reason([run])
    assert reason == "The galaxies of these runs (galaxies.h5) are not here."
    sample = sample_of([run], reason)
    assert list(sample.labels) == list(range(10))
    assert "Rendered (mock) galaxies are shown instead" in sample.sentences[0]


@pytest.mark.parametrize(("scale", "n_scales"), [(THIS_MAP, 2), (THIS_GALAXY, 1), (THIS_PAGE, 1)])
def test_the_scale_that_maps_share_is_the_one_asked_for_and_printed_below_them(
    make_run: MakeRun, galaxies: Galaxies, tmp_path: Path, scale: str, n_scales: int
) -> None:
    runs = [make_run(f"first-{p:03d}-s0", p, card=known(galaxies)) for p in (20, 40)]
    section = maps_section(gather(runs), galaxies, CornerPointer, scale)
    assert isinstance(section, Section)
    assert scale_said(scale) in section.body
    _, _, weak, _, strong, *_ = pictures(section, tmp_path / "maps.html")
    assert (strong[4, 4].mean() == weak[4, 4].mean()) == (n_scales == 2)
    assert strong[4, 4].mean() > 10 * strong[-4, -4].mean()
    printed = set(re.findall("full colour at [^<]* logits", section.body))
    assert len(printed) == n_scales


def test_right_and_wrong_answers_are_marked(make_run: MakeRun, galaxies: Galaxies) -> None:
    section = maps_section(
        gather([make_run("first-020-s0", card=known(galaxies))]), galaxies, CornerPointer, THIS_MAP
    )
    assert isinstance(section, Section)
    assert section.body.count("● Barred Spiral, 94 %") == 1
    assert section.body.count("○ Barred Spiral, 94 %") == 4


def test_a_checkpoint_that_cannot_be_opened_leaves_out_the_maps_alone(make_run: MakeRun) -> None:
    from galaxy_core.studies.shown import open_lineup

    section = maps_section(gather([make_run("first-020-s0")]), "No galaxies.", open_lineup, THIS_MAP)
    assert isinstance(section, LeftOut)
    assert section.reason.startswith("No heatmaps: ")
