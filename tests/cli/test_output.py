"""One rule for every verb that writes a file somebody named: what is there stays, unless --overwrite."""

import csv
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import Result

from galaxy_core.cli import app
from galaxy_core.runs.run import Run

Galaxy = Callable[..., Result]
MakeRun = Callable[..., Run]
WRITTEN = ("out", "chart", "heatmaps")
IN_A_FOLDER = {"models", "heatmaps"}
KEEPS_WHAT_IS_RIGHT = {"evidence", "fetch"}
"""The first carries on with its own table, the second leaves the file that it would fetch; else they refuse."""


def verbs(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(command, "commands"):
        for name, one in command.commands.items():
            yield from verbs(one, (*words, name))
    else:
        yield words, command


def outputs() -> list[Any]:
    """Every option of every verb that names something to write, and the words the verb needs beside it."""
    return [
        pytest.param(
            (*words, *needed(verb, option.name)), verb, option, id=f"{' '.join(words)} {option.opts[0]}"
        )
        for words, verb in verbs(typer.main.get_command(app))
        for option in verb.params
        if option.name in WRITTEN
    ]


def needed(verb: Any, apart_from: str) -> list[str]:
    """What the verb cannot be called without; 10 is a number, a name and a path."""
    words = []
    for one in verb.params:
        is_needed = one.required or (verb.name == "predict" and one.name in {"run", "images", "out"})
        if is_needed and one.name != apart_from:
            value = "11.csv" if one.name == "out" else "10"
            words += [value] if one.param_type_name == "argument" else [one.opts[0], value]
    return words


def test_the_walk_finds_the_verbs_that_write() -> None:
    found = {one.id for one in outputs()}
    assert {
        "predict --out",
        "predict --heatmaps",
        "runs pack --out",
        "data mock --out",
        "study --chart",
    } <= found
    assert len(found) >= 14


@pytest.mark.parametrize(("words", "verb", "option"), outputs())
def test_every_verb_that_writes_has_overwrite_and_tells_no_name_from_a_folder(
    galaxy: Galaxy, tmp_path: Path, words: tuple[str, ...], verb: Any, option: Any
) -> None:
    assert words[0] == "models" or "overwrite" in {one.name for one in verb.params}
    for name in ("", tmp_path):
        if name and {verb.name, option.name} & IN_A_FOLDER:
            continue
        result = galaxy(*words, option.opts[0], name)
        assert result.exit_code == 2
        assert result.stderr.startswith("galaxy: ")
        assert result.stderr.count("\n") == 1
        assert "name" in result.stderr or "is a folder" in result.stderr


@pytest.mark.parametrize(("words", "verb", "option"), outputs())
def test_no_verb_touches_what_is_there_before_it_is_told_to(
    galaxy: Galaxy, tmp_path: Path, words: tuple[str, ...], verb: Any, option: Any
) -> None:
    there = tmp_path / "precious.csv"
    there.write_text("my thesis")
    result = galaxy(*words, option.opts[0], there)
    assert result.exit_code == 2
    if not {verb.name, option.name} & (KEEPS_WHAT_IS_RIGHT | IN_A_FOLDER):
        assert "exists already; choose another name, or say --overwrite to replace it" in result.stderr
    assert there.read_text() == "my thesis"


@pytest.mark.parametrize(("words", "verb", "option"), outputs())
def test_no_verb_writes_into_a_run_folder_even_when_told(
    galaxy: Galaxy, make_run: MakeRun, words: tuple[str, ...], verb: Any, option: Any
) -> None:
    if verb.name in {"models", "fetch"}:
        pytest.skip("takes no run")
    path = make_run("first").path / "predictions.csv"
    before = path.read_bytes()
    name = path.parent / "maps" if option.name == "heatmaps" else path
    result = galaxy(*words, option.opts[0], name, "--overwrite")
    assert result.exit_code == 2
    assert "lies inside" in result.stderr
    assert path.read_bytes() == before


def test_pictures_go_into_a_new_folder_outside_of_the_images(galaxy: Galaxy, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.png").touch()
    words = ("predict", "--run", "a", "--images", tmp_path / "in", "--out", tmp_path / "p.csv", "--heatmaps")
    assert "is not empty; choose another" in galaxy(*words, tmp_path / "full").stderr
    for inside in ("in", "in/maps"):
        assert "is read here" in galaxy(*words, tmp_path / inside, "--overwrite").stderr
    assert "there is no run" in galaxy(*words, tmp_path / "full", "--overwrite").stderr


def test_a_table_is_replaced_when_asked_and_goes_down_a_pipe(
    galaxy: Galaxy, make_run: MakeRun, tmp_path: Path
) -> None:
    make_run("first")
    words = ("table", "first", "--out", tmp_path / "t.csv")
    assert galaxy(*words).exit_code == 0
    text = (tmp_path / "t.csv").read_text()
    assert galaxy(*words).exit_code == 2
    assert galaxy(*words, "--overwrite").exit_code == 0
    command = [sys.executable, "-m", "galaxy_core", "table", "first", "--out", "/dev/stdout"]
    piped = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    assert (piped.stdout, piped.stderr) == (text, "table of 1 runs in /dev/stdout\n")


def test_three_imports_to_one_name_leave_one_file_and_tell_two(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    Image.fromarray(np.full((256, 256, 3), 90, np.uint8)).save(folder / "a.png")
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("file", "label"), ("a.png", 3)])
    command = [
        sys.executable,
        "-m",
        "galaxy_core",
        "data",
        "import",
        folder,
        "--labels",
        tmp_path / "labels.csv",
        "--classes",
        "galaxy10",
    ]
    imports = [
        subprocess.Popen([*command, "--out", tmp_path / "g.h5"], stdout=-1, stderr=-1, text=True)
        for _ in "123"
    ]
    said = [one.communicate()[1] for one in imports]
    assert sorted(one.returncode for one in imports) == [0, 2, 2]
    assert sum("g.h5 exists already; choose another name" in text for text in said) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["g.h5", "in", "labels.csv"]
