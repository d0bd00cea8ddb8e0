"""What single sections show of runs whose numbers are known."""

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from made_folds import make_folds
from page_reader import Page

from galaxy_core.report.accuracy import accuracy_section, best_line, comparison_section
from galaxy_core.report.classes import classes_section
from galaxy_core.report.curves import learning_section
from galaxy_core.report.markup import LeftOut, Section
from galaxy_core.report.rows import gather
from galaxy_core.report.scores import scores_sections
from galaxy_core.report.settings import differing_and_common, settings_section
from galaxy_core.results.records import VERSIONS
from galaxy_core.runs.run import Run

MakeRun = Callable[..., Run]


def words(section: Section | LeftOut, path: Path) -> str:
    assert isinstance(section, Section)
    path.write_text(section.body, encoding="utf-8")
    page = Page(path)
    assert (page.unbalanced, page.open) == ([], [])
    return page.words


def figures(section: Section | LeftOut) -> list[dict[str, Any]]:
    """Every figure that is drawn in a section."""
    assert isinstance(section, Section)
    return [json.loads(unescape(one)) for one in re.findall(r'data-figure="([^"]*)"', section.body)]


def test_the_curve_has_a_mark_and_an_interval_for_every_run(make_run: MakeRun) -> None:
    runs = [make_run(f"first-{p:03d}-s{s}", p, seed=s) for p in (20, 40) for s in (0, 1)]
    ((mean, marks, paper),) = (drawn["data"] for drawn in figures(accuracy_section(gather(runs))))
    assert mean["x"] == [20, 40]
    assert mean["y"] == pytest.approx([20 / 30] * 2)
    assert marks["x"] == pytest.approx([19.65, 20.35, 39.65, 40.35])
    assert all(len(marks["error_y"][side]) == 4 for side in ("array", "arrayminus"))
    assert paper["x"] == [0, 20, 40, 60, 80, 100]


def test_the_best_setting_is_that_of_the_best_mean_and_not_of_the_luckiest_seed(make_run: MakeRun) -> None:
    right = {("first-020-s0", 20, 0): 30, ("first-020-s1", 20, 1): 3, ("first-040-s0", 40, 0): 24}
    runs = [make_run(name, p, seed=seed, n_right=n) for (name, p, seed), n in right.items()]
    line = best_line(gather(runs))
    assert line.startswith("Most often right: ImageNet 40\u00a0%, transfer_frozen, test accuracy 0.800 <span")
    best = best_line(gather([*runs[:2], make_run("first-060-s0", 60, n_right=1)]))
    assert best.endswith("test accuracy 0.550, the mean of 2 seeds.")


def test_folds_are_one_line_of_the_table(make_run: MakeRun, tmp_path: Path) -> None:
    shown = words(accuracy_section(gather(make_folds(4))), tmp_path / "a.html")
    assert "first-020-s0-f" not in shown
    assert "Each of 40 galaxies tested once by a seed, in 4 folds." in shown


def test_runs_of_other_galaxies_are_not_compared(make_run: MakeRun) -> None:
    other = make_run("second-040-s0", 40, card={"data": {"sha256": "00" * 32}})
    section = comparison_section(gather([make_run("first-020-s0"), other]))
    assert isinstance(section, LeftOut)
    assert "were tested on different files" in section.reason


def test_broken_lines_of_a_history_are_left_out_of_the_learning_curves(make_run: MakeRun) -> None:
    run = make_run("first-020-s0")
    lines = [{"epoch": 1, "loss": 2}, {"epoch": 2, "loss": "<b>"}, {"epoch": "x"}, {"epoch": 3, "loss": 1}]
    (run.path / "history.jsonl").write_text("\n".join(map(json.dumps, lines)))
    section = learning_section(gather([run]))
    losses = next(line for line in figures(section)[0]["data"] if line["name"] == "training loss")
    assert list(zip(losses["x"], losses["y"], strict=True)) == [(1, 2), (2, None), (3, 1)]
    (run.path / "history.jsonl").write_text("")
    assert isinstance(learning_section(gather([run])), LeftOut)


def test_the_confusion_counts_every_galaxy_once(make_run: MakeRun) -> None:
    section = classes_section(gather([make_run("first-020-s0", n_right=20)]))
    assert isinstance(section, Section)
    assert "20 of 30 on the diagonal" in section.body
    cells = re.findall(r'<td class="(?:right|wrong)"[^>]*>(\d+)</td>', section.body)
    assert sum(map(int, cells)) == 30


def test_metrics_without_whole_counts_have_no_section(make_run: MakeRun) -> None:
    run = make_run("first-020-s0")
    metrics = {**run.metrics(), "confusion": [["<b>"]]}
    (run.path / "metrics.json").write_text(json.dumps(metrics))
    assert isinstance(classes_section(gather([run])), LeftOut)


def test_what_differs_is_told_from_what_all_share() -> None:
    values = {"a": {"x": "1", "y": "2"}, "b": {"x": "1", "y": "3", "z": "4"}}
    assert differing_and_common(values) == (["y", "z"], {"x": "1"})


def test_settings_that_differ_come_first(make_run: MakeRun, tmp_path: Path) -> None:
    runs = [make_run("first-020-s0"), make_run("first-040-s0", 40, epochs=7)]
    shown = words(settings_section(gather(runs)), tmp_path / "a.html")
    assert shown.index("epochs") < shown.index("What all runs share.") < shown.index("learning_rate")


def test_kept_scores_are_shown_and_those_of_other_weights_are_not(make_run: MakeRun, tmp_path: Path) -> None:
    runs = [make_run("first-020-s0"), make_run("first-040-s0", 40)]
    estimate = {"value": 0.625, "low": 0.5, "high": 0.75, "n": 30}
    drops = dict.fromkeys(("texture", "colour", "outline", "outline minus texture"), estimate)
    record = {
        "accuracy": estimate,
        "drops": drops,
        "without": drops,
        "part": "test",
        "data": {"file": "a.h5"},
    }
    record["version"] = VERSIONS["cues.json"]
    (runs[0].path / "cues.json").write_text(json.dumps(record))
    (runs[1].path / "cues.json").write_text(json.dumps({**record, "split_hash": "of another"}))
    section = next(one for one in scores_sections(gather(runs)) if one.key == "cues")
    shown = words(section, tmp_path / "a.html")
    assert "0.625 (0.500–0.750)" in shown
    assert section.body.count("data-figure=") == 1
    assert "On the test part of a.h5, unseen in training." in shown
    assert "cues.json is of another split than first-040-s0 has now" in shown
    assert "ImageNet 40" not in shown


def test_a_damaged_record_is_said_to_be_damaged(make_run: MakeRun) -> None:
    run = make_run("first-020-s0")
    (run.path / "focus.json").write_text("{")
    section = next(one for one in scores_sections(gather([run])) if one.key == "focus")
    assert isinstance(section, LeftOut)
    assert "focus.json is damaged" in section.reason


def test_scores_of_maps_that_are_too_coarse_are_not_shown_whatever_was_kept(make_run: MakeRun) -> None:
    run = make_run("first-020-s0", crop=96, image_size=96)
    for name in ("focus", "elements", "faithfulness", "cues"):
        (run.path / f"{name}.json").write_text("{}")
    found = {one.key: one for one in scores_sections(gather([run]))}
    for key in ("focus", "elements", "faithfulness"):
        assert isinstance(found[key], LeftOut)
        assert found[key].reason.startswith(
            "The maps of first-020-s0 have 3 × 3 cells, too coarse to speak of"
        )
    assert "too coarse" not in found["cues"].reason
