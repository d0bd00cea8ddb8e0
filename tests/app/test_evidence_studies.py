"""The sections of the page Evidence that show studies of maps, where what was measured is known."""

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from made_runs import make_run, make_sweep
from test_results_page import texts

from galaxy_core.data.galaxy10 import open_galaxies
from galaxy_core.maps.focus import NULLS, SCORES
from galaxy_core.metrics.resample import FEWEST_TO_JUDGE, Estimate
from galaxy_core.results.table import table_rows
from galaxy_core.runs.run import Run
from galaxy_core.studies import record
from galaxy_core.studies.agreement import Agreement, Pair, _keep
from galaxy_core.studies.cues import SHAPE_OVER_TEXTURE, RunCues
from galaxy_core.studies.elements import ALL, COLUMNS, ElementHeat
from galaxy_core.studies.faithfulness import EARLIER, RunFaithfulness
from galaxy_core.studies.focus import RunFocus

Show = Callable[..., Any]
PERCENTS = (0, 20, 40, 60, 80, 100)
FINE = 192  # pixels
N = FEWEST_TO_JUDGE  # galaxies


def _section(name: str) -> None:
    from importlib import import_module

    from catalogue import read_catalogue

    entries = [entry for entry in read_catalogue().entries if entry.run.is_whole]
    getattr(import_module(f"parts.evidence.{name}"), f"show_{name}")(entries)


@pytest.fixture
def show() -> Show:
    """`show("focus", focus="pointing")` is that section for all finished runs, opened by that address."""
    from streamlit.testing.v1 import AppTest

    def shown(name: str, **address: str) -> Any:
        page = AppTest.from_function(_section, args=(name,), default_timeout=60)
        page.query_params.update(address)
        page.run()
        assert [error.message for error in page.exception] == []
        return page

    return shown


@pytest.fixture
def six(runs: Path, weights: dict[int, Path], mock_file: Path) -> list[Run]:
    """Six finished runs by their percentage, without any record; their maps are fine enough to be studied."""
    return [Run(path) for path in make_sweep(runs, weights, mock_file, pixels=FINE)]


def about(value: float, half: float = 0.05) -> Estimate:
    return Estimate(value, value - half, value + half, N)


def chart(page: Any) -> dict[str, Any]:
    """The drawn lines by name: the last of each name."""
    (drawn,) = page.get("plotly_chart")
    return {line["name"]: line for line in json.loads(drawn.proto.spec)["data"]}


def keep_focus(run: Run, on_it: float) -> None:
    """The hottest pixel is on the galaxy in that share of the maps, in 0.1 more than in those of either null."""
    (setting,) = table_rows([run])
    scores = {name: about(on_it) for name in SCORES}
    minus = {null: {name: about(0.1) for name in SCORES} for null in NULLS}
    found = RunFocus(setting, N, 1, scores, minus, about(0.9), False, "On its test part.")
    record.keep(run, record.FOCUS, {**record.made_of(run), "part": "test", **found.to_json()})


def keep_cues(run: Run, without_outline: float) -> None:
    """Accuracy 0.7, 0.6 without texture and colour."""
    (setting,) = table_rows([run])
    without = {"texture": about(0.6), "colour": about(0.6), "outline": about(without_outline)}
    drops = {cue: about(0.7 - one.value) for cue, one in without.items()}
    drops[SHAPE_OVER_TEXTURE] = about(0.6 - without_outline, 0.01)
    record.keep(run, record.CUES, RunCues(setting, about(0.7), drops, without).to_json())


def keep_elements(run: Run, bar: float) -> None:
    """Heat on the bar of barred spirals, and of all galaxies on the bulge: as much, and 0.5 beyond the brightness."""
    (setting,) = table_rows([run])
    heats = [
        ElementHeat(
            setting, group, element, about(bar), Estimate(bar - 0.5, math.nan, math.nan, N), about(0.5)
        )
        for group, element in (("Barred Spiral", "bar"), (ALL, "bulge"))
    ]
    lines = [dict(zip(COLUMNS[4:], heat.row()[4:], strict=True)) for heat in heats]
    record.keep(run, record.ELEMENTS, {**record.made_of(run), "heat": lines})


def faithful(run: Run, layer: str, deletion: float) -> dict[str, Any]:
    (setting,) = table_rows([run])
    scores = {name: about(deletion) for name in ("deletion", "insertion", "road", "average_drop")}
    minus = {name: about(-0.2) for name in scores}
    return RunFaithfulness(
        setting, layer, scores, minus, {"head": about(0.1), "last block": about(0.0)}
    ).to_json()


def test_the_score_of_the_address_is_drawn_with_its_intervals_and_its_nulls(
    show: Show, six: list[Run]
) -> None:
    for run, on_it in zip(six, (0.9, 0.8, 0.7, 0.6, 0.5, 0.4), strict=True):
        keep_focus(run, on_it)
    page = show("focus", focus="hottest pixel on the galaxy")
    assert page.selectbox(key="focus").value == "pointing"
    drawn = chart(page)
    own = drawn.pop("transfer_frozen from shapes, seed 0")
    assert own["x"] == list(PERCENTS)
    assert own["y"] == [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
    assert own["error_y"]["array"] == pytest.approx([0.05] * 6)
    assert set(drawn) == {"a centred Gaussian", "the brightness itself"}
    for line in drawn.values():
        assert line["y"] == pytest.approx([0.8, 0.7, 0.6, 0.5, 0.4, 0.3])
        assert "error_y" not in line
    assert "Zhang et al. 2018" in texts(page)
    assert not page.button


def test_each_sentence_of_the_paper_has_its_verdict_and_its_condition(show: Show, six: list[Run]) -> None:
    for run in six:
        keep_focus(run, 0.4)
    written = texts(show("focus"))
    assert "**100 %**, “often in the wrong place”: :material/check_circle: **confirmed**" in written
    assert "**20 %**, “on the galaxy and of its size”: :material/cancel: **refuted**" in written
    assert "the hottest pixel misses the galaxy in more than one of four" in written


def test_seeds_of_a_percentage_are_counted_and_not_averaged(
    show: Show, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    for seed, on_it in enumerate((0.4, 0.9, 0.5)):
        keep_focus(Run(make_run(runs, 100, mock_file, weights=weights[100], seed=seed, pixels=FINE)), on_it)
    written = texts(show("focus"))
    assert "**confirmed** by 2 of 3, :material/cancel: **refuted** by 1 of 3" in written


def test_without_records_the_command_is_named_and_nothing_is_measured_unasked(
    show: Show, six: list[Run], mock_file: Path
) -> None:
    for name in ("focus", "elements", "cues", "faithfulness", "agreement"):
        page = show(name)
        assert "Of 6 of these 6 runs this has not been measured yet" in texts(page)
        assert f"galaxy study {name} first" in texts(page)
        assert str(mock_file) in texts(page) or name == "elements"
        assert [button.key for button in page.button] == [f"measure_{name}"]
        assert len(page.get("plotly_chart")) == 0


def test_where_the_galaxies_are_not_here_no_button_promises_anything(
    show: Show, runs: Path, weights: dict[int, Path]
) -> None:
    make_run(runs, 20, Path("/nowhere/survey.h5"), weights=weights[20], pixels=FINE)
    page = show("cues")
    assert "survey.h5" in texts(page)
    assert not page.button
    assert [button.key for button in show("elements").button] == ["measure_elements"]


def test_what_is_measured_on_the_page_is_shown_and_kept_by_an_own_run(
    show: Show, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    run = Run(make_run(runs, 20, mock_file, weights=weights[20]))
    card = {**run.card(), "split_hash": run.split().hash}
    (run.path / "card.json").write_text(json.dumps(card))
    page = show("cues")
    page.button(key="measure_cues").click().run()
    assert [error.value for error in page.error] == []
    kept = record.kept(run, record.CUES)
    assert kept
    assert kept["accuracy"]["n"] == len(run.split().test)
    assert kept["data"]["sha256"] == open_galaxies(mock_file).sha256
    assert chart(page)["whole images"]["y"] == [kept["accuracy"]["value"]]
    assert not page.button
    assert chart(show("cues"))["without colour"]["y"] == [kept["without"]["colour"]["value"]]


def test_what_is_measured_of_shipped_runs_is_held_for_the_visit_and_leaves_them_as_they_are(
    show: Show, own_folders: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    shipped = own_folders / "models"
    for percent in (20, 40):
        make_run(shipped, percent, mock_file, weights=weights[percent], pixels=FINE)
    before = sorted(shipped.rglob("*"))
    page = show("agreement")
    page.button(key="measure_agreement").click().run()
    assert [error.value for error in page.error] == []
    page.run()
    assert "Rank correlation of the maps of 2 runs" in texts(page)
    assert not page.button
    assert sorted(shipped.rglob("*")) == before
    assert show("agreement").button(key="measure_agreement")


def test_one_study_at_a_time(show: Show, runs: Path, weights: dict[int, Path], mock_file: Path) -> None:
    from parts import waiting

    run = Run(make_run(runs, 20, mock_file, weights=weights[20]))
    page = show("cues")
    with waiting.turn():
        page.button(key="measure_cues").click().run()
        assert "Something else is being measured" in texts(page)
    assert record.kept(run, record.CUES) is None


def test_a_record_of_other_weights_is_named_and_the_others_are_shown(show: Show, six: list[Run]) -> None:
    for run in six:
        keep_focus(run, 0.5)
    kept = record.kept(six[1], record.FOCUS)
    (six[1].path / record.FOCUS).write_text(json.dumps({**kept, "weights_sha256": "of others"}))
    page = show("focus")
    (warning,) = page.warning
    assert "focus.json is of other weights than first-020-s0 has now" in warning.value
    assert chart(page)["transfer_frozen from shapes, seed 0"]["x"] == [0, 40, 60, 80, 100]
    assert "Of 1 of these 6 runs" in texts(page)


def test_what_was_measured_on_galaxies_of_the_training_is_said_to_be_too_good(
    show: Show, six: list[Run]
) -> None:
    for run in six:
        keep_focus(run, 0.5)
    kept = record.kept(six[1], record.FOCUS)
    (six[1].path / record.FOCUS).write_text(json.dumps({**kept, "part": "all"}))
    (warning,) = show("focus").warning
    assert warning.value.startswith("first-020-s0: measured on all galaxies of a file")


def test_the_bar_of_a_barred_spiral_is_asked_for_and_the_brightness_stands_beside_it(
    show: Show, six: list[Run]
) -> None:
    for run, bar in zip(six, (0.5, 2.0, 2.0, 2.0, 2.0, 2.0), strict=True):
        keep_elements(run, bar)
    page = show("elements", element="bar", element_of="Barred Spiral")
    assert "**0 %**: 0.50 (0.45 to 0.55) times as much heat on the bar" in texts(page)
    assert "It prefers the bar: :material/cancel: **refuted**" in texts(page)
    assert texts(page).count("It prefers the bar: :material/check_circle: **confirmed**") == 5
    drawn = chart(page)
    assert drawn["the brightness itself"]["y"] == [0, 1.5, 1.5, 1.5, 1.5, 1.5]
    page.selectbox(key="element").set_value("tidal").run()
    assert "No galaxy of this class has that element" in texts(page)


@pytest.mark.parametrize(
    ("without_outline", "verdict"),
    [((0.7, 0.2, 0.2, 0.4, 0.5, 0.5), "confirmed"), ((0.7, 0.5, 0.5, 0.4, 0.2, 0.2), "refuted")],
)
def test_the_thesis_stands_beside_the_curves_with_its_verdict(
    show: Show, six: list[Run], without_outline: Sequence[float], verdict: str
) -> None:
    for run, left in zip(six, without_outline, strict=True):
        keep_cues(run, left)
    page = show("cues")
    assert chart(page)["without outline"]["y"] == list(without_outline)
    assert chart(page)["whole images"]["y"] == [0.7] * 6
    assert f"**{verdict}** on this row of runs" in texts(page)
    assert "by a wider margin at 20 and 40 % than at 80 and 100 %" in texts(page)


def test_layers_are_drawn_side_by_side_as_far_as_the_record_has_them(show: Show, six: list[Run]) -> None:
    for run in six:
        record.keep(run, record.FAITHFULNESS, faithful(run, "relu", 0.3))
    page = show("faithfulness")
    assert chart(page)["a random map"]["y"] == [0.5] * 6
    assert texts(page).count("more faithful than a random map: :material/check_circle: **confirmed**") == 6
    assert "--set layer=conv4_block24_concat" in texts(page)
    for run in six:
        both = {**faithful(run, "relu", 0.3), EARLIER: {"early": faithful(run, "early", 0.2)}}
        record.keep(run, record.FAITHFULNESS, both)
    page = show("faithfulness")
    drawn = chart(page)
    assert drawn["transfer_frozen from shapes, seed 0, relu"]["y"] == [0.3] * 6
    assert drawn["transfer_frozen from shapes, seed 0, early"]["y"] == [0.2] * 6
    assert "--layer" not in texts(page)
    page.selectbox(key="faithful").set_value("head").run()
    assert chart(page)["transfer_frozen from shapes, seed 0, early"]["y"] == [0.1] * 6
    assert "a random map" not in chart(page)


def test_what_two_seeds_disagree_in_is_called_noise(
    show: Show, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    made = [*make_sweep(runs, {20: weights[20], 80: weights[80]}, mock_file, pixels=FINE)]
    made.append(make_run(runs, 20, mock_file, weights=weights[20], seed=1, pixels=FINE))
    members = [Run(path) for path in made]
    a, b, c = table_rows(members)
    pairs = (Pair(a, b, about(0.9)), Pair(a, c, about(0.3)), Pair(b, c, about(-0.2)))
    names = (a.run, b.run, c.run)
    found = Agreement(names, pairs, N, about(0.9), about(0.05), about(-0.85))
    _keep(found, members, open_galaxies(mock_file), 0)
    page = show("agreement")
    (picture,) = [element.body for element in page.get("html")]
    assert ">0.90<" in picture
    assert ">-0.20<" in picture
    assert found.sentence in texts(page)
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["seeds of one setting"] == "0.90 (0.85 to 0.95)"
    seeds = next(table.value for table in page.dataframe if "seeds" in table.value.columns)
    assert seeds["seeds"].tolist() == ["0 and 1"]


def test_one_run_alone_agrees_with_nobody(
    show: Show, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    make_run(runs, 20, mock_file, weights=weights[20])
    page = show("agreement")
    assert "takes two finished runs" in texts(page)
    assert not page.button


def test_of_maps_that_are_too_coarse_no_study_is_shown_or_offered(
    show: Show, runs: Path, weights: dict[int, Path], mock_file: Path
) -> None:
    fine = Run(make_run(runs, 20, mock_file, weights=weights[20], pixels=FINE))
    coarse = Run(make_run(runs, 40, mock_file, weights=weights[40], pixels=96))
    for run in (fine, coarse):
        keep_focus(run, 0.5)
    for name in ("focus", "elements", "agreement", "faithfulness"):
        page = show(name)
        assert "The maps of first-040-s0 have 3 × 3 cells, too coarse to speak of" in texts(page)
    assert chart(show("focus"))["transfer_frozen from shapes, seed 0"]["x"] == [20]
    assert "Of 1 of these 1 runs" in texts(show("elements"))
    assert "too coarse" not in texts(show("cues"))
