"""The sections of the page Evidence that show what sources promised and what training made of them."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_runs import make_run
from test_results_page import texts

from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.launch import is_at_work
from galaxy_core.runs.names import studies_folder
from galaxy_core.studies.similarity import every_depth

Show = Callable[..., Any]
DENSENET = get_backbone("densenet121")
SOURCE_SHA256 = "0" * 64
"""As the hand-made runs remember their source."""


@pytest.fixture
def source(runs: Path, weights: dict[int, Path]) -> Path:
    """The source that the hand-made runs name."""
    folder = runs / "shapes"
    folder.mkdir()
    (folder / "weights.safetensors").hardlink_to(weights[100])
    (folder / "card.json").write_text(json.dumps({"kind": "source", "weights_sha256": SOURCE_SHA256}))
    return folder


@pytest.fixture
def marked(source: Path, runs: Path, mock_file: Path, weights: dict[int, Path]) -> Path:
    """Three small runs with the marks of their weights on their cards, as trainings leave them."""
    for percent in (0, 20, 80):
        folder = make_run(runs, percent, mock_file, weights=weights[percent], pixels=32)
        card = json.loads((folder / "card.json").read_text())
        marks = {"weights_sha256": f"{folder.name:z<64}", "source": card["source"] if percent else None}
        (folder / "card.json").write_text(json.dumps({**card, **marks}))
    return runs


@pytest.fixture
def show(open_page: Callable[..., Any]) -> Show:
    """`show("Layers")` is the page with that section."""

    def shown(section: str) -> Any:
        page = open_page("evidence", section=section, sweep="first")
        assert [error.message for error in page.exception] == []
        return page

    return shown


def measured(page: Any, name: str) -> Any:
    """The page once its button has measured the study of that name."""
    page.button(key=f"measure_{name}").click().run()
    while is_at_work(studies_folder()):
        time.sleep(0.1)
    page = page.run()
    assert [error.value for error in (*page.error, *page.warning)] == []
    return page


def chart(page: Any) -> dict[str, Any]:
    (drawn,) = page.get("plotly_chart")
    return json.loads(drawn.proto.spec)


def test_what_a_source_promises_is_measured_when_asked_and_drawn_beside_what_training_measured(
    show: Show, marked: Path, source: Path
) -> None:
    page = show("Transferability")
    assert "Not measured yet: 2 of these 3 runs" in texts(page)
    assert not page.get("plotly_chart")
    page = measured(page, "transferability")
    lines = {line["name"].split(":")[0]: line for line in chart(page)["data"]}
    assert lines["linear probe on frozen features"]["x"] == [0, 20, 40, 60, 80, 100]
    accuracies = [
        json.loads((one / "metrics.json").read_text())["accuracy"] for one in sorted(marked.glob("first-*"))
    ]
    assert lines["measured after training"]["y"] == accuracies
    assert "3 rows" in texts(page)
    (record,) = json.loads((source / "forecast.json").read_text())["records"]
    assert (record["weights_sha256"], record["n_train"], record["n_test"]) == (SOURCE_SHA256, 40, 10)


def test_each_run_is_compared_with_its_source_in_a_row_with_a_line_at_its_cut(
    show: Show, marked: Path
) -> None:
    page = measured(show("Similarity"), "similarity")
    figure = chart(page)
    (heat,) = figure["data"]
    assert heat["y"] == ["first-020-s0", "first-080-s0"]
    assert len(heat["x"]) == len(every_depth(DENSENET))
    assert [line["x0"] for line in figure["layout"]["shapes"]] == [2.5, 7.5]
    assert "Linear CKA with shapes, mean below the cut: from 1.00" in texts(page)


@pytest.mark.parametrize(
    ("former", "name"), [("Before training", "transferability"), ("Layers", "similarity")]
)
def test_an_address_of_before_opens_the_section_under_its_name_of_now(
    show: Show, marked: Path, former: str, name: str
) -> None:
    page = show(former)
    assert page.button(key=f"measure_{name}")


@pytest.mark.parametrize("section", ["Transferability", "Similarity"])
def test_without_a_source_there_is_nothing_to_ask(
    show: Show, runs: Path, mock_file: Path, weights: dict[int, Path], section: str
) -> None:
    folder = make_run(runs, 0, mock_file, weights=weights[0])
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, "source": None}))
    page = show(section)
    assert "none of these runs took layers from a source" in texts(page)
    assert not [button for button in page.button if button.key.startswith("measure")]


def test_weights_that_the_runs_did_not_take_over_are_refused(show: Show, marked: Path, source: Path) -> None:
    (source / "card.json").write_text(json.dumps({"kind": "source", "weights_sha256": "1" * 64}))
    page = show("Transferability")
    page.button(key="measure_transferability").click().run()
    while is_at_work(studies_folder()):
        time.sleep(0.1)
    assert "can be asked of none of these runs" in texts(page.run())
