"""`galaxy data fetch` of copies one has, and what the command line says of a stranger's file names."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from galaxy_core.cli.shell.predicted import Watcher
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.status import Status, write_status

DENSENET = get_backbone("densenet121")

Galaxy = Callable[..., Result]
CONTENT = b"as good as the published file"

FILE_NAME = DENSENET.published.file_name


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `good.h5` and `bad.h5`; no server answers."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    for name, digest in (("GALAXY10_SHA256", hashlib.sha256), ("GALAXY_IMAGENET_MD5", hashlib.md5)):
        monkeypatch.setenv(name, digest(CONTENT).hexdigest())
    for name in ("GALAXY10_URL", "GALAXY_IMAGENET_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/file.h5")
    (tmp_path / "good.h5").write_bytes(CONTENT)
    (tmp_path / "bad.h5").write_bytes(CONTENT[:-1])
    return tmp_path


@pytest.mark.parametrize("what", ["galaxies", "weights"])
def test_a_copy_is_checked_and_copied_and_another_file_is_refused(
    galaxy: Galaxy, copies: Path, what: str
) -> None:
    words: tuple[object, ...] = ("data", "fetch", "--imagenet")
    out = copies / "keras" / "models" / FILE_NAME
    if what == "galaxies":
        out = copies / "out.h5"
        words = ("data", "fetch", "--out", out)
    bad = galaxy(*words, "--from", copies / "bad.h5")
    assert (bad.exit_code, bad.stdout) == (2, "")
    assert "bad.h5 is not" in bad.stderr
    assert not out.exists()
    good = galaxy(*words, "--from", copies / "good.h5")
    assert good.exit_code == 0
    assert good.stdout.endswith(f" in {out}\n")
    assert out.read_bytes() == CONTENT
    # what is there and right needs no copy, and no network
    assert galaxy(*words).stdout == good.stdout


def test_weights_without_a_network_say_what_to_do(galaxy: Galaxy, copies: Path) -> None:
    result = galaxy("data", "fetch", "--imagenet")
    assert result.exit_code == 2
    assert "there is no connection" in result.stderr
    assert f"put {FILE_NAME} into {copies / 'keras' / 'models'}" in result.stderr


def test_weights_go_where_keras_looks_and_nowhere_else(galaxy: Galaxy, copies: Path) -> None:
    result = galaxy("data", "fetch", "--imagenet", "--out", copies / "mine.h5")
    assert result.exit_code == 2
    assert "--imagenet takes no --out" in result.stderr
    assert str(copies / "keras" / "models") in result.stderr


def test_a_file_name_cannot_speak_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    name = "a\n\x1b[2J.png"
    row = {"file": name, "error": "the file cannot be decoded whole"}
    Watcher(1, lambda done, total: None).see(row)
    assert capsys.readouterr().err == "galaxy: a\\n\\x1b[2J.png: the file cannot be decoded whole\n"


def test_a_run_cannot_speak_to_the_terminal_and_a_pipe_has_every_byte(own_folders: Path) -> None:
    folder = own_folders / "runs" / "mine"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(TrainConfig("x.h5", "scratch", 1.0, "none").to_json()))
    write_status(folder, Status("failed", "a\x1b[2J\u202eb"))
    command = [sys.executable, "-m", "galaxy_core", "runs", "show", "mine"]
    ours, theirs = os.openpty()
    subprocess.run(command, stdout=theirs, check=True)
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "a\\x1b[2J\\u202eb" in shown
    assert "\x1b" not in shown
    piped = subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8").stdout
    assert "\u202eb" in piped
