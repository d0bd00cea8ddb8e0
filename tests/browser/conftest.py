"""The real command in a process of its own, and a real Chromium that looks at it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "app"))

import made_runs  # noqa: E402

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS_TO_START = 30


@dataclass
class Explorer:
    """The running server: its address, its process and the runs it shows."""

    address: str
    process: subprocess.Popen[bytes]
    runs: Path


@dataclass
class Window:
    """A browser window and what went wrong in it: console errors, and requests that left this machine."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def wait_until_drawn(self) -> None:
        """Until the script has run to its end."""
        self.page.wait_for_selector(
            '[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000
        )


@pytest.fixture(scope="session")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explorer]:
    """`streamlit run app/main.py` with six finished runs on mock galaxies."""
    from galaxy_core.data.mock import write_mock_file

    folder = tmp_path_factory.mktemp("explorer")
    for name in ("runs", "models", "cache", "tmp"):
        (folder / name).mkdir()
    environment = {
        **os.environ,
        "GALAXY_RUNS": str(folder / "runs"),
        "GALAXY_MODELS": str(folder / "models"),
        "GALAXY_CACHE": str(folder / "cache"),
        # where trainings take turns: those of this machine's user are none of this test's
        "TMPDIR": str(folder / "tmp"),
    }
    data = write_mock_file(folder / "mock.h5", made_runs.N_GALAXIES, 3, with_masks=False)
    made_runs.make_sweep(folder / "runs", made_runs.make_weights(folder / "weights"), data)
    with _served(environment, folder) as explorer:
        yield explorer


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real browser; the tests are skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("no Chromium on this machine: install the package chromium to run the browser tests")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Any, explorer: Explorer) -> Iterator[Window]:
    """A fresh window, dark, 1024 px wide, on no page yet."""
    context = chromium.new_context(viewport={"width": 1024, "height": 900}, color_scheme="dark")
    window = Window(context.new_page())
    window.page.on("console", lambda message: _note_console(window, message))
    window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
    window.page.on("request", lambda request: _note_stranger(window, request.url, explorer.address))
    yield window
    context.close()


def _note_console(window: Window, message: Any) -> None:
    if message.type == "error":
        window.complaints.append(message.text)


def _note_stranger(window: Window, url: str, address: str) -> None:
    if url.startswith(("http:", "https:")) and not url.startswith(address):
        window.strangers.append(url)


@contextmanager
def _served(environment: dict[str, str], folder: Path) -> Iterator[Explorer]:
    """The server: started, waited for, ended."""
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/_stcore/health", process)
        yield Explorer(address, process, folder / "runs")
    finally:
        process.terminate()
        process.wait(timeout=10)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the explorer did not start within {SECONDS_TO_START} s")
