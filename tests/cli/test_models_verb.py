"""`galaxy models` as far as it goes without training."""

from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

Galaxy = Callable[..., Result]


def test_galaxies_that_are_not_there_are_named_before_anything_is_made(
    galaxy: Galaxy, own_folders: Path
) -> None:
    result = galaxy("models", "--data", own_folders / "none.h5", "--photographs", own_folders)
    assert result.exit_code == 2
    assert "none.h5" in result.stderr
    assert not (own_folders / "runs").exists()
    assert not (own_folders / "models").exists()


def test_a_folder_without_photographs_is_refused(
    galaxy: Galaxy, coloured_galaxies: Path, own_folders: Path
) -> None:
    empty = own_folders / "pictures"
    empty.mkdir()
    result = galaxy("models", "--data", coloured_galaxies, "--photographs", empty)
    assert result.exit_code == 2
    assert str(empty) in result.stderr
