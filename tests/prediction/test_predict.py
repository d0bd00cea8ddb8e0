"""Predictions of files from strangers: order, reasons, constant memory, and a file that is whole or not there."""

import csv
import errno
import itertools
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from galaxy_core.errors import BadValueError
from galaxy_core.prediction.predict import Shown, columns, predict_images, write_rows


def write_image(path: Path, red: int, green: int = 0, size: tuple[int, int] = (256, 256)) -> str:
    """A bright square, so that there is something to classify, on a sky of the colour that the network reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = np.full((*size, 3), (red, green, 0), np.uint8)
    top, left, side = size[0] // 2, size[1] // 2, min(size) // 12
    image[top - side : top + side, left - side : left + side] = 255
    Image.fromarray(image).save(path)
    return path.name


def test_columns_are_those_scripts_rely_on() -> None:
    assert ",".join(columns()) == "file,run,predicted,error,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9,class,status"


def test_every_image_has_a_row_for_every_run_in_order(tmp_path: Path, corner_reader: Any) -> None:
    names = [write_image(tmp_path / f"{c}.png", 25 * c, 25 * (9 - c)) for c in range(5)]
    rows = list(predict_images(corner_reader, names, tmp_path, batch_size=2))
    assert [(row["file"], row["run"], row["predicted"]) for row in rows] == [
        (f"{c}.png", run, answer) for c in range(5) for run, answer in (("first", c), ("second", 9 - c))
    ]
    assert all(row["error"] is None for row in rows)
    assert sum(rows[0][f"p{c}"] for c in range(10)) == pytest.approx(1, abs=1e-6)
    assert corner_reader.largest_batch == 2


def test_images_of_any_shape_are_brought_to_a_square(tmp_path: Path, corner_reader: Any) -> None:
    name = write_image(tmp_path / "wide.png", 75, size=(300, 700))
    assert [row["predicted"] for row in predict_images(corner_reader, [name], tmp_path)] == [3, 0]


def test_a_file_that_is_cut_short_has_one_row_with_its_reason(tmp_path: Path, corner_reader: Any) -> None:
    good = [write_image(tmp_path / f"{i}.jpg", 50) for i in (0, 2)]
    noise = np.random.default_rng(0).integers(0, 255, (256, 256, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "1.jpg")
    (tmp_path / "1.jpg").write_bytes((tmp_path / "1.jpg").read_bytes()[:3000])
    rows = list(predict_images(corner_reader, [good[0], "1.jpg", good[1]], tmp_path))
    assert [row["file"] for row in rows] == ["0.jpg", "0.jpg", "1.jpg", "2.jpg", "2.jpg"]
    bad = rows[2]
    assert "cannot be decoded whole" in bad["error"]
    assert str(tmp_path) not in bad["error"]
    assert bad["status"] == "refused"
    assert not any(bad.get(column) for column in columns() if column not in ("file", "error", "status"))


@pytest.mark.parametrize(("red", "word"), [(0, "blank"), (255, "saturated")])
def test_an_image_that_shows_no_object_gets_no_class_but_a_reason_and_the_others_go_on(
    tmp_path: Path, corner_reader: Any, red: int, word: str
) -> None:
    Image.fromarray(np.full((256, 256, 3), red, np.uint8)).save(tmp_path / "1.jpg")
    names = [write_image(tmp_path / "0.png", 50), "1.jpg", write_image(tmp_path / "2.png", 75)]
    counts = write_rows(tmp_path / "out.csv", predict_images(corner_reader, names, tmp_path))
    assert (counts.n_rows, counts.n_errors) == (5, 1)
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert [row["predicted"] for row in rows] == ["2", "0", "", "3", "0"]
    assert word in rows[2]["error"]
    assert rows[2]["run"] == rows[2]["p0"] == rows[2]["p9"] == ""


def test_a_row_says_what_was_done_to_read_its_image(tmp_path: Path, corner_reader: Any) -> None:
    grey = np.zeros((64, 64), np.uint16)
    grey[24:40, 24:40] = 4095
    Image.fromarray(grey).save(tmp_path / "deep.png")
    (note, same) = (row["notes"] for row in predict_images(corner_reader, ["deep.png"], tmp_path))
    assert (
        note == same == ("its 16-bit numbers end at 4095, so they were taken for 12 bits and scaled by 4095",)
    )


def test_files_that_are_gone_or_no_images_are_rows_too(tmp_path: Path, corner_reader: Any) -> None:
    (tmp_path / "text.png").write_text("not an image")
    rows = list(predict_images(corner_reader, ["gone.png", "text.png"], tmp_path))
    assert [bool(row["error"]) for row in rows] == [True, True]


def test_a_file_the_system_will_not_read_is_a_row_without_the_folder_it_lies_in(
    tmp_path: Path, corner_reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = write_image(tmp_path / "a.png", 50)

    def refuse(path: Path, *_: object) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    (row,) = predict_images(corner_reader, [name], tmp_path)
    assert (row["file"], row["error"]) == ("a.png", "Permission denied")


def test_maps_of_the_predicted_class_are_shown_batch_by_batch(tmp_path: Path, corner_reader: Any) -> None:
    names = [write_image(tmp_path / f"{c}.png", 25 * c) for c in (3, 7, 8)]
    batches: list[list[Shown]] = []
    list(predict_images(corner_reader, names, tmp_path, batch_size=2, show=batches.append))
    assert [len(batch) for batch in batches] == [4, 2]
    shown = batches[0][2]
    assert (shown.file, shown.run, shown.predicted) == ("7.png", "first", 7)
    assert (shown.values == 7).all()
    assert shown.image.shape == (256, 256, 3)


def test_nothing_is_shown_of_a_batch_without_images(tmp_path: Path, corner_reader: Any) -> None:
    batches: list[list[Shown]] = []
    list(predict_images(corner_reader, ["gone.png"], tmp_path, show=batches.append))
    assert batches == []


def test_several_batches_are_asked_at_once_and_told_in_order(tmp_path: Path, corner_reader: Any) -> None:
    names = [write_image(tmp_path / f"{c}.png", 25 * c) for c in range(4)]
    others_were_asked = threading.Event()
    n_asked = itertools.count(1)

    class FirstWaitsForTheLast:
        n_askers = 2

        def predict(self, images: np.ndarray) -> dict[str, np.ndarray]:
            number = next(n_asked)
            if number == 1:
                assert others_were_asked.wait(10)
            elif number == 2:
                others_were_asked.set()
            return corner_reader.predict(images)

    rows = list(predict_images(FirstWaitsForTheLast(), names, tmp_path, batch_size=2))
    assert [row["predicted"] for row in rows] == [0, 0, 1, 0, 2, 0, 3, 0]


def test_one_batch_more_is_taken_up_than_there_are_threads_to_ask(tmp_path: Path, corner_reader: Any) -> None:
    write_image(tmp_path / "a.png", 50)
    n_named = 0

    def named() -> Iterator[str]:
        nonlocal n_named
        for _ in range(20):
            n_named += 1
            yield "a.png"

    rows = predict_images(corner_reader, named(), tmp_path, batch_size=2)
    next(rows)
    rows.close()
    assert n_named == 6  # two threads by default, batches of two


def test_what_the_names_raise_ends_the_work(tmp_path: Path, corner_reader: Any) -> None:
    def named() -> Iterator[str]:
        yield write_image(tmp_path / "a.png", 50)
        raise OSError("the folder is gone")

    with pytest.raises(OSError, match="the folder is gone"):
        list(predict_images(corner_reader, named(), tmp_path, batch_size=1))


def test_written_rows_are_counted_and_read_back(tmp_path: Path, corner_reader: Any) -> None:
    name = write_image(tmp_path / "=cmd.png", 100)
    rows = predict_images(corner_reader, [name, "gone.png"], tmp_path)
    counts = write_rows(tmp_path / "out.csv", rows)
    assert (counts.n_rows, counts.n_errors) == (3, 1)
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    assert [row["file"] for row in read] == ["=cmd.png", "=cmd.png", "gone.png"]
    assert read[0]["predicted"] == "4"
    assert read[2]["run"] == read[2]["predicted"] == read[2]["p0"] == ""
    assert float(read[0]["p4"]) == pytest.approx(np.exp(9) / (np.exp(9) + 9), rel=1e-6)


@pytest.mark.parametrize(
    "name",
    [b"-1.5_200.1.jpg", b"bad\xff.png", b"=1;=2\t'\".png", b"a\rb\nc\r\n.png", " \u00e4\u2028".encode()],
)
def test_a_name_comes_back_byte_for_byte(tmp_path: Path, name: bytes) -> None:
    row = {"file": os.fsdecode(name), "error": "gone"}
    write_rows(tmp_path / "out.csv", [row])
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        (read,) = csv.DictReader(file)
    assert os.fsencode(read["file"]) == name


def test_a_name_gets_an_apostrophe_only_where_a_spreadsheet_is_said(tmp_path: Path) -> None:
    row = {"file": "-1.5_200.1.jpg", "error": "gone"}
    write_rows(tmp_path / "out.csv", [row], spreadsheet_safe=True)
    assert (tmp_path / "out.csv").read_text().splitlines()[1].startswith("'-1.5_200.1.jpg,")
    with pytest.raises(BadValueError, match="exists already"):
        write_rows(tmp_path / "out.csv", [row])


def test_an_interruption_leaves_no_file(tmp_path: Path) -> None:
    def rows() -> Any:
        yield {"file": "a", "error": "b"}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_rows(tmp_path / "out.csv", rows())
    assert list(tmp_path.glob("*")) == []


def test_runs_of_other_classes_stand_side_by_side_each_with_its_own(tmp_path: Path) -> None:
    class Both:
        def predict(self, images: np.ndarray) -> dict[str, np.ndarray]:
            return {"two": np.array([[0.0, 9.0]]), "three": np.array([[0.0, 0.0, 9.0]])}

    both: Any = Both()
    classes = {"two": ("spiral", "merger"), "three": ("a", "b", "c")}
    rows = predict_images(both, [write_image(tmp_path / "a.png", 50)], tmp_path, classes=classes)
    write_rows(tmp_path / "out.csv", rows, n_classes=3)
    two, three = csv.DictReader((tmp_path / "out.csv").read_text().splitlines())
    assert list(two) == ["file", "run", "predicted", "error", "p0", "p1", "p2", "class", "status"]
    assert (two["predicted"], two["class"], two["p2"], two["status"]) == ("1", "merger", "", "ok")
    assert (three["predicted"], three["class"], three["status"]) == ("2", "c", "ok")


def test_memory_does_not_grow_with_the_number_of_images(tmp_path: Path, corner_reader: Any) -> None:
    import tracemalloc

    write_image(tmp_path / "a.png", 50, size=(16, 16))

    def peak(n: int) -> int:
        tracemalloc.start()
        rows = predict_images(corner_reader, ("a.png" for _ in range(n)), tmp_path)
        assert write_rows(tmp_path / "out.csv", rows).n_rows == 2 * n
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    # of forty batches no more than are asked at once, each also as one array, with those read before and after them
    a_batch = 16 * 256 * 256 * 3
    assert peak(640) < 10 * a_batch
