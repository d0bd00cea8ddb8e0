"""Accuracy over size and brightness, of galaxies whose size and light are known and of runs whose answers are."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from made_sky import blob, sky_image

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.maps.galaxy_mask import find_galaxy, light_of
from galaxy_core.metrics.statistics import wilson_interval
from galaxy_core.runs.run import Run
from galaxy_core.studies.registry import get_study
from galaxy_core.studies.study import Asked, Row, rows_of

MakeRun = Callable[..., Run]
N = 14
SHA256 = "ab" * 32


class RightOfLarge:
    """Says class 0 of a broad galaxy, which all of these are, and class 1 of a narrow one."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self._names = [run.name for run in runs]

    def predict(self, images: np.ndarray) -> dict[str, np.ndarray]:
        is_small = images[:, 128, 150].mean(axis=1) < 60
        return {name: np.eye(10, dtype=np.float32)[is_small.astype(int)] for name in self._names}


@pytest.fixture(scope="module")
def graded() -> Galaxies:
    """14 galaxies of class 0, by turns narrow and broad; the broad ones have the most light."""
    images = [sky_image(blob(width=8 + 12 * (i % 2), height=150), seed=i) for i in range(N)]
    nothing = np.full(N, np.nan)
    scale, labels = np.full(N, 0.262), np.zeros(N, np.int64)
    return Galaxies(np.stack(images), labels, nothing, nothing, nothing, scale, SHA256, "mock", Path("g.h5"))


@pytest.fixture
def found(make_studied: MakeRun, graded: Galaxies) -> dict[str, Row]:
    # the run was trained on 14 others, so that it is asked about all of these
    run = make_studied("bright-020")
    asked = Asked((run,), (run.name,), graded, "g.h5", options={"bins": 2}, lineup_of=RightOfLarge)
    return {row.score: row for row in rows_of(get_study("visibility").measure(asked))}


def test_a_run_that_is_right_of_large_galaxies_alone_is_found_out(found: dict[str, Row]) -> None:
    assert found["accuracy of the smallest galaxies"].value == 0
    assert found["accuracy of the largest galaxies"].value == 1
    minus = found["accuracy of the largest minus of the smallest galaxies"]
    assert minus.value == 1
    assert minus.low is not None
    assert 0.4 < minus.low < 1
    # here the large ones are the bright ones
    assert found["accuracy of the faintest minus of the brightest galaxies"].value == -1


def test_bins_hold_equally_many_galaxies_under_their_edges_with_wilsons_interval(
    found: dict[str, Row],
) -> None:
    first, second = (
        next(
            row
            for score, row in found.items()
            if score.startswith(f"accuracy, bin {k} of 2 by apparent radius")
        )
        for k in (1, 2)
    )
    assert (first.low, first.high) == wilson_interval(0, (N - 2) // 2)
    ends = [[float(one) for one in row.score.split(": ")[1].split(" to ")] for row in (first, second)]
    assert ends[0][0] <= ends[0][1] < ends[1][0] <= ends[1][1]
    assert first.command == "galaxy study visibility bright-020 --data g.h5 --set bins=2"


def test_what_was_kept_comes_back_without_galaxies(found: dict[str, Row], make_studied: MakeRun) -> None:
    run = Run(make_studied("bright-other").path.with_name("bright-020"))
    frame, told = get_study("visibility").known_frame([run])
    assert [row[:5] for row in rows_of(frame)] == [row[:5] for row in found.values()]
    assert told == ["on the test part of g.h5, unseen in training"]


def test_twice_the_light_is_a_factor_of_two(graded: Galaxies) -> None:
    narrow, broad = (light_of(image, find_galaxy(image)) for image in graded.images[:2])
    assert broad > 2 * narrow > 0


def test_what_is_not_detected_is_in_no_bin_and_is_told(make_studied: MakeRun, graded: Galaxies) -> None:
    images = graded.images.copy()
    images[5] = 20
    run = make_studied("bright-020")
    less = Galaxies(**{**vars(graded), "images": images})
    asked = Asked((run,), (run.name,), less, "g.h5", lineup_of=RightOfLarge)
    assert not get_study("visibility").measure(asked).empty
    assert asked.told == [
        "sizes in arcsec by the pixel scale of the test galaxies of bright-020: 0.262″ of 12",
        "of 1 test galaxies of bright-020 no outline was found; they are in no bin",
    ]


@pytest.mark.parametrize(
    ("scales", "what", "said"),
    [
        ([0.262] * 8 + [0.524] * 6, "arcsec", "0.262″ of 6, 0.524″ of 6"),
        ([0.262] * 10 + [np.nan] * 4, "arcsec", "unknown of 4; those of unknown scale are in no bin"),
        ([np.nan] * 14, "px", "the file says no pixel scale"),
    ],
    ids=["two scales", "some unknown", "none known"],
)
def test_sizes_are_in_arcsec_where_the_file_says_the_scale_and_in_pixels_where_it_says_none(
    make_studied: MakeRun, graded: Galaxies, scales: list[float], what: str, said: str
) -> None:
    run = make_studied("bright-020")
    known = Galaxies(**{**vars(graded), "pixel_scale": np.array(scales)})
    asked = Asked((run,), (run.name,), known, "g.h5", options={"bins": 2}, lineup_of=RightOfLarge)
    rows = rows_of(get_study("visibility").measure(asked))
    bins = [row for row in rows if row.score.startswith("accuracy, bin") and "apparent radius" in row.score]
    assert all(f"by apparent radius, {what}: " in row.score for row in bins)
    assert said in asked.told[0]
    ends = [float(one) for row in bins for one in row.score.split(": ")[1].split(" to ")]
    radii = [
        find_galaxy(image).radius * (1 if what == "px" else scale)
        for image, scale in zip(
            graded.images[2:], scales[2:], strict=True
        )  # the run has learned from the others
    ]
    assert (min(ends), max(ends)) == pytest.approx((np.nanmin(radii), np.nanmax(radii)), abs=0.006)
