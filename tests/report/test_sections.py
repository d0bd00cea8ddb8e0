"""What single sections show of runs whose numbers are known."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from made_folds import make_folds
from page_reader import Page

from galaxy_core.report.accuracy import accuracy_section, best_line
from galaxy_core.report.classes import classes_section
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


def found(runs: list[Run], key: str) -> Section | LeftOut:
    material = gather(runs)
    every = [part for at_once in (True, False) for part in scores_sections(material, at_once=at_once)]
    return next(one for one in every if one.key == key)


def test_runs_of_other_galaxies_are_not_compared(make_run: MakeRun) -> None:
    other = make_run("second-040-s0", 40, card={"data": {"sha256": "00" * 32}})
    section = found([make_run("first-020-s0"), other], "difference")
    assert isinstance(section, LeftOut)
    assert "were tested on different files" in section.reason


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
    section = found(runs, "cues")
    shown = words(section, tmp_path / "a.html")
    assert "0.625 (0.500–0.750)" in shown
    assert section.body.count("data-figure=") == 1
    assert "On the test part of a.h5, unseen in training." in shown
    assert "cues.json is of another split than first-040-s0 has now" in shown
    assert "ImageNet 40" not in shown


def test_a_damaged_record_is_said_to_be_damaged(make_run: MakeRun) -> None:
    run = make_run("first-020-s0")
    (run.path / "focus.json").write_text("{")
    section = found([run], "focus")
    assert isinstance(section, LeftOut)
    assert "focus.json is damaged" in section.reason


def test_scores_of_maps_that_are_too_coarse_are_not_shown_whatever_was_kept(make_run: MakeRun) -> None:
    run = make_run("first-020-s0", crop=96, image_size=96)
    for name in ("focus", "elements", "faithfulness", "cues"):
        (run.path / f"{name}.json").write_text("{}")
    for key in ("focus", "elements", "faithfulness"):
        section = found([run], key)
        assert isinstance(section, LeftOut)
        assert section.reason.startswith("The maps of first-020-s0 have 3 × 3 cells, too coarse to speak of")
    of_cues = found([run], "cues")
    assert isinstance(of_cues, LeftOut)
    assert "too coarse" not in of_cues.reason
