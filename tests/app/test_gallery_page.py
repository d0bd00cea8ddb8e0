"""The gallery in each of its states, as a visitor without a browser sees it."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_runs import make_run
from test_results_page import texts

from galaxy_core.data.classes import GALAXY10
from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.metrics.measure import write_predictions
from galaxy_core.runs.run import Run
from galaxy_core.serving.lineup import Lineup, probabilities

OpenPage = Callable[..., Any]
ROWS = 6


@pytest.fixture
def open_gallery(open_page: OpenPage) -> OpenPage:
    """`open_gallery(run=...)` is the gallery, opened by that address."""

    return partial(open_page, "gallery")


def alternatives(page: Any, start: str) -> list[str]:
    """The alternative texts of the pictures that begin so."""
    found = [image.alt for element in page.image for image in element.proto.imgs]
    return [alt for alt in found if alt.startswith(start)]


def test_without_a_run_the_gallery_says_where_to_begin(open_gallery: OpenPage, runs: Path) -> None:
    page = open_gallery()
    assert "no trained network" in texts(page)
    assert len(page.image) == 0


def test_each_galaxy_has_its_heatmap_and_both_superimposed(open_gallery: OpenPage, sweep: Path) -> None:
    page = open_gallery()
    # in the page itself: nothing to fetch that a redrawn page might have dropped already
    assert {image.url.split(",")[0] for element in page.image for image in element.proto.imgs} == {
        "data:image/jpeg;base64"
    }
    for start in ("A galaxy of class", "Heatmap", "Superimposed"):
        assert len(alternatives(page, start)) == ROWS
    assert "Each map on a scale of its own: full colour at" in texts(page)
    assert texts(page).count("full colour at") + texts(page).count("Blank for") == 1 + ROWS
    assert "logits" in texts(page)


def test_the_first_galaxies_are_the_best_and_the_worst_of_each_class(
    open_gallery: OpenPage, sweep: Path
) -> None:
    shown = alternatives(open_gallery(), "A galaxy of class")
    assert len(set(shown)) >= 3
    assert shown == sorted(shown, key=lambda alt: GALAXY10.index(alt[18:-1]))


def test_all_cuts_stand_side_by_side_on_one_page(open_gallery: OpenPage, sweep: Path) -> None:
    page = open_gallery(extent="all cuts", galaxies="Merging")
    n = len(alternatives(page, "A galaxy of class Merging"))
    assert n >= 1
    assert len(alternatives(page, "Heatmap")) == len(alternatives(page, "Superimposed")) == 6 * n


def test_an_address_opens_run_class_and_order(open_gallery: OpenPage, sweep: Path) -> None:
    page = open_gallery(run="first-060-s0", galaxies="Barred Spiral", order="most disputed first")
    assert page.select_slider(key="cut").value == 60
    assert page.selectbox(key="galaxies").value == "Barred Spiral"
    assert page.selectbox(key="order").value == "most disputed first"
    assert set(alternatives(page, "A galaxy")) == {"A galaxy of class Barred Spiral."}


def test_wrong_ones_first_begins_with_a_wrong_one(
    open_gallery: OpenPage, own_sweep: Path, mock_file: Path
) -> None:
    run, galaxies = Run(own_sweep / "first-100-s0"), open_galaxies(mock_file)
    test = run.split().test
    said = probabilities(Lineup([run]).predict(np.asarray(galaxies.images[test]))[run.name])
    # the order goes by what was answered in the test, the verdict by the pass that is explained
    write_predictions(run.path / "predictions.csv", test, galaxies.labels[test], said)
    page = open_gallery(run="first-100-s0", order="wrong ones first")
    verdicts = [text.value for text in page.markdown if ":material/" in text.value]
    assert ":material/close:" in verdicts[0]
    page.selectbox(key="order").set_value("right ones first").run()
    verdicts = [text.value for text in page.markdown if ":material/" in text.value]
    assert ":material/check:" in verdicts[0]


def test_turning_the_page_shows_other_galaxies(open_gallery: OpenPage, sweep: Path) -> None:
    first = [text.value for text in open_gallery().markdown if "galaxy " in text.value]
    second = [text.value for text in open_gallery(page="2").markdown if "galaxy " in text.value]
    assert first != second


def test_another_paint_keeps_the_galaxies_and_shows_both_signs(open_gallery: OpenPage, sweep: Path) -> None:
    page = open_gallery()
    page.selectbox(key="colours").set_value("blue_orange").run()
    assert "for (orange) and against (blue)" in alternatives(page, "Heatmap")[0]
    assert "from against to full colour" in texts(page)
    page.segmented_control(key="scale").set_value("this page").run()
    assert "−" in texts(page)


def test_without_the_data_file_mock_galaxies_are_shown_and_called_so(
    open_gallery: OpenPage, runs: Path, weights: dict[int, Path]
) -> None:
    make_run(runs, 20, Path("/nowhere/survey.h5"), weights=weights[20])
    page = open_gallery()
    assert "**rendered mock galaxies**" in texts(page)
    assert len(alternatives(page, "Heatmap")) == ROWS


def test_damaged_weights_are_named_and_the_other_maps_are_drawn(
    open_gallery: OpenPage, own_sweep: Path
) -> None:
    damaged = own_sweep / "first-040-s0" / "weights.safetensors"
    damaged.unlink()
    damaged.write_bytes(b"\x10\0\0\0\0\0\0\0{}")
    page = open_gallery(extent="all cuts", galaxies="Merging")
    assert any("first-040-s0" in warning.value for warning in page.warning)
    n = len(alternatives(page, "A galaxy of class Merging"))
    assert len(alternatives(page, "Heatmap")) == 5 * n


def test_damaged_predictions_cost_one_sentence_and_no_traceback(
    open_gallery: OpenPage, own_sweep: Path
) -> None:
    (own_sweep / "first-040-s0" / "predictions.csv").write_text("index,label\n1,nonsense\n")
    page = open_gallery()
    assert len(page.error) == 1
    assert "predictions.csv is damaged" in page.error[0].value


def test_an_address_opens_the_map_of_the_paper_and_its_opacity(open_gallery: OpenPage, sweep: Path) -> None:
    page = open_gallery(map="Grad-CAM", opacity="0.4", **{"class": "Merging"})
    assert all("Grad-CAM evidence for Merging" in alt for alt in alternatives(page, "Heatmap"))
    assert page.slider(key="opacity").value == 0.4


@pytest.mark.parametrize(
    ("scale", "said"),
    [("this galaxy", "One scale for the maps of a galaxy"), ("this page", "One scale for all maps")],
)
def test_an_address_opens_the_scale_of_heat_and_it_is_said_in_logits(
    open_gallery: OpenPage, sweep: Path, scale: str, said: str
) -> None:
    written = texts(open_gallery(scale=scale))
    assert f"{said}: full colour at" in written
    assert (written.count("full colour at") == 1) == (scale == "this page")


def test_the_map_of_the_paper_is_of_the_answer_whatever_class_is_chosen(
    open_gallery: OpenPage, sweep: Path
) -> None:
    page = open_gallery(map="Grad-CAM of the predicted class", **{"class": "Merging"})
    own = open_gallery(map="Grad-CAM", **{"class": "the predicted class"})
    assert alternatives(page, "Heatmap") == alternatives(own, "Heatmap")
    urls = [[image.url for element in one.image for image in element.proto.imgs] for one in (page, own)]
    assert urls[0] == urls[1]


def test_what_an_address_names_wrongly_is_passed_over(open_gallery: OpenPage, sweep: Path) -> None:
    nonsense = {
        "map": "x-ray",
        "class": "Nebula",
        "colours": "jet",
        "opacity": "7",
        "page": "99",
        "order": "?",
        "scale": "my own",
    }
    page = open_gallery(**nonsense)
    assert page.segmented_control(key="map").value == "class-centred"
    assert page.selectbox(key="class").value == "the true class"
    assert page.selectbox(key="colours").value == "magma"
    assert page.segmented_control(key="scale").value == "this map"
    assert len(alternatives(page, "Heatmap")) == ROWS
    assert [error.value for error in page.error] == []


@pytest.mark.parametrize("state", ["failed", "running", "stopped"])
def test_with_runs_of_which_none_is_finished_the_page_says_where_to_begin(
    open_gallery: OpenPage, runs: Path, mock_file: Path, state: str
) -> None:
    for percent in (20, 40):
        make_run(runs, percent, mock_file, state=state, sentence="no room on the disk", n_epochs=1)
    page = open_gallery()
    assert "no trained network" in texts(page)
    assert [error.value for error in page.error] == []
    assert len(page.image) == 0


def test_a_galaxy_of_a_survey_leads_to_its_viewer_and_a_rendered_one_does_not(
    open_gallery: OpenPage, own_sweep: Path, mock_file: Path, tmp_path: Path
) -> None:
    import h5py

    assert "legacysurvey.org" not in texts(open_gallery())
    data = tmp_path / "own.h5"
    data.write_bytes(mock_file.read_bytes())
    with h5py.File(data, "a") as file:
        del file.attrs["origin"]
        places = dict(enumerate(zip(file["ra"][:], file["dec"][:], strict=True)))
    for config in own_sweep.glob("*/config.json"):
        config.write_text(config.read_text().replace(str(mock_file), str(data)))
    for card in own_sweep.glob("*/card.json"):
        card.write_text(card.read_text().replace(open_galaxies(mock_file).sha256, open_galaxies(data).sha256))
    found = re.findall(r"galaxy (\d+) · \[[^]]*\]\((\S+)\)", texts(open_gallery()))
    assert len(found) == ROWS
    row, address = found[0]
    ra, dec = places[int(row)]
    assert address == f"https://www.legacysurvey.org/viewer?ra={ra:.6f}&dec={dec:.6f}&layer=ls-dr8&zoom=16"


def test_what_is_said_of_a_galaxy_is_kept_and_shown_as_it_was_written(
    open_gallery: OpenPage, own_sweep: Path, mock_file: Path, tmp_path: Path
) -> None:
    from galaxy_core.data.corrections import ANOTHER, corrections_of

    data = tmp_path / "own.h5"
    data.write_bytes(mock_file.read_bytes())
    for config in own_sweep.glob("*/config.json"):
        config.write_text(config.read_text().replace(str(mock_file), str(data)))
    page = open_gallery()
    shown = [int(found[1]) for text in page.markdown if (found := re.search(r"· galaxy (\d+)", text.value))]
    assert len(shown) == ROWS
    first = f"correct_open_{open_galaxies(data).sha256[:12]}_{shown[0]}"
    page.session_state[first] = True
    page.run()
    page.selectbox(key=first.replace("_open_", "_choice_")).set_value((ANOTHER, "Merging"))
    page.text_area(key=first.replace("_open_", "_note_")).set_value("# two *nuclei*")
    next(one for one in page.button if one.label == "Keep").click().run()
    assert [error.message for error in page.exception] == []
    ((row, said),) = corrections_of(open_galaxies(data)).items()
    assert row == shown[0]
    assert (said.class_name, said.note) == ("Merging", "# two *nuclei*")
    assert any("Corrected to **Merging**" in text.value for text in page.caption)
    assert any(r"\# two \*nuclei\*" in text.value for text in page.caption)
