"""`galaxy explore` and the wheel: what the server is told, and where the pages and the shipped models are found."""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from galaxy_core.cli import explore
from galaxy_core.runs import names

Galaxy = Callable[..., Result]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Streamlit was asked to do, in place of a server that would never end."""
    import streamlit.web.cli

    words: list[str] = []
    monkeypatch.setattr(streamlit.web.cli, "main", lambda given, **_: words.extend(given))
    monkeypatch.setenv("GALAXY_AUTOSTART", "0")
    return words


def test_it_serves_this_machine_alone_unless_told(galaxy: Galaxy, told: list[str]) -> None:
    assert galaxy("explore").exit_code == 0
    assert told == ["run", str(ROOT / "app/main.py"), "--server.address=localhost", "--server.headless=false"]


def test_port_browser_and_base_path_are_passed_on(galaxy: Galaxy, told: list[str]) -> None:
    galaxy("explore", "--port", "9000", "--no-browser", "--base-path", "/user/ann//galaxies/")
    assert told[3:] == [
        "--server.headless=true",
        "--server.port=9000",
        "--server.baseUrlPath=user/ann/galaxies",
    ]


@pytest.mark.parametrize("words", [("--host", "lab.example"), ("--host", "0.0.0.0", "--name", "lab.example")])
def test_who_names_an_address_or_a_name_is_reached_by_it(
    galaxy: Galaxy, told: list[str], words: tuple[str, ...]
) -> None:
    galaxy("explore", *words)
    allowed = [word.removeprefix("--server.allowedHosts=") for word in told if "allowedHosts" in word]
    assert allowed == ["localhost", "127.0.0.1", "::1", "lab.example"]
    assert "--browser.serverAddress=lab.example" in told  # without it an outside server would be asked


def test_the_clusters_of_the_page_train_are_named_by_whoever_serves_it(
    galaxy: Galaxy, told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GALAXY_WORKERS", "GALAXY_CLUSTER"):
        monkeypatch.setenv(name, "")  # so that what the verb sets is undone
    (tmp_path / "cluster.toml").write_text("jobs = 4\n")
    file = str(tmp_path / "cluster.toml")
    assert (
        galaxy("explore", "--workers", "slurm", "--workers", "dask://a:1", "--cluster", file).exit_code == 0
    )
    assert (os.environ["GALAXY_WORKERS"], os.environ["GALAXY_CLUSTER"]) == ("slurm dask://a:1", file)
    assert "got 'dusk://a:1'" in galaxy("explore", "--workers", "dusk://a:1").stderr
    (tmp_path / "cluster.toml").write_text("jops = 4\n")
    assert "unknown entry 'jops'" in galaxy("explore", "--workers", "slurm", "--cluster", file).stderr


def test_a_port_that_is_none_is_refused_in_one_sentence(galaxy: Galaxy, told: list[str]) -> None:
    result = galaxy("explore", "--port", "70000")
    assert result.exit_code == 2
    assert result.stderr == "galaxy: --port must lie in 1 to 65535, got 70000; leave it out for 8501\n"
    assert told == []


def test_where_there_are_no_models_it_says_how_to_get_them(galaxy: Galaxy, told: list[str]) -> None:
    assert "galaxy models fetch" in galaxy("explore").stderr


def test_installed_from_a_wheel_the_pages_lie_beside_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for folder in ("app", "galaxy_explorer"):  # the first could be anybody's
        (tmp_path / folder).mkdir()
    (tmp_path / "galaxy_explorer" / "explorer.py").touch()
    monkeypatch.setattr(explore, "__file__", str(tmp_path / "galaxy_core" / "cli" / "explore.py"))
    assert explore._main_file() == tmp_path / "galaxy_explorer" / "main.py"


def test_installed_from_a_wheel_shipped_models_are_never_taken_from_site_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GALAXY_MODELS")
    assert names.shipped_folder() == ROOT / "models"
    monkeypatch.setattr(names, "__file__", str(tmp_path / "galaxy_core" / "runs" / "names.py"))
    assert tmp_path not in names.shipped_folder().parents


def test_a_wheel_holds_every_file_of_the_explorer_and_no_module_named_app(tmp_path: Path) -> None:
    """Built by the build backend itself, offline."""
    source = tmp_path / "source"
    for name in ("app", "galaxy_core"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = f"from setuptools.build_meta import build_wheel; build_wheel({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as packed:
        held = set(packed.namelist())
    pages = {path for path in (ROOT / "app").rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert {f"galaxy_explorer/{path.relative_to(ROOT / 'app').as_posix()}" for path in pages} <= held
    assert {name.split("/")[0].split("-")[0] for name in held} == {
        "galaxy_core", "galaxy_explorer", "galaxy_transfer_explorer",
    }  # fmt: skip


def test_the_settings_of_the_server_travel_with_its_pages() -> None:
    settings: dict[str, Any] = tomllib.loads((ROOT / "app/.streamlit/config.toml").read_text())
    assert settings["server"]["allowedHosts"] == ["localhost", "127.0.0.1", "::1"]
    assert settings["theme"]["light"]["primaryColor"]
