"""What counts as one setting, what is named where two differ, and who asks."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.metrics.paired import best_rival, in_words
from galaxy_core.report.accuracy import best_line
from galaxy_core.report.rows import gather
from galaxy_core.results.comparison import compare_runs, judged
from galaxy_core.results.setting import check_across, recipe_of, setting_of, told_apart, unlike
from galaxy_core.results.table import seed_summary, table_rows
from galaxy_core.runs.run import Run
from galaxy_core.studies.registry import get_study

MakeRun = Callable[..., Run]
MORE = [
    ("n_mocks", 500, "mock galaxies 0 and 500"),
    ("epochs", 3, "epochs 10 and 3"),
    ("preset", "paper", "preset custom and paper"),
    ("learning_rate", 1e-3, "learning rate 0.0005 and 0.001"),
    ("image_size", 96, "view 256 px as 256 px and 256 px as 96 px"),
    ("split_seed", 1, "split seed 0 and 1"),
]


def asked_for(run: Run, **values: Any) -> Run:
    """The same run, asked for something else."""
    path = run.path / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
    return run


def said_by_card(run: Run, **values: Any) -> Run:
    path = run.path / "card.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
    return run


def test_seed_and_place_of_the_file_and_an_unused_source_make_no_other_setting(make_run: MakeRun) -> None:
    runs = [make_run(f"r{seed}", percent=0, seed=seed) for seed in (0, 1)]
    asked_for(runs[1], data="elsewhere/galaxies.h5", source="another")
    assert setting_of(runs[0]) == setting_of(runs[1])
    assert setting_of(runs[0]) != setting_of(make_run("more", percent=20))


@pytest.mark.parametrize(("name", "value", "said"), MORE)
def test_whatever_else_is_asked_makes_another_setting_and_is_named(
    make_run: MakeRun, name: str, value: Any, said: str
) -> None:
    first, other = make_run("a"), asked_for(make_run("b"), **{name: value})
    assert unlike(setting_of(first), setting_of(other)) == said


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ({"source": {"name": "imagenet", "sha256": "99" * 32}}, "source weights cdcdcdcdcdcd… and 999999999999…"),
        ({"source": {"name": "mine", "sha256": "99" * 32}}, "source imagenet and mine"),
        ({"precision": "mixed"}, "precision auto and mixed"),
        ({"split_hash": "other"}, "split none and other"),
        (
            {"before": [{"policy": "scratch", "epochs": 4, "n_train_mock": 2000, "source": None}]},
            "earlier stages none and scratch for 4 epochs with 2000 mock galaxies from None",
        ),
        ({"before": ["![x](http://evil.example)"]}, "earlier stages none and None for None epochs"),
    ],
)  # fmt: skip
def test_what_only_the_card_knows_is_part_of_the_setting(
    make_run: MakeRun, card: dict[str, Any], said: str
) -> None:
    first, other = make_run("a"), said_by_card(make_run("b"), **card)
    assert unlike(setting_of(first), setting_of(other)).startswith(said)


def test_no_text_of_a_card_is_more_than_words(make_run: MakeRun) -> None:
    hostile = {"name": "![x](http://evil.example/`<b>", "sha256": ["?"]}
    said = unlike(setting_of(make_run("a")), setting_of(said_by_card(make_run("b"), source=hostile)))
    assert said == "source imagenet and x http evil example b"


def test_policy_and_share_are_the_question_and_a_row_of_nothing_has_no_source(make_run: MakeRun) -> None:
    scratch = make_run("s", percent=0, policy="scratch")
    assert unlike(setting_of(make_run("a", percent=20)), setting_of(make_run("b", percent=80))) == ""
    assert unlike(setting_of(scratch), setting_of(make_run("c", percent=40))) == ""
    assert recipe_of(setting_of(scratch)) == recipe_of(setting_of(make_run("d", percent=60)))


def test_of_a_run_without_config_nobody_knows_what_was_asked(make_run: MakeRun) -> None:
    run = make_run("loaded")
    (run.path / "config.json").unlink()
    assert unlike(setting_of(run), setting_of(make_run("a"))) == "recipe unknown and known"


def test_settings_are_told_apart_by_what_differs_and_by_nothing_else(make_run: MakeRun) -> None:
    runs = [make_run("a"), asked_for(make_run("b"), epochs=3), make_run("c", seed=1)]
    told = told_apart([setting_of(run) for run in runs])
    assert told == ["epochs 10", "epochs 3", "epochs 10"]
    assert told_apart([setting_of(runs[0]), setting_of(runs[2])]) == ["", ""]


def test_two_recipes_of_one_seed_are_no_two_seeds(make_run: MakeRun) -> None:
    quick, paper = make_run("q", n_right=36), asked_for(make_run("p", n_right=30), preset="paper", epochs=3)
    summaries = seed_summary(table_rows([quick, paper]))
    assert [(one.n_seeds, one.spread) for one in summaries] == [(1, None), (1, None)]
    assert {one.told for one in summaries} == {"epochs 10, preset custom", "epochs 3, preset paper"}
    assert {row.name for row in judged([quick, paper])} == {"q", "p"}


def test_a_comparison_across_anything_else_names_it_in_place_of_a_winner(make_run: MakeRun) -> None:
    plain, mixed = make_run("a", n_right=36), asked_for(make_run("b", percent=40, n_right=4), n_mocks=500)
    (pair,) = compare_runs([plain, mixed])
    assert in_words(pair) == "20 % and 40 % differ in more than what is compared: mock galaxies 0 and 500"
    assert not pair.is_distinguishable
    (asked,) = compare_runs([plain, mixed], across=check_across(["mocks"]))
    assert in_words(asked).startswith("20 % beats 40 % by ")
    assert asked.is_distinguishable


def test_the_rival_is_one_that_may_be_compared_where_there_is_one(make_run: MakeRun) -> None:
    rows = [make_run("a", n_right=20), make_run("b", percent=40, n_right=10)]
    unlike_one = asked_for(make_run("c", percent=60, n_right=40), epochs=3)
    pairs = compare_runs([*rows, unlike_one])
    assert best_rival(pairs, "20 %").second == "40 %"
    assert best_rival(pairs, "60 %").unlike == "epochs 10 and 3"


def test_the_report_averages_and_joins_no_two_recipes(make_run: MakeRun) -> None:
    runs = [make_run("a", n_right=36), asked_for(make_run("b", n_right=30), epochs=3)]
    material = gather(runs)
    assert "mean of" not in best_line(material)
    study = get_study("accuracy")
    frame, _ = study.known_frame(runs)
    drawn = [trace["name"] for trace in study.chart(frame)["data"]]
    told = [f"transfer_frozen, from imagenet, seed 0, epochs {n}" for n in (10, 3)]
    assert drawn == [*told, "the paper"]


def test_what_is_to_be_compared_across_is_checked() -> None:
    assert check_across(["source"]) == ("policy", "trainable", "source")
    with pytest.raises(BadValueError, match=r"across .*mocks.*, got colour"):
        check_across(["colour"])


def test_rows_keep_their_setting_as_plain_text(make_run: MakeRun) -> None:
    (row,) = table_rows([make_run("a")])
    assert json.loads(row.setting)["epochs"] == 10


def test_runs_of_other_classes_are_never_in_one_table(make_run: MakeRun) -> None:
    ten, three = make_run("ten"), asked_for(make_run("three"), classes=["a", "b", "c"])
    said_by_card(three, classes=["a", "b", "c"])
    words = (
        r"ten tells apart 10 classes \(Disturbed; .* …\), three 3 classes \(a; b; c\): they answer different"
    )
    with pytest.raises(BadValueError, match=words):
        table_rows([ten, three])
    assert unlike(setting_of(ten), setting_of(three)) == "classes Galaxy10 and a; b; c"
    assert table_rows([three])[0].paper_test_accuracy is None
