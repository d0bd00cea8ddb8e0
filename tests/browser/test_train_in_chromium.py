"""A real training by way of real browsers: started on a server that is then ended, watched from two windows of another
one, reloaded, stopped, while a second training waits.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import real_server
from visitor import SECONDS_TO_START_TENSORFLOW, ask_for_a_small_training, end_all

pytestmark = pytest.mark.browser


@pytest.fixture
def open_train(open_window: Callable[..., Any], explorer: Any) -> Iterator[Callable[[Any], Any]]:
    """The page Train as one comes to it from the first page; what was started there is ended afterwards."""

    def opened(server: Any) -> Any:
        window = open_window(server)
        window.page.goto(server.address)
        window.wait_until_drawn()
        window.page.get_by_role("link", name="Train").click()
        window.page.get_by_role("heading", name="Train a network").wait_for()
        window.wait_until_drawn()
        return window

    yield opened
    end_all(explorer.runs, "chromium-*")


def start_on_a_server_that_ends(open_train: Callable[[Any], Any], explorer: Any, data: Path) -> None:
    """Start chromium-a by way of a server of the same folders, which is ended as soon as the bar is there."""
    from playwright.sync_api import expect

    with real_server.served(explorer.runs.parent) as first:
        window = open_train(first)
        ask_for_a_small_training(window, data, "chromium-a")
        bar = window.page.get_by_test_id("stProgress").filter(has_text="chromium-a: ")
        expect(bar).to_be_visible(timeout=15_000)
        expect(window.page).to_have_url(re.compile("run=chromium-a"))
        assert window.complaints == window.strangers == []
        window.page.close()


def test_a_training_outlives_its_server_and_is_watched_reloaded_and_stopped_while_a_second_one_waits(
    open_train: Callable[[Any], Any], explorer: Any
) -> None:
    from playwright.sync_api import expect

    data = explorer.runs.parent / "mock.h5"
    start_on_a_server_that_ends(open_train, explorer, data)
    opened, second = open_train(explorer), open_train(explorer)
    page, bars = opened.page, opened.page.get_by_test_id("stProgress")
    at_work = bars.filter(has_text=re.compile(r"chromium-a: epoch \d+ of 5000"))
    expect(at_work).to_be_visible(timeout=1000 * SECONDS_TO_START_TENSORFLOW)
    curves = page.get_by_test_id("stPlotlyChart").locator(".main-svg").first
    expect(curves).to_be_visible(timeout=1000 * SECONDS_TO_START_TENSORFLOW)

    seen_by_second = second.page.get_by_test_id("stProgress").filter(
        has_text=re.compile(r"chromium-a: epoch \d+ of 5000")
    )
    expect(seen_by_second).to_be_visible(timeout=30_000)
    page.reload()
    expect(at_work).to_be_visible(timeout=30_000)
    opened.wait_until_drawn()
    assert "Traceback" not in page.content()

    ask_for_a_small_training(opened, data, "chromium-b")
    waiting = bars.filter(has_text="chromium-b: waiting for chromium-a to finish")
    expect(waiting).to_be_visible(timeout=1000 * SECONDS_TO_START_TENSORFLOW)

    page.locator(".st-key-stop_chromium-b").get_by_role("button").click()
    expect(waiting).to_be_hidden(timeout=30_000)
    page.locator(".st-key-stop_chromium-a").get_by_role("button").click()
    expect(page.get_by_text("Training now", exact=True)).to_be_hidden(timeout=60_000)
    page.goto(f"{explorer.address}/train?run=chromium-a")
    expect(page.get_by_text(re.compile(r"stopped after \d+ of 5000 epochs")).first).to_be_visible(
        timeout=30_000
    )
    for window in (opened, second):
        assert window.complaints == window.strangers == []
