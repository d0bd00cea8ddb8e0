"""`galaxy data`: a file is made, looked into, and refused in a sentence."""

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
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


def test_mock_galaxies_have_their_flux_and_replace_a_file_only_where_that_is_said(
    galaxy: Galaxy, tmp_path: Path
) -> None:
    out = tmp_path / "mock.h5"
    words = ("data", "mock", "--n", 1, "--out", out)
    galaxy(*words)
    again = galaxy(*words, "--flux")
    assert again.exit_code == 2
    assert "say --overwrite" in again.stderr
    assert galaxy(*words, "--flux", "--overwrite").exit_code == 0
    with h5py.File(out) as file:
        assert file["flux"].shape == (1, 256, 256, 3)


@pytest.mark.real
@pytest.mark.skipif(
    not os.environ.get("GALAXY_REAL"), reason="GALAXY_REAL names no folder of real labelled galaxies"
)
def test_a_folder_of_real_galaxies_is_imported_and_looks_like_one(galaxy: Galaxy, tmp_path: Path) -> None:
    folder, out = Path(os.environ["GALAXY_REAL"]), tmp_path / "real.h5"
    imported = galaxy("data", "import", folder, "--labels", folder / "labels.csv", "--out", out)
    assert imported.exit_code == 0, imported.stderr
    with (folder / "labels.csv").open(newline="") as file:
        n = sum(1 for _ in csv.DictReader(file))
    values = json.loads(galaxy("data", "info", out, "--json").stdout)
    assert (values["n"], values["origin"], values["image_shape"]) == (n, "imported", [256, 256, 3])
    assert sum(item["n"] for item in values["classes"]) == n


def test_a_folder_is_imported(galaxy: Galaxy, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "b"):
        Image.fromarray(np.full((256, 300, 3), 90, np.uint8)).save(folder / f"{name}.png")
    (folder / "labels.csv").write_text("file,label\na.png,0\nb.png,5\n")
    words = ("data", "import", folder, "--labels", folder / "labels.csv", "--out", tmp_path / "g.h5")
    unnamed = galaxy(*words)
    assert unnamed.exit_code == 2
    assert "has the labels 0, 5 and does not say what they are" in unnamed.stderr
    assert not (tmp_path / "g.h5").exists()
    words = (*words, "--classes", "galaxy10")
    text = galaxy(*words).stdout
    assert "labels are taken as 0 Disturbed, 1 Merging, 2 Round Smooth" in text
    assert text.startswith("2 images in")
    assert "2 were not square" in text
    again = galaxy(*words)
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    assert galaxy(*words, "--overwrite").stdout == text


def test_a_file_that_is_no_hdf5_is_one_sentence(galaxy: Galaxy, tmp_path: Path) -> None:
    (tmp_path / "text.h5").write_text("no galaxies")
    result = galaxy("data", "info", tmp_path / "text.h5")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("galaxy: ")
    assert result.stderr.count("\n") == 1


def test_corrections_are_listed_and_exported(galaxy: Galaxy, coloured_galaxies: Path, tmp_path: Path) -> None:
    from galaxy_core.data.cache import file_sha256
    from galaxy_core.data.corrections import ANOTHER, DOUBTFUL, Correction, ledger_of

    data, out = tmp_path / "own.h5", tmp_path / "said.csv"
    data.write_bytes(coloured_galaxies.read_bytes())
    assert "corrections of own.h5: none" in galaxy("data", "corrections", data).stdout
    ledger = ledger_of(data, file_sha256(data))
    ledger.add("9", Correction(ANOTHER, "Merging", "two nuclei"))
    kept = ledger.add("3", Correction(DOUBTFUL))
    shown = galaxy("data", "corrections", data).stdout
    assert f"kept in {kept}" in shown
    assert "1 of another class, 1 doubtful" in shown
    assert "Merging: two nuclei" in shown
    assert galaxy("data", "corrections", data, "--out", out).exit_code == 0
    assert [row["row"] for row in csv.DictReader(out.read_text().splitlines())] == ["3", "9"]
    assert "say --overwrite" in galaxy("data", "corrections", data, "--out", out).stderr
    out.write_text("row,verdict,class\n3,another class,Blob\n4,doubtful,\n")
    refused = galaxy("data", "corrections", data, "--from", out)
    assert (refused.exit_code, "names no class of the file (line 2: 'Blob')" in refused.stderr) == (2, True)
    out.write_text("row,verdict\n4,doubtful\n5,right\n")
    taken = galaxy("data", "corrections", data, "--from", out).stdout
    assert "corrections taken: 2 of 2" in taken
    assert "1 of another class, 2 doubtful, 1 right" in taken
    assert (
        "gone.csv does not exist"
        in galaxy("data", "corrections", data, "--from", tmp_path / "gone.csv").stderr
    )
