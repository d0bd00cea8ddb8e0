"""A link copied from one browser and opened by another on a fresh server shows the same page, run, class and galaxy."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import real_server
from visitor import choose, fill, move_the_slider

pytestmark = pytest.mark.browser
WAIT = 60_000


@pytest.fixture(scope="module")
def fresh_explorer(explorer: Any) -> Iterator[Any]:
    """A second server over the same runs, which nobody has visited."""
    with real_server.served(explorer.runs.parent) as second:
        yield second


@pytest.fixture(scope="module")
def first(open_lasting_window: Callable[[Any], Any], explorer: Any) -> Any:
    """The browser that a link is copied from."""
    return open_lasting_window(explorer)


@pytest.fixture(scope="module")
def second(open_lasting_window: Callable[[Any], Any], fresh_explorer: Any) -> Any:
    """The browser that opens it."""
    return open_lasting_window(fresh_explorer)


def on_results(window: Any) -> None:
    move_the_slider(window, "ArrowRight")
    choose(window, "Evidence for", "Merging")
    turn_to(window, 2)


def on_train(window: Any) -> None:
    choose(window, "Run", "first-060-s0")


def on_gallery(window: Any) -> None:
    move_the_slider(window, "ArrowRight")
    choose(window, "Galaxies of", "Edge-on with Bulge")
    choose(window, "Evidence for", "Disturbed")


def on_predict(window: Any) -> None:
    window.page.get_by_text("a mock galaxy", exact=True).click()
    window.page.get_by_label("Number", exact=True).wait_for()
    choose(window, "Class", "Barred Spiral")
    fill(window, "Number", "3")


def on_compare(window: Any) -> None:
    choose(window, "Class", "Round Smooth")
    choose(window, "Evidence for", "Merging")
    choose(window, "Left", "40 %")


def on_evidence(window: Any) -> None:
    window.page.get_by_test_id("stButtonGroup").get_by_text("Calibration", exact=True).click()
    window.wait_until_drawn()


def on_data(window: Any) -> None:
    choose(window, "The split of", "first-080-s0")
    turn_to(window, 3)


def turn_to(window: Any, number: int) -> None:
    window.page.get_by_test_id("stPagination").get_by_role(
        "button", name=re.compile(f"{number}$")
    ).first.click()
    window.page.wait_for_timeout(300)
    window.wait_until_drawn()


PAGES = {
    "": (on_results, "run=first-040-s0"),
    "train": (on_train, "run=first-060-s0"),
    "gallery": (on_gallery, "run=first-040-s0"),
    "predict": (on_predict, "number=3"),
    "compare": (on_compare, "left="),
    "evidence": (on_evidence, "section=Calibration"),
    "data": (on_data, "run=first-080-s0"),
}


def shown(window: Any) -> dict[str, Any]:
    """The page, its numbers, and every picture: its words and its address, which is a hash of what it shows."""
    window.page.wait_for_timeout(500)
    window.wait_until_drawn()
    # a kind of element that a browser has not met before is fetched while grey stands in for it
    window.page.get_by_test_id("stSkeleton").first.wait_for(state="detached", timeout=WAIT)
    pictures = "all => all.map(one => [one.alt, new URL(one.src).pathname])"
    return {
        "title": window.page.locator("h1").first.inner_text(),
        "numbers": window.page.get_by_test_id("stMetric").all_inner_texts(),
        "pictures": window.page.locator("[data-testid=stImage] img, figure img").evaluate_all(pictures),
        "notes": window.page.get_by_test_id("stCaptionContainer").all_inner_texts(),
        "complaints": window.complaints,
    }


@pytest.mark.parametrize("path", PAGES)
def test_a_link_opened_on_a_fresh_server_shows_what_it_was_copied_from(
    path: str, first: Any, second: Any, explorer: Any, fresh_explorer: Any
) -> None:
    change, told = PAGES[path]
    first.page.goto(f"{explorer.address}/{path}")
    first.page.locator("h1").first.wait_for(timeout=WAIT)
    first.wait_until_drawn()
    untouched = shown(first)
    change(first)
    copied = first.page.url
    assert told in copied

    second.page.goto(copied.replace(explorer.address, fresh_explorer.address))
    second.page.locator("h1").first.wait_for(timeout=WAIT)
    second.wait_until_drawn()
    assert shown(second) == shown(first) != untouched
    assert second.complaints == second.strangers == []


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("?run=nowhere", "There is no run named “nowhere”"),
        ("?class=99&set=abc", "How much should a galaxy"),
        ("?run=first-020-s0&source=elsewhere&map=7", "How much should a galaxy"),
        ("gallery?page=999&extent=sideways&order=&run=%00", "Gallery"),
        ("compare?run=nowhere&run=nowhere&number=-1&galaxies=99", "Not on this computer: nowhere"),
        ("predict?images=7&mock=99&number=1e9", "What is this galaxy?"),
        ("train?run=../../etc", "There is no run named"),
        ("data?file=/nowhere/galaxies.h5", "a link cannot"),
        ("no-such-page", "Page not found"),
    ],
)
def test_an_address_that_is_wrong_gets_a_page_and_a_sentence(
    window: Any, explorer: Any, address: str, sentence: str
) -> None:
    from playwright.sync_api import expect

    window.page.goto(f"{explorer.address}/{address}")
    expect(window.page.get_by_text(sentence).first).to_be_visible(timeout=WAIT)
    window.wait_until_drawn()
    expect(window.page.locator("h1").first).to_be_visible()
    assert window.page.get_by_test_id("stException").count() == 0
    assert "Traceback" not in window.page.content()


@pytest.mark.parametrize("page", ["", "data"])
def test_a_keyboard_reaches_each_heading_by_a_link_before_all_else_on_the_page(
    window: Any, explorer: Any, page: str
) -> None:
    window.page.goto(f"{explorer.address}/{page}")
    window.wait_until_drawn()
    window.page.get_by_test_id("stMain").focus()
    headings = window.page.locator('[data-testid="stMain"] h2').all_inner_texts()
    for heading in headings:
        window.page.keyboard.press("Tab")
        assert window.page.evaluate("document.activeElement.innerText") == f"Skip to: {heading}"
    window.page.keyboard.press("Enter")
    assert window.page.evaluate("document.activeElement.innerText") == headings[-1]
    assert headings
