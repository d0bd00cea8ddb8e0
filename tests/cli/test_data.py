"""`galaxy data`: a file is made, looked into, and refused in a sentence."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from typer.testing import Result

Galaxy = Callable[..., Result]


def test_mock_galaxies_are_made_and_described(galaxy: Galaxy, tmp_path: Path) -> None:
    out = tmp_path / "mock.h5"
    assert (
        galaxy("data", "mock", "--n", 10, "--seed", 1, "--out", out).stdout == f"10 mock galaxies in {out}\n"
    )
    result = galaxy("data", "info", out, "--json")
    values = json.loads(result.stdout)
    assert result.stderr == ""
    assert (values["n"], values["origin"], values["n_without_coordinates"]) == (10, "mock", 0)
    assert sum(item["n"] for item in values["classes"]) == 10
    assert "Cigar Shaped Smooth" in galaxy("data", "info", out).stdout


def test_a_folder_is_imported(galaxy: Galaxy, tmp_path: Path) -> None:
    for name in ("a", "b"):
        Image.fromarray(np.full((256, 300, 3), 90, np.uint8)).save(tmp_path / f"{name}.png")
    (tmp_path / "labels.csv").write_text("file,label\na.png,0\nb.png,5\n")
    words = ("data", "import", tmp_path, "--labels", tmp_path / "labels.csv", "--out", tmp_path / "g.h5")
    text = galaxy(*words).stdout
    assert text.startswith("2 images in")
    assert "2 were not square" in text
    again = galaxy(*words)
    assert again.exit_code == 2
    assert "exists already" in again.stderr


def test_a_file_that_is_no_hdf5_is_one_sentence(galaxy: Galaxy, tmp_path: Path) -> None:
    (tmp_path / "text.h5").write_text("no galaxies")
    result = galaxy("data", "info", tmp_path / "text.h5")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("galaxy: ")
    assert result.stderr.count("\n") == 1
