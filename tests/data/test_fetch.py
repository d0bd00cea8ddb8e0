"""Galaxy10 arrives whole, from the network or from a copy, and what lies at its place is unharmed."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from galaxy_core.data.fetch import URL, fetch_galaxy10
from galaxy_core.data.published import PUBLISHED_SHA256
from galaxy_core.errors import BadFileError, BadValueError, MissingError


@pytest.fixture
def mirror(server, monkeypatch: pytest.MonkeyPatch):
    """The misbehaving server in place of Zenodo, its content in place of Galaxy10."""
    monkeypatch.setenv("GALAXY10_URL", server.url)
    monkeypatch.setenv("GALAXY10_SHA256", hashlib.sha256(server.content).hexdigest().upper())
    return server


def test_a_mirror_gives_the_file_and_a_second_call_asks_nobody(mirror, tmp_path: Path) -> None:
    out = tmp_path / "g.h5"
    assert fetch_galaxy10(out) == out
    assert out.read_bytes() == mirror.content
    fetch_galaxy10(out)
    assert len(mirror.asked) == 1


def test_what_lies_at_the_place_is_replaced_only_when_asked(mirror, tmp_path: Path) -> None:
    out = tmp_path / "g.h5"
    out.write_text("my thesis")
    for from_file in (None, out):
        with pytest.raises(BadValueError, match=r"g\.h5 exists and is not Galaxy10 DECaLS; choose another"):
            fetch_galaxy10(out, from_file=from_file)
    with pytest.raises(BadValueError, match="exists and is not Galaxy10"):
        fetch_galaxy10(tmp_path)
    assert out.read_text() == "my thesis"
    assert mirror.asked == []
    assert fetch_galaxy10(out, overwrite=True).read_bytes() == mirror.content


def test_a_copy_one_has_is_checked_and_taken(mirror, tmp_path: Path) -> None:
    mine, seen = tmp_path / "mine.h5", []
    mine.write_bytes(mirror.content)
    fetch_galaxy10(tmp_path / "g.h5", from_file=mine, progress=lambda *counts: seen.append(counts))
    assert (tmp_path / "g.h5").read_bytes() == mirror.content
    assert seen[-1] == (len(mirror.content), len(mirror.content))
    assert mirror.asked == []


def test_a_wrong_copy_is_refused_and_kept(mirror, tmp_path: Path) -> None:
    mine = tmp_path / "mine.h5"
    mine.write_bytes(b"half of it")
    with pytest.raises(BadFileError, match=r"mine\.h5 is not Galaxy10 DECaLS: its sha256 is"):
        fetch_galaxy10(tmp_path / "g.h5", from_file=mine)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.h5"]
    with pytest.raises(MissingError, match=r"there is no file .*nothing"):
        fetch_galaxy10(tmp_path / "g.h5", from_file=tmp_path / "nothing")


def test_without_a_network_the_way_out_is_a_copy(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"get Galaxy10_DECals\.h5 elsewhere and run .*--from FILE"):
        fetch_galaxy10(tmp_path / "g.h5", url="http://127.0.0.1:9/g.h5")


def test_a_hash_of_ones_own_needs_an_address_of_ones_own(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GALAXY10_SHA256", "ab" * 32)
    with pytest.raises(BadValueError, match="set both for a mirror, or neither"):
        fetch_galaxy10(tmp_path / "g.h5")
    monkeypatch.setenv("GALAXY10_URL", "ftp://x/y")
    with pytest.raises(BadValueError, match="must start with http:// or https://, got 'ftp://x/y'"):
        fetch_galaxy10(tmp_path / "g.h5")


def test_the_real_address_is_that_of_the_published_record() -> None:
    assert URL == "https://zenodo.org/records/10845026/files/Galaxy10_DECals.h5?download=1"
    assert len(PUBLISHED_SHA256) == 64


def test_the_command_fetches_and_a_log_shows_how_far_it_is(mirror, tmp_path: Path) -> None:
    result = galaxy("data", "fetch", "--out", tmp_path / "g.h5")
    assert result.exit_code == 0
    assert result.stdout == f"Galaxy10 DECaLS is in {tmp_path / 'g.h5'}\n"
    assert "galaxy: Galaxy10 DECaLS: 0 of 0 MB" in result.stderr
    mirror.answers = [404]
    result = galaxy("data", "fetch", "--out", tmp_path / "other.h5")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "404" in result.stderr


def galaxy(*words: object):
    from typer.testing import CliRunner

    from galaxy_core.cli import app

    run: Callable = CliRunner().invoke
    return run(app, [str(word) for word in words], prog_name="galaxy")
