"""The first page as a visitor has it: the real command, a real browser, a keyboard and a file."""

import re
from pathlib import Path
from typing import Any

import pytest
from visitor import galaxy_file

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(window: Any, explorer: Any) -> Any:
    """The first page, drawn."""
    window.page.goto(explorer.address)
    window.page.get_by_text("How much should a galaxy").first.wait_for()
    window.wait_until_drawn()
    return window


def metric(page: Any, label: str) -> Any:
    """The value under that label; waits for what it becomes when it is compared with `expect`."""
    box = page.get_by_test_id("stMetric").filter(has_text=label)
    return box.get_by_test_id("stMetricValue")


def test_the_first_page_is_drawn_without_a_complaint_or_a_request_to_strangers(opened: Any) -> None:
    from playwright.sync_api import expect

    page = opened.page
    expect(metric(page, "Test accuracy")).to_contain_text("%")
    expect(page.get_by_test_id("stPlotlyChart").locator(".main-svg").first).to_be_visible(timeout=30_000)
    expect(page.locator('img[alt^="Left: a galaxy of class"]')).to_have_count(10)
    expect(page.locator(".stMarkdownBadge").filter(has_text="Trained on 40 mock galaxies")).to_be_visible()
    assert opened.complaints == []
    assert opened.strangers == []


def test_the_drawing_and_every_picture_have_words_for_those_who_cannot_see(opened: Any) -> None:
    from playwright.sync_api import expect

    drawing = opened.page.get_by_role("img", name=re.compile("DenseNet-121"))
    expect(drawing).to_have_attribute("aria-label", re.compile("cut after conv3_block5_1_bn"))
    pictures = opened.page.locator("figure img")
    expect(pictures).to_have_count(10)
    assert all(picture.get_attribute("alt") for picture in pictures.all())


def test_the_arrow_keys_move_the_cut_and_everything_follows(opened: Any) -> None:
    from playwright.sync_api import expect

    page = opened.page
    expect(metric(page, "Taken over")).to_have_text("20 %")
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    expect(metric(page, "Taken over")).to_have_text("40 %")
    expect(metric(page, "Boundary layer")).to_have_text("conv4_block5_0_relu")
    expect(page).to_have_url(re.compile(r"run=first-040-s0"))
    assert opened.complaints == []


def test_an_address_opens_what_it_names(window: Any, explorer: Any) -> None:
    from playwright.sync_api import expect

    window.page.goto(f"{explorer.address}/?run=first-080-s0&class=Merging")
    expect(metric(window.page, "Taken over")).to_have_text("80 %", timeout=30_000)
    window.wait_until_drawn()
    expect(window.page.locator('img[alt*="evidence for Merging"]')).to_have_count(10, timeout=30_000)
    assert window.complaints == []


def test_an_uploaded_galaxy_is_predicted_and_six_maps_stand_side_by_side(opened: Any, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    opened.page.set_input_files('input[type="file"]', galaxy_file(tmp_path, "mine.png"))
    expect(opened.page.locator('img[alt^="Evidence for"]')).to_have_count(6, timeout=30_000)
    maps = opened.page.locator('img[alt^="Evidence for"]').all()
    assert len({round(picture.bounding_box()["y"]) for picture in maps[:5]}) == 1
    expect(opened.page.get_by_text(re.compile("What first-020-s0 says"))).to_be_visible()
    assert opened.complaints == []


def test_a_file_that_is_no_image_is_refused_in_one_sentence(opened: Any, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    (tmp_path / "letter.png").write_text("dear network")
    opened.page.set_input_files('input[type="file"]', tmp_path / "letter.png")
    alert = opened.page.get_by_role("alert").filter(has_text="letter.png")
    expect(alert).to_have_count(1, timeout=30_000)
    assert "Traceback" not in opened.page.content()
    assert opened.complaints == []


def test_the_server_has_no_tensorflow_in_its_memory(opened: Any, explorer: Any) -> None:
    maps = Path(f"/proc/{explorer.process.pid}/maps")
    if not maps.is_file():
        pytest.skip("this system has no /proc to look into")
    assert "tensorflow" not in maps.read_text()


def test_a_chart_is_saved_as_png_and_as_svg_as_it_is_on_the_page(opened: Any, tmp_path: Path) -> None:
    from xml.etree import ElementTree

    page = opened.page
    chart = page.locator(".js-plotly-plot").first
    chart.locator(".main-svg").first.wait_for(timeout=30_000)
    saved = {}
    for kind in ("PNG", "SVG"):
        chart.hover()
        with page.expect_download() as begun:
            page.get_by_role("button", name=f"This chart as {kind}").click()
        saved[begun.value.suggested_filename] = Path(begun.value.path()).read_bytes()
    assert saved["accuracy.png"].startswith(b"\x89PNG")
    drawn = " ".join(ElementTree.fromstring(saved["accuracy.svg"]).itertext())
    assert "the paper" in drawn
    assert "share of layers below the cut" in drawn
    assert opened.complaints == []
