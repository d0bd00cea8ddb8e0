"""The cache is counted and emptied; nothing that is not ours is touched."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from galaxy_core.cli import app
from galaxy_core.data.fetch import FILE_NAME
from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.data.inventory import cache_sizes, clear_cache, list_cache, mock_file_name
from galaxy_core.errors import BadValueError
from galaxy_core.files.lock import locked

MINE = {"thesis.txt", "mock-up.h5", "aa.uint8", "features/notes.md", "hash-me.json", "sub/mock-1-2.h5"}


@pytest.fixture
def cache(tmp_path: Path, write_file) -> Path:
    """A cache with one file of each kind, among things of the user's."""
    folder = tmp_path / "cache"
    galaxies = write_file(tmp_path / "g.h5")
    os.utime(galaxies, (0, 0))
    open_galaxies(galaxies)
    (folder / "features").mkdir()
    (folder / "features" / f"{'ab' * 32}.f16").write_bytes(bytes(1000))
    (folder / "mock-10-0.h5").write_bytes(bytes(300))  # as they were called before they had a version
    (folder / mock_file_name(10, 0)).write_bytes(bytes(100))
    (folder / mock_file_name(10, 0, as_jpeg=True)).write_bytes(bytes(100))
    (folder / "sub").mkdir()
    for name in MINE:
        (folder / name).write_text("mine")
    (folder / "mock-3-4.h5").symlink_to(folder / "thesis.txt")
    return folder


def test_everything_of_ours_is_counted_by_kind(cache: Path) -> None:
    sizes = cache_sizes()
    assert sizes["features"] == (1, 1000)
    assert sizes["mock"] == (3, 500)
    assert sizes["images"][0] == 2  # the map and its note
    assert sizes["images"][1] >= 6 * 256 * 256 * 3
    assert sizes["hashes"][0] == 1
    assert {one.path.name for one in list_cache()} & {"thesis.txt", "mock-3-4.h5"} == set()


def test_only_the_chosen_kind_is_cleared(cache: Path) -> None:
    assert clear_cache(["features"]) == 1000
    assert cache_sizes()["features"] == (0, 0)
    assert cache_sizes()["images"][0] == 2


def test_clearing_all_leaves_what_is_not_ours(cache: Path) -> None:
    clear_cache(["images", "features", "mock", "hashes"])
    assert list_cache() == []
    assert all((cache / name).read_text() == "mine" for name in MINE)
    assert (cache / "mock-3-4.h5").is_symlink()


def test_a_map_that_is_being_made_is_left(cache: Path) -> None:
    image_map = max(cache.glob("*.uint8"), key=lambda path: len(path.name))
    with locked(image_map.with_suffix(".lock")):
        clear_cache(["images"])
        assert cache_sizes()["images"][0] == 2
    clear_cache(["images"])
    assert cache_sizes()["images"][0] == 0


def test_an_unfinished_file_is_cleared_once_its_writer_must_be_gone(cache: Path) -> None:
    unfinished = cache / "features" / f".{'ab' * 32}.f16.{'0' * 12}.tmp"
    unfinished.write_bytes(bytes(10))
    clear_cache(["features"])
    assert unfinished.exists()
    os.utime(unfinished, (1, 1))
    clear_cache(["features"])
    assert not unfinished.exists()


def test_no_cache_is_an_empty_one_and_an_unknown_kind_is_named(tmp_path: Path) -> None:
    assert list_cache(tmp_path / "nowhere") == []
    with pytest.raises(BadValueError, match="no 'weights' in the cache"):
        clear_cache(["weights"])


def test_the_command_shows_and_clears(cache: Path) -> None:
    def galaxy(*words: str):
        return CliRunner().invoke(app, ["cache", *words], prog_name="galaxy")

    assert "features       1 files" in galaxy("list").stdout
    assert json.loads(galaxy("list", "--json").stdout)["kinds"]["mock"] == {"files": 3, "bytes": 500}
    refused = galaxy("clear")
    assert refused.exit_code == 2
    assert "--features, --images, --fetched or --all" in refused.stderr
    assert galaxy("clear", "--features").stdout == "freed 0.0 MB\n"
    assert cache_sizes()["mock"] == (3, 500)
    (cache / FILE_NAME).write_bytes(bytes(300))
    galaxy("clear", "--all")
    assert [one.kind for one in list_cache()] == ["fetched"]
    galaxy("clear", "--fetched")
    assert list_cache() == []


def test_the_fetched_file_and_what_has_come_of_it_are_counted_and_cleared(cache: Path) -> None:
    for name, n_bytes in ((FILE_NAME, 300), (f"{FILE_NAME}.part", 200), (f"{FILE_NAME}.part.json", 100)):
        (cache / name).write_bytes(bytes(n_bytes))
    (cache / f"my-{FILE_NAME}").write_text("mine")
    assert cache_sizes()["fetched"] == (3, 600)
    assert clear_cache(["fetched"]) == 600
    assert (cache / f"my-{FILE_NAME}").is_file()


def test_a_download_under_way_is_left(cache: Path) -> None:
    (cache / f"{FILE_NAME}.part").write_bytes(bytes(200))
    with locked(cache / f".{FILE_NAME}.lock"):
        assert clear_cache(["fetched"]) == 0
    assert clear_cache(["fetched"]) == 200
