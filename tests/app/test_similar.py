"""Similar galaxies on Predict: asked for once, nearest first, from the galaxies of the network's training."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from test_gallery_page import alternatives
from test_predict_page import upload
from test_results_page import galaxy_png, texts

OpenPage = Callable[..., Any]


def test_the_nearest_training_galaxies_and_own_images_are_shown_once_they_are_asked_for(
    open_page: OpenPage, sweep: Path
) -> None:
    page = open_page("predict", run=["first-020-s0"])
    assert alternatives(page, "Similar") == []
    page = upload(page, ("a.png", galaxy_png(), "image/png"), ("copy *of* a.png", galaxy_png(), "image/png"))
    page.button(key="find_similar").click().run()
    assert [error.message for error in page.exception] == []
    shown = alternatives(page, "Similar")
    assert len(shown) == 6
    assert shown[0] == "Similar: your image, copy *of* a.png, at a distance of 0.00."
    assert sum("galaxy " in text for text in shown) == 5
    chart = page.get("plotly_chart")[-1].proto
    assert "2 of your images" in chart.alt
    assert "copy *of* a.png" in chart.spec
    assert r"copy \*of\* a.png" in texts(page)
    assert "galaxies of the training part of" in texts(page)
    assert "find_similar" not in [button.key for button in page.button]


def test_without_the_file_of_the_training_it_says_what_is_missing(
    open_page: OpenPage, own_sweep: Path
) -> None:
    (card := own_sweep / "first-020-s0" / "card.json").write_text(
        card.read_text().replace('"sha256": "', '"sha256": "ff')
    )
    page = open_page("predict", run=["first-020-s0"])
    assert "learned from are not on this computer" in texts(page)
    assert "find_similar" not in [button.key for button in page.button]
