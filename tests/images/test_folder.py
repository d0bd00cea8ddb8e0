"""What in a folder is a picture: nothing vanishes unsaid, and names are what they are."""

import io
import os
import time
from pathlib import Path

import pytest
from made_fits import cube_file
from PIL import Image

from galaxy_core.errors import BadFileError, MissingError
from galaxy_core.files.image_kinds import FORMATS, HEAD_BYTES, KINDS, begins_as_image
from galaxy_core.images.folder import list_images
from galaxy_core.images.read import read_image


def encoded(kind: str) -> bytes:
    if kind == "FITS":
        return cube_file((0.1, 0.2, 0.3), side=16)
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (90, 0, 0)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_an_image_is_one_whatever_its_name_ends_in(tmp_path: Path, kind: str) -> None:
    for name in ("image", "image.jfif", "image.dat"):
        (tmp_path / name).write_bytes(encoded(kind))
    assert list_images(tmp_path).names == ["image", "image.dat", "image.jfif"]
    assert read_image(tmp_path / "image").shape == (16, 16, 3)


@pytest.mark.parametrize(
    "head",
    [b"", b"BM", b"BMW and other cars of the year", b"RIFF1234WAVEfmt ", b"SIMPLE  =", b"\0\0\0\x18ftypheic"],
)
def test_what_only_begins_like_one_is_none(head: bytes) -> None:
    assert not begins_as_image(head)


def test_the_marks_lie_in_the_bytes_that_are_read() -> None:
    assert all(
        place + len(part) <= HEAD_BYTES for kind in KINDS for mark in kind.marks for place, part in mark
    )


def test_what_has_the_name_of_one_is_a_row_and_the_rest_is_named(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "folder.jpg").mkdir()
    images = ("b.png", "a.JPG", "sub/c.tiff", "folder.jpg/d.gif", "z.fits", "y.fits.gz")
    for name in (*images, "Thumbs.db", "x.tar.gz", ".hidden.png"):
        (tmp_path / name).touch()
    (tmp_path / "gone.jpg").symlink_to("nowhere")
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "again").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / "pipe.png")
    found = list_images(tmp_path)
    assert found.names == [
        "a.JPG",
        "b.png",
        "folder.jpg",
        "folder.jpg/d.gif",
        "gone.jpg",
        "pipe.png",
        "sub/c.tiff",
        "y.fits.gz",
        "z.fits",
    ]
    assert found.left_out == ["Thumbs.db", "again", "gone", "pipe", "x.tar.gz", ".hidden.png"]
    assert (
        found.left_out_in_words
        == "left out as no image: 6 (Thumbs.db, again, gone, pipe, x.tar.gz and 1 more)"
    )
    assert list_images(tmp_path / "b.png").names == ["b.png"]
    with pytest.raises(BadFileError, match="neither a file nor a folder"):
        list_images(tmp_path / "pipe")


def test_names_come_byte_for_byte(tmp_path: Path) -> None:
    names = [b"-1.5_200.1.jpg", b"=1+1.png", b"bad\xff.png", b"line\nend.png", b" .png"]
    for name in names:
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).touch()
    assert sorted(os.fsencode(name) for name in list_images(tmp_path).names) == sorted(names)


def test_a_folder_without_images_is_named_with_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no image")
    with pytest.raises(
        MissingError, match=r"holds no image; JPEG, .* are read; left out as no image: 1 \(a\.txt\)"
    ):
        list_images(tmp_path)
    with pytest.raises(MissingError, match="does not exist"):
        list_images(tmp_path / "nowhere")


def test_a_folder_that_cannot_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.png").touch()
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = list_images(tmp_path)
    assert (found.names, found.left_out) == (["a.png"], ["closed/"])


def test_ten_thousand_files_are_listed_in_a_moment(tmp_path: Path) -> None:
    for i in range(10_000):
        os.close(os.open(tmp_path / f"{i}.jpg", os.O_CREAT | os.O_WRONLY))
    began = time.perf_counter()
    assert len(list_images(tmp_path).names) == 10_000
    assert time.perf_counter() - began < 2
