"""Run folders for the pages, and one way to open a page as a visitor would."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner

ROOT = Path(__file__).parents[2]
# as `streamlit run app/main.py` does; the second for made_runs
sys.path[:0] = [str(ROOT / "app"), str(Path(__file__).parent)]

import made_runs  # noqa: E402

# each page that is opened looks through all that is installed, which stays the same while tests run
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Weights of the six cuts, once a session: 28 MB each."""
    return made_runs.make_weights(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="session")
def mock_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few mock galaxies in the Galaxy10 layout."""
    from galaxy_core.data.mock import write_mock_file

    path = tmp_path_factory.mktemp("mock") / "mock.h5"
    return write_mock_file(path, made_runs.N_GALAXIES, 3, with_masks=False)


@pytest.fixture
def runs(own_folders: Path) -> Path:
    """The folder of this test's runs, empty."""
    folder = own_folders / "runs"
    folder.mkdir()
    return folder


@pytest.fixture
def own_sweep(runs: Path, weights: dict[int, Path], mock_file: Path) -> Path:
    """Six finished runs `first-000-s0` to `first-100-s0` that this test may damage."""
    made_runs.make_sweep(runs, weights, mock_file)
    return runs


@pytest.fixture(scope="session")
def shared_sweep(tmp_path_factory: pytest.TempPathFactory, weights: dict[int, Path], mock_file: Path) -> Path:
    """The same for all tests that only look: the networks are loaded once."""
    folder = tmp_path_factory.mktemp("shared")
    made_runs.make_sweep(folder, weights, mock_file)
    return folder


@pytest.fixture
def sweep(shared_sweep: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Six finished runs to look at."""
    monkeypatch.setenv("GALAXY_RUNS", str(shared_sweep))
    return shared_sweep


@pytest.fixture
def open_page() -> Callable[..., Any]:
    """`open_page("gallery", run="first-020-s0")` is that page after its first drawing, opened by that address.

    As a link does in a new window: no other page was seen before. `state` is what its widgets hold by then.
    """
    from streamlit.testing.v1 import AppTest

    def opened(view: str = "results", /, state: Mapping[str, str] | None = None, **address: Any) -> Any:
        page = AppTest.from_file(str(ROOT / "app" / "explorer.py"), default_timeout=60)
        page.query_params.update(address)
        page.switch_page(f"views/{view}.py")
        for key, value in (state or {}).items():
            page.session_state[key] = value
        page.run()
        assert [error.message for error in page.exception] == []
        return page

    return opened


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """What would have been started as a process of its own."""
    found: list[list[str]] = []

    def start(arguments: list[str], log: Path, token: str) -> int:
        found.append(list(arguments))
        return os.getpid()  # a child that lives

    monkeypatch.setattr("galaxy_core.runs.launch.start_command", start)
    return found
