"""Networks side by side in each state of the page, as a visitor without a browser sees it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import words.compare
from made_runs import make_run
from test_gallery_page import alternatives
from test_results_page import png, texts

OpenPage = Callable[..., Any]


@pytest.fixture
def open_compare(open_page: OpenPage) -> OpenPage:
    """`open_compare(run=[...])` is the page, opened by that address."""

    return partial(open_page, "compare")


def test_without_a_run_the_page_says_where_to_begin(open_compare: OpenPage, runs: Path) -> None:
    assert "no trained network" in texts(open_compare())


def test_one_network_alone_cannot_be_compared(
    open_compare: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    make_run(runs, 20, mock_file, weights=weights[20])
    assert "as soon as a second one is trained" in texts(open_compare())


def test_one_galaxy_is_shown_by_six_networks_on_one_scale(open_compare: OpenPage, sweep: Path) -> None:
    page = open_compare()
    assert len(alternatives(page, "Map of")) == 6
    assert len(alternatives(page, "The galaxy")) == 1
    assert "One scale for the maps of a galaxy: full colour at" in texts(page)
    assert page.segmented_control(key="scale").options == ["this map", "this galaxy"]


def test_the_two_ends_of_the_sweep_are_wiped_and_subtracted(open_compare: OpenPage, sweep: Path) -> None:
    page = open_compare()
    assert len(page.get("bidi_component")) == 1
    assert "**100 % minus 0 %**" in texts(page)
    assert len(alternatives(page, "Difference of the maps of 100 % and 0 %")) == 1
    page.selectbox(key="left").set_value("first-040-s0").run()
    assert "**100 % minus 40 %**" in texts(page)


def test_the_table_of_rank_correlations_has_ones_on_its_diagonal_and_no_coarse_map(
    open_compare: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    for percent, pixels in ((0, 192), (20, 64), (40, 192)):
        make_run(runs, percent, mock_file, weights=weights[percent], pixels=pixels)
    table = open_compare().dataframe[0].value
    assert list(table["network"]) == ["0 %", "40 %"]
    assert [table[name][i] for i, name in enumerate(table["network"])] == ["1.00", "1.00"]


def test_maps_that_are_too_coarse_are_not_ranked(open_compare: OpenPage, sweep: Path) -> None:
    page = open_compare()
    assert not page.dataframe
    assert words.compare.TOO_COARSE_TO_RANK in texts(page)


def test_an_address_opens_the_networks_and_the_galaxy_and_all_are_asked_for_one_class(
    open_compare: OpenPage, sweep: Path
) -> None:
    page = open_compare(run=["first-020-s0", "first-060-s0"], galaxies="Merging")
    assert page.multiselect(key="runs").value == ["first-020-s0", "first-060-s0"]
    assert alternatives(page, "The galaxy") == ["The galaxy: Merging."]
    page.selectbox(key="class").set_value("Cigar Shaped Smooth").run()
    maps = alternatives(page, "Map of")
    assert len(maps) == 2
    assert {alt.split("evidence ")[1] for alt in maps} == {"for Cigar Shaped Smooth."}


def test_the_choice_of_networks_is_kept_from_page_to_page(open_compare: OpenPage, sweep: Path) -> None:
    page = open_compare()
    page.multiselect(key="runs").set_value(["first-000-s0", "first-080-s0"]).run()
    page.switch_page("views/predict.py").run()
    assert page.multiselect(key="runs").value == ["first-000-s0", "first-080-s0"]


def test_too_few_networks_are_asked_for(open_compare: OpenPage, sweep: Path) -> None:
    page = open_compare()
    page.multiselect(key="runs").set_value(["first-000-s0"]).run()
    assert "Choose at least 2" in page.info[0].value


def test_an_upload_is_compared(open_compare: OpenPage, sweep: Path) -> None:
    page = open_compare(galaxy="my own image")
    assert "Drop an image here" in texts(page)
    page.file_uploader(key="own_galaxy").upload("mine.png", png(), "image/png").run()
    assert [error.message for error in page.exception] == []
    assert len(alternatives(page, "Map of")) == 6
    assert page.selectbox(key="class").value == "the answer of most"


def test_a_refused_upload_gets_one_sentence_that_names_it(open_compare: OpenPage, sweep: Path) -> None:
    page = open_compare(galaxy="my own image")
    page.file_uploader(key="own_galaxy").upload("broken.png", png()[:200], "image/png").run()
    assert [error.message for error in page.exception] == []
    assert [error.value.split()[0] for error in page.error] == ["broken.png"]


def test_damaged_weights_are_named_and_the_others_compared(open_compare: OpenPage, own_sweep: Path) -> None:
    damaged = own_sweep / "first-100-s0" / "weights.safetensors"
    damaged.unlink()
    damaged.write_bytes(b"\x10\0\0\0\0\0\0\0{}")
    page = open_compare()
    assert any("first-100-s0" in warning.value for warning in page.warning)
    assert len(alternatives(page, "Map of")) == 5
    assert "**80 % minus 0 %**" in texts(page)


def test_without_the_data_file_mock_galaxies_are_compared(
    open_compare: OpenPage, runs: Path, weights: dict[int, Path]
) -> None:
    for percent in (20, 40):
        make_run(runs, percent, Path("/nowhere/survey.h5"), weights=weights[percent])
    page = open_compare()
    assert "**rendered mock galaxies**" in texts(page)
    assert len(alternatives(page, "Map of")) == 2


def test_a_strange_picture_is_warned_of_and_the_crop_is_shown(open_compare: OpenPage, sweep: Path) -> None:
    page = open_compare(galaxy="my own image")
    page.file_uploader(key="own_galaxy").upload("mine.png", png(), "image/png").run()
    assert "do not trust the answers" in page.warning[0].value
    assert "Its sky is darker" in page.warning[0].value
    assert len(alternatives(page, "What the networks see")) == 1
    assert texts(page).count("not to be believed (") == 6


def test_an_address_opens_the_map_and_both_sides_of_the_wipe(open_compare: OpenPage, sweep: Path) -> None:
    page = open_compare(map="Grad-CAM", left="20 %", right="60 %", **{"class": "Merging"})
    assert {alt.split(": ")[1] for alt in alternatives(page, "Map of")} == {"Grad-CAM evidence for Merging."}
    assert "**60 % minus 20 %**" in texts(page)


def test_each_network_is_asked_about_its_own_answer_by_the_map_of_the_paper_and_the_difference_about_one_class(
    open_compare: OpenPage, sweep: Path
) -> None:
    page = open_compare(map="Grad-CAM of the predicted class", scale="this map", **{"class": "Merging"})
    said = [text.value.split("  \n")[1].rsplit(",", 1)[0] for text in page.markdown if "  \n" in text.value]
    asked = [alt.split("evidence for ")[1] for alt in alternatives(page, "Map of")]
    assert asked == [f"{name}." for name in said[-6:]]
    assert "Evidence for **the class it predicts** in each network." in texts(page)
    assert "Each map on a scale of its own" in texts(page)


def test_what_an_address_names_wrongly_is_passed_over(open_compare: OpenPage, sweep: Path) -> None:
    nonsense = {"galaxy": "a star", "galaxies": "Nebula", "number": "99", "map": "x-ray", "class": "Nebula"}
    page = open_compare(**nonsense, left="elsewhere", right="elsewhere", colours="jet", field="9")
    assert page.segmented_control(key="map").value == "class-centred"
    assert page.selectbox(key="class").value == "the true class"
    assert "**100 % minus 0 %**" in texts(page)
    assert [error.value for error in page.error] == []


@pytest.mark.parametrize("state", ["failed", "running", "stopped"])
def test_with_runs_of_which_none_is_finished_the_page_says_where_to_begin(
    open_compare: OpenPage, runs: Path, mock_file: Path, state: str
) -> None:
    for percent in (20, 40):
        make_run(runs, percent, mock_file, state=state, sentence="no room on the disk", n_epochs=1)
    page = open_compare()
    assert "no trained network" in texts(page)
    assert [error.value for error in page.error] == []
    assert len(page.image) == 0
