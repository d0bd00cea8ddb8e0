"""The running explorer, and windows of a real Chromium that look at it and note what goes wrong."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import real_server
from real_server import Explorer


@dataclass
class Window:
    """A browser window and what went wrong in it: console errors, and requests that left this machine."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def wait_until_drawn(self) -> None:
        """Until the script has run to its end."""
        self.page.wait_for_selector(real_server.DRAWN, timeout=60_000)


@pytest.fixture(scope="session")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explorer]:
    """`streamlit run app/main.py` with six finished runs on mock galaxies."""
    folder = tmp_path_factory.mktemp("explorer")
    real_server.make_six_runs(folder)
    with real_server.served(folder) as explorer:
        yield explorer


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real browser; the tests are skipped where there is none."""
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = real_server.find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: install the package chromium to run the browser tests")
    with real_server.browser(path) as browser:
        yield browser


@contextmanager
def windows(chromium: Any) -> Iterator[Callable[..., Window]]:
    """`open_window(explorer)` is a browser of its own, dark unless told otherwise, 1024 px wide, on no page yet."""
    contexts = []

    def opened(explorer: Explorer, *, theme: str = "dark") -> Window:
        contexts.append(chromium.new_context(viewport={"width": 1024, "height": 900}, color_scheme=theme))
        window = Window(contexts[-1].new_page())
        window.page.on("console", lambda message: _note_console(window, message, explorer.address))
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        window.page.on("request", lambda request: _note_stranger(window, request.url, explorer.address))
        return window

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def open_window(chromium: Any) -> Iterator[Callable[..., Window]]:
    """`windows`, closed after the test."""
    with windows(chromium) as opened:
        yield opened


@pytest.fixture(scope="module")
def open_lasting_window(chromium: Any) -> Iterator[Callable[..., Window]]:
    """`windows`, closed after the last test of a file."""
    with windows(chromium) as opened:
        yield opened


@pytest.fixture
def window(open_window: Callable[[Explorer], Window], explorer: Explorer) -> Window:
    """One window, on no page yet."""
    return open_window(explorer)


def _note_console(window: Window, message: Any, address: str) -> None:
    if message.type == "error" and not _is_search(message.location.get("url", ""), address):
        window.complaints.append(message.text)


def _is_search(url: str, address: str) -> bool:
    """Whether Streamlit was looking for its server, in case the whole site lay below the path of a page.

    A page opened at /compare asks for /compare/_stcore/health and host-config, gets two 404s, and then asks at the
    root; no setting turns that off, so they are let pass.
    """
    return url.endswith(("/_stcore/health", "/_stcore/host-config")) and not url.startswith(
        f"{address}/_stcore/"
    )


def _note_stranger(window: Window, url: str, address: str) -> None:
    if url.startswith(("http:", "https:")) and not url.startswith(address):
        window.strangers.append(url)
