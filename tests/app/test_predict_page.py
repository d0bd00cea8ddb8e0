"""The page for one's own images in each of its states, as a visitor without a browser sees it."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from cutout_server import CutoutServer, cutout_server
from made_fits import fits_file
from made_runs import make_run
from test_gallery_page import alternatives
from test_results_page import galaxy_png, png, texts

from galaxy_core.data.mock.galaxy import mock_galaxy

OpenPage = Callable[..., Any]


@pytest.fixture
def open_predict(open_page: OpenPage) -> OpenPage:
    """`open_predict(run=[...])` is the page, opened by that address."""

    return partial(open_page, "predict")


def upload(page: Any, *files: tuple[str, bytes, str]) -> Any:
    for file in files:
        page.file_uploader(key="own").upload(*file)
    page.run()
    assert [error.message for error in page.exception] == []
    return page


def tiff16() -> bytes:
    grey = np.zeros((200, 200), np.uint16)
    cv2.circle(grey, (100, 100), 30, 50_000, -1)
    return cv2.imencode(".tif", grey)[1].tobytes()


def a_picture(kind: str) -> bytes:
    """A disc on a dark sky in one of the kinds of files that people have."""
    colour = np.full((220, 300, 3), 32, np.uint8)
    cv2.circle(colour, (150, 110), 30, (200, 220, 255), -1)
    opaque = np.full((220, 300, 1), 255, np.uint8)
    pictures = {
        "16-bit": colour.astype(np.uint16) * 257,
        "grey": colour[..., 0],
        "transparent": np.concatenate([colour, opaque // 2], axis=2),
    }
    words = kind.split()
    return cv2.imencode(f".{words[-1].lower()}", pictures.get(words[0], colour))[1].tobytes()


def test_without_a_run_the_page_says_where_to_begin(open_predict: OpenPage, runs: Path) -> None:
    page = open_predict()
    assert "no trained network" in texts(page)
    assert len(page.get("file_uploader")) == 0


def test_the_page_opens_with_the_whole_sweep_and_a_sample(open_predict: OpenPage, sweep: Path) -> None:
    page = open_predict()
    assert page.multiselect(key="runs").value == [f"first-{p:03}-s0" for p in range(0, 101, 20)]
    assert "a **sample** until your own picture is here: a galaxy that none" in texts(page)
    assert len(page.get("file_uploader")) == 1
    assert "What each network says" in texts(page)


def test_a_mock_galaxy_is_predicted_and_six_maps_stand_side_by_side(
    open_predict: OpenPage, sweep: Path
) -> None:
    page = open_predict(images="a mock galaxy", mock="Merging")
    assert "networks say" in texts(page)
    assert len(alternatives(page, "Map of")) == 6
    assert page.selectbox(key="class").value == "the true class"
    assert len(page.warning) == 0


def test_an_upload_gets_ten_probabilities_from_each_network(open_predict: OpenPage, sweep: Path) -> None:
    page = upload(open_predict(), ("mine.png", galaxy_png(), "image/png"))
    assert len(alternatives(page, "Map of")) == 6
    assert "networks say" in texts(page)
    assert len(page.get("plotly_chart")) == 1
    assert len(page.get("download_button")) == 2


def test_a_strange_picture_is_warned_of(open_predict: OpenPage, sweep: Path) -> None:
    page = upload(open_predict(), ("mine.png", png(), "image/png"))
    assert "do not trust the answers" in page.warning[0].value
    assert "Its sky is darker" in page.warning[0].value
    assert "say **" not in texts(page)
    assert "No class is named" in texts(page)
    assert page.expander[0].label == "What would be said all the same"


def test_a_picture_without_an_object_gets_a_sentence_and_no_class(
    open_predict: OpenPage, sweep: Path
) -> None:
    blank = cv2.imencode(".jpg", np.full((256, 256, 3), 32, np.uint8))[1].tobytes()
    page = upload(open_predict(), ("outside.jpg", blank, "image/jpeg"))
    assert "outside.jpg is blank" in page.error[0].value
    assert alternatives(page, "Map of") == []
    assert len(page.get("plotly_chart")) == 0
    assert "say **" not in texts(page)


def test_what_was_done_to_read_a_picture_is_said(open_predict: OpenPage, sweep: Path) -> None:
    grey = cv2.imdecode(np.frombuffer(galaxy_png(), np.uint8), cv2.IMREAD_GRAYSCALE).astype(np.uint16) * 16
    page = upload(open_predict(), ("deep.png", cv2.imencode(".png", grey)[1].tobytes(), "image/png"))
    assert "taken for 12 bits" in texts(page)


def test_a_refused_file_gets_one_sentence_by_name_and_the_others_are_predicted(
    open_predict: OpenPage, sweep: Path
) -> None:
    files = [("a.png", png(), "image/png"), ("broken.png", png()[:200], "image/png")]
    page = upload(open_predict(), *files, ("b.tif", tiff16(), "image/tiff"))
    assert len(page.error) == 1
    assert page.error[0].value.startswith("broken.png")
    assert list(page.dataframe[0].value["image"]) == ["a.png", "b.tif"]
    assert len(alternatives(page, "Map of")) == 6


def test_only_refused_files_leave_the_sentence_alone(open_predict: OpenPage, sweep: Path) -> None:
    page = upload(open_predict(), ("letter.png", b"dear network", "image/png"))
    assert page.error[0].value.startswith("letter.png")
    assert alternatives(page, "Map of") == []


def test_the_field_of_view_changes_what_is_shown(open_predict: OpenPage, sweep: Path) -> None:
    page = upload(open_predict(), ("mine.png", png((400, 400)), "image/png"))
    before = [image.url for element in page.image for image in element.proto.imgs]
    page.slider(key="field").set_value(0.5).run()
    assert [image.url for element in page.image for image in element.proto.imgs][:2] != before[:2]


def test_several_images_are_listed_and_one_is_looked_at(open_predict: OpenPage, sweep: Path) -> None:
    page = upload(open_predict(), ("a.png", png(), "image/png"), ("b.png", png((256, 256)), "image/png"))
    assert list(page.dataframe[0].value["image"]) == ["a.png", "b.png"]
    page.selectbox(key="look_at").select_index(1).run()
    assert "**b.png**" in texts(page)


def test_one_class_is_asked_of_all_networks(open_predict: OpenPage, sweep: Path) -> None:
    page = open_predict(images="a mock galaxy")
    page.selectbox(key="class").set_value("Round Smooth").run()
    assert {alt.split("evidence ")[1] for alt in alternatives(page, "Map of")} == {"for Round Smooth."}


def test_an_address_names_the_networks(open_predict: OpenPage, sweep: Path) -> None:
    page = open_predict(run=["first-080-s0", "elsewhere"], images="a mock galaxy")
    assert page.multiselect(key="runs").value == ["first-080-s0"]
    assert "Not on this computer: elsewhere" in texts(page)
    assert len(alternatives(page, "Map of")) == 1


def test_without_a_chosen_network_the_page_asks_for_one(open_predict: OpenPage, sweep: Path) -> None:
    page = open_predict(images="a mock galaxy")
    page.multiselect(key="runs").set_value([]).run()
    assert "Choose at least 1" in page.info[0].value


def test_damaged_weights_are_named_and_the_others_answer(open_predict: OpenPage, own_sweep: Path) -> None:
    damaged = own_sweep / "first-040-s0" / "weights.safetensors"
    damaged.unlink()
    damaged.write_bytes(b"\x10\0\0\0\0\0\0\0{}")
    page = open_predict(images="a mock galaxy")
    assert any("first-040-s0" in warning.value for warning in page.warning)
    assert len(alternatives(page, "Map of")) == 5


def test_an_address_opens_the_map_and_the_class_that_are_asked_for(
    open_predict: OpenPage, sweep: Path
) -> None:
    page = open_predict(images="a mock galaxy", map="Grad-CAM", **{"class": "Merging"})
    assert {alt.split(": ")[1] for alt in alternatives(page, "Map of")} == {"Grad-CAM evidence for Merging."}


def test_what_an_address_names_wrongly_is_passed_over(open_predict: OpenPage, sweep: Path) -> None:
    nonsense = {
        "images": "a mock galaxy",
        "mock": "Nebula",
        "number": "99",
        "map": "x-ray",
        "class": "Nebula",
    }
    page = open_predict(**nonsense)
    assert page.segmented_control(key="map").value == "class-centred"
    assert page.selectbox(key="class").value == "the true class"
    assert len(alternatives(page, "Map of")) == 6


@pytest.mark.parametrize(
    "kind", ["JPEG", "WEBP", "16-bit PNG", "grey PNG", "transparent PNG", "TIFF", "16-bit TIFF"]
)
def test_every_kind_of_picture_is_cut_shown_and_predicted(
    open_predict: OpenPage, sweep: Path, kind: str
) -> None:
    page = upload(open_predict(), (f"mine.{kind[-4:].strip().lower()}", a_picture(kind), ""))
    assert [error.value for error in page.error] == []
    assert len(alternatives(page, "What the networks see")) == 1
    assert len(alternatives(page, "Map of")) == 6


@pytest.mark.parametrize("state", ["failed", "running", "stopped"])
def test_with_runs_of_which_none_is_finished_the_page_says_where_to_begin(
    open_predict: OpenPage, runs: Path, mock_file: Path, state: str
) -> None:
    for percent in (20, 40):
        make_run(runs, percent, mock_file, state=state, sentence="no room on the disk", n_epochs=1)
    page = open_predict()
    assert "no trained network" in texts(page)
    assert [error.value for error in page.error] == []
    assert len(page.image) == 0


def test_a_test_galaxy_of_the_file_is_predicted_where_the_file_is_here(
    open_predict: OpenPage, sweep: Path
) -> None:
    page = open_predict(images="a test galaxy", galaxies="Merging")
    assert alternatives(page, "The galaxy") == ["The galaxy: Merging."]
    assert "none of the networks shown was trained on them" in texts(page)
    assert len(alternatives(page, "Map of")) == 6


def test_no_test_galaxy_is_offered_where_the_file_is_not_here(
    open_predict: OpenPage, runs: Path, weights: dict[int, Path]
) -> None:
    make_run(runs, 20, Path("/nowhere/survey.h5"), weights=weights[20])
    page = open_predict(images="a test galaxy")
    assert page.segmented_control(key="images").options == [
        "my own images",
        "a folder or catalogue",
        "a place on the sky",
        "a mock galaxy",
    ]
    assert "a **sample** until your own picture is here: a mock galaxy" in texts(page)


def test_the_crop_is_on_the_page_before_a_network_is_asked(open_predict: OpenPage, own_sweep: Path) -> None:
    for damaged in own_sweep.glob("*/weights.safetensors"):
        damaged.unlink()
        damaged.write_bytes(b"\x10\0\0\0\0\0\0\0{}")
    page = upload(open_predict(), ("mine.png", png(), "image/png"))
    assert len(page.error) == 1
    assert len(alternatives(page, "What the networks see")) == 1


def test_the_help_says_what_so_many_networks_can_disagree_by(open_predict: OpenPage, sweep: Path) -> None:
    page = open_predict(run=["first-000-s0", "first-020-s0"], images="a mock galaxy")
    help_of = next(text.proto.help for text in page.markdown if "networks say" in text.value)
    assert "1.0 where each is sure" in help_of


@pytest.fixture
def best(own_sweep: Path, own_folders: Path) -> Path:
    """One of the six networks shipped under the name `best`."""
    shipped = own_folders / "models" / "best"
    shipped.parent.mkdir()
    return (own_sweep / "first-060-s0").rename(shipped)


def test_the_page_opens_with_the_shipped_network_that_is_best(open_predict: OpenPage, best: Path) -> None:
    page = open_predict()
    assert page.multiselect(key="runs").value == ["best"]
    assert page.query_params["run"] == "best"


def test_an_address_wins_over_the_best_network(open_predict: OpenPage, best: Path) -> None:
    assert open_predict(run=["first-080-s0"]).multiselect(key="runs").value == ["first-080-s0"]


def test_a_best_network_that_is_not_whole_is_not_opened(open_predict: OpenPage, best: Path) -> None:
    (best / "weights.safetensors").unlink()
    assert percents_of(open_predict()) == ["000", "020", "040", "080", "100"]


def test_where_one_network_is_too_few_the_best_one_is_not_the_choice(
    open_predict: OpenPage, best: Path
) -> None:
    page = open_predict()
    page.switch_page("views/compare.py").run()
    assert percents_of(page) == ["000", "020", "040", "080", "100"]
    assert page.switch_page("views/predict.py").run().multiselect(key="runs").value == ["best"]


def test_what_was_picked_on_another_page_is_kept_beside_the_best_network(
    open_predict: OpenPage, best: Path
) -> None:
    page = open_predict()
    page.multiselect(key="runs").set_value(["first-020-s0", "first-080-s0"]).run()
    page.switch_page("views/compare.py").run()
    assert percents_of(page) == ["020", "080"]
    page.multiselect(key="runs").set_value(["first-020-s0"]).run()
    assert percents_of(page) == ["020"]
    assert "Choose at least 2" in texts(page)


def percents_of(page: Any) -> list[str]:
    """The percentages of the networks that are picked."""
    return [name.split("-")[1] for name in page.multiselect(key="runs").value]


def test_a_fits_image_is_shown_with_its_scale_stretch_and_what_was_done(
    open_predict: OpenPage, sweep: Path
) -> None:
    pytest.importorskip("astropy")
    flux = np.moveaxis(mock_galaxy(0, 5).flux, 2, 0)[:, ::-1].copy()
    flux[:, :4, :4] = np.nan
    page = upload(open_predict(), ("mine.fits", fits_file(flux), ""))
    assert [error.value for error in page.error] == []
    assert '0.262" a pixel, 67" across; the Legacy Survey\'s colours of g, r, z' in texts(page)
    assert "48 of its 196608 numbers are none (NaN)" in texts(page)
    assert len(alternatives(page, "Map of")) == 6
    page.selectbox(key="fits_colours").set_value("lupton").run()
    assert "Lupton et al. 2004" in texts(page)


def test_a_fits_cube_without_bands_is_read_once_they_are_typed(open_predict: OpenPage, sweep: Path) -> None:
    pytest.importorskip("astropy")
    flux = np.moveaxis(mock_galaxy(0, 5).flux, 2, 0)[:, ::-1]
    page = upload(open_predict(), ("mine.fits", fits_file(flux, {}), ""))
    assert "does not say which band each is" in page.error[0].value
    page.text_input(key="fits_bands").set_value("grz").run()
    assert [error.value for error in page.error] == []
    assert len(alternatives(page, "Map of")) == 6
    page.text_input(key="fits_bands").set_value("ggg").run()
    assert "bands must be different letters" in page.error[0].value


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[CutoutServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with cutout_server() as running:
        monkeypatch.setenv("GALAXY_CUTOUTS_URL", running.url)
        yield running


def get_picture(page: Any) -> Any:
    return next(button for button in page.button if button.label == "Get its picture").click().run()


def test_a_place_on_the_sky_is_asked_for_when_the_button_is_pressed_and_once(
    open_predict: OpenPage, sweep: Path, service: CutoutServer
) -> None:
    page = open_predict(images="a place on the sky", place="184.95 12.3")
    assert service.asked == []
    page = get_picture(page)
    assert [error.value for error in page.error] == []
    assert len(alternatives(page, "Map of")) == 6
    assert "184.95000, +12.30000 degrees, layer ls-dr8" in texts(page)
    assert '0.262" a pixel, 67" across; the Legacy Survey\'s colours, as its viewer makes them' in texts(page)
    link = page.get("link_button")[0].proto.url
    assert link.startswith("https://www.legacysurvey.org/viewer?ra=184.950000&dec=12.300000&layer=ls-dr8")
    get_picture(page)
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("184.95 40", "outside of the footprint"),
        ("184.95 95", "a declination in \\[-90, 90\\] degrees"),
    ],
)
def test_a_place_without_a_picture_is_one_sentence(
    open_predict: OpenPage, sweep: Path, service: CutoutServer, place: str, words: str
) -> None:
    page = get_picture(open_predict(images="a place on the sky", place=place))
    assert words in page.error[0].value
    assert alternatives(page, "Map of") == []


def test_offline_a_place_is_one_sentence(
    open_predict: OpenPage, sweep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("GALAXY_CUTOUTS_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("galaxy_core.files.http_small.SECONDS_BEFORE_NEXT_TRY", 0.0)
    page = get_picture(open_predict(images="a place on the sky", place="12:19:48 +12:18:00"))
    assert page.error[0].value.startswith("there is no connection to 127.0.0.1")
    assert len(page.error) == 1
