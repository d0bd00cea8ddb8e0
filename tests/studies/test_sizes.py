"""What other sizes cost, of features that know the size, the class, or both."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from safetensors.numpy import save_file
from tiny_backbone import tiny_backbone

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadValueError
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.results.records import SIZES, VERSIONS
from galaxy_core.runs.run import Run
from galaxy_core.studies.sizes import (
    ALIKE,
    ENLARGED,
    MINUS,
    STUDY,
    WON,
    ZOOMS,
    Halves,
    learned,
    other,
    probed,
)
from galaxy_core.studies.study import Asked, Row, framed, rows_of

__all__ = ["tiny_backbone"]

N, N_CLASSES = 96, 3
LABELS = np.arange(N) % N_CLASSES
RADII = 10 + np.random.default_rng(5).permutation(N) / 4
HALVES = Halves(np.arange(N), LABELS, RADII, "px", np.arange(N), range(2))
APART, BOTH = (
    [learned(half, of) for half, of in enumerate((*ofs,))] for ofs in ((other(0), other(1)), (ALIKE,) * 2)
)
FOUND = {1: [0.625, 0.562, 0.062, 0.656, 0.688, -0.031, 0.646, -0.010]}


def found(features: np.ndarray, halves: Halves = HALVES) -> dict[str, Row]:
    """Of features (N, D) that do not change when a galaxy is enlarged, or (zooms, N, D)."""
    seen = features if features.ndim == 3 else np.stack([features] * len(ZOOMS))
    noise = np.random.default_rng(0).normal(0, 0.05, seen.shape[1:])
    return {row.score: row for row in probed("shapes", seen + noise, halves)}


def said(rows: dict[str, Row]) -> str:
    return STUDY.sentence(framed(list(rows.values()), Asked((), ()), lambda names: ""))


def test_each_class_is_halved_by_itself() -> None:
    radii = RADII + 100 * LABELS  # the smallest of the last class is larger than any of the first
    is_larger = replace(HALVES, radii=radii).is_larger
    for one in range(N_CLASSES):
        own = one == LABELS
        assert is_larger[own].sum() == own.sum() / 2
        assert radii[own & is_larger].min() > radii[own & ~is_larger].max()


@pytest.mark.parametrize("is_apart", [True, False])
@pytest.mark.parametrize("half", [0, 1])
def test_every_galaxy_of_a_half_is_asked_once_and_never_learned_from(half: int, is_apart: bool) -> None:
    tests = list(HALVES.tests(half, is_apart, 0))
    asked = np.concatenate([tested for _, tested in tests])
    assert np.array_equal(np.sort(asked), np.flatnonzero(HALVES.is_larger == bool(half)))
    for taken, tested in tests:
        assert not set(taken) & set(tested)
        assert np.bincount(LABELS[taken]).tolist() == [N // N_CLASSES / 2] * N_CLASSES


def test_features_that_show_a_class_otherwise_where_it_is_large_lose_all_of_it() -> None:
    rows = found(np.eye(2 * N_CLASSES)[LABELS + N_CLASSES * HALVES.is_larger])
    assert [rows[name].value for name in BOTH] == [1, 1]
    assert max(rows[name].value or 0.0 for name in APART) < 0.65
    for name in APART:
        assert (rows[f"{name} {MINUS}"].high or 0.0) < -0.2
    assert said(rows).startswith("Smaller galaxies than those learned from cost the features of shapes ")
    assert "enlarged too is worth 0 points (−" in said(rows)
    assert "Larger galaxies than those learned from cost the features of shapes " in said(rows)


def test_where_an_enlarged_galaxy_looks_as_a_large_one_does_enlarging_wins_all_back() -> None:
    as_seen, as_large = (
        np.eye(2 * N_CLASSES)[LABELS + N_CLASSES * of] for of in (HALVES.is_larger, np.ones(N, int))
    )
    rows = found(np.stack([as_seen, as_large, as_large]))
    assert rows[learned(1, ENLARGED)].value == 1
    assert (rows[f"{learned(1, ENLARGED)} {WON}"].low or 0.0) > 0.2
    assert "enlarged too is worth 42 points (+" in said(rows)


def test_features_that_know_their_class_lose_nothing() -> None:
    rows = found(np.eye(N_CLASSES)[LABELS])
    assert [rows[name].value for name in (*APART, *BOTH)] == [1] * 4
    assert (
        "No cost of larger galaxies than those learned from can be told for the features of shapes: 0"
        in said(rows)
    )


def test_what_comes_out_otherwise_has_another_version() -> None:
    rng = np.random.default_rng(1)
    rows = found(rng.normal(size=(N, 4)) + np.eye(4)[LABELS] * (1 + HALVES.is_larger)[:, None] / 1.5)
    values = [row.value for row in rows.values()]
    assert values == pytest.approx(FOUND[VERSIONS[SIZES]], abs=0.01)


@pytest.fixture
def galaxies() -> Galaxies:
    """Disks of the sizes of RADII whose class is their colour, on a noisy sky."""
    images = np.random.default_rng(0).integers(8, 14, (N, 256, 256, 3), np.uint8)
    for image, label, radius in zip(images, LABELS, RADII, strict=True):
        colour = [200 if one == label else 120 for one in range(3)]
        cv2.circle(image, (128, 128), round(radius), colour, -1, cv2.LINE_AA)
    unknown = np.full(N, np.nan)
    return Galaxies(images, LABELS, unknown, unknown, unknown, unknown, "ab" * 32, "mock", Path("g.h5"))


@pytest.fixture
def run(own_folders: Path, make_run: Callable[..., Run], tiny_backbone: Backbone) -> Run:
    """A run that took layers over from a source of random weights."""
    path = make_run("shapes").path
    save_file(initial_tensors(tiny_backbone, 10, "scratch", 0.0, 1, None), path / "weights.safetensors")
    (path / "card.json").write_text(json.dumps({"kind": "source", "weights_sha256": "cd" * 32}))
    return make_run("a", source={"name": "shapes", "sha256": "cd" * 32})


def asked(run: Run, galaxies: Galaxies) -> Asked:
    return Asked((run,), (run.name,), galaxies, "g.h5", options={"shufflings": 1})


def test_what_was_found_of_a_source_is_kept_with_its_runs(run: Run, galaxies: Galaxies) -> None:
    frame = STUDY.measure(asked(run, galaxies))
    rows = {row.score: row for row in rows_of(frame)}
    small, large = (
        rows[f"median radius of the {half} halves, px"].value or 0.0 for half in ("smaller", "larger")
    )
    middle = float(np.median(RADII))
    true = np.median(RADII[middle < RADII]) - np.median(RADII[middle > RADII])
    assert large - small == pytest.approx(true, abs=1)  # an outline lies a little outside
    kept, told = STUDY.known_frame([run])
    assert told == []
    assert [row[:5] for row in rows_of(kept)] == [row[:5] for row in rows_of(frame)]
    (drawn,) = STUDY.chart(kept)["data"]
    assert (drawn["name"], len(drawn["y"])) == ("shapes (densenet121, 256 px at 256)", 5)


def test_sizes_are_in_arcsec_where_the_file_says_scales_and_others_are_left_out(
    run: Run, galaxies: Galaxies
) -> None:
    galaxies.images[7] = 10  # an empty field
    scales = np.where(np.arange(N) == 8, np.nan, 0.5)
    question = asked(run, replace(galaxies, pixel_scale=scales))
    frame = STUDY.measure(question)
    assert "median radius of the larger halves, arcsec" in set(frame.score)
    assert question.told == ["2 galaxies without an outline or a pixel scale are left out"]


def test_classes_too_small_for_halves_are_refused_by_name(run: Run, galaxies: Galaxies) -> None:
    few = replace(galaxies, labels=np.where(np.arange(N) < 90, 0, LABELS))
    with pytest.raises(BadValueError, match=r"8 galaxies of each with an outline; g.h5 has fewer of Merging"):
        STUDY.measure(asked(run, few))
    with pytest.raises(BadValueError, match=r"g.h5 has fewer classes"):
        STUDY.measure(asked(run, replace(galaxies, labels=np.zeros(N, np.int64))))
