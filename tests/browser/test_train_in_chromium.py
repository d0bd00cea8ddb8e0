"""A real training by way of real browsers: started on a server that is then ended; others predict and browse while it
is at work; watched from two windows of another server, reloaded, stopped, while a second training waits.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import real_server
from visitor import SECONDS_TO_START_TENSORFLOW, ask_for_a_small_training, end_all, galaxy_file

from galaxy_core.data.classes import GALAXY10

pytestmark = pytest.mark.browser
WAIT = 60_000
AT_WORK = re.compile(r"chromium-a: epoch \d+ of 5000")


def train_page(window: Any, server: Any) -> Any:
    """The page Train as one comes to it from the first page."""
    window.page.goto(server.address)
    window.wait_until_drawn()
    window.page.get_by_role("link", name="Train").click()
    window.page.get_by_role("heading", name="Train a network").wait_for()
    window.wait_until_drawn()
    return window


def bars_of(window: Any) -> Any:
    return window.page.get_by_test_id("stProgress")


@pytest.fixture(scope="module")
def training(open_lasting_window: Callable[[Any], Any], explorer: Any) -> Iterator[Any]:
    """A window of the explorer that sees chromium-a at work.

    It was started by way of another server of the same folders, which was ended as soon as the bar was there.
    """
    from playwright.sync_api import expect

    with real_server.served(explorer.runs.parent) as first:
        window = train_page(open_lasting_window(first), first)
        ask_for_a_small_training(window, explorer.runs.parent / "mock.h5", "chromium-a")
        expect(bars_of(window).filter(has_text="chromium-a: ")).to_be_visible(timeout=15_000)
        expect(window.page).to_have_url(re.compile("run=chromium-a"))
        assert window.complaints == window.strangers == []
        window.page.close()
    window = train_page(open_lasting_window(explorer), explorer)
    at_work = bars_of(window).filter(has_text=AT_WORK)
    expect(at_work).to_be_visible(timeout=1000 * SECONDS_TO_START_TENSORFLOW)
    yield window
    end_all(explorer.runs, "chromium-*")


def predict_page(open_window: Any, explorer: Any, *runs: str) -> Any:
    window = open_window(explorer)
    window.page.goto(f"{explorer.address}/predict?" + "&".join(f"run={run}" for run in runs))
    window.page.get_by_role("heading", name="What is this galaxy?").wait_for()
    window.wait_until_drawn()
    return window


def verdicts(runs: Path, names: tuple[str, ...], file: Path) -> list[str]:
    """What these networks say of a file, as the page writes it under their maps, asked without the server."""
    from galaxy_core.images.read import read_image, to_square
    from galaxy_core.runs.run import Run
    from galaxy_core.serving.lineup import Lineup, probabilities

    image = to_square(read_image(file.read_bytes(), name=file.name))
    answers = Lineup([Run(runs / name) for name in names]).predict(image[None])
    shares = [probabilities(answers[name])[0] for name in names]
    return [f"{GALAXY10[int(share.argmax())]}, {100 * share.max():.0f} %" for share in shares]


def expect_verdicts(window: Any, expected: list[str]) -> None:
    """Waits until the page shows a map of each network and under it that verdict."""
    from playwright.sync_api import expect

    expect(window.page.locator('img[alt^="Map of"]')).to_have_count(len(expected), timeout=WAIT)
    for verdict in dict.fromkeys(expected):
        expect(window.page.get_by_text(verdict)).to_have_count(expected.count(verdict), timeout=WAIT)


def expect_no_trouble(window: Any) -> None:
    assert window.page.get_by_test_id("stException").count() == 0
    assert "Traceback" not in window.page.content()
    assert window.complaints == []
    assert window.strangers == []


def browse_at_once(one: Any, other: Any) -> None:
    """Two pages with the same controls, moved in turn: each address keeps its own choice."""
    from playwright.sync_api import expect

    for window, run in ((one, "first-020-s0"), (other, "first-080-s0")):
        address = re.sub(r"/predict.*", f"/gallery?run={run}", window.page.url)
        window.page.goto(address)
    for window in (one, other):
        window.page.get_by_role("heading", name="Gallery").wait_for()
        window.wait_until_drawn()
        window.page.get_by_role("slider").first.focus()
        window.page.keyboard.press("ArrowLeft")
    for window, run in ((one, "first-000-s0"), (other, "first-060-s0")):
        expect(window.page).to_have_url(re.compile(f"run={run}"), timeout=WAIT)
        window.wait_until_drawn()


def test_two_predict_and_browse_while_a_third_trains_and_nobody_sees_anothers(
    training: Any, open_window: Any, explorer: Any, tmp_path: Path
) -> None:
    mine, yours = ("first-000-s0", "first-040-s0"), ("first-060-s0", "first-100-s0")
    one = predict_page(open_window, explorer, *mine)
    other = predict_page(open_window, explorer, *yours)
    files = galaxy_file(tmp_path, "blue.png"), galaxy_file(tmp_path, "red.png", 120, (150, 180, 255))
    expected = verdicts(explorer.runs, mine, files[0]), verdicts(explorer.runs, yours, files[1])
    assert not set(expected[0]) & set(expected[1])  # else a mix-up could not be seen
    for window, file in zip((one, other), files, strict=True):
        window.page.set_input_files('input[type="file"]', file)
    expect_verdicts(one, expected[0])
    expect_verdicts(other, expected[1])
    assert one.page.get_by_text("red.png").count() == other.page.get_by_text("blue.png").count() == 0

    browse_at_once(one, other)
    training.wait_until_drawn()
    before = bars_of(training).filter(has_text=AT_WORK).inner_text()
    training.page.wait_for_function(
        "before => !document.body.innerText.includes(before)", arg=before, timeout=WAIT
    )
    for window in (one, other, training):
        expect_no_trouble(window)


def test_a_training_outlives_its_server_and_is_watched_reloaded_and_stopped_while_a_second_one_waits(
    training: Any, open_window: Any, explorer: Any
) -> None:
    from playwright.sync_api import expect

    page, bars, second = training.page, bars_of(training), train_page(open_window(explorer), explorer)
    curves = page.get_by_test_id("stPlotlyChart").locator(".main-svg").first
    expect(curves).to_be_visible(timeout=1000 * SECONDS_TO_START_TENSORFLOW)
    expect(bars_of(second).filter(has_text=AT_WORK)).to_be_visible(timeout=30_000)
    page.reload()
    expect(bars.filter(has_text=AT_WORK)).to_be_visible(timeout=30_000)
    training.wait_until_drawn()
    assert "Traceback" not in page.content()

    ask_for_a_small_training(training, explorer.runs.parent / "mock.h5", "chromium-b")
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
    for window in (training, second):
        assert window.complaints == window.strangers == []
