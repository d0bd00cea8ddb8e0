"""The map beside an answer is of the pass that gave the answer: at every door, for every view.

Class 0 alone has weights in the head, so that a printed probability tells its logit, and with it what the mean of the
map has to be. They are made so that probabilities differ from galaxy to galaxy: a map of another pass is found out.
"""

import csv
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from galaxy_core.cli import app
from galaxy_core.data.classes import GALAXY10
from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.data.mock import write_mock_file
from galaxy_core.images.view import View, central_square
from galaxy_core.maps import figure, overlay
from galaxy_core.maps.cells import is_coarse
from galaxy_core.maps.heat_scale import THIS_MAP
from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.numerals import percent
from galaxy_core.report import maps as report_maps
from galaxy_core.runs.checkpoint import write_tensors
from galaxy_core.runs.run import Run
from galaxy_core.serving.depths import Depths
from galaxy_core.serving.lineup import Lineup
from galaxy_core.studies.earlier_layer import LayerCamMaps, suggested_layer
from galaxy_core.studies.shown import open_lineup

DENSENET = get_backbone("densenet121")

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "app"), str(ROOT / "tests" / "app")]  # the pages, and runs made for them

import made_runs  # noqa: E402

VIEWS = {
    "whole": View(256, 256),
    "cut out": View(96, 96),
    "shrunk": View(256, 64),
    "enlarged": View(96, 192),
}
BIAS = -0.5
MEAN, SPREAD = 4.0, 1.0  # of the logits of class 0 over mock galaxies; all others are 0
NAME = GALAXY10[0]


def probability(values: np.ndarray) -> float:
    """What must be printed beside this map of class 0."""
    odds = np.exp(np.mean(values, dtype=np.float64) + BIAS)
    return float(odds / (odds + 9))


def answer_at_a_glance(centred: np.ndarray) -> str:
    """What must be printed beside the class-centred map of the answer: nine tenths of the map of class 0, or a tenth
    of its negative for any other class.
    """
    first = probability(centred / 0.9)
    is_first = first > 0.1
    return f"{percent(first if is_first else (1 - probability(-centred / 0.1)) / 9)} sure"


@pytest.fixture(scope="session")
def weights_for(tmp_path_factory: pytest.TempPathFactory, mock_file: Path) -> Callable[[View], Path]:
    """Random weights with a head for class 0 alone, made for what is seen in that view."""
    folder, tensors = (
        tmp_path_factory.mktemp("weights"),
        initial_tensors(DENSENET, 10, "scratch", 0.0, 5, None),
    )
    images = np.asarray(open_galaxies(mock_file).images[:20])

    @cache
    def made(view: View) -> Path:
        features = Depths(DENSENET, tensors, ["relu"]).pooled(view.of(images))["relu"].astype(np.float64)
        *_, (direction, *_) = np.linalg.svd(features - features.mean(axis=0), full_matrices=False)
        along, always = (features - features.mean(axis=0)) @ direction, features.mean(axis=0)
        kernel = np.zeros_like(tensors["predictions/kernel"])
        kernel[:, 0] = SPREAD / along.std() * direction
        kernel[:, 0] += (MEAN - BIAS - always @ kernel[:, 0]) / (always @ always) * always
        head = {"predictions/kernel": kernel, "predictions/bias": np.float32([BIAS, *[0] * 9])}
        path = folder / f"{view.crop}-{view.size}.safetensors"
        write_tensors(path, tensors | head)
        return path

    return made


@pytest.fixture(scope="session")
def mock_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mock_file(
        tmp_path_factory.mktemp("mock") / "mock.h5", made_runs.N_GALAXIES, 3, with_masks=False
    )


@pytest.fixture(params=VIEWS.values(), ids=VIEWS)
def run(
    request: pytest.FixtureRequest, own_folders: Path, weights_for: Callable[[View], Path], mock_file: Path
) -> Run:
    """A finished run with that view."""
    return made(own_folders, 20, request.param, weights_for, mock_file)


def made(
    folders: Path, percent: int, view: View, weights_for: Callable[[View], Path], mock_file: Path
) -> Run:
    how = {"crop": view.crop, "pixels": view.size, "weights": weights_for(view)}
    return Run(made_runs.make_run(folders / "runs", percent, mock_file, **how))


@pytest.fixture
def images(mock_file: Path) -> np.ndarray:
    return np.asarray(open_galaxies(mock_file).images[:3])


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[np.ndarray, float]]:
    """The maps that are laid over a picture while the test runs, and the share of its side they are laid on."""
    seen: list[tuple[np.ndarray, float]] = []
    lay = overlay.overlay

    def noted(image: np.ndarray, values: np.ndarray, *more: Any, share: float, **how: Any) -> np.ndarray:
        seen.append((values, share))
        return lay(image, values, *more, share=share, **how)

    for room in (overlay, figure, report_maps):
        monkeypatch.setattr(room, "overlay", noted)
    return seen


def galaxy(*words: object) -> Any:
    result = CliRunner().invoke(app, [str(word) for word in words], prog_name="galaxy")
    assert result.exit_code == 0, result.output
    return result


def black(images: np.ndarray, view: View, *, is_outside: bool) -> np.ndarray:
    """All that the view does not show, or the middle of what it shows, made black."""
    rim = int(view.crop < view.size)  # enlarging, pixels at the edge are mixed with those beside them
    square = central_square(images.shape[1:], min(256, view.crop + 2 * rim) if is_outside else view.crop // 2)
    is_black = np.full(images.shape[1:3], is_outside)
    is_black[square] = not is_outside
    return np.where(is_black[..., None], 0, images).astype(np.uint8)


def test_in_python_the_mean_of_a_map_is_the_printed_logit_minus_its_bias(
    run: Run, images: np.ndarray
) -> None:
    lineup = Lineup([run])
    logits, said = lineup.predict(images)[run.name], lineup.explain(images)[run.name]
    np.testing.assert_allclose(said.maps.mean(axis=(2, 3)), logits - said.bias, atol=1e-5)
    assert said.view == run.config.view


def test_what_is_not_seen_changes_neither_answer_nor_map_and_what_is_seen_does(
    run: Run, images: np.ndarray
) -> None:
    lineup, view = Lineup([run]), run.config.view
    before = lineup.explain(images)[run.name]
    without = lineup.explain(black(images, view, is_outside=True))[run.name]
    np.testing.assert_array_equal(without.logits, before.logits)
    np.testing.assert_array_equal(without.maps, before.maps)
    blind = lineup.explain(black(images, view, is_outside=False))[run.name]
    assert np.abs(blind.logits - before.logits)[:, 0].min() > 1e-3
    assert np.abs(blind.maps - before.maps)[:, 0].max() > 1e-2


def test_predict_draws_the_map_of_the_probability_in_its_table(
    run: Run, images: np.ndarray, tmp_path: Path, drawn: list[tuple[np.ndarray, float]]
) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for i, image in enumerate(images):
        Image.fromarray(image).save(folder / f"{i}.png")
    out = tmp_path / "answers.csv"
    said = galaxy(
        "predict", "--run", run.name, "--images", folder, "--out", out, "--heatmaps", tmp_path / "maps"
    )
    with out.open(newline="") as file:
        printed = [float(row["p0"]) for row in csv.DictReader(file)]
    assert [probability(values) for values, _ in drawn] == pytest.approx(printed, abs=1e-5)
    assert {share for _, share in drawn} == {run.config.crop / 256}
    assert ("too coarse to speak of" in said.stderr) == is_coarse(run.config.view)


def test_the_figure_draws_the_map_of_the_probability_it_prints(
    run: Run, tmp_path: Path, drawn: list[tuple[np.ndarray, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[figure.FigureRow] = []
    draw = figure.draw_figure
    monkeypatch.setattr(
        figure, "draw_figure", lambda made, *where, **how: (rows.extend(made), draw(made, *where, **how))
    )
    said = galaxy("figure", run.name, "--out", tmp_path / "figure.png", "--rows", 3)
    printed = [cell.probability for row in rows for cell in row.cells]
    assert [probability(values) for values, _ in drawn] == pytest.approx(printed, abs=1e-5)
    assert {share for _, share in drawn} == {run.config.crop / 256}
    assert ("too coarse to speak of" in said.stderr) == is_coarse(run.config.view)


def test_the_report_draws_the_map_of_the_probability_it_prints(
    run: Run, images: np.ndarray, drawn: list[tuple[np.ndarray, float]]
) -> None:
    from galaxy_core.report.rows import gather

    section = report_maps.maps_section(gather([run]), "No galaxies.", open_lineup, THIS_MAP)
    assert section.body.count("Heatmap on the galaxy") == len(drawn) == 10
    for values, share in drawn:
        assert f"{NAME}, {percent(probability(values))}" in section.body
        assert share == run.config.crop / 256
    assert ("too coarse to speak of" in section.body) == is_coarse(run.config.view)
    assert f"the central {run.config.crop} px of an image" in section.body


@pytest.fixture
def open_page() -> Callable[..., Any]:
    def opened(view: str, **address: Any) -> Any:
        page = AppTest.from_file(str(ROOT / "app" / "explorer.py"), default_timeout=60)
        page.query_params.update(address)
        page.switch_page(f"views/{view}.py")
        page.run()
        assert [error.message for error in page.exception] == []
        return page

    return opened


def texts(page: Any) -> Iterator[str]:
    for kind in ("markdown", "caption", "html"):
        for element in page.get(kind):
            yield str(getattr(element, "value", None) or getattr(element, "body", ""))


@pytest.mark.parametrize("run", list(VIEWS.values())[1:], ids=list(VIEWS)[1:], indirect=True)
@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("results", {}),
        ("gallery", {"extent": "this cut"}),
        ("gallery", {"extent": "all cuts"}),
        ("predict", {"images": "a mock galaxy"}),
    ],
    ids=["results", "gallery", "gallery of all cuts", "predict"],
)
def test_a_page_draws_the_map_of_the_probability_it_prints(
    page: str,
    address: dict[str, str],
    run: Run,
    open_page: Callable[..., Any],
    drawn: list[tuple[np.ndarray, float]],
) -> None:
    asked = {"class": NAME, "map": "Grad-CAM"}
    written = "\n".join(texts(open_page(page, **asked, **address)))
    assert drawn
    for values, share in drawn[1:] if page == "results" else drawn:
        assert percent(probability(values)) in written
        assert share == run.config.crop / 256
    if page == "results":
        assert answer_at_a_glance(drawn[0][0]) in written
    assert ("too coarse to speak of" in written) == is_coarse(run.config.view)
    assert f"the central {run.config.crop} px of an image" in written


def test_networks_of_different_views_stand_side_by_side_each_in_its_own_frame(
    own_folders: Path,
    weights_for: Callable[[View], Path],
    mock_file: Path,
    open_page: Callable[..., Any],
    drawn: list[tuple[np.ndarray, float]],
) -> None:
    # runs of several views are no row of one setting, so that nobody shows them together unasked
    names = [
        made(own_folders, cut, view, weights_for, mock_file).name
        for cut, view in zip((0, 20, 40, 60), VIEWS.values(), strict=True)
    ]
    page = open_page("compare", run=names, map="Grad-CAM", **{"class": NAME})
    written = "\n".join(texts(page))
    maps, wiped = drawn[:4], drawn[4:]
    assert [share for _, share in maps] == [view.crop / 256 for view in VIEWS.values()]
    for values, _ in maps:
        assert f"{NAME}, {percent(probability(values))}" in written
    assert [share for _, share in wiped] == [maps[0][1], maps[3][1]]
    for cut, view in zip((0, 20, 40, 60), VIEWS.values(), strict=True):
        assert f"what {cut} % sees and what a map covers, the central {view.crop} px" in written


@pytest.mark.slow
@pytest.mark.parametrize("run", [VIEWS["cut out"]], indirect=True)
def test_an_earlier_layer_is_explained_in_the_same_view(run: Run, images: np.ndarray) -> None:
    explain, view = LayerCamMaps(suggested_layer(run.network)), run.config.view
    pair = np.concatenate([images[:1], black(images[:1], view, is_outside=True)])
    whole, without = explain(run, pair, np.zeros(2, int))
    np.testing.assert_array_equal(whole, without)
