"""Subfolders are classes, in a folder or a zip; what is left out is named and a hostile zip is refused."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from galaxy_core.data.class_folders import read_class_folders, read_folder
from galaxy_core.data.classes import GALAXY10, Classes, UnnamedError
from galaxy_core.data.folder import import_folder, labelled_folder
from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.errors import BadFileError, GalaxyError, MissingError

THREE = ("spiral/a.png", "spiral/deep/b.png", "elliptical/c.png", "merger/d.png")


def png(value: int = 9) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((64, 64, 3), value, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(png())
    return folder


def write_zip(path: Path, *names: str, **texts: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, png(len(name) % 256))
        for name, text in texts.items():
            archive.writestr(f"{name}.csv", text)
    return path


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[Path]:
    """A file to write, in a folder where nothing else may be left."""
    out = tmp_path / "out" / "mine.h5"
    out.parent.mkdir()
    yield out
    assert [one.name for one in out.parent.iterdir() if one != out] == []


def test_subfolders_are_classes_by_alphabet_or_in_the_order_asked_for(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", *THREE)
    labels = read_folder(folder)
    assert tuple(labels.classes) == ("elliptical", "merger", "spiral")
    assert [file.label for file in labels.files] == [0, 1, 2, 2]
    asked = read_folder(folder, classes=Classes(["spiral", "merger", "elliptical"]))
    assert [file.label for file in asked.files] == [2, 1, 0, 0]
    with pytest.raises(BadFileError, match="the subfolder 'merger': label 'merger' is no class"):
        read_folder(folder, classes=Classes(["spiral", "elliptical"]))


def test_what_is_no_picture_or_in_no_class_is_left_out_by_name(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", *THREE, "loose.png")
    (folder / "spiral" / "notes.txt").write_text("dear network")
    assert read_folder(folder).left_out == ("loose.png", "spiral/notes.txt")


def test_a_folder_around_the_classes_is_looked_through(tmp_path: Path) -> None:
    fill(tmp_path / "in" / "galaxies", *THREE)
    assert len(read_folder(tmp_path / "in").classes) == 3


def test_a_labels_csv_says_it_before_subfolders_do(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", *THREE)
    (folder / "Labels.csv").write_text("file,label\nspiral/a.png,one\nmerger/d.png,two\n")
    labels = read_folder(folder)
    assert tuple(labels.classes) == ("one", "two")
    assert labels.left_out == ("elliptical/c.png", "spiral/deep/b.png")


def test_subfolders_that_are_numbers_want_names(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", "0/a.png", "2/b.png")
    with pytest.raises(UnnamedError, match="name the classes in order") as caught:
        read_folder(folder)
    assert caught.value.numbers == (0, 2)
    assert [file.label for file in read_folder(folder, classes=Classes(["a", "b", "c"])).files] == [0, 2]


def test_galaxy10s_own_ten_classes_keep_its_order(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", *(f"{name.lower().replace(' ', '_')}/a.png" for name in GALAXY10))
    assert read_class_folders(folder).classes is GALAXY10
    assert tuple(read_class_folders(fill(tmp_path / "2", "Merging/a.png", "ring/a.png")).classes) == (
        "Merging",
        "ring",
    )


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ((), "holds no image"),
        (("a.png", "b.png"), "has no classes, and two are the least; put each class into a subfolder"),
        (("spiral/a.png",), "the only class in .* is 'spiral'"),
        (("spiral/a.png", "Spiral/a.png"), "each class has a name of its own, got 'spiral' twice; rename"),
        (("<b>x/a.png", "y/a.png"), "the name of a class has 1 to 60 letters"),
    ],
)
def test_what_is_no_two_classes_gets_one_sentence(
    tmp_path: Path, names: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises((BadFileError, MissingError), match=sentence):
        read_folder(fill(tmp_path / "in", *names))


def test_a_zip_is_imported_as_its_folder_is(tmp_path: Path, beside: Path) -> None:
    path = write_zip(
        tmp_path / "mine.zip", *(f"top/{name}" for name in THREE), "top/x/read.me", "__MACOSX/._a.png"
    )
    summary = import_folder(path, None, beside)
    assert summary.class_counts == (1, 1, 2)
    assert summary.left_out == ("top/x/read.me",)
    galaxies = open_galaxies(beside, cache_folder=tmp_path / "cache")
    assert galaxies.labels.tolist() == [0, 1, 2, 2]
    assert galaxies.images[:, 0, 0, 0].tolist() == [len(f"top/{n}") for n in sorted(THREE)]


def test_a_zip_may_have_a_labels_csv_whose_faults_name_the_zip(tmp_path: Path, beside: Path) -> None:
    path = write_zip(tmp_path / "1.zip", "a.png", "b.png", labels="file,label\na.png,x\nb.png,y\n")
    with labelled_folder(path, beside, with_pictures=False) as labels:
        assert tuple(labels.classes) == ("x", "y")
        assert labels.files[0].path.stat().st_size == 0
    wrong = write_zip(tmp_path / "2.zip", "a.png", labels="file,label\na.png,x\nc.png,y\n")
    with pytest.raises(
        GalaxyError, match=r"2\.zip/labels\.csv line 3: file 'c\.png' is neither in .*2\.zip nor"
    ):
        import_folder(wrong, None, beside)


@pytest.mark.parametrize(
    "name",
    ["../a/b.png", "/etc/b.png", "a//b.png", "a/../../b.png", "a\\b.png", "C:/a.png", f"{'a' * 300}/b.png"],
)
def test_a_name_that_leads_out_of_a_zip_is_refused(tmp_path: Path, beside: Path, name: str) -> None:
    path = write_zip(tmp_path / "mine.zip", *THREE, name)
    with pytest.raises(BadFileError, match=r"mine\.zip holds "):
        import_folder(path, None, beside)
    assert not (tmp_path / "a").exists()


def test_a_picture_that_is_a_folder_too_is_refused(tmp_path: Path, beside: Path) -> None:
    path = write_zip(tmp_path / "mine.zip", "x/a.png", "x/a.png/b.png")
    with pytest.raises(BadFileError, match=r"'x/a.png/b.png' and another of that name"):
        import_folder(path, None, beside)


def test_what_is_no_zip_or_claims_too_much_is_refused(
    tmp_path: Path, beside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "not.zip").write_bytes(b"PK\3\4 dear network")
    with pytest.raises(BadFileError, match=r"not\.zip is no whole zip"):
        import_folder(tmp_path / "not.zip", None, beside)
    monkeypatch.setattr("galaxy_core.data.zipped_folder.MOST_TOTAL_BYTES", 100)
    with pytest.raises(BadFileError, match="and at most 100 are taken"):
        import_folder(write_zip(tmp_path / "mine.zip", *THREE), None, beside)
