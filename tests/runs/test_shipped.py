"""The shipped models arrive whole and are the ones of this version, wherever they come from."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from galaxy_core.cli import app
from galaxy_core.errors import BadFileError, BadValueError, MissingError
from galaxy_core.runs import shipped
from galaxy_core.runs.shipped import fetch_shipped, list_shipped, write_shipped_list


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two small runs in place of models/, and the list of its files in place of ours."""
    folder = tmp_path / "release"
    for name, text in {
        "README.md": "# models",
        "best/card.json": "{}",
        "best/weights.safetensors": "w" * 999,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.setattr(shipped, "LIST", tmp_path / "shipped.csv")
    monkeypatch.delenv("GALAXY_MODELS_URL", raising=False)
    write_shipped_list(folder, shipped.LIST)
    return folder


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def address(release: Path) -> Iterator[str]:
    """The release on a web server of this machine."""
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=release)
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_list_names_exactly_what_this_checkout_ships(tmp_path: Path) -> None:
    write_shipped_list(shipped.LIST.parents[2] / "models", tmp_path / "now.csv")
    assert (tmp_path / "now.csv").read_text() == shipped.LIST.read_text(), (
        "models/ has changed: make models-list"
    )


def test_a_card_comes_after_everything_else_of_its_run(release: Path) -> None:
    assert [one.name for one in list_shipped()] == ["README.md", "best/weights.safetensors", "best/card.json"]


def test_they_come_from_the_web_and_a_second_call_asks_nobody(
    release: Path, address: str, tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []
    to = tmp_path / "here"
    assert len(fetch_shipped(to, address=address, progress=lambda *counts: seen.append(counts))) == 3
    assert files_in(to) == files_in(release)
    assert seen[-1] == (1009, 1009)
    assert seen == sorted(seen)
    assert fetch_shipped(to) == []


def test_they_come_from_a_folder_and_only_what_is_missing_or_wrong_is_copied(
    release: Path, tmp_path: Path
) -> None:
    to = tmp_path / "here"
    fetch_shipped(to, from_folder=release)
    (to / "best/weights.safetensors").write_text("half")
    assert [one.name for one in fetch_shipped(to, from_folder=release)] == ["best/weights.safetensors"]
    assert files_in(to) == files_in(release)


def test_models_of_another_version_are_refused(release: Path, address: str, tmp_path: Path) -> None:
    (release / "best/weights.safetensors").write_text("v" * 999)
    for place in ({"from_folder": release}, {"address": address}):
        with pytest.raises(BadFileError, match=r"best/weights\.safetensors|sha256|SHA256"):
            fetch_shipped(tmp_path / "here", **place)
        assert not (tmp_path / "here/best/card.json").exists()


def test_without_an_address_it_says_what_to_do(release: Path, tmp_path: Path) -> None:
    with pytest.raises(BadValueError, match=r"GALAXY_MODELS_URL or --url .* --from FOLDER"):
        fetch_shipped(tmp_path / "here")
    with pytest.raises(BadValueError, match="must start with http"):
        fetch_shipped(tmp_path / "here", address="ftp://x")
    with pytest.raises(MissingError, match="there is no folder"):
        fetch_shipped(tmp_path / "here", from_folder=tmp_path / "nowhere")


def test_the_command_puts_them_where_the_explorer_looks(release: Path, own_folders: Path) -> None:
    from typer.testing import CliRunner

    result = CliRunner().invoke(app, ["models", "fetch", "--from", str(release)])
    assert result.exit_code == 0, result.output
    assert files_in(own_folders / "models") == files_in(release)
