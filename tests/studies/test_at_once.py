"""Studies that run folders answer at once, on runs whose numbers are known."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from made_folds import make_folds

from galaxy_core.cli import app
from galaxy_core.networks.policy import POLICIES
from galaxy_core.runs.run import Run
from galaxy_core.studies import accuracy, difference, learning, policies
from galaxy_core.studies.registry import all_studies, get_study
from galaxy_core.studies.study import rows_of, without_points

MakeRun = Callable[..., Run]


def change(run: Run, **values: Any) -> Run:
    """The run with other values in its config."""
    path = run.path / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
    return run


def names_drawn(figure: dict[str, Any]) -> list[str]:
    return [trace["name"].split(",")[0] for trace in figure["data"]]


def pairs_of(frame: Any) -> list[str]:
    return list(frame.of[frame.score == difference.MINUS])


def test_what_needs_no_galaxies_and_is_kept_nowhere_is_asked_at_once() -> None:
    found = {study.name for study in all_studies() if study.is_at_once}
    assert {"accuracy", "learning", "difference", "policies"} <= found
    assert "elements" not in found  # of rendered galaxies, and kept


def test_pairs_lie_around_zero_with_a_colour_for_what_chance_does_not_explain(make_run: MakeRun) -> None:
    runs = [make_run(f"r{p}", percent=p, n_right=n) for p, n in ((0, 5), (20, 36), (40, 36))]
    frame, told = get_study("difference").known_frame(runs)
    lines = {trace["name"]: trace for trace in difference.chart(frame)["data"]}
    assert lines[difference.BEYOND]["y"] == ["20 % minus 0 %", "40 % minus 0 %"]
    assert lines[difference.WITHIN]["x"] == [0.0]
    assert difference.sentence(frame).startswith("2 of 3 pairs can be told apart on these 40 galaxies")
    said = [f"{one.of}: {one.score}" for one in rows_of(frame) if one.value is None]
    assert said[0].startswith("20 % beats 0 % by ")
    assert said[0].endswith("): distinguishable with 40 galaxies")
    assert told == []


def test_rows_are_compared_across_what_is_asked_for(make_run: MakeRun) -> None:
    runs = [make_run("a", n_right=5), change(make_run("b", percent=40, n_right=36), n_mocks=500)]
    study = get_study("difference")
    frame, _ = study.known_frame(runs)
    assert study.choices(runs) == {"across": ["mocks"]}
    assert difference.sentence(frame).startswith("0 of 1 pair")
    assert list(frame.of[frame.value.isna()]) == ["20 % and 40 % differ in more than what is compared"]
    asked, _ = study.known_frame(runs, {"across": "mocks"})
    assert difference.sentence(asked).startswith("1 of 1 pair")
    assert study.known_frame(runs, {"across": "colour"})[1][0].endswith("got colour")


def test_a_history_is_two_lines_in_two_panels_and_one_number(make_run: MakeRun) -> None:
    run = make_run("a")
    epochs = [
        {"epoch": e, "val_accuracy": 0.1 * e, "accuracy": 0.2 * e, "loss": 1, "val_loss": 2} for e in (1, 2)
    ]
    broken = {"epoch": "x", "accuracy": True, "val_accuracy": 0.4, "loss": "<b>"}
    (run.path / "history.jsonl").write_text("\n".join(map(json.dumps, [*epochs, broken])))
    frame, _ = get_study("learning").known_frame([run])
    assert [(one.score, one.value) for one in rows_of(without_points(frame))] == [(learning.LAST, 0.4)]
    data = learning.chart(frame)["data"]
    assert [(one["x"], one["y"]) for one in data[:2]] == [([1, 2], [0.1, 0.2]), ([1, 2], [0.2, 0.4])]
    assert [(one["xaxis"], one["showlegend"]) for one in data] == [
        ("x", True),
        ("x", False),
        ("x2", False),
        ("x2", False),
    ]
    (run.path / "history.jsonl").write_text("")
    assert get_study("learning").known_frame([run])[1] == ["a did not keep its learning curve"]


@pytest.mark.parametrize(
    "both", ["<b>", {"keras": 3}, {"keras": {"accuracy": "<b>"}, "re-estimated": {"accuracy": 7}}]
)
def test_what_a_stranger_wrote_in_place_of_shares_is_no_share(make_run: MakeRun, both: object) -> None:
    run = make_run("a")
    metrics = {**run.metrics(), "batch_norm": both}
    (run.path / "metrics.json").write_text(json.dumps(metrics))
    frame, told = get_study("batch-norm").known_frame([run])
    assert frame.empty
    assert told == ["a was tested with one kind of batch-normalisation statistics alone"]


def test_every_policy_has_its_curve_and_the_pairs_are_those_of_one_cut(make_run: MakeRun) -> None:
    runs = [
        make_run(f"{policy}-{p}".replace("_", "-"), percent=p, policy=policy, n_right=n)
        for policy, n in (("transfer_frozen", 36), ("random_frozen", 4))
        for p in (20, 40)
    ]
    frame, told = get_study("policies").known_frame(runs, {"percent": 40})
    assert names_drawn(policies.chart(frame)) == ["transfer_frozen", "random_frozen"]
    assert pairs_of(frame) == ["transfer_frozen 40 % minus random_frozen 40 %"]
    assert "1 of 1 pair can be told apart" in policies.sentence(frame)
    assert policies.choices(runs) == {"percent": [20, 40]}
    assert told[0].startswith("not trained on these galaxies yet: scratch, freeze_prefix, transfer_tuned; ")


def test_scratch_is_compared_at_every_cut(make_run: MakeRun) -> None:
    runs = [
        make_run("a", percent=40),
        make_run("b", percent=40, policy="transfer_tuned"),
        make_run("c", percent=0, policy="scratch"),
    ]
    frame, _ = get_study("policies").known_frame(runs)
    assert len(pairs_of(frame)) == 3
    assert any("scratch 0 %" in pair for pair in pairs_of(frame))


def test_runs_of_one_policy_have_nothing_to_compare(make_run: MakeRun) -> None:
    frame, told = get_study("policies").known_frame([make_run("a"), make_run("b", percent=0)])
    assert frame.empty
    assert "freeze_prefix" in told[0]
    assert "scratch" not in told[0]  # what takes nothing over is from scratch


def test_what_is_missing_comes_with_commands_that_train_it_alike(make_run: MakeRun) -> None:
    run = change(make_run("a"), preset="quick", image_size=192, epochs=4)
    (told,) = get_study("policies").known_frame([run])[1]
    with_cut, scratch = told.split("`")[1::2]
    assert "--image-size 192" in with_cut
    assert "--preset quick --epochs 4" in scratch
    assert scratch.endswith("--policy scratch --percent 0 --name policies")
    for command in (with_cut, scratch):
        _, verb, *words = shlex.split(command)
        typer.main.get_command(app).commands[verb].make_context(
            verb, words
        )  # raises for an option it has not


def test_with_all_policies_nothing_is_asked_for(make_run: MakeRun) -> None:
    runs = [make_run(policy.replace("_", "-"), policy=policy) for policy in POLICIES]
    frame, told = get_study("policies").known_frame(runs)
    assert names_drawn(policies.chart(frame)) == list(POLICIES)
    assert len(pairs_of(frame)) == 10
    assert told == []


def test_of_other_policies_those_on_the_same_galaxies_and_of_the_same_recipe_are_put_beside(
    make_run: MakeRun,
) -> None:
    own = [make_run("a")]
    others = [
        change(make_run("long", policy="transfer_tuned"), epochs=50),
        make_run("tuned", policy="transfer_tuned"),
        make_run("again", percent=60),
        make_run("elsewhere", policy="freeze_prefix", data={"sha256": "00" * 32}),
        change(make_run("only", policy="scratch"), epochs=50),
    ]
    assert {run.name for run in policies.beside(own, others)} == {"a", "tuned", "only"}


def test_the_papers_numbers_are_one_line_beside_ours(make_run: MakeRun) -> None:
    runs = [make_run(f"r{p}-{s}", percent=p, seed=s) for p in (20, 40) for s in (0, 1)]
    frame, _ = get_study("accuracy").known_frame(runs)
    figure = accuracy.chart(frame)
    assert [trace["name"] for trace in figure["data"]] == [
        "transfer_frozen, from imagenet, seed 0",
        "transfer_frozen, from imagenet, seed 1",
        "the paper",
    ]
    assert figure["data"][-1]["y"] == [0.79, 0.73]


@pytest.mark.parametrize("name", ["accuracy", "policies"])
def test_folds_are_one_point_of_a_curve(own_folders: Path, name: str) -> None:
    runs = make_folds(4) + make_folds(4, sweep="random", policy="random_frozen")
    frame, _ = get_study(name).known_frame(runs)
    drawn = [trace for trace in get_study(name).chart(frame)["data"] if trace["name"] != "the paper"]
    assert [trace["x"] for trace in drawn] == [[20], [20]]
    assert [trace["name"].split(", ")[0] for trace in drawn] == ["transfer_frozen", "random_frozen"]
    assert all("folds pooled" in trace["name"] for trace in drawn)
