"""Galaxies of one's own on the page Data: understood before anything is written, made by a process, trained on."""

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from test_data_page import texts

from galaxy_core.data.galaxy10 import classes_of, open_galaxies
from galaxy_core.files.lock import locked
from galaxy_core.runs.launch import is_at_work

OpenPage = Callable[..., Any]
NAMES = [f"{name}/{i}.png" for name in ("spiral", "elliptical", "merger") for i in range(4)]


def png() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((64, 64, 3), 90, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, png())
    return buffer.getvalue()


def drop(page: Any, name: str, content: bytes) -> Any:
    page.file_uploader(key="own_dropped").upload(name, content, "application/zip")
    return drawn(page.run())


def drop_folder(page: Any, files: dict[str, bytes]) -> Any:
    page.file_uploader(key="own_folder").set_value([(name, content, "") for name, content in files.items()])
    return drawn(page.run())


def drawn(page: Any) -> Any:
    assert [error.message for error in page.exception] == []
    return page


def make(page: Any) -> Any:
    next(button for button in page.button if button.label == "Make a file of them").click().run()
    return drawn(page)


def wait(runs: Path) -> None:
    deadline = time.monotonic() + 60
    while is_at_work(runs / "data" / ".importing"):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def table(page: Any) -> dict[str, int]:
    seen = next(one.value for one in page.dataframe if list(one.value) == ["class", "galaxies"])
    return dict(zip(seen["class"], seen["galaxies"], strict=True))


def test_a_dropped_zip_is_shown_made_and_trained_on(open_page: OpenPage, runs: Path) -> None:
    page = drop(open_page("data"), "my galaxies.zip", zipped(*NAMES, "spiral/read.me"))
    assert table(page) == {"elliptical": 4, "merger": 4, "spiral": 4}
    assert "12 galaxies in 3 classes" in texts(page)
    assert "Left out as no image, or without a class: 1 (spiral/read.me)" in texts(page)
    assert not (runs / "data").exists()
    make(page)
    wait(runs)
    page = drawn(page.run())
    made = runs / "data" / "my-galaxies.h5"
    assert "**my-galaxies.h5** is made" in texts(page)
    assert page.selectbox(key="data_file").value == str(made)
    assert tuple(classes_of(made)) == ("elliptical", "merger", "spiral")
    assert len(open_galaxies(made).labels) == 12
    train = open_page("train", file=str(made))
    assert train.selectbox(key="new_data").value == str(made)


def test_numbers_ask_for_names_which_are_then_their_classes(
    open_page: OpenPage, runs: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for i in range(3):
        (folder / f"{i}.png").write_bytes(png())
    (folder / "labels.csv").write_text("file,label\n0.png,0\n1.png,1\n2.png,1\n")
    page = open_page("data", state={"own_path": str(folder)})
    assert "The labels are the numbers 0, 1, and nothing says what they are of" in texts(page)
    page.text_input(key="own_classes").set_value("disc, ball").run()
    assert table(drawn(page)) == {"0: disc": 1, "1: ball": 2}
    make(page)
    wait(runs)
    assert tuple(classes_of(runs / "data" / "mine.h5")) == ("disc", "ball")


@pytest.mark.parametrize(
    ("files", "classes"),
    [
        ({f"mine/{name}": png() for name in NAMES}, {"elliptical": 4, "merger": 4, "spiral": 4}),
        ({name: png() for name in NAMES}, {"elliptical": 4, "merger": 4, "spiral": 4}),
        (
            {
                "me/1.png": png(),
                "me/b/2.png": png(),
                "me/labels.csv": b"file,label\n1.png,disc\nb/2.png,ball\n",
            },
            {"ball": 1, "disc": 1},
        ),
    ],
)
def test_a_dropped_folder_is_what_a_zip_of_it_would_be(
    open_page: OpenPage, runs: Path, files: dict[str, bytes], classes: dict[str, int]
) -> None:
    page = drop_folder(open_page("data"), files)
    assert table(page) == classes
    make(page)
    wait(runs)
    (made,) = (runs / "data").glob("*.h5")
    assert made.name in texts(page.run())
    assert tuple(classes_of(made)) == tuple(classes)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("<b>x.zip", b"PK\3\4 dear network", r"\<b\>x.zip is no whole zip"),
        ("a.zip", zipped("a/1.png", "../b/1.png"), "a.zip holds '../b/1.png', which leads out of it"),
        ("a.zip", zipped("a/1.png"), "the only class in a.zip is 'a'"),
        ("a.csv", b"file,label", "a.csv names pictures and has none; drop the folder"),
        ("a.zip", zipped("[x](y)/1.png", "b/1.png"), "the name of a class has 1 to 60 letters"),
    ],
)
def test_what_cannot_be_used_gets_one_sentence_that_does_nothing(
    open_page: OpenPage, runs: Path, name: str, content: bytes, sentence: str
) -> None:
    page = drop(open_page("data"), name, content)
    (error,) = page.error
    assert sentence in error.value
    assert "[x](" not in error.value
    assert not (runs / "data").exists()


def test_a_name_that_is_taken_and_one_that_is_no_name_make_nothing(open_page: OpenPage, runs: Path) -> None:
    (runs / "data").mkdir()
    (runs / "data" / "a.h5").write_text("mine")
    page = drop(open_page("data"), "a.zip", zipped(*NAMES))
    assert "there is a file a.h5 already" in make(page).error[0].value
    page.text_input(key="own_name").set_value("../a")
    assert "a run name is letters" in make(page).error[0].value
    assert (runs / "data" / "a.h5").read_text() == "mine"


def test_work_under_way_is_followed_and_what_ended_says_its_last_words(
    open_page: OpenPage, runs: Path
) -> None:
    place = runs / "data" / ".importing"
    place.mkdir(parents=True)
    (place / "log.txt").write_text("importing: 3 of 12\n")
    with locked(place / ".lock"):
        page = open_page("data")
        assert "3 of 12" in page.get("progress")[0].proto.text
        assert page.button(key="own_stop").label == "Stop"
        assert page.get("file_uploader") == []
    page = open_page("data", state={"own_made": str(runs / "data" / "gone.h5")})
    assert "No file was made, and nothing is left of it. The last words were: importing: 3 of 12" in texts(
        page
    )


def test_a_link_to_a_file_that_nobody_knows_is_not_followed_to_train(open_page: OpenPage, runs: Path) -> None:
    assert open_page("train", file="/etc/passwd").selectbox(key="new_data").value == "mock"
