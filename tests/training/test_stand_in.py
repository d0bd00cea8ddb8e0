"""The mock galaxies to try the experiment on: rendered by whoever needs them first, and by nobody twice."""

from pathlib import Path

import pytest

from galaxy_core.data import inventory
from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.training import stand_in


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten galaxies instead of 400."""
    monkeypatch.setattr(stand_in, "N_TRY", 10)


@pytest.mark.usefixtures("few")
def test_mock_galaxies_that_are_not_there_are_rendered_once() -> None:
    said: list[str] = []
    for _ in range(2):
        stand_in.render_where_missing(str(stand_in.mock_path()), said.append)
    assert said == ["rendering 10 mock galaxies"]
    assert len(open_galaxies(stand_in.mock_path())) == 10


@pytest.mark.usefixtures("few")
def test_galaxies_that_older_code_drew_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    before = stand_in.mock_galaxies()
    monkeypatch.setattr(inventory, "MOCK_VERSION", inventory.MOCK_VERSION + 1)
    assert stand_in.mock_galaxies() != before


def test_no_other_file_is_made(tmp_path: Path) -> None:
    said: list[str] = []
    stand_in.render_where_missing(str(tmp_path / "mine.h5"), said.append)
    assert said == []
    assert not (tmp_path / "mine.h5").exists()
    assert not stand_in.mock_path().exists()
