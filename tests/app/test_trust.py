"""How far an answer can be trusted, on Predict for one's own images and on Evidence for whole runs."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from catalogue import read_catalogue
from made_runs import make_run, make_sweep
from samples import mock_galaxy
from state import logits_of, shares_of
from test_predict_page import upload
from test_results_page import galaxy_png, png, texts

from galaxy_core.metrics.calibration import softmax
from galaxy_core.metrics.reweighting import SURVEY_FREQUENCIES
from galaxy_core.prediction.calibrate import CALIBRATION, measured_trust
from galaxy_core.prediction.trust import Trust
from galaxy_core.results.records import VERSIONS
from galaxy_core.runs.launch import is_at_work
from galaxy_core.runs.names import studies_folder
from galaxy_core.runs.run import Run
from galaxy_core.serving.lineup import Lineup

OpenPage = Callable[..., Any]
KNOWN_TO, STRANGE_TO, NOT_CALIBRATED = THREE = ("first-020-s0", "first-060-s0", "first-100-s0")
N = 100
SCORE = {"accuracy": 0.5, "low": 0.4, "high": 0.6, "n": N, "n_effective": 88.0}


@pytest.fixture(scope="module")
def calibration() -> dict[str, Any]:
    """Of a network that is sure of all and right in half, so its temperature is above 1; no image is strange to it."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 2 * N)
    logits = 9 * np.eye(10)[np.where(np.arange(2 * N) % 2, labels, (labels + 1) % 10)]
    measured = measured_trust(logits[:N], labels[:N], logits[N:], labels[N:])
    head = {"weights_sha256": None, "n_validation": N, "n_test": N}
    return {
        **head,
        **measured,
        "novelty": {"energy": [-1e6, 1e6] * N},
        "survey": {"plain": SCORE, "shifted": SCORE},
    }


@pytest.fixture(scope="module")
def calibrated_folder(
    tmp_path_factory: pytest.TempPathFactory,
    weights: dict[int, Path],
    mock_file: Path,
    calibration: dict[str, Any],
) -> Path:
    """Six runs: all calibrated but the last, and to one of them every image is strange."""
    folder = tmp_path_factory.mktemp("calibrated")
    for run in make_sweep(folder, weights, mock_file):
        if run.name == STRANGE_TO:
            write(run, {**calibration, "novelty": {"energy": [-1e6] * N}})
        elif run.name != NOT_CALIBRATED:
            write(run, calibration)
    return folder


@pytest.fixture
def calibrated(calibrated_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GALAXY_RUNS", str(calibrated_folder))
    return calibrated_folder


@pytest.fixture
def open_predict(open_page: OpenPage, calibrated: Path) -> Callable[..., Any]:
    """`open_predict("first-020-s0", sky="true")`: these networks before a mock galaxy, opened by that address."""

    def opened(*run: str, **address: str) -> Any:
        return open_page("predict", run=list(run), images="a mock galaxy", **address)

    return opened


def write(run: Path, calibration: dict[str, Any]) -> None:
    bound = {"split_hash": Run(run).card()["split_hash"], "version": VERSIONS[CALIBRATION]}
    (run / CALIBRATION).write_text(json.dumps({**calibration, **bound}))


GIVEN, DOUBTED = "Probabilities from each network; ", "What would be said all the same. "
CALIBRATED, AS_ON_THE_SKY = (
    f"Probabilities from each network, {kind}; " for kind in ("calibrated", "as on the real sky")
)


def columns(page: Any, kind: str) -> dict[str, list[float]]:
    """The ten numbers of each network in the one table of probabilities that is described so."""
    (chart,) = (one for one in page.get("plotly_chart") if one.proto.alt.startswith(kind))
    (drawn,) = json.loads(chart.proto.spec)["data"]
    return dict(zip(drawn["x"], np.array(drawn["z"]).T.tolist(), strict=True))


def test_the_set_of_a_network_is_said_with_its_promise(open_predict: OpenPage) -> None:
    said = texts(open_predict(KNOWN_TO))
    assert "; such sets hold the true class of 90 % of galaxies like those it learned from" in said


def test_the_address_says_how_often_the_set_is_to_hold_the_true_class(open_predict: OpenPage) -> None:
    page = open_predict(KNOWN_TO, coverage="80")
    assert "hold the true class of 80 % of galaxies" in texts(page)
    page.segmented_control(key="coverage").set_value("95").run()
    assert "hold the true class of 95 % of galaxies" in texts(page)


def test_calibrated_probabilities_stand_beside_those_as_given(
    open_predict: OpenPage, calibrated: Path, calibration: dict[str, Any]
) -> None:
    page = open_predict(*THREE)
    given, believed = columns(page, GIVEN), columns(page, CALIBRATED)
    assert list(given) == ["20 %", "100 %"]
    assert list(believed) == ["20 %"]
    for name in believed:
        shares = given[name]
        expected = softmax(np.log(shares), calibration["temperature"])
        np.testing.assert_allclose(believed[name], expected, rtol=1e-4)
        assert max(believed[name]) < max(shares)


def test_a_network_that_is_not_calibrated_gets_the_command_and_the_others_their_sets(
    open_predict: OpenPage,
) -> None:
    page = open_predict(*THREE)
    assert f"`galaxy study calibration {NOT_CALIBRATED} --data FILE`" in texts(page)
    assert list(page.dataframe[0].value["network"]) == ["20 %", "60 %"]


def test_without_any_calibration_there_is_the_command_alone(open_predict: OpenPage) -> None:
    page = open_predict(NOT_CALIBRATED)
    assert f"`galaxy study calibration {NOT_CALIBRATED} --data FILE`" in texts(page)
    assert len(page.get("plotly_chart")) == 1
    assert len(page.dataframe) == 0


def test_an_image_that_is_strange_to_a_network_is_warned_of_by_its_name(open_predict: OpenPage) -> None:
    page = open_predict(*THREE)
    (warning,) = page.warning
    assert "This image is strange to 60 % (2.0 % of held-out galaxies" in warning.value
    assert "20 %" not in warning.value
    rows = page.dataframe[0].value.set_index("network")
    assert list(rows["set"] == "not to be believed") == [False, True]
    assert list(rows["says"].isna()) == list(rows["calibrated"].isna()) == [False, True]


def test_what_a_network_says_of_an_image_that_is_strange_to_it_is_not_said_loudly(
    open_predict: OpenPage,
) -> None:
    page = open_predict(STRANGE_TO)
    assert list(columns(page, DOUBTED)) == ["60 %"]
    assert "says **" not in texts(page)
    assert "No class is named" in texts(page)
    assert len(page.get("plotly_chart")) == 1
    (row,) = page.dataframe[0].value.to_dict("records")
    assert row == {"network": "60 %", "known galaxies as unusual": pytest.approx(200 / (N + 1))}
    assert "such sets hold the true class of 90 % of galaxies like those it learned from" not in texts(page)


def test_of_several_networks_those_that_an_image_is_strange_to_have_no_vote(open_predict: OpenPage) -> None:
    said = texts(open_predict(*THREE))
    assert "of 2** networks say" in said
    assert "Not counted, since the image is strange to it: 60 %." in said


def test_an_image_that_is_known_to_a_network_is_not_warned_of(open_predict: OpenPage) -> None:
    assert len(open_predict(KNOWN_TO).warning) == 0


def test_as_on_the_real_sky_weighs_the_calibrated_probabilities_with_the_survey(
    open_predict: OpenPage,
) -> None:
    believed = columns(open_predict(KNOWN_TO), CALIBRATED)["20 %"]
    page = open_predict(*THREE, sky="true")
    weighed = np.array(believed) * SURVEY_FREQUENCIES
    on_the_sky = columns(page, AS_ON_THE_SKY)
    np.testing.assert_allclose(on_the_sky["20 %"], weighed / weighed.sum(), rtol=1e-6)
    assert list(on_the_sky) == ["20 %", "100 %"]
    assert "class frequencies of Galaxy10 DECaLS" in texts(page)


def test_several_images_have_set_and_strangeness_of_each_calibrated_network_in_their_table(
    open_page: OpenPage, calibrated: Path
) -> None:
    page = open_page("predict", run=list(THREE))
    upload(page, ("a.png", galaxy_png(), "image/png"), ("b.png", png((256, 256)), "image/png"))
    rows = page.dataframe[1].value
    assert list(rows.columns) == [
        "image",
        "together",
        "20 %",
        "60 %",
        "100 %",
        "20 %: set",
        "20 %: known galaxies as unusual",
        "60 %: set",
        "60 %: known galaxies as unusual",
    ]
    assert list(rows["20 %: known galaxies as unusual"]) == [100, 100]
    assert rows["60 %"][0].startswith("not to be believed (")
    assert "(2 of 2)" in rows["together"][0] or "(1 of 2)" in rows["together"][0]
    # a disc on black is unlike any training image
    assert rows["together"][1] == rows["20 %: set"][1] == "not to be believed"


def test_a_damaged_calibration_is_a_sentence_and_the_others_are_shown(
    open_page: OpenPage, own_sweep: Path, calibration: dict[str, Any]
) -> None:
    write(own_sweep / STRANGE_TO, calibration)
    write(own_sweep / KNOWN_TO, {**calibration, "temperature": "hot"})
    page = open_page("predict", run=[KNOWN_TO, STRANGE_TO], images="a mock galaxy")
    (warning,) = page.warning
    assert f"of {KNOWN_TO} is damaged" in warning.value
    assert list(columns(page, CALIBRATED)) == ["60 %"]


def test_what_is_trusted_are_the_logits_of_the_training_view(calibrated: Path) -> None:
    entries = [entry for entry in read_catalogue().entries if entry.name == KNOWN_TO]
    image = mock_galaxy(5, 0)[None]
    logits = logits_of(entries, image)
    expected = Lineup([entries[0].run]).predict(image)[KNOWN_TO]
    np.testing.assert_allclose(logits[KNOWN_TO], expected, rtol=1e-5)
    (answer,) = Trust(entries[0].run).answers(expected)
    assert answer.probabilities.argmax() == shares_of(logits)[KNOWN_TO].argmax()


def test_evidence_draws_the_diagram_of_every_calibrated_run(
    open_page: OpenPage, calibrated: Path, calibration: dict[str, Any]
) -> None:
    page = open_page("evidence", section="Calibration", reliability="first-040-s0")
    (chart,) = page.get("plotly_chart")
    spec = json.loads(chart.proto.spec)
    titles = [one["text"] for one in spec["layout"]["annotations"]]
    assert len(titles) == 5
    assert NOT_CALIBRATED not in titles
    for when, name in (("before", "as given"), ("after", "calibrated")):
        lines = [line for line in spec["data"] if line["name"] == name]
        bins = calibration[when]["bins"]
        assert [line["x"] for line in lines] == [[one["confidence"] for one in bins]] * 5
        assert lines[0]["y"] == [one["accuracy"] for one in bins]
    assert "In 5 of 5 runs it is more than chance in so few galaxies explains." in texts(page)
    assert "In none of 5 runs it is more than chance" in texts(page)


def test_evidence_without_a_calibration_says_how_to_get_one(open_page: OpenPage, sweep: Path) -> None:
    page = open_page("evidence", section="Calibration")
    assert "`galaxy study calibration first --data " in texts(page)
    assert len(page.get("plotly_chart")) == 0


def test_evidence_calibrates_a_run_at_the_press_of_a_button_and_keeps_it(
    open_page: OpenPage, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    run = Run(make_run(runs, 20, mock_file, weights=weights[20]))
    card = {**run.card(), "split_hash": run.split().hash}
    (run.path / "card.json").write_text(json.dumps(card))
    page = open_page("evidence", section="Calibration")
    page.button(key="measure_calibration").click().run()
    while is_at_work(studies_folder()):
        time.sleep(0.1)
    page.run()
    assert [error.value for error in page.error] == []
    assert len(page.get("plotly_chart")) == 1
    assert Trust(run).coverages == (0.8, 0.9, 0.95)
