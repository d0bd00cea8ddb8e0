"""Labelled photographs: the same pictures from folders and zips, divided by name, and a corpus of hostile zips."""

import io
import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from galaxy_core.data.photographs.listing import IMAGENET_TERMS, open_photographs
from galaxy_core.data.photographs.shelves import MOST_BYTES
from galaxy_core.errors import BadFileError, BadValueError, MissingError


def png(value: int, side: int = 16) -> bytes:
    """A picture that is `value` everywhere."""
    buffer = io.BytesIO()
    Image.fromarray(np.full((side, side + 2, 3), value, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def members(n: int = 10) -> dict[str, bytes]:
    """`n` pictures of three classes each; picture i of class c is 20 c + i everywhere."""
    return {f"{name}/{i:03d}.png": png(20 * c + i) for c, name in enumerate("abc") for i in range(n)}


def write_folder(folder: Path, contents: dict[str, bytes]) -> Path:
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def write_zip(path: Path, contents: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def test_each_picture_has_its_class_and_its_pixels(tmp_path: Path) -> None:
    photographs = open_photographs(write_folder(tmp_path, members()))
    assert (len(photographs), photographs.classes) == (30, ("a", "b", "c"))
    for index in range(30):
        label = photographs.labels[index]
        image = photographs.read(index)
        assert image.shape == (16, 18, 3)
        assert photographs.name(index) == f"{'abc'[label]}/{index % 10:03d}.png"
        assert (image == 20 * label + index % 10).all()


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_pictures_are_the_same_from_a_folder_one_zip_or_several(tmp_path: Path, how: int) -> None:
    contents = members()
    folder = open_photographs(write_folder(tmp_path / "folder", contents))
    one = open_photographs(write_zip(tmp_path / "one.zip", contents, how))
    halves = list(contents.items())
    write_zip(tmp_path / "zips" / "1.zip", dict(halves[::2]), how)
    write_zip(tmp_path / "zips" / "2.zip", dict(halves[1::2]), how)
    several = open_photographs(tmp_path / "zips")
    for other in (one, several):
        assert [other.name(i) for i in range(30)] == [folder.name(i) for i in range(30)]
        assert all((other.read(i) == folder.read(i)).all() for i in range(30))
    assert one.sha256 == several.sha256
    assert [file.name for file in several.files] == ["1.zip", "2.zip"]


def test_another_picture_of_the_same_name_is_another_listing(tmp_path: Path) -> None:
    contents = members()
    before = open_photographs(write_zip(tmp_path / "1.zip", contents)).sha256
    contents["b/003.png"] = png(99)
    assert open_photographs(write_zip(tmp_path / "2.zip", contents)).sha256 != before


def test_classes_csv_names_the_classes(tmp_path: Path) -> None:
    write_folder(tmp_path, members())
    (tmp_path / "classes.csv").write_text('folder,name\nb,"tench, Tinca tinca"\na, robin \nz,unused\nc,\n')
    assert open_photographs(tmp_path).classes == ("robin", "tench, Tinca tinca", "c")


def test_folders_named_as_in_wordnet_are_for_research_and_education(tmp_path: Path) -> None:
    assert open_photographs(write_folder(tmp_path / "mine", members())).terms is None
    contents = {f"n0000000{c}/{i}.png": png(i) for c in range(3) for i in range(2)}
    assert open_photographs(write_folder(tmp_path / "imagenet", contents)).terms == IMAGENET_TERMS


def test_hidden_files_and_other_files_are_passed_over(tmp_path: Path) -> None:
    others = {".hidden/1.png": png(1), "a/._1.png": b"x", "a/notes.txt": b"x", "README.md": b"x"}
    assert len(open_photographs(write_folder(tmp_path / "folder", members() | others))) == 30
    others = {"a/._1.png": b"x", "__MACOSX/a/1.png": b"x", "a/notes.txt": b"x", "classes.csv": b"x"}
    assert len(open_photographs(write_zip(tmp_path / "one.zip", members() | others))) == 30


def test_the_held_out_part_is_a_share_of_every_class_and_apart_from_training(tmp_path: Path) -> None:
    photographs = open_photographs(write_folder(tmp_path, members(40)))
    training, held_out = photographs.divide(0.1)
    assert np.bincount(photographs.labels[held_out]).tolist() == [4, 4, 4]
    assert sorted([*training, *held_out]) == list(range(120))


def test_every_class_keeps_one_picture_in_each_part(tmp_path: Path) -> None:
    photographs = open_photographs(write_folder(tmp_path, members(2)))
    for share in (0.001, 0.5):
        training, held_out = photographs.divide(share)
        assert np.bincount(photographs.labels[training]).tolist() == [1, 1, 1]
        assert np.bincount(photographs.labels[held_out]).tolist() == [1, 1, 1]


def test_what_is_held_out_follows_from_the_names_alone(tmp_path: Path) -> None:
    def held(contents: dict[str, bytes], name: str) -> set[str]:
        photographs = open_photographs(write_zip(tmp_path / name, contents))
        return {photographs.name(i) for i in photographs.divide(0.1)[1].tolist()}

    contents = members(40)
    before = held(contents, "1.zip")
    assert held(dict(reversed(contents.items())), "2.zip") == before
    # another class before the others moves every index and no picture
    more = {f"0/{i}.png": png(i) for i in range(10)} | contents
    assert {name for name in held(more, "3.zip") if not name.startswith("0/")} == before


@pytest.mark.parametrize(
    ("contents", "says"),
    [
        ({"a/1.png": b"", "a/2.png": b""}, "of 1 classes, and at least 2"),
        ({}, "of 0 classes, and at least 2"),
    ],
)
def test_fewer_than_two_classes_are_refused(tmp_path: Path, contents: dict[str, bytes], says: str) -> None:
    with pytest.raises(BadValueError, match=says):
        open_photographs(write_folder(tmp_path, contents))


def test_a_class_of_one_picture_cannot_be_divided(tmp_path: Path) -> None:
    photographs = open_photographs(write_folder(tmp_path, members() | {"d/1.png": png(1)}))
    with pytest.raises(BadValueError, match=r"class d of .* has one picture"):
        photographs.divide(0.1)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="does not exist"):
        open_photographs(tmp_path / "nothing")


def test_a_damaged_picture_is_named_when_it_is_read(tmp_path: Path) -> None:
    contents = members() | {"b/003.png": png(1)[:60]}
    photographs = open_photographs(write_zip(tmp_path / "one.zip", contents))
    with pytest.raises(BadFileError, match=r"b/003\.png cannot be decoded whole"):
        photographs.read(13)


def refusal(path: Path) -> str:
    with pytest.raises(BadFileError) as caught:
        open_photographs(path)
    assert "\n" not in str(caught.value)
    assert path.name in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["1.png", "../1.png", "/1.png", "x/../1.png", "x/y/1.png", "//1.png", "./1.png", "x\\1.png", "a/\n1.png"],
)
def test_a_picture_anywhere_but_in_the_folder_of_a_class_is_refused(tmp_path: Path, name: str) -> None:
    contents = members() | {name: png(1)}
    assert "rename it" in (said := refusal(write_zip(tmp_path / "one.zip", contents))) or "class/name" in said


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "one.zip", members())
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("a/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert "link or encrypted" in refusal(path)


def test_a_picture_twice_is_refused_within_a_zip_and_across_zips(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "one.zip", members())
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a/000.png", png(1))
    assert "twice" in refusal(path)
    write_zip(tmp_path / "zips" / "1.zip", members())
    write_zip(tmp_path / "zips" / "2.zip", {"a/000.png": png(1)})
    with pytest.raises(BadFileError, match=r"holds a/000\.png twice"):
        open_photographs(tmp_path / "zips")


def test_a_picture_of_too_many_bytes_is_refused_unread(tmp_path: Path) -> None:
    """A bomb: 65 MB of zeros that the zip holds in 65 KB."""
    bomb = members() | {"a/bomb.png": bytes(MOST_BYTES + 1)}
    path = write_zip(tmp_path / "one.zip", bomb, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < MOST_BYTES / 100
    assert f"claims {MOST_BYTES + 1} bytes" in refusal(path)


def test_a_zip_that_understates_a_picture_is_caught_when_it_is_read(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "one.zip", members(), zipfile.ZIP_DEFLATED)
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\1\2")  # of a/000.png in the directory; its size is 24 bytes in
    struct.pack_into("<L", data, entry + 24, 10)
    path.write_bytes(data)
    with pytest.raises(BadFileError, match=r"'a/000\.png' in .*one\.zip cannot be read whole"):
        open_photographs(path).read(0)


@pytest.mark.parametrize("kept", [0, 1, 100, 1000])
def test_what_is_no_whole_zip_is_refused(tmp_path: Path, kept: int) -> None:
    path = write_zip(tmp_path / "one.zip", members())
    path.write_bytes(path.read_bytes()[:kept])
    assert "no whole zip" in refusal(path)
