"""Several browsers at once on one server: each sees its own upload and its own choice, while a third one trains."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from visitor import SECONDS_TO_START_TENSORFLOW, ask_for_a_small_training, end_all, galaxy_file

from galaxy_core.data.classes import GALAXY10

pytestmark = pytest.mark.browser
WAIT = 60_000


@pytest.fixture
def training(open_window: Any, explorer: Any) -> Iterator[Any]:
    """A window in which a real training is at work."""
    window = open_window(explorer)
    window.page.goto(f"{explorer.address}/train")
    window.page.get_by_role("heading", name="Train a network").wait_for()
    window.wait_until_drawn()
    ask_for_a_small_training(window, explorer.runs.parent / "mock.h5", "third")
    at_work = bar_of(window).filter(has_text=re.compile(r"third: epoch \d+ of 5000"))
    at_work.wait_for(timeout=1000 * SECONDS_TO_START_TENSORFLOW)
    yield window
    end_all(explorer.runs, "third*")


def bar_of(window: Any) -> Any:
    return window.page.get_by_test_id("stProgress")


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
    before = bar_of(training).filter(has_text="third: epoch").inner_text()
    training.page.wait_for_function(
        "before => !document.body.innerText.includes(before)", arg=before, timeout=WAIT
    )
    for window in (one, other, training):
        expect_no_trouble(window)


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
