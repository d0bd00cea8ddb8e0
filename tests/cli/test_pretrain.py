"""`galaxy pretrain` as far as it goes without training: what is refused, and how a source shows in lists."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from galaxy_core.runs.pretrain_config import PretrainConfig
from galaxy_core.runs.run import create_run, find_run, list_runs
from galaxy_core.runs.status import Status, write_status

Galaxy = Callable[..., Result]


def done_source() -> None:
    """A source as far as lists and cards are concerned."""
    run = create_run("shapes", PretrainConfig(images="photographs"))
    held_out = {"n": 100, "accuracy": 0.4, "accuracy_low": 0.31, "accuracy_high": 0.5}
    card = {"kind": "source", "name": "shapes", "classes": ["a", "b"], "held_out": held_out}
    (run.path / "card.json").write_text(json.dumps(card))
    (run.path / "weights.safetensors").write_bytes(b"")
    write_status(run.path, Status("done", "trained for 5 passes"))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--image-size", "16"), "image_size must be a whole number from 32"),
        (("--epochs", "0"), "epochs must lie in"),
        (("--keep-at", "0.1", "--keep-at", "2"), "keep_at must lie in"),
        (("--precision", "double"), "precision must be one of"),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_makes_no_run(
    galaxy: Galaxy, tmp_path: Path, options: tuple[str, ...], says: str
) -> None:
    result = galaxy("pretrain", "--images", str(tmp_path), "--name", "shapes", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert list_runs() == []


def test_a_folder_without_photographs_is_one_sentence(galaxy: Galaxy, tmp_path: Path) -> None:
    for folder, says in ((tmp_path / "none", "does not exist"), (tmp_path, "of 0 classes")):
        result = galaxy("pretrain", "--images", str(folder), "--name", f"to-{len(folder.parts)}")
        assert result.exit_code == 2
        assert says in result.stderr
    assert list_runs() == []


def test_a_zip_that_lost_four_bytes_is_named_and_leaves_no_run_folder(galaxy: Galaxy, tmp_path: Path) -> None:
    path = tmp_path / "mine.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(8):
            archive.writestr(f"{'ab'[i % 2]}/{i}.png", b"P" * 100)
    path.write_bytes(path.read_bytes().replace(b"PPPP", b"", 1))
    result = galaxy("pretrain", "--images", path, "--name", "shapes")
    assert result.exit_code == 2
    assert "mine.zip is no whole zip (bytes of it are missing); make the zip anew" in result.stderr
    assert list_runs() == []


def test_a_finished_source_is_shown_again_by_the_same_command(galaxy: Galaxy, tmp_path: Path) -> None:
    done_source()
    for words in (("train", "--run", "shapes"), ("runs", "show", "shapes")):
        result = galaxy(*words)
        assert result.exit_code == 0, result.stderr
        assert "0.400 (95 % 0.310–0.500) of 100 held-out images in 2 classes" in result.stdout


def test_a_source_is_listed_while_it_trains_and_when_it_is_done(galaxy: Galaxy) -> None:
    create_run("waiting", PretrainConfig(images="photographs"))
    done_source()
    listed = json.loads(galaxy("runs", "list", "--json").stdout)["runs"]
    assert [(one["name"], one["policy"]) for one in listed] == [
        ("shapes", "(source)"),
        ("waiting", "(source)"),
    ]
    shown = json.loads(galaxy("runs", "show", "waiting", "--json").stdout)
    assert (shown["config"]["kind"], shown["config"]["images"], shown["card"]) == (
        "source",
        "photographs",
        None,
    )


def test_a_source_is_no_row_of_the_table_and_predicts_nothing(galaxy: Galaxy, tmp_path: Path) -> None:
    done_source()
    words = ("predict", "--run", "shapes", "--images", str(tmp_path / "in"), "--out", str(tmp_path / "p.csv"))
    for result in (galaxy("table", "shapes"), galaxy(*words)):
        assert result.exit_code == 2
        assert "no classifier" in result.stderr
    assert find_run("shapes").is_source
