"""The pictures of the README: pages of the explorer with the shipped models and mock galaxies, in a real browser.

python docs/_ext/pictures.py        # needs Chromium and the extra [test]; `make pictures`
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

from real_server import DRAWN, browser, find_chromium, served  # noqa: E402

FOLDER = ROOT / "docs" / "images"
WIDTH = 1400
PAGES = {
    "results": ("", 1480),
    "gallery": ("gallery?run=fractions-020-s0", 1180),
    "compare": ("compare", 1180),
    "evidence-difference": ("evidence?section=Difference&sweep=fractions", 1180),
}
"""Address and height in px."""
SECONDS_TO_DRAW = 180


def main() -> None:
    path = find_chromium()
    if path is None:
        raise SystemExit("no Chromium on this machine: install the package chromium to take the pictures")
    with (
        tempfile.TemporaryDirectory() as name,
        _shipped_models(Path(name)) as explorer,
        browser(path) as chromium,
    ):
        for picture, (address, height) in PAGES.items():
            _take(chromium, f"{explorer.address}/{address}", height, FOLDER / f"{picture}.png")


def _shipped_models(folder: Path) -> Any:
    """An explorer that has nothing but them."""
    (folder / "models").symlink_to(ROOT / "models")
    (folder / "runs").mkdir()
    return served(folder)


def _take(chromium: Any, address: str, height: int, to: Path) -> None:
    page = chromium.new_page(viewport={"width": WIDTH, "height": height}, color_scheme="light")
    page.goto(address)
    page.locator("h1").first.wait_for(timeout=1000 * SECONDS_TO_DRAW)
    page.wait_for_selector(DRAWN, timeout=1000 * SECONDS_TO_DRAW)
    page.wait_for_timeout(2000)  # charts are drawn once the script has ended
    page.wait_for_selector(DRAWN, timeout=1000 * SECONDS_TO_DRAW)
    page.screenshot(path=to)
    page.close()
    print(to.relative_to(ROOT))


if __name__ == "__main__":
    main()
