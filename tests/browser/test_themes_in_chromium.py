"""Every page in both themes, of which no size depends: on a wide screen in one, on a narrow one in the other."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
PAGES = ("", "train", "gallery", "predict", "compare", "evidence", "data", "glossary")
BACKGROUNDS = {"light": "rgb(252, 252, 250)", "dark": "rgb(11, 16, 23)"}
WIDTHS = {"light": 1920, "dark": 1024}
SIDEWAYS = """() => [document.scrollingElement, document.querySelector('[data-testid="stMain"]')]
    .map(place => place.scrollWidth - place.clientWidth)"""
"""Pixels by which the window, and the part of it that scrolls, are too narrow for what is in them."""


def settled(page: Any) -> list[int]:
    """The same once the page has followed the window, which takes charts a while on a busy machine."""
    for _ in range(50):
        page.wait_for_timeout(200)
        if not any(found := page.evaluate(SIDEWAYS)):
            break
    return list(found)


@pytest.mark.parametrize("theme", BACKGROUNDS)
def test_every_page_fits_its_screen_in_its_theme_without_a_complaint(
    open_window: Callable[..., Any], explorer: Any, theme: str
) -> None:
    window = open_window(explorer, theme=theme)
    window.page.set_viewport_size({"width": WIDTHS[theme], "height": 900})
    for path in PAGES:
        window.page.goto(f"{explorer.address}/{path}")
        window.page.locator("h1").first.wait_for(timeout=60_000)
        window.wait_until_drawn()
        colour = "app => getComputedStyle(app).backgroundColor"
        assert window.page.get_by_test_id("stApp").evaluate(colour) == BACKGROUNDS[theme], path
        assert settled(window.page) == [0, 0], path
        assert window.page.get_by_test_id("stException").count() == 0, path
    assert window.complaints == []
    assert window.strangers == []


BOXES = (
    "places => places.map(one => one.getBoundingClientRect()).map(b => [b.left, b.right, b.top, b.bottom])"
)


def test_on_a_phone_the_pages_are_in_sight_and_no_two_labels_of_the_drawing_meet(
    open_window: Callable[..., Any], explorer: Any
) -> None:
    from playwright.sync_api import expect

    page = open_window(explorer, theme="light").page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(explorer.address)
    labels = page.locator(".labels-of-blocks span")
    labels.first.wait_for(timeout=60_000)
    links = page.locator(".st-key-pages_in_sight a")
    expect(links).to_have_count(len(PAGES), timeout=60_000)
    assert all(link.bounding_box()["y"] < 300 for link in links.all())
    boxes = labels.evaluate_all(BOXES)
    assert [labels.nth(k).inner_text().split("\n")[0] for k in (0, 3)] == ["dense block 1", "dense block 4"]
    assert all(left >= 0 and right <= 390 for left, right, *_ in boxes)
    for k, (left, right, top, bottom) in enumerate(boxes):
        for other in boxes[k + 1 :]:
            assert right <= other[0] or other[1] <= left or bottom <= other[2] or other[3] <= top
