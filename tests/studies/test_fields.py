"""What far fields cost, of features that know their field, their class, or nothing else."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tiny_backbone import tiny_backbone

from galaxy_core.data.galaxy10 import Galaxies
from galaxy_core.errors import BadValueError
from galaxy_core.networks.backbone import Backbone
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.results.records import FIELDS, VERSIONS
from galaxy_core.runs.run import Run
from galaxy_core.studies.fields import MINUS, NEIGHBOURS, REGARDLESS, STUDY, Sky, probed
from galaxy_core.studies.study import Asked, Row, framed, rows_of

__all__ = ["tiny_backbone"]

N_CLASSES, N_FIELDS, N_TOGETHER = 3, 48, 3
FAR, ALIKE = (
    f"balanced accuracy, {name}"
    for name in ("fields 1 degree apart", "folds as of fields 1 degree apart, regardless of the sky")
)
COST = f"fields 1 degree apart {MINUS}"
FIELD = np.repeat(np.arange(N_FIELDS), N_TOGETHER)
FOUND = {1: [0.493, 0.465, 0.510, -0.045]}
APART = 0.3 * (np.arange(len(FIELD)) % N_TOGETHER)
SKY = Sky(np.arange(len(FIELD)), FIELD % N_CLASSES, 7.0 * FIELD, APART, 1.0, range(2))
"""48 fields of three galaxies of one class, 0.3 degrees from one to the next."""


def found(features: np.ndarray, sky: Sky = SKY) -> dict[str, Row]:
    noise = np.random.default_rng(0).normal(0, 0.05, features.shape)
    return {row.score: row for row in probed("shapes", features + noise, sky)}


def said(rows: dict[str, Row]) -> str:
    return STUDY.sentence(framed(list(rows.values()), Asked((), ()), lambda names: ""))


def test_features_that_know_their_field_alone_lose_all_that_they_had() -> None:
    rows = found(np.eye(N_FIELDS)[FIELD])
    regardless, near, far, alike = (rows[name].value or 0.0 for name in (REGARDLESS, NEIGHBOURS, FAR, ALIKE))
    assert min(regardless, near, alike) > 0.85
    assert far < 0.4
    assert rows[COST].value == pytest.approx(far - alike)
    assert (rows[COST].high or 0.0) < -0.3
    assert "Fields 1 degree apart cost the features of shapes " in said(rows)


def test_features_that_know_their_class_lose_nothing() -> None:
    rows = found(np.eye(N_CLASSES)[SKY.labels])
    assert [rows[name].value for name in (REGARDLESS, NEIGHBOURS, FAR, ALIKE)] == [1, 1, 1, 1]
    assert rows[COST].value == 0
    assert rows[COST].low is not None
    assert rows[COST].low < 0
    assert said(rows).startswith(
        "No cost of fields 1 degree apart can be told for the features of shapes: 0 points (−"
    )


def test_what_comes_out_otherwise_has_another_version() -> None:
    features = np.random.default_rng(1).normal(size=(len(FIELD), 4)) + np.eye(4)[SKY.labels]
    rows = found(features + np.random.default_rng(2).normal(size=(N_FIELDS, 4))[FIELD])
    values = [rows[name].value for name in (REGARDLESS, FAR, ALIKE, COST)]
    assert values == pytest.approx(FOUND[VERSIONS[FIELDS]], abs=0.01)


def test_a_large_field_costs_nothing_by_leaving_few_to_learn_from() -> None:
    """A third of all galaxies in one field: features of noise around a class are learned worse from the others."""
    one = np.where(np.arange(len(FIELD)) < len(FIELD) // 3, 0, FIELD)
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.arange(len(FIELD)) % N_CLASSES)
    features = rng.normal(size=(len(FIELD), 12)) + 1.5 * np.eye(12)[labels]
    rows = found(features, replace(SKY, labels=labels, ra=7.0 * one))
    low, high = rows[COST].low, rows[COST].high
    assert low is not None
    assert high is not None
    assert low < 0 < high


@pytest.fixture
def galaxies() -> Galaxies:
    """Images whose class is their colour, in the fields of SKY."""
    images = np.zeros((len(FIELD), 256, 256, 3), np.uint8)
    images[np.arange(len(FIELD)), :, :, SKY.labels] = 200
    unknown = np.full(len(FIELD), np.nan)
    return Galaxies(images, SKY.labels, SKY.ra, SKY.dec, unknown, unknown, "ab" * 32, "mock", Path("g.h5"))


@pytest.fixture
def run(own_folders: Path, make_run: Callable[..., Run], tiny_backbone: Backbone) -> Run:
    """A run that took layers over from a source of random weights."""
    path = make_run("shapes").path
    save_file(initial_tensors(tiny_backbone, 10, "scratch", 0.0, 1, None), path / "weights.safetensors")
    (path / "card.json").write_text(json.dumps({"kind": "source", "weights_sha256": "cd" * 32}))
    return make_run("a", source={"name": "shapes", "sha256": "cd" * 32})


def asked(run: Run, galaxies: Galaxies, **options: str | int) -> Asked:
    return Asked((run,), (run.name,), galaxies, "g.h5", options={"shufflings": 1, **options})


def test_what_was_found_of_a_source_is_kept_with_its_runs(run: Run, galaxies: Galaxies) -> None:
    frame = STUDY.measure(asked(run, galaxies))
    rows = {row.score: row for row in rows_of(frame)}
    assert rows["fields 1 degree apart: how many"].value == N_FIELDS
    assert rows["classes in fewer than 5 fields 1 degree apart"].value == 0
    assert rows[FAR].of == "shapes (densenet121, 256 px at 256)"
    assert rows[FAR].value == 1
    kept, told = STUDY.known_frame([run])
    assert told == []
    assert [row[:5] for row in rows_of(kept)] == [row[:5] for row in rows_of(frame)]
    (drawn,) = STUDY.chart(kept)["data"]
    assert (drawn["name"], len(drawn["y"])) == ("shapes (densenet121, 256 px at 256)", 4)
    assert STUDY.kept([]).unusable


def test_fields_too_few_for_the_folds_are_answered_with_a_sentence_and_no_number(
    run: Run, galaxies: Galaxies
) -> None:
    near = replace(galaxies, ra=np.where(SKY.labels == 2, 0, SKY.ra))
    frame = STUDY.measure(asked(run, near))
    assert not frame.score.str.endswith(MINUS).any()
    assert {REGARDLESS, NEIGHBOURS} <= set(frame.score)
    assert STUDY.sentence(frame) == (
        "Fields 1 degree apart cannot be asked of g.h5: 1 of the classes lies in fewer than 5 of them; ask of nearer "
        "ones, --set degrees=0.5, or of more galaxies."
    )


def test_galaxies_without_positions_are_left_out_and_told(run: Run, galaxies: Galaxies) -> None:
    ra = np.where(np.arange(len(FIELD)) == 7, np.nan, SKY.ra)
    question = asked(run, replace(galaxies, ra=ra))
    STUDY.measure(question)
    assert question.told == ["1 galaxy without a position is left out"]
    with pytest.raises(BadValueError, match=r"g.h5 gives no galaxy a position, so it has no fields"):
        STUDY.measure(asked(run, replace(galaxies, ra=np.full(len(FIELD), np.nan))))


@pytest.mark.parametrize("typed", ["0", "-1", "nan", "11", "far"])
def test_degrees_that_are_none_are_refused(run: Run, galaxies: Galaxies, typed: str) -> None:
    with pytest.raises(BadValueError, match=rf"above 0 and up to 10, got '{typed}'; usual is 1"):
        STUDY.measure(asked(run, galaxies, degrees=typed))
