"""The picture of each row: by name below a folder and never out of it, or as bytes in the table."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from galaxy_core.catalogues.columns import find_columns
from galaxy_core.catalogues.formats import open_catalogue
from galaxy_core.catalogues.pictures import Pictures, file_inside
from galaxy_core.errors import BadFileError, MissingError


def table_of(path: Path, **columns: object) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_names_are_found_below_the_folder_of_the_catalogue(tmp_path: Path) -> None:
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "a.jpg").write_bytes(b"picture")
    path = table_of(tmp_path / "o.parquet", id=[1, 2], File=["cut/a.jpg", None], RA=[1.0, 2.0])
    pictures = Pictures(open_catalogue(path))
    ((batch, (first, second)),) = pictures.batches()
    assert batch.to_pydict() == {"id": [1, 2], "File": ["cut/a.jpg", None], "RA": [1.0, 2.0]}
    assert first.find() == (tmp_path / "cut" / "a.jpg").resolve()
    with pytest.raises(BadFileError, match="names no picture"):
        second.find()


@pytest.mark.parametrize(
    "name", ["../secret.png", "/etc/passwd", "out/secret.png", "link.png", "a/../../secret.png"]
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    inside = tmp_path / "inside"
    (inside / "a").mkdir(parents=True)
    (inside / "out").symlink_to(tmp_path)
    (inside / "link.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(BadFileError, match="leads out of the folder") as refused:
        file_inside(inside.resolve(), name)
    assert str(tmp_path) not in str(refused.value)


@pytest.mark.parametrize("name", ["gone.png", "a\0b", "x" * 5000, "ring", "https://example.org/a.png"])
def test_a_name_of_no_file_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "ring").symlink_to(tmp_path / "ring")
    with pytest.raises((MissingError, BadFileError)):
        file_inside(tmp_path.resolve(), name)


def test_names_of_windows_and_names_that_are_not_utf8_are_found(tmp_path: Path) -> None:
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "a.jpg").touch()
    odd = os.fsdecode(b"bad\xff.png")
    (tmp_path / odd).touch()
    assert file_inside(tmp_path.resolve(), r"cut\a.jpg").name == "a.jpg"
    (tmp_path / "o.csv").write_bytes(b"file\nbad\xff.png\n")
    for keeps_text in (False, True):
        ((_, (picture,)),) = Pictures(open_catalogue(tmp_path / "o.csv", keeps_text=keeps_text)).batches()
        assert picture.find() == (tmp_path / odd).resolve()


def test_pictures_in_the_table_are_handed_over_and_their_bytes_not_carried(tmp_path: Path) -> None:
    images = [{"bytes": b"one", "path": "../../one.jpg"}, {"bytes": None, "path": "gone.jpg"}, None]
    path = table_of(tmp_path / "hf.parquet", image=images, label=pa.array([3, 1, 0], pa.uint8()))
    pictures = Pictures(open_catalogue(path))
    ((batch, (first, second, third)),) = pictures.batches()
    assert batch.to_pydict() == {"image.path": ["../../one.jpg", "gone.jpg", None], "label": [3, 1, 0]}
    assert first.find() == b"one"  # its name is only carried
    with pytest.raises(MissingError):
        second.find()
    with pytest.raises(BadFileError):
        third.find()


def test_plain_bytes_are_pictures_too(tmp_path: Path) -> None:
    path = table_of(tmp_path / "b.parquet", id=[1], cutout=[b"one"])
    ((batch, (one,)),) = Pictures(open_catalogue(path), image="cutout").batches()
    assert (batch.to_pydict(), one.find()) == ({"id": [1]}, b"one")


def test_positions_alone_are_refused_with_the_verb_that_brings_the_pictures(tmp_path: Path) -> None:
    path = table_of(tmp_path / "o.parquet", RAJ2000=[1.0], DEJ2000=[2.0])
    with pytest.raises(BadFileError, match=r"galaxy cutouts fetch o\.parquet"):
        Pictures(open_catalogue(path))
    with pytest.raises(BadFileError, match=r"--image-column: 'a', 'b'"):
        Pictures(open_catalogue(table_of(tmp_path / "p.parquet", a=[1], b=[2])))
    with pytest.raises(BadFileError, match="neither names nor bytes"):
        Pictures(open_catalogue(path), image="RAJ2000")


def test_usual_columns_are_found_unasked() -> None:
    schema = pa.schema([(name, pa.string()) for name in ("objID", "raMean", "decMean", "Path")])
    found = find_columns(schema)
    assert (found.identifier, found.ra, found.dec, found.image) == ("objID", "raMean", "decMean", "Path")
