"""A real training by way of a real browser: started, watched, reloaded, stopped, while a second one waits."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from visitor import SECONDS_TO_START_TENSORFLOW, ask_for_a_small_training, end_all

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(window: Any, explorer: Any) -> Iterator[Any]:
    """The page Train as one comes to it from the first page; what was started there is ended afterwards."""
    page = window.page
    page.goto(explorer.address)
    window.wait_until_drawn()
    page.get_by_role("link", name="Train").click()
    page.get_by_role("heading", name="Train a network").wait_for()
    window.wait_until_drawn()
    yield window
    end_all(explorer.runs, "chromium-*")


def test_a_training_is_started_watched_reloaded_and_stopped_while_a_second_one_waits(
    opened: Any, explorer: Any
) -> None:
    from playwright.sync_api import expect

    page, data = opened.page, explorer.runs.parent / "mock.h5"
    ask_for_a_small_training(opened, data, "chromium-a")
    expect(page.get_by_test_id("stProgress").filter(has_text="chromium-a: ")).to_be_visible(timeout=15_000)
    expect(page).to_have_url(re.compile("run=chromium-a"))
    bars = page.get_by_test_id("stProgress")
    at_work = bars.filter(has_text=re.compile(r"chromium-a: epoch \d+ of 5000"))
    expect(at_work).to_be_visible(timeout=1000 * SECONDS_TO_START_TENSORFLOW)
    curves = page.get_by_test_id("stPlotlyChart").locator(".main-svg").first
    expect(curves).to_be_visible(timeout=1000 * SECONDS_TO_START_TENSORFLOW)

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
    expect(page.get_by_text("Training now")).to_be_hidden(timeout=60_000)
    page.goto(f"{explorer.address}/train?run=chromium-a")
    expect(page.get_by_text(re.compile(r"stopped after \d+ of 5000 epochs")).first).to_be_visible(
        timeout=30_000
    )
    assert opened.strangers == []
