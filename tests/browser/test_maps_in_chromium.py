"""Gallery, Predict and Compare as a visitor has them: files, keys, and addresses opened in a fresh window."""

import re
from pathlib import Path
from typing import Any

import cv2
import pytest
from visitor import galaxy_file

pytestmark = pytest.mark.browser
WAIT = 60_000
FIRST_PAGE = "How much should a galaxy"


@pytest.fixture
def opened(window: Any, explorer: Any) -> Any:
    """`opened("Compare")` is that page, reached from the first one as a visitor would, and drawn."""

    def opened(title: str) -> Any:
        window.page.goto(explorer.address)
        window.page.get_by_text(FIRST_PAGE).first.wait_for()
        window.page.get_by_role("link", name=title).first.click()
        window.page.get_by_text(FIRST_PAGE).first.wait_for(state="detached")
        window.wait_until_drawn()
        return window

    return opened


@pytest.fixture
def addressed(window: Any, explorer: Any) -> Any:
    """`addressed("compare?...")` is what that address opens in a window that has seen nothing before."""

    def addressed(address: str) -> Any:
        window.page.goto(f"{explorer.address}/{address}")
        window.page.locator("h1").first.wait_for()
        window.wait_until_drawn()
        return window

    return addressed


def test_an_upload_is_seen_by_six_networks_side_by_side(opened: Any, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    window = opened("Predict")
    # known by what it holds: without a suffix too
    window.page.set_input_files(
        'input[type="file"]', galaxy_file(tmp_path, "mine.png").rename(tmp_path / "mine")
    )
    expect(window.page.get_by_alt_text("The uploaded image.")).to_be_visible(timeout=WAIT)
    window.wait_until_drawn()  # the sample has six maps, too, until then
    maps = window.page.locator('img[alt^="Map of"]')
    expect(maps).to_have_count(6, timeout=WAIT)
    assert len({round(one.bounding_box()["y"]) for one in maps.all()}) == 1
    expect(window.page.get_by_text("networks say")).to_be_visible()
    expect(window.page.get_by_role("button", name="predictions.csv")).to_be_visible()
    assert window.complaints == []
    assert window.strangers == []


def test_a_refused_upload_is_named_and_the_other_predicted(opened: Any, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    (tmp_path / "letter.png").write_text("dear network")
    window = opened("Predict")
    files = [galaxy_file(tmp_path, "mine.png"), tmp_path / "letter.png"]
    window.page.set_input_files('input[type="file"]', files)
    expect(window.page.locator('img[alt^="Map of"]')).to_have_count(6, timeout=WAIT)
    alert = window.page.get_by_role("alert").filter(has_text="letter.png")
    expect(alert).to_have_count(1)
    assert "Traceback" not in window.page.content()
    assert window.complaints == []


def test_the_wipe_moves_by_keyboard_and_changes_the_picture(opened: Any) -> None:
    window = opened("Compare")
    stage = window.page.locator(".stage")
    stage.wait_for(timeout=WAIT)
    wipe = window.page.get_by_role("slider", name=re.compile("Wipe between 0 % and 100 %"))
    wipe.focus()
    before = stage.screenshot()
    for _ in range(10):
        window.page.keyboard.press("ArrowLeft")
    assert wipe.input_value() == "30"
    assert "30 % of the picture" in wipe.get_attribute("aria-valuetext")
    assert stage.screenshot() != before
    window.page.keyboard.press("Home")
    right = window.page.locator(".stage div.right")
    assert right.evaluate("one => getComputedStyle(one).clipPath") in ("inset(0px)", "inset(0px 0px 0px 0%)")
    assert window.complaints == []


def test_all_pictures_of_a_galaxy_are_enlarged_and_moved_as_one_by_pointer_and_keys(addressed: Any) -> None:
    window = addressed("compare?run=first-000-s0&run=first-080-s0")
    shown = '[class*="st-key-zoom"] [data-testid="stImage"] img, .stage img'
    window.page.locator(".stage").wait_for(timeout=WAIT)

    def places() -> set[str]:
        """How each picture is enlarged and moved, in shares of its frame."""
        every = window.page.locator(shown).evaluate_all(
            "all => all.map(one => { const { a, d, e, f } = new DOMMatrix(getComputedStyle(one).transform);"
            "return [a, d, e / one.clientWidth, f / one.clientWidth].map(x => x.toFixed(2)).join(' '); })"
        )
        assert len(every) == 6  # galaxy, two maps, two of the wipe, difference
        return set(every)

    whole = places()
    picture = window.page.locator('img[alt^="Map of"]').first
    picture.dblclick()
    (enlarged,) = places()
    assert enlarged.startswith("2.00")
    box = picture.locator("..").bounding_box()
    assert picture.bounding_box()["width"] == pytest.approx(2 * box["width"], rel=0.01)
    window.page.mouse.move(box["x"] + 40, box["y"] + 40)
    window.page.mouse.down()
    window.page.mouse.move(box["x"] + 60, box["y"] + 50)
    window.page.mouse.up()
    (moved,) = places()
    window.page.locator(".zoom-bar").focus()
    window.page.keyboard.press("ArrowRight")
    (aside,) = places()
    assert len({enlarged, moved, aside}) == 3
    window.page.get_by_role("slider", name="Opacity").press("ArrowRight")
    window.page.wait_for_timeout(300)
    window.wait_until_drawn()
    assert places() == {aside}
    window.page.get_by_text("1:1", exact=True).click()
    assert places() == whole == {"1.00 1.00 0.00 0.00"}
    picture.hover()
    window.page.get_by_role("button", name=re.compile("^Fullscreen: Map of")).first.click()
    window.page.wait_for_timeout(300)
    assert picture.bounding_box()["width"] > 800
    assert window.complaints == []


def test_an_address_opened_elsewhere_shows_the_same(addressed: Any) -> None:
    from playwright.sync_api import expect

    window = addressed("compare?run=first-020-s0&run=first-080-s0&galaxies=Merging&class=Round+Smooth")
    maps = window.page.locator('img[alt^="Map of"]')
    expect(maps).to_have_count(2, timeout=WAIT)
    expect(maps.first).to_have_attribute("alt", "Map of 20 %: class-centred evidence for Round Smooth.")
    expect(window.page.get_by_alt_text("The galaxy: Merging.")).to_be_visible()
    assert window.complaints == []


def test_the_gallery_turns_its_pages_and_says_so_in_the_address(addressed: Any) -> None:
    from playwright.sync_api import expect

    window = addressed("gallery?run=first-060-s0&extent=all+cuts")
    pictures = window.page.locator('img[alt^="Superimposed"]')
    expect(pictures).to_have_count(24, timeout=WAIT)
    with window.page.expect_download() as download:
        window.page.get_by_role("button", name="gallery.png").click()
    picture = cv2.imread(download.value.path())
    assert picture.shape[1] > 6 * 200  # a column for the galaxy and one for each cut
    window.page.get_by_role("button", name=re.compile("2$")).first.click()
    expect(window.page).to_have_url(re.compile("page=2"))
    expect(window.page).to_have_url(re.compile("run=first-060-s0"))
    assert window.complaints == []


def test_a_point_of_the_map_of_features_shows_its_picture_and_those_drawn_around_go_to_the_gallery(
    addressed: Any,
) -> None:
    window = addressed("predict?run=first-020-s0")
    page = window.page
    page.get_by_role("button", name="Find them").click()
    page.get_by_text("Map of the features").click(timeout=WAIT)
    chart = page.locator('[class*="st-key-feature_map_PCA"] .js-plotly-plot')
    chart.wait_for(timeout=WAIT)
    window.wait_until_drawn()
    chart.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    picture = page.locator("canvas.picture-of-point")
    for _ in range(20):  # a chart that has just come listens a moment later
        point = chart.locator(".scatterlayer .point").first.bounding_box()
        page.mouse.move(point["x"] - 5, point["y"] - 20)
        page.mouse.move(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2, steps=3)
        page.wait_for_timeout(500)
        if picture.is_visible():
            break
    assert picture.is_visible()
    brightest = "one => Math.max(...one.getContext('2d').getImageData(0, 0, 128, 128).data.filter((_, i) => i % 4 < 3))"
    assert picture.evaluate(brightest) > 100  # of a galaxy; an empty one is black
    frame = chart.locator(".nsewdrag").first.bounding_box()
    corners = [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99), (0.01, 0.02)]
    places = [(frame["x"] + x * frame["width"], frame["y"] + y * frame["height"]) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Show them in the Gallery").click(timeout=WAIT)
    page.get_by_text("Chosen on the map of features").wait_for(timeout=WAIT)
    assert re.search(r"gallery\?.*rows=[0-9a-f]{8}(\.\d+)+", page.url)
    assert window.complaints == []
