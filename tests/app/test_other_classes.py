"""A network of three classes beside those of ten: each page shows its own, and nobody compares them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from test_predict_page import a_picture, upload
from test_results_page import texts

from galaxy_core.data.classes import Classes
from galaxy_core.metrics.measure import measure, write_predictions
from galaxy_core.runs.run import Run

OpenPage = Callable[..., Any]
CLASSES = Classes(["elliptical", "merger", "spiral"])


TEN, THREE = "first-100-s0", "own"


@pytest.fixture(autouse=True)
def _three(own_sweep: Path) -> None:
    """A run of the sweep made one of three classes: head, answers and words are those of three."""
    (own_sweep / "first-020-s0").rename(own_sweep / THREE)
    run = Run(own_sweep / THREE)
    tensors = load_file(run.path / "weights.safetensors")
    head = {name: np.ascontiguousarray(v[..., :3]) for name, v in tensors.items() if "predictions" in name}
    (run.path / "weights.safetensors").unlink()  # other tests share it
    save_file({**tensors, **head}, run.path / "weights.safetensors")
    for file in ("config.json", "card.json"):
        values = json.loads((run.path / file).read_text())
        (run.path / file).write_text(json.dumps({**values, "classes": list(CLASSES)}))
    test = run.split().test
    labels, shares = test % 3, np.eye(3, dtype=np.float32)[test % 3]
    write_predictions(run.path / "predictions.csv", test, labels, shares)
    (run.path / "metrics.json").write_text(json.dumps(measure(labels, shares, CLASSES)))


def test_predict_shows_each_network_with_its_own_classes(open_page: OpenPage) -> None:
    page = upload(open_page("predict", run=[TEN, THREE]), ("a.png", a_picture("PNG"), "image/png"))
    assert [row[0] for row in charts(page)] == ["Disturbed", "elliptical"]
    assert "tell different classes apart" in texts(page)


def test_predict_shows_the_maps_of_whichever_of_them_are_chosen(open_page: OpenPage) -> None:
    page = upload(open_page("predict", run=[TEN, THREE]), ("a.png", a_picture("PNG"), "image/png"))
    assert "Disturbed" in page.selectbox(key="class").options
    page.selectbox(key="networks").select_index(1).run()
    assert page.selectbox(key="class").options == ["the answer of most", *CLASSES]


def test_compare_says_why_it_does_not(open_page: OpenPage) -> None:
    page = open_page("compare", run=[TEN, THREE])
    assert "These networks tell different classes apart" in texts(page)
    assert len(page.get("selectbox")) == 0


@pytest.mark.parametrize("view", ["results", "gallery", "evidence"])
def test_a_page_of_a_network_of_other_classes_has_no_paper_and_no_mock_galaxies(
    open_page: OpenPage, view: str
) -> None:
    page = open_page(view, run=THREE)
    options = [option for box in page.selectbox if box.key in ("class", "galaxies") for option in box.options]
    assert "Barred Spiral" not in options
    assert ("The paper's points are left out" in texts(page)) == (view == "results")


def charts(page: Any) -> list[list[str]]:
    """The classes down each table of probabilities."""
    specs = [json.loads(one.proto.spec) for one in page.get("plotly_chart")]
    return [spec["data"][0]["y"] for spec in specs if spec["data"][0]["type"] == "heatmap"]
