"""The explorer as a visitor has it: the real server, a real Chromium, and how long one waits for what.

    python benchmarks/explorer.py                   # six runs of random weights on mock galaxies
    python benchmarks/explorer.py --runs FOLDER     # a folder with six finished runs of one sweep
    python benchmarks/explorer.py --json            # the same as one JSON object

From `streamlit run` (disk warm) to the first page as the window shows it; from a key on the slider to the frame in
which all that depends on it is redrawn; from the choice of a file to six maps of it side by side (networks loaded);
and the server's memory with six networks, without TensorFlow. Needs Chromium and Playwright, no graphics card: the
browser draws in software, so every time includes the drawing by the processor that the server works on, too. Medians;
the page is 1440 px wide.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
from _measured import Bar, Figures, begin, parser, report

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))

from real_server import Explorer, browser, find_chromium, make_six_runs, served

N_STARTS, N_MOVES, N_UPLOADS = 3, 12, 3
SIDE = 256
WAIT_MS = 60_000
MISSING = "it needs Chromium and the Python package playwright; `make test` installs both"

CLOCK = """
window.clock = (event, isDone) => {
  window.took = null;
  window.addEventListener(event, () => {
    const started = performance.now();
    const look = () => {
      if (!isDone()) return requestAnimationFrame(look);
      requestAnimationFrame(() => { window.took = (performance.now() - started) / 1000; });
    };
    requestAnimationFrame(look);
  }, { capture: true, once: true });
};
window.isQuiet = () => document.querySelector('[data-test-script-state="notRunning"]') !== null;
window.pictures = (alt) => [...document.querySelectorAll(`img[alt^="${alt}"]`)];
window.areDrawn = (alt, n) => pictures(alt).length === n && pictures(alt).every((p) => p.complete && p.naturalWidth);
window.percent = () => [...document.querySelectorAll('[data-testid="stMetric"]')]
  .find((box) => box.textContent.includes("Taken over"))?.querySelector('[data-testid="stMetricValue"]').textContent;
window.ring = () => document.querySelector(".js-plotly-plot")?.data?.at(-1).x[0];
"""
"""`clock(event, isDone)` puts the seconds from the next such event to the frame that shows the result in `took`."""

FIRST_PAGE = (
    """percent() && document.querySelector(".js-plotly-plot .main-svg") && areDrawn("Left: galaxy", 1)"""
)
"""Slider, curve, a galaxy with its map, network and numbers: what the window shows before anybody scrolls."""
WHOLE_PAGE = (
    'isQuiet() && areDrawn("Left: a galaxy", 10) && document.querySelector(".js-plotly-plot .main-svg")'
)
"""The script at its end, the ten galaxies of the bottom with what six networks see in them."""


def main() -> int:
    """Print the figures beside their bars; 1 when one of them does not hold."""
    words = parser(__doc__)
    words.add_argument("--runs", type=Path, help="a folder with six finished runs of one sweep")
    options = begin(words)
    path = find_chromium()
    if path is None or find_spec("playwright") is None:
        return report({"left_out": MISSING}, bars({}), options.json)
    with tempfile.TemporaryDirectory() as folder, browser(path) as chromium:
        if options.runs is None:
            make_six_runs(Path(folder), crop=SIDE, pixels=SIDE)
        figures = measure(Path(folder), options.runs, chromium)
    return report(figures, bars(figures), options.json)


def bars(figures: Figures) -> list[Bar]:
    """What is to hold; not measured where there is no browser."""
    return [
        Bar("`streamlit run` to the first page", figures.get("first_page_seconds"), 4, unit=" s"),
        Bar("slider to the redrawn page", figures.get("slider_seconds"), 0.3, unit=" s"),
        Bar("upload to six maps side by side", figures.get("six_maps_seconds"), 1, unit=" s"),
        Bar("memory of the server, six networks loaded", figures.get("server_mb"), 700, unit=" MB"),
        Bar("TensorFlow in the server (1: yes)", figures.get("server_has_tensorflow"), 0),
    ]


def measure(folder: Path, runs: Path | None, chromium: Any) -> Figures:
    """All figures. The first start warms the disk."""
    with served(folder, runs) as explorer, window(chromium) as page:
        figures: Figures = {"six_maps_first_seconds": upload_seconds(page, explorer, folder, 0)}
    starts = [first_page_seconds(folder, runs, chromium) for _ in range(N_STARTS)]
    with served(folder, runs) as explorer, window(chromium) as page:
        page.goto(explorer.address)
        page.wait_for_function(WHOLE_PAGE, timeout=WAIT_MS)
        moves = [move_seconds(page, number) for number in range(N_MOVES + 1)][1:]
        uploads = [upload_seconds(page, explorer, folder, number + 1) for number in range(N_UPLOADS)]
        figures |= memory(explorer)
    medians = {"slider_seconds": moves, "six_maps_seconds": uploads}
    figures |= {name: statistics.median(values) for name, values in medians.items()}
    figures |= {"slider_slowest_seconds": max(moves), "browser_draws_in_software": True}
    figures["first_page_seconds"], figures["whole_page_seconds"] = map(
        statistics.median, zip(*starts, strict=True)
    )
    return figures


@contextmanager
def window(chromium: Any) -> Iterator[Any]:
    """A fresh browser with the clock in it."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(CLOCK)
    yield context.new_page()
    context.close()


def first_page_seconds(folder: Path, runs: Path | None, chromium: Any) -> tuple[float, float]:
    """From the start of the command to the first page as far as the window shows it, and to its last galaxy."""
    started = time.perf_counter()
    with served(folder, runs) as explorer, window(chromium) as page:
        page.goto(explorer.address)
        page.wait_for_function(FIRST_PAGE, timeout=WAIT_MS)
        first = time.perf_counter() - started
        page.wait_for_function(WHOLE_PAGE, timeout=WAIT_MS)
        return first, time.perf_counter() - started


def move_seconds(page: Any, number: int) -> float:
    """From the key on the slider to the frame with the new cut: numbers, curve, ten other maps."""
    page.get_by_role("slider").first.focus()
    page.evaluate("""() => {
        const before = new Set(pictures("Left: a galaxy").map((p) => p.src)), percent = window.percent();
        clock("keydown", () => window.percent() !== percent && isQuiet() && areDrawn("Left: a galaxy", 10)
          && `${ring()} %` === window.percent() && pictures("Left: a galaxy").some((p) => !before.has(p.src)));
    }""")
    page.keyboard.press("ArrowRight" if number % 8 < 4 else "ArrowLeft")
    return took(page)


def upload_seconds(page: Any, explorer: Explorer, folder: Path, number: int) -> float:
    """From the choice of a file on the page Predict to six maps side by side; another galaxy every time."""
    page.goto(f"{explorer.address}/predict")
    page.wait_for_function("isQuiet() && areDrawn('Map of', 6)", timeout=WAIT_MS)  # those of the sample
    page.evaluate("""() => {
        const before = new Set(pictures("Map of").map((p) => p.src));
        clock("change", () => isQuiet() && areDrawn("Map of", 6) && !pictures("Map of").some((p) => before.has(p.src)));
    }""")
    page.set_input_files("input[type=file]", galaxy_file(folder, number))
    return took(page)


def took(page: Any) -> float:
    """What the clock shows when it has stopped."""
    return float(page.wait_for_function("window.took", timeout=WAIT_MS).json_value())


def galaxy_file(folder: Path, number: int) -> Path:
    """An inclined galaxy on a sky with its grain, a file as a visitor has it."""
    image = np.zeros((424, 424, 3), np.uint8)
    cv2.ellipse(image, (212, 212), (90, 30 + 8 * number), 25 * number, 0, 360, (160, 180, 210), -1)
    grain = np.random.default_rng(number).integers(0, 30, image.shape, dtype=np.uint8)
    path = folder / f"galaxy-{number}.png"
    cv2.imwrite(str(path), cv2.GaussianBlur(image, (0, 0), 6) + grain)
    return path


def memory(explorer: Explorer) -> Figures:
    """Megabytes of the server now and, where the system tells, at its height; whether TensorFlow is among them."""
    process = psutil.Process(explorer.process.pid)
    status = Path(f"/proc/{process.pid}/status")
    height = status.read_text().partition("VmHWM:")[2].split()[0] if status.is_file() else None
    settled = process.memory_info().rss / 2**20
    return {
        "server_mb": int(height) / 1024 if height else settled,
        "server_settled_mb": settled,
        "server_has_tensorflow": any("tensorflow" in part.path for part in process.memory_maps()),
    }


if __name__ == "__main__":
    sys.exit(main())
