"""A contact sheet shows what the shards say: in the order asked for, of the kind asked for, each answer whole."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from galaxy_core.catalogues.formats import PARQUET
from galaxy_core.data.classes import GALAXY10
from galaxy_core.errors import BadValueError, MissingError
from galaxy_core.images.fits_options import AS_THE_SURVEY
from galaxy_core.prediction.answer_table import Asking, asking
from galaxy_core.prediction.contact_sheet import (
    BY_CLASS,
    COMING,
    EVERY,
    REFUSED,
    STRANGE,
    STRANGEST,
    UNSURE,
    cards,
    read_answers,
    table_bytes,
    thumbnails,
)
from galaxy_core.prediction.inputs import Inputs, catalogue_inputs, folder_inputs
from galaxy_core.prediction.plan import Plan, plan_of, write_plan
from galaxy_core.prediction.shards import write_shard
from galaxy_core.prediction.sheets import Asked, list_sheets, new_sheet
from galaxy_core.prediction.trust import Trust
from galaxy_core.runs.run import Run

REDS = (3, 1, None, 3, 7, 2, 9)
"""The class that `first` reads in each picture; None is no picture."""


class Softly:
    """`first` and `second` answer the class that the corner's red names, the surer the larger it is; 9 is strange."""

    def predict(self, images: np.ndarray) -> dict[str, np.ndarray]:
        red = images[:, 0, 0, 0].astype(int) // 25
        logits = (2 + red[:, None]) * np.eye(10, dtype=np.float32)[red]
        logits[red == 9] *= 10
        return {"first": logits.astype(np.float32), "second": np.roll(logits, 1, axis=1).astype(np.float32)}

    def explain(self, images: np.ndarray) -> Any:
        raise AssertionError("nobody asked for maps")


@pytest.fixture
def runs(make_run: Callable[..., Run]) -> list[Run]:
    return [make_run(name, weights_sha256="ab" * 32) for name in ("first", "second")]


@pytest.fixture
def asked(runs: list[Run]) -> Asking:
    """`first` is calibrated: temperature 2, and held-out galaxies that are all less sure than of class 9."""
    trust = object.__new__(Trust)  # without a file, so that its numbers are known
    trust.temperature, trust._classes, trust._thresholds = 2.0, GALAXY10, {0.9: 0.5}
    trust._reference = np.linspace(-20, 20, 99)
    return replace(asking(runs), trusts={"first": trust})


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for i, red in enumerate(REDS):
        path = folder / f"{i}.png"
        if red is None:
            path.write_bytes(b"no picture")
            continue
        image = np.full((256, 256, 3), (25 * red, 40, 40), np.uint8)
        image[100:156, 100:156] = 255
        Image.fromarray(image).save(path)
    return folder


def answered_in(work: Path, inputs: Inputs, asked: Asking, numbers: tuple[int, ...] = (0, 1, 2)) -> Plan:
    work.mkdir()
    how = {"kind": PARQUET, "image": None, "spreadsheet_safe": False, "fits": AS_THE_SURVEY}
    plan = write_plan(work, plan_of(inputs, asked.runs, **how, shard_size=3), inputs)
    for number in numbers:
        write_shard(work, plan, number, Softly(), asked, inputs)
    return plan


def test_answers_come_in_the_order_and_of_the_kind_asked_for(
    pictures: Path, tmp_path: Path, asked: Asking
) -> None:
    plan = answered_in(tmp_path / "work", folder_inputs(pictures), asked)
    answers = read_answers(tmp_path / "work", plan, "first")
    assert answers.predicted.tolist() == [3, 1, -1, 3, 7, 2, 9]
    assert answers.numbers(COMING, EVERY).tolist() == list(range(7))
    assert answers.numbers(UNSURE, EVERY).tolist() == [1, 5, 0, 3, 4, 6, 2]
    assert answers.numbers(BY_CLASS, EVERY).tolist() == [1, 5, 0, 3, 4, 6, 2]
    assert answers.numbers(STRANGEST, EVERY).tolist()[0] == 6
    assert answers.numbers(STRANGEST, EVERY).tolist()[-1] == 2
    assert answers.numbers(COMING, GALAXY10[3]).tolist() == [0, 3]
    assert answers.numbers(COMING, REFUSED).tolist() == [2]
    assert answers.numbers(COMING, STRANGE).tolist() == [6]
    assert answers.kinds == [EVERY, *(GALAXY10[c] for c in (1, 2, 3, 7, 9)), STRANGE, REFUSED]
    second = read_answers(tmp_path / "work", plan, "second")
    assert second.predicted.tolist() == [4, 2, -1, 4, 8, 3, 0]
    assert np.isnan(second.strangeness).all()
    assert STRANGE not in second.kinds


def test_a_card_has_the_calibrated_probability_first_and_a_refused_one_its_reason(
    pictures: Path, tmp_path: Path, asked: Asking
) -> None:
    plan = answered_in(tmp_path / "work", folder_inputs(pictures), asked)
    refused, sure, strange = cards(tmp_path / "work", plan, "first", [2, 4, 6])
    assert refused.name == "2.png"
    assert (refused.answer, refused.classes) == ("", "")
    assert refused.reason
    assert (sure.name, sure.answer) == ("4.png", GALAXY10[7])
    raw, calibrated = (float(np.exp(x) / (np.exp(x) + 9)) for x in (9, 4.5))
    assert sure.probability == pytest.approx(calibrated)
    assert sure.raw == pytest.approx(raw)
    assert sure.classes == GALAXY10[7].lower()
    assert not sure.is_strange
    assert strange.is_strange
    (as_given,) = cards(tmp_path / "work", plan, "second", [4])
    assert as_given.probability == pytest.approx(raw)
    assert (as_given.raw, as_given.classes, as_given.is_strange) == (None, "", False)


def test_a_sheet_that_is_not_done_shows_what_is_there(pictures: Path, tmp_path: Path, asked: Asking) -> None:
    plan = answered_in(tmp_path / "work", folder_inputs(pictures), asked, (1,))
    assert read_answers(tmp_path / "work", plan, "first").number.tolist() == [3, 4, 5]
    rows = list(csv.DictReader(io.StringIO(table_bytes(tmp_path / "work", plan, ".csv").decode())))
    assert [(row["file"], row["run"]) for row in rows[:2]] == [("3.png", "first"), ("3.png", "second")]
    assert len(rows) == 6
    assert len(pq.read_table(io.BytesIO(table_bytes(tmp_path / "work", plan, ".parquet")))) == 6


def test_pictures_are_small_and_those_that_are_gone_are_none(
    pictures: Path, tmp_path: Path, asked: Asking
) -> None:
    plan = answered_in(tmp_path / "work", folder_inputs(pictures), asked, ())
    (pictures / "3.png").unlink()
    first, no_picture, gone = thumbnails(tmp_path / "work", plan, [4, 2, 3], 40)
    assert first is not None
    assert first.pixels.shape == (40, 40, 3)
    assert first.pixels[0, 0].tolist() == [175, 40, 40]
    assert no_picture is None
    assert gone is None


@pytest.mark.parametrize("has_bytes", [False, True])
def test_rows_of_a_catalogue_are_called_as_their_pictures_are(
    pictures: Path, tmp_path: Path, asked: Asking, has_bytes: bool
) -> None:
    files = [f"{i}.png" for i in range(7)]
    images = [(pictures / name).read_bytes() for name in files] if has_bytes else files
    places = {"RA": [10.5, *[None] * 5, 1e9], "dec": [-3.25] * 7}
    objects = pa.table({"image": images, "predicted": list(range(7)), **places})
    pq.write_table(objects, tmp_path / "objects.parquet")
    inputs = catalogue_inputs(tmp_path / "objects.parquet", pictures, None, keeps_text=False)
    plan = answered_in(tmp_path / "work", inputs, asked)
    assert read_answers(tmp_path / "work", plan, "first").predicted.tolist() == [3, 1, -1, 3, 7, 2, 9]
    made = cards(tmp_path / "work", plan, "first", [5, 0])
    assert [card.name for card in made] == (["row 6", "row 1"] if has_bytes else ["5.png", "0.png"])
    assert [card.place for card in [*made, *cards(tmp_path / "work", plan, "first", [6])]] == [
        None,
        (10.5, -3.25),
        None,
    ]
    (small,) = thumbnails(tmp_path / "work", plan, [4], 40)
    assert small is not None
    assert small.pixels[0, 0].tolist() == [175, 40, 40]


def test_the_same_asked_twice_is_one_sheet_and_another_gets_a_name_of_its_own(pictures: Path) -> None:
    first = new_sheet(Asked(str(pictures), ("first",)))
    assert new_sheet(Asked(str(pictures), ("first",))) == first
    other = new_sheet(Asked(str(pictures), ("first", "second")))
    assert (first.name, other.name) == ("pictures", "pictures-2")
    assert {sheet.name for sheet in list_sheets()} == {"pictures", "pictures-2"}
    assert f"--images={pictures}" in first.arguments
    assert first.how_far() is None
    (other.place / "asked.json").write_text('{"path": 3')
    assert list_sheets() == [first]


def test_nothing_is_begun_for_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="there is no folder or table"):
        new_sheet(Asked(str(tmp_path / "nowhere"), ("first",)))
    with pytest.raises(BadValueError, match="no network is asked"):
        new_sheet(Asked(str(tmp_path), ()))
    assert list_sheets() == []


def test_what_is_done_and_asked_for_again_is_answered_again(pictures: Path, asked: Asking) -> None:
    first = new_sheet(Asked(str(pictures), ("first",)))
    answered_in(first.work, folder_inputs(pictures), asked, (0, 2))
    assert not first.is_done
    assert new_sheet(first.asked) == first
    plan, course = first.how_far() or pytest.fail("there is a plan")
    assert (plan.n, course.n_inputs_done, course.n_refused) == (7, 4, 1)
    write_shard(first.work, plan, 1, Softly(), asked, folder_inputs(pictures))
    assert first.is_done
    assert new_sheet(first.asked).name == "pictures-2"
