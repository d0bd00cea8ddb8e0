"""A table of labelled pictures, as the Hugging Face Hub has them, becomes a file of galaxies to learn from."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from typer.testing import CliRunner

from galaxy_core.catalogues.galaxies import import_catalogue
from galaxy_core.cli import app
from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.errors import BadFileError, BadValueError

Write = Callable[..., Path]


def picture(level: int, side: int = 256) -> bytes:
    data = io.BytesIO()
    Image.fromarray(np.full((side, side, 3), level, np.uint8)).save(data, "PNG")
    return data.getvalue()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A table of three pictures in the layout of the Hub."""

    def table(labels: Any, names: list[str] | None = None, **more: Any) -> Path:
        images = [{"bytes": picture(10 * i), "path": f"{i}.png"} for i in range(3)]
        found = pa.table({"image": images, "label": labels, **more})
        if names is not None:
            features = {"label": {"names": names, "_type": "ClassLabel"}}
            about = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
            found = found.replace_schema_metadata(about)
        pq.write_table(found, tmp_path / "train.parquet")
        return tmp_path / "train.parquet"

    return table


def test_pictures_and_labels_are_those_of_the_table_with_the_names_it_gives_them(
    write: Write, tmp_path: Path
) -> None:
    path = write(pa.array([2, 0, 2], pa.uint8()), ["spiral", "merger", "smooth"])
    summary = import_catalogue(path, tmp_path / "a.h5")
    galaxies = open_galaxies(tmp_path / "a.h5")
    assert galaxies.classes == Classes(["spiral", "merger", "smooth"])
    assert galaxies.labels.tolist() == [2, 0, 2]
    assert [int(image[0, 0, 0]) for image in galaxies.images] == [0, 10, 20]
    assert np.isnan(galaxies.ra).all()
    assert (summary.n_images, summary.class_counts, summary.n_without_position) == (3, (1, 0, 2), 3)


def test_numbers_that_nothing_names_are_asked_for(write: Write, tmp_path: Path) -> None:
    path = write(pa.array([9, 0, 3], pa.uint8()))
    with pytest.raises(BadValueError, match=r"numbers \(0, 3, 9\) that nothing names.*--classes galaxy10"):
        import_catalogue(path, tmp_path / "a.h5")
    assert import_catalogue(path, tmp_path / "a.h5", classes=GALAXY10).class_counts[9] == 1
    with pytest.raises(BadFileError, match=r"row 1: label 9 is no class; give 0 to 1"):
        import_catalogue(path, tmp_path / "b.h5", classes=Classes(["a", "b"]))


def test_names_are_classes_and_positions_are_kept(write: Write, tmp_path: Path) -> None:
    path = write(["spiral", "merger", "spiral"], RA=[10.0, None, 359.0], DEC=[-5.0, 0.0, 90.0])
    summary = import_catalogue(path, tmp_path / "a.h5")
    galaxies = open_galaxies(tmp_path / "a.h5")
    assert galaxies.classes == Classes(["merger", "spiral"])
    np.testing.assert_array_equal(galaxies.ra, [10, np.nan, 359])
    assert summary.n_without_position == 1
    of_galaxy10 = write(["Merging", "round_smooth", "Disturbed"])
    assert import_catalogue(of_galaxy10, tmp_path / "b.h5").classes == GALAXY10


@pytest.mark.parametrize(
    ("labels", "more", "says"),
    [
        (["a", None, "b"], {}, "row 2: it has no label"),
        ([1.5, 2.0, 3.0], {}, "labels of double"),
        (["a", "b", "a"], {"ra": [1.0, 2.0, 361.0], "dec": [0.0, 0.0, 0.0]}, r"row 3: ra must be .*got 361"),
        (["a", "b", "a"], {"ra": ["x", "y", "z"], "dec": [0.0, 0.0, 0.0]}, "no numbers"),
    ],
)
def test_the_first_row_that_cannot_be_used_is_named_and_nothing_is_left(
    write: Write, tmp_path: Path, labels: list[Any], more: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadFileError, match=says):
        import_catalogue(write(labels, **more), tmp_path / "a.h5")
    assert [path.name for path in tmp_path.glob("*.h5")] == []


def test_a_damaged_picture_is_named_by_its_row(tmp_path: Path) -> None:
    images = [{"bytes": picture(0), "path": "a"}, {"bytes": picture(0)[:90], "path": "b"}]
    pq.write_table(pa.table({"image": images, "label": ["a", "b"]}), tmp_path / "a.parquet")
    with pytest.raises(BadFileError, match="row 2: its picture cannot be decoded whole"):
        import_catalogue(tmp_path / "a.parquet", tmp_path / "a.h5")
    assert not (tmp_path / "a.h5").exists()


def test_a_csv_may_name_the_pictures(tmp_path: Path) -> None:
    for i in range(2):
        (tmp_path / f"{i}.png").write_bytes(picture(50 * i, side=128))
    (tmp_path / "t.csv").write_text("file,label\n1.png,b\n0.png,a\n")
    summary = import_catalogue(tmp_path / "t.csv", tmp_path / "a.h5")
    assert [int(image[0, 0, 0]) for image in open_galaxies(tmp_path / "a.h5").images] == [50, 0]
    assert summary.n_resized == 2


def test_the_verb_says_what_cannot_be_split_by_sky(write: Write, tmp_path: Path) -> None:
    path = write(pa.array([2, 0, 1], pa.uint8()))
    words = ["data", "import", str(path), "--out", str(tmp_path / "a.h5")]
    assert "--classes galaxy10" in CliRunner().invoke(app, words).stderr
    result = CliRunner().invoke(app, [*words, "--classes", "Galaxy10"])
    assert "none of them can be split by sky" in result.stdout
    assert "3 have no position" in result.stdout
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "0.png").write_bytes(picture(50))
    words[4] = str(tmp_path / "b.h5")
    assert (
        "say with --labels"
        in CliRunner().invoke(app, [*words[:2], str(tmp_path / "images"), *words[3:]]).stderr
    )
    assert "leave out --labels" in CliRunner().invoke(app, [*words, "--labels", "x.csv"]).stderr
