"""A real training by way of a real browser: started, watched, reloaded, stopped, while a second one waits."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

SECONDS_TO_START_TENSORFLOW = 180


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
    _end_all(explorer.runs)


def _end_all(runs: Path) -> None:
    from galaxy_core.runs.launch import stop
    from galaxy_core.runs.run import Run

    # those that wait first: they would begin when the one before them ends
    started = [Run(path) for path in sorted(runs.glob("chromium-*"), reverse=True) if path.is_dir()]
    for run in started:
        if run.status().is_active:
            stop(run)


def fill(window: Any, label: str, value: str) -> None:
    """Type into a field and let the page follow."""
    field = window.page.get_by_label(label, exact=True)
    field.fill(value)
    field.press("Enter")
    window.page.wait_for_timeout(300)
    window.wait_until_drawn()


def choose(window: Any, label: str, option: str) -> None:
    """Pick an option of a picker by its whole name, as one does on a keyboard."""
    field = window.page.get_by_role("combobox", name=re.compile(label)).first
    field.fill(option)
    window.page.wait_for_timeout(300)
    field.press("Enter")
    window.page.wait_for_timeout(300)
    window.wait_until_drawn()


def ask_for_a_small_training(window: Any, data: Path, name: str) -> None:
    """Random features of 32 px mock galaxies, only the ten class scores learned: epochs of a moment."""
    choose(window, "Policy", "random_frozen")
    choose(window, "Galaxies", str(data))
    window.page.get_by_role("slider").first.focus()
    window.page.keyboard.press("End")
    window.wait_until_drawn()
    fill(window, "Epochs", "5000")
    fill(window, "Image size (px)", "32")
    fill(window, "Name", name)
    window.page.get_by_role("button", name="Start training").click()


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
