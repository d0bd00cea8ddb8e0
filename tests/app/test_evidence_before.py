"""Cheap answers before training, and layers side by side, in each state, as a visitor without a browser sees them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_runs import N_GALAXIES, make_run
from parts import waiting

from galaxy_core.networks.cut import tap_at
from galaxy_core.networks.registry import get_backbone
from galaxy_core.studies.sources.layers import every_depth

DENSENET = get_backbone("densenet121")

Open = Callable[..., Any]
SOURCE_SHA256 = "0" * 64
"""As the hand-made runs remember their source."""


@pytest.fixture(autouse=True)
def nothing_known() -> None:
    """What an earlier test worked out is forgotten."""
    waiting._shelf.clear()


@pytest.fixture
def source(runs: Path, weights: dict[int, Path]) -> Path:
    """The source that the hand-made runs name."""
    folder = runs / "shapes"
    folder.mkdir()
    (folder / "weights.safetensors").hardlink_to(weights[100])
    (folder / "card.json").write_text(json.dumps({"kind": "source", "weights_sha256": SOURCE_SHA256}))
    return folder


@pytest.fixture
def marked(own_sweep: Path) -> Path:
    """The six runs with the marks of their weights on their cards, as trainings leave them."""
    for folder in own_sweep.glob("first-*"):
        card = json.loads((folder / "card.json").read_text())
        (folder / "card.json").write_text(json.dumps({**card, "weights_sha256": f"{folder.name:z<64}"}))
    return own_sweep


@pytest.fixture
def open_part() -> Open:
    """`open_part("before")` is that section of the page Evidence, with all runs there are."""
    from streamlit.testing.v1 import AppTest

    def opened(name: str, **address: str) -> Any:
        script = (
            "from catalogue import read_catalogue\n"
            f"from parts.evidence.{name} import show_{name}\n"
            f"show_{name}(read_catalogue().entries)\n"
        )
        page = AppTest.from_string(script, default_timeout=60)
        page.query_params.update(address)
        page.run()
        assert [error.message for error in page.exception] == []
        return page

    return opened


def texts(page: Any) -> str:
    kinds = (page.subheader, page.markdown, page.caption, page.error, page.warning, page.info, page.code)
    return "\n".join(element.value for kind in kinds for element in kind)


def charts(page: Any) -> dict[str, Any]:
    return {chart.proto.alt: json.loads(chart.proto.spec) for chart in page.get("plotly_chart")}


def click(page: Any, key: str) -> Any:
    page.button(key=key).click().run()
    assert [error.message for error in page.exception] == []
    return page


def kept(folder: Path, name: str) -> list[dict[str, Any]]:
    return json.loads((folder / name).read_text())["records"]


def test_without_a_source_there_is_nothing_to_forecast(
    open_part: Open, runs: Path, mock_file: Path, weights: dict[int, Path]
) -> None:
    make_run(runs, 0, mock_file, weights=weights[0])
    assert "nothing to forecast" in texts(open_part("before"))


def test_a_source_that_was_never_scored_is_offered_with_the_command_and_nothing_is_computed(
    open_part: Open, source: Path, marked: Path, mock_file: Path
) -> None:
    page = open_part("before")
    assert f"galaxy transferability --source shapes --data {mock_file} --against first" in texts(page)
    assert charts(page) == {}
    assert not (source / "forecast.json").exists()


def test_the_button_scores_the_source_beside_the_runs_and_the_record_is_found_again(
    open_part: Open, source: Path, marked: Path
) -> None:
    page = click(open_part("before"), "measure_forecast")
    assert "have not been scored" not in texts(page)
    depths, ranks = (frame.value for frame in page.dataframe)
    assert list(depths["percent"]) == [0, 20, 40, 60, 80, 100]
    accuracies = [
        json.loads((one / "metrics.json").read_text())["accuracy"] for one in sorted(marked.glob("first-*"))
    ]
    assert list(depths["measured"]) == accuracies
    assert list(ranks["score"]) == ["5 neighbours", "linear probe", "LogME", "H-score"]
    assert list(ranks["n"]) == [6] * 4
    assert "6 rows" in texts(page)
    (record,) = kept(source, "forecast.json")
    assert (record["weights_sha256"], record["n_train"], record["n_test"]) == (SOURCE_SHA256, 40, 10)
    waiting._shelf.clear()
    again = open_part("before")
    assert list(charts(again)) == list(charts(page))
    assert not [button for button in again.button if button.key == "measure_forecast"]


def test_the_figure_says_promise_and_measurement_in_words(
    open_part: Open, source: Path, marked: Path
) -> None:
    card = json.loads((marked / "first-020-s0" / "card.json").read_text())
    record = {
        "source": "shapes", "weights_sha256": SOURCE_SHA256, "crop": 192, "image_size": 64, "leep": None,
        "data_sha256": card["data"]["sha256"], "split_hash": card["split_hash"], "seed": 0, "version": 1,
        "depths": [_depth(percent, 0.3 + percent / 1000) for percent in (0, 20, 40)], "n_train": 40, "n_test": 10,
    }  # fmt: skip
    (source / "forecast.json").write_text(json.dumps({"records": [record]}))
    page = open_part("before")
    (words,) = charts(page)
    assert "20 %: neighbours 0.25, probe 0.32, measured" in words
    assert "No LEEP" in texts(page)
    assert list(page.dataframe[1].value["n"]) == [3] * 4


def test_weights_that_the_runs_did_not_take_over_are_refused(
    open_part: Open, source: Path, marked: Path
) -> None:
    (source / "card.json").write_text(json.dumps({"kind": "source", "weights_sha256": "1" * 64}))
    page = click(open_part("before"), "measure_forecast")
    assert page.error[0].value.startswith("the weights of shapes on this computer are not those")


def test_without_the_weights_of_the_source_it_says_so(open_part: Open, marked: Path) -> None:
    page = open_part("before")
    assert "the weights of shapes are not on this computer" in texts(page)
    assert len(page.button) == 0


def test_without_the_galaxies_neither_section_offers_a_button(
    open_part: Open, runs: Path, source: Path, weights: dict[int, Path]
) -> None:
    for percent in (20, 40):
        make_run(runs, percent, Path("/nowhere/survey.h5"), weights=weights[percent])
    for name in ("before", "layers"):
        page = open_part(name)
        assert "the galaxies (survey.h5) are not on this computer" in texts(page)
        assert len(page.button) == 0


def test_a_damaged_record_is_named(open_part: Open, source: Path, marked: Path) -> None:
    (source / "forecast.json").write_text("{")
    assert "forecast.json is damaged" in open_part("before").error[0].value


def test_two_runs_are_compared_when_asked_and_their_picture_is_kept(open_part: Open, marked: Path) -> None:
    page = open_part("layers", layers_first="first-020-s0", layers_second="first-060-s0")
    assert "galaxy similarity first-020-s0 first-060-s0" in texts(page)
    assert charts(page) == {}
    page = click(page, "measure_layers")
    matrix, diagonal = charts(page).values()
    assert len(matrix["data"][0]["z"]) == len(every_depth(DENSENET))
    assert [shape["type"] for shape in matrix["layout"]["shapes"]] == ["rect"] * len(every_depth(DENSENET))
    assert sorted(shape["x0"] for shape in diagonal["layout"]["shapes"]) == [20, 60]
    assert "make the same of galaxies" in texts(page)
    assert f"{N_GALAXIES} galaxies" in texts(page)
    (record,) = kept(marked / "first-020-s0", "similarity.json")
    assert (record["first"], record["second"]) == ("first-020-s0", "first-060-s0")
    waiting._shelf.clear()
    turned = open_part("layers", layers_first="first-060-s0", layers_second="first-020-s0")
    assert len(charts(turned)) == 2


def test_every_run_is_compared_with_its_source_by_one_button(
    open_part: Open, source: Path, runs: Path, mock_file: Path, weights: dict[int, Path]
) -> None:
    for percent in (0, 20, 80):
        make_run(runs, percent, mock_file, weights=weights[percent], pixels=32)
    page = open_part("layers")
    assert "2 of 2 chosen runs have not been compared with **shapes** yet" in texts(page)
    page = click(page, "measure_against_shapes")
    ((words, picture),) = charts(page).items()
    assert picture["data"][0]["y"] == ["first-020-s0", "first-080-s0"]
    cuts = [shape["x0"] for shape in picture["layout"]["shapes"]]
    assert cuts == [
        every_depth(DENSENET).index(layer) + 0.5
        for layer in (tap_at(DENSENET, 0.2).name, tap_at(DENSENET, 0.8).name)
    ]
    assert "Alignment of each run with shapes" in words


def test_the_source_may_be_one_of_the_two(open_part: Open, source: Path, marked: Path) -> None:
    page = open_part("layers")
    assert page.selectbox(key="layers_first").value == "first-000-s0"
    assert page.selectbox(key="layers_second").value == "first-100-s0"
    assert "shapes" in page.selectbox(key="layers_second").options
    assert "shapes" not in page.selectbox(key="layers_first").options


def test_one_run_without_its_source_has_nothing_to_be_compared_with(
    open_part: Open, runs: Path, mock_file: Path, weights: dict[int, Path]
) -> None:
    make_run(runs, 20, mock_file, weights=weights[20])
    page = open_part("layers")
    assert "nothing to compare it with" in texts(page)
    assert "The weights of shapes are not on this computer" in texts(page)


def test_what_an_address_names_wrongly_is_passed_over(open_part: Open, marked: Path) -> None:
    page = open_part("layers", layers_first="elsewhere", layers_second="elsewhere")
    assert page.selectbox(key="layers_first").value == "first-000-s0"


def _depth(percent: int, probe: float) -> dict[str, Any]:
    scores = {"probe": probe, "probe_low": 0.1, "probe_high": 0.5, "log_me": -percent, "h_score": 1.0}
    near = {"neighbours": 0.25, "neighbours_low": 0.1, "neighbours_high": 0.5}
    return {"cut": percent / 100, "layer": "relu", "n_features": 8, **near, **scores}
