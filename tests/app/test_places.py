"""Files of galaxies are found by what they hold, and a path that leads nowhere costs a sentence at most."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from catalogue import read_catalogue
from made_runs import make_run
from places import data_of, fetched_file, is_here, path_of
from test_results_page import texts

from galaxy_core.errors import BadValueError

OpenPage = Callable[..., Any]
ODD_PATHS = {
    "far too long": "/data/" + "x" * 300 + ".h5",
    "of a user who is not here": "~nobody-of-this-name/galaxies.h5",
    "with a zero byte": "/data/galaxies\0.h5",
}


def elsewhere(run: Path, data: str) -> None:
    """The run as if it came from a computer on which its galaxies lay there."""
    config = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps({**config, "data": data}))


@pytest.mark.parametrize("path", ODD_PATHS.values(), ids=ODD_PATHS)
def test_an_odd_path_is_not_here(path: str) -> None:
    assert not is_here(path)


def test_a_user_who_is_not_known_is_refused_in_a_sentence() -> None:
    with pytest.raises(BadValueError, match="type the whole path"):
        path_of(ODD_PATHS["of a user who is not here"])


@pytest.mark.parametrize("view", ["results", "train", "gallery", "predict", "compare", "data"])
def test_a_run_whose_galaxies_have_an_odd_path_breaks_no_page(
    open_page: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path, view: str
) -> None:
    for percent in (20, 40):
        path = ODD_PATHS["far too long" if percent == 20 else "of a user who is not here"]
        elsewhere(make_run(runs, percent, mock_file, weights=weights[percent]), path)
    page = open_page(view)
    assert [error.value for error in page.error] == []
    assert len(texts(page)) > 100


def test_galaxies_are_found_by_their_content_where_the_path_of_a_run_leads_nowhere(
    open_page: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    elsewhere(make_run(runs, 20, mock_file, weights=weights[20]), "/a/graphics/machine/galaxies.h5")
    assert data_of(read_catalogue().entries[0]) is None
    fetched_file().parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(mock_file, fetched_file())
    assert data_of(read_catalogue().entries[0]) == fetched_file()
    assert f"test part of {fetched_file().name}" in texts(open_page())
    page = open_page("data", file=str(fetched_file()))
    assert page.selectbox(key="split_of").value == "first-020-s0"


def test_another_file_under_the_path_of_a_run_is_not_taken_for_its_galaxies(
    runs: Path, weights: dict[int, Path], mock_file: Path, tmp_path: Path
) -> None:
    from galaxy_core.data.mock import write_mock_file

    other = write_mock_file(tmp_path / "other.h5", 10, 4, with_masks=False)
    elsewhere(make_run(runs, 20, mock_file, weights=weights[20]), str(other))
    assert data_of(read_catalogue().entries[0]) is None
