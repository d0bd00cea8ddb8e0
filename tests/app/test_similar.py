"""Similar galaxies on Predict: asked for once, nearest first, from the galaxies of the network's training."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_gallery_page import alternatives
from test_predict_page import upload
from test_results_page import galaxy_png, texts

from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.runs.run import Run

OpenPage = Callable[..., Any]


def test_the_nearest_training_galaxies_and_own_images_are_shown_once_they_are_asked_for(
    open_page: OpenPage, sweep: Path
) -> None:
    page = open_page("predict", run=["first-020-s0"])
    assert alternatives(page, "Similar") == []
    page = upload(page, ("a.png", galaxy_png(), "image/png"), ("copy *of* a.png", galaxy_png(), "image/png"))
    page.session_state["feature_map_open"] = True
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
    assert "galaxies of mock.h5 (training)" in texts(page)
    assert "find_similar" not in [button.key for button in page.button]
    sheets = re.findall(
        r'<img class="picture-sheet" data-side="64" alt="" src="(data:[^"]+)" hidden>', texts(page)
    )
    assert len(sheets) == 2
    there = [point for trace in json.loads(chart.spec)["data"] for point in trace["customdata"]]
    train = Run(sweep / "first-020-s0").split().train
    assert sorted(row for sheet, _, row in there if sheet == 0) == sorted(train.tolist())
    assert [place for sheet, place, _ in there if sheet == 1] == [0, 1]
    page.segmented_control(key="flat").set_value("t-SNE").run()
    page.segmented_control(key="similar_among").set_value("held out").run()
    assert [error.message for error in page.exception] == []
    assert "t-SNE (perplexity" in texts(page)
    assert "galaxies of mock.h5 (held out)" in texts(page)


def test_galaxies_chosen_on_the_map_are_hung_in_the_gallery_and_said_to_be_learned_ones(
    open_page: OpenPage, sweep: Path, mock_file: Path
) -> None:
    split, digest = Run(sweep / "first-020-s0").split(), open_galaxies(mock_file).sha256[:8]
    rows = [int(split.train[0]), int(split.test[1]), int(split.train[5])]
    page = open_page(
        "gallery", run="first-020-s0", rows=".".join([digest, *map(str, rows)]), order="as they come"
    )
    said = re.findall(r"\* · galaxy (\d+)", texts(page))
    assert [int(row) for row in said] == sorted(rows)
    assert len(alternatives(page, "Heatmap")) == 3
    assert "Chosen on the map of features: 3 of the galaxies of mock.h5" in texts(page)
    assert "The networks learned from 2 of these" in texts(page)
    page.button(key="show_all_galaxies").click().run()
    assert "of the test part of" in texts(page)


@pytest.mark.parametrize(
    "rows", ["", "12", "{0}", "{0}.", "ffffffff.1", "{0}.1.x", "{0}.9999999", "{0}.-1", "{0}.\u0663"]
)
def test_an_address_that_names_no_galaxies_of_the_file_shows_the_test_galaxies_and_says_so(
    open_page: OpenPage, sweep: Path, mock_file: Path, rows: str
) -> None:
    page = open_page("gallery", run="first-020-s0", rows=rows.format(open_galaxies(mock_file).sha256[:8]))
    assert "this address names are not in the file" in texts(page)
    assert len(alternatives(page, "Heatmap")) == 6


def test_without_the_file_of_the_training_it_says_what_is_missing(
    open_page: OpenPage, own_sweep: Path
) -> None:
    (card := own_sweep / "first-020-s0" / "card.json").write_text(
        card.read_text().replace('"sha256": "', '"sha256": "ff')
    )
    page = open_page("predict", run=["first-020-s0"])
    assert "learned from are not on this computer" in texts(page)
    assert "find_similar" not in [button.key for button in page.button]
