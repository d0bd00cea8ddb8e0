"""A real browser, on an address and on runs of somebody who wants it to do something: it shows letters, no more."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import addresses
import pytest
import real_server
from hostile_runs import CANARY, make_hostile
from made_runs import make_weights

pytestmark = pytest.mark.browser
ACTING = (
    'a[href*="evil"]', 'img[src*="127.0.0.1:9/"]', ".katex", '[data-testid="stMarkdownContainer"] b', "svg b", "svg a",
    '[data-testid="stMarkdownContainer"] [data-testid="stIconMaterial"]:text("home")', "del", ".stMarkdownColoredText",
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile_explorer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The real server over runs that are the canary throughout."""
    from galaxy_core.data.mock import write_mock_file

    folder: Path = tmp_path_factory.mktemp("hostile")
    (folder / "runs").mkdir()
    data = write_mock_file(folder / "mock.h5", 60, 3, with_masks=False)
    make_hostile(folder / "runs", make_weights(folder / "weights"), data)
    with real_server.served(folder) as explorer:
        yield explorer


@pytest.mark.parametrize("view", addresses.PAGES)
def test_nothing_of_an_address_or_of_a_run_acts_in_a_browser(
    open_window: Callable[[Any], Any], hostile_explorer: Any, view: str
) -> None:
    window = open_window(hostile_explorer)
    path = "" if view == "results" else view
    address = urlencode(dict.fromkeys(sorted(addresses.parameters() - {"section"}), CANARY))
    window.page.goto(f"{hostile_explorer.address}/{path}?{address}")
    window.page.locator("h1").first.wait_for(timeout=60_000)
    window.wait_until_drawn()
    assert {selector: window.page.locator(selector).count() for selector in ACTING} == dict.fromkeys(
        ACTING, 0
    )
    shown = window.page.locator("body").inner_text().replace("\N{ZERO WIDTH SPACE}", "")
    assert (
        "![c](http://127.0.0.1:9/x.png) [Your session expired](https://evil.example) :material/home:" in shown
        or (view == "evidence")
    )
    assert window.strangers == window.complaints == []
