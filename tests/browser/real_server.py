"""The real command in a process of its own, and the real browser that looks at it; for tests and benchmarks."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
STREAMLIT = ("streamlit", "run", str(ROOT / "app" / "main.py"), "--server.headless=true", "--server.port")
EXPLORE = ("galaxy_core", "explore", "--no-browser", "--port")
"""The two commands that start the explorer, up to the port."""
sys.path.insert(0, str(ROOT / "tests" / "app"))

import made_runs  # noqa: E402

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS_TO_START = 30
DRAWN = '[data-testid="stApp"][data-test-script-state="notRunning"]'
"""What is on the page once its script has run to its end."""


@dataclass
class Explorer:
    """The running server: its address, its process, the runs it shows and what it has said."""

    address: str
    process: subprocess.Popen[bytes]
    runs: Path
    log: Path


def make_six_runs(folder: Path, **view: int) -> None:
    """`folder`/runs with six finished runs, `first-000-s0` to `first-100-s0`, on the galaxies of `folder`/mock.h5.

    view: `crop` and `pixels` of the training images, where another size than the small one of the tests is wanted.
    """
    from galaxy_core.data.mock import write_mock_file

    data = write_mock_file(folder / "mock.h5", made_runs.N_GALAXIES, 3, with_masks=False)
    made_runs.make_sweep(folder / "runs", made_runs.make_weights(folder / "weights"), data, **view)


@contextmanager
def served(
    folder: Path, runs: Path | None = None, options: Sequence[str] = (), words: Sequence[str] = STREAMLIT
) -> Iterator[Explorer]:
    """`streamlit run app/main.py`, or other `words`, on a free port in `folder`: started, waited for, ended.

    Caches, shipped models and the queue of trainings are in `folder`, not those of this machine's user; the runs
    are in `folder`/runs unless told otherwise.
    """
    runs = runs or folder / "runs"
    for name in ("models", "cache", "tmp"):
        (folder / name).mkdir(exist_ok=True)
    own = {"GALAXY_MODELS": "models", "GALAXY_CACHE": "cache", "TMPDIR": "tmp"}
    environment = {**os.environ, "GALAXY_RUNS": str(runs), **{key: str(folder / own[key]) for key in own}}
    environment["PYTHONPATH"] = str(ROOT)
    port = _free_port()
    command = [sys.executable, "-m", *words, str(port), *options]
    told = folder / "server.log"
    with told.open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    explorer = Explorer(f"http://localhost:{port}", process, runs, told)
    try:
        _wait_for(process, port)
        yield explorer
    finally:
        process.terminate()
        process.wait(timeout=10)


def find_chromium() -> str | None:
    """The browser of this machine, or None."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@contextmanager
def browser(path: str) -> Iterator[Any]:
    """Chromium without a screen; it draws in software."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, headless=True, args=CHROMIUM_ARGUMENTS)
        yield chromium
        chromium.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    """Until it answers anything: to a name that is not its own, a refusal."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=1):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"the explorer did not start within {SECONDS_TO_START} s")
