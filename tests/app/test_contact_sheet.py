"""Many images on the page Predict: named, answered by a process of their own, watched, and shown as a contact sheet."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from made_runs import held_elsewhere
from test_gallery_page import alternatives
from test_results_page import galaxy_png, texts

from galaxy_core.prediction.contact_sheet import BY_CLASS, EVERY, REFUSED, UNSURE, Card, Thumbnail
from galaxy_core.prediction.shards import shard_path
from galaxy_core.prediction.sheets import Asked, Sheet, list_sheets, new_sheet
from galaxy_core.runs.launch import is_at_work

OpenPage = Callable[..., Any]
MANY = {"images": "a folder or catalogue", "run": "first-020-s0"}
HOSTILE = "![x](http:) _b_ <b>.png"
N_SOUND, N = 26, 28


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Twenty-six discs of other brightness, one with a name that Markdown would act upon, a blank and a broken one."""
    folder = tmp_path / "mine"
    folder.mkdir()
    sound = cv2.imdecode(np.frombuffer(galaxy_png(), np.uint8), cv2.IMREAD_COLOR)
    for i in range(N_SOUND - 1):
        cv2.imwrite(str(folder / f"{i:02d}.png"), cv2.subtract(sound, np.full_like(sound, i % 3)))
    (folder / HOSTILE.replace("/", "")).write_bytes(galaxy_png())
    cv2.imwrite(str(folder / "blank.png"), np.full((256, 256, 3), 32, np.uint8))
    (folder / "broken.png").write_bytes(galaxy_png()[:200])
    return folder


def ask(page: Any, path: Path | str) -> Any:
    page.text_input(key="many_path").set_value(str(path)).run()
    page.button(key="many_begin").click().run()
    assert [error.message for error in page.exception] == []
    return page


def wait(sheet: Sheet) -> None:
    deadline = time.monotonic() + 120
    while is_at_work(sheet.place):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_folder_is_answered_in_the_background_and_shown_in_pages(
    open_page: OpenPage, own_sweep: Path, pictures: Path
) -> None:
    page = ask(open_page("predict", **MANY), pictures)
    (sheet,) = list_sheets()
    assert (sheet.name, sheet.asked.runs) == ("mine", ("first-020-s0",))
    assert page.selectbox(key="sheet").value == "mine"
    wait(sheet)
    page.run()
    assert [error.value for error in page.error] == []
    assert "**28 pictures are answered**, and 2 of them got no class" in texts(page)
    assert len(alternatives(page, "")) == 24
    assert "28 of 28" in texts(page)
    assert "This network is not calibrated" in texts(page)
    assert r"\!\[x\](http:" not in texts(page)  # names are sorted by their bytes: it is among the last
    assert [one.proto.label for one in page.get("download_button")] == ["CSV", "Parquet"]

    last = open_page("predict", **MANY, sheet="mine", sheet_page="2")
    assert len(alternatives(last, "")) == 3
    assert "![x](" not in texts(last)
    assert "no class: the file" in texts(last)

    refused = open_page("predict", **MANY, sheet="mine", sheet_kind=REFUSED)
    assert "2 of 28" in texts(refused)
    for how in (UNSURE, BY_CLASS):
        assert "28 of 28" in texts(open_page("predict", **MANY, sheet_order=how, sheet_kind=EVERY))
    odd = open_page("predict", **MANY, sheet="../x", sheet_kind="no", sheet_order="\0", sheet_page="1e400")
    assert len(alternatives(odd, "")) == 24

    plan, _ = sheet.how_far() or pytest.fail("there is a plan")
    shard_path(sheet.work, plan, 0).unlink()
    page.run()
    assert "Not done: 0 of 28 pictures are answered. The last words were:" in texts(page)
    page.button(key="many_carry_on").click().run()
    wait(sheet)
    assert "**28 pictures are answered**" in texts(page.run())
    page.button(key="many_remove").click().run()
    assert list_sheets() == []
    assert len(list(pictures.iterdir())) == N


def test_what_is_not_there_or_no_catalogue_is_one_sentence(
    open_page: OpenPage, own_sweep: Path, tmp_path: Path
) -> None:
    page = ask(open_page("predict", **MANY), tmp_path / "nowhere")
    assert "there is no folder or table" in page.error[0].value
    assert list_sheets() == []
    (tmp_path / "objects.csv").write_text("a,b\n1,2\n")
    page = ask(page, tmp_path / "objects.csv")
    (sheet,) = list_sheets()
    wait(sheet)
    page.run()
    assert "Not begun. The last words were: objects.csv has no column file, path or image" in texts(page)
    assert page.button(key="many_carry_on").label == "Carry on"


def test_what_is_under_way_is_followed_and_can_be_stopped(
    open_page: OpenPage, sweep: Path, own_folders: Path
) -> None:
    sheet = new_sheet(Asked(str(own_folders), ("first-020-s0",)))
    with held_elsewhere(sheet.place / ".lock"):
        page = open_page("predict", **MANY)
        assert "Looking through what is there" in page.get("progress")[0].proto.text
        assert page.button(key="many_stop").label == "Stop"


def test_the_calibrated_probability_stands_first_and_what_is_doubted_behind_its_flag() -> None:
    from parts.predict.contact_sheet import _said

    card = Card("a.png", "Merging", 0.5, 0.75, "merging or disturbed")
    lines = _said(card, None).split("  \n")
    assert lines[:3] == [
        "**Merging** 50 %",
        ":small[as given 75 %]",
        ":small[90 % set: merging or disturbed]",
    ]
    pixels = np.zeros((4, 4, 3), np.uint8)
    for one, picture in ((replace(card, is_strange=True), None), (card, Thumbnail(pixels, True))):
        flag, answer, *_ = _said(one, picture).split("  \n")
        assert flag.endswith("do not believe]")
        assert answer == ":gray[**Merging** 50 %]"
