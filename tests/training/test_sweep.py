from pathlib import Path

import pytest

from galaxy_core.errors import BadValueError, GalaxyError, MissingError
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.run import Run, create_run, find_run, list_runs
from galaxy_core.training.presets import preset_config
from galaxy_core.training.stand_in import STAND_IN
from galaxy_core.training.sweep import begun_sweep, plan_sweep


@pytest.fixture
def source() -> Run:
    """A run `r` that has a whole checkpoint, as far as a plan looks."""
    run = create_run("r", TrainConfig("a.h5"))
    for name in ("card.json", "weights.safetensors"):
        (run.path / name).write_text("{}")
    return run


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No ImageNet weights in the cache, and a place to fetch them from that is none."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("GALAXY_IMAGENET_URL", (tmp_path / "nowhere.h5").as_uri())


def test_the_paper_preset_is_the_papers_recipe() -> None:
    config = preset_config("paper", "a.h5")
    assert (config.learning_rate, config.epochs, config.image_size, config.oversample) == (
        5e-4,
        10,
        256,
        True,
    )
    assert config.schedule == "constant"


def test_overrides_count_and_none_does_not() -> None:
    assert preset_config("paper", "a.h5", epochs=3, batch_size=None).epochs == 3
    assert preset_config("paper", "a.h5", epochs=3, batch_size=None).batch_size == 32


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(BadValueError, match="paper, quick"):
        preset_config("best", "a.h5")


def test_a_sweep_is_six_rows_by_one_recipe(source: Run) -> None:
    runs = plan_sweep("first", data="a.h5", source="r")
    assert [run.name for run in runs] == [f"first-{p:03d}-s0" for p in (0, 20, 40, 60, 80, 100)]
    first, *others = (run.config.to_json() for run in runs)
    for other in others:
        assert {key for key in first if first[key] != other[key]} == {"trainable"}


def test_seeds_of_a_cut_come_one_after_the_other_so_that_they_share_a_network(source: Run) -> None:
    runs = plan_sweep("first", data="a.h5", source="r", n_seeds=2, cuts=(0.2, 1.0))
    assert [run.name for run in runs] == ["first-020-s0", "first-020-s1", "first-100-s0", "first-100-s1"]


def test_the_policy_is_in_the_name_where_there_are_several(source: Run) -> None:
    runs = plan_sweep("p", data="a.h5", source="r", cuts=(0.2,), policies=("scratch", "freeze_prefix"))
    assert [run.name for run in runs] == ["p-scratch-020-s0", "p-freeze_prefix-020-s0"]


def test_a_sweep_finds_its_folders_again_and_refuses_another_recipe(source: Run) -> None:
    before = plan_sweep("first", data="a.h5", source="r")
    assert [r.path for r in plan_sweep("first", data="a.h5", source="r")] == [r.path for r in before]
    with pytest.raises(BadValueError, match=r"epochs: 10 there, 3 now.*choose another --name"):
        plan_sweep("first", data="a.h5", source="r", epochs=3)


def test_offline_the_quick_sweep_makes_its_stand_in_first(
    offline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("galaxy_core.training.stand_in.N_SOURCE", 10)
    said: list[str] = []
    runs = plan_sweep("first", data="a.h5", preset="quick", say=said.append)
    assert runs[0].name == STAND_IN
    assert runs[0].config.policy == "scratch"
    assert {run.config.source for run in runs[1:]} == {STAND_IN}
    assert any(STAND_IN in sentence for sentence in said)


def test_offline_the_paper_preset_says_what_is_missing(offline: None) -> None:
    with pytest.raises(MissingError, match="--source RUN"):
        plan_sweep("first", data="a.h5", preset="paper")
    assert list_runs() == []


def test_a_sweep_begun_with_the_stand_in_goes_on_with_it_when_another_source_can_be_had(
    offline: None, source: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("galaxy_core.training.stand_in.N_SOURCE", 10)
    before = plan_sweep("first", data="a.h5", preset="quick")
    monkeypatch.setattr("galaxy_core.training.sweep.resolve_source", lambda name, network, say: "r")
    said: list[str] = []
    again = plan_sweep("first", data="a.h5", preset="quick", say=said.append)
    assert [run.path for run in again] == [run.path for run in before]
    assert said == ["source: mock-source, which the sweep first began with"]
    assert plan_sweep("second", data="a.h5", preset="quick")[1].config.source == "r"
    with pytest.raises(BadValueError, match="source: 'mock-source' there, 'r' now"):
        plan_sweep("first", data="a.h5", preset="quick", source="r")


def test_a_sweep_that_was_begun_is_found_by_its_name_alone_its_stand_in_first(
    offline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("galaxy_core.training.stand_in.N_SOURCE", 10)
    planned = plan_sweep("first", data="a.h5", preset="quick", n_seeds=2, cuts=(0.0, 0.2))
    assert [run.name for run in begun_sweep("first")] == [run.name for run in planned]
    with pytest.raises(MissingError, match="there is no sweep second here to carry on with"):
        begun_sweep("second")


def test_a_row_from_scratch_that_was_made_alone_joins_the_others_whatever_they_take(source: Run) -> None:
    plan_sweep("first", data="a.h5", cuts=(0.0,))
    assert len(plan_sweep("first", data="a.h5", cuts=(0.0, 0.2), source="r")) == 2


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("typo", "there is no run named typo"),
        ("imagenet", "nowhere.h5"),
        ("none", "use --policy scratch"),
        ("half", "finish it with `galaxy train --run half` first"),
    ],
)
def test_a_source_that_is_not_to_be_had_is_refused_before_any_row_is_made(
    offline: None, name: str, words: str
) -> None:
    create_run("half", TrainConfig("a.h5"))
    with pytest.raises(GalaxyError, match=words):
        plan_sweep("first", data="a.h5", source=name)
    assert [run.name for run in list_runs()] == ["half"]


def test_scratch_needs_no_source(offline: None) -> None:
    runs = plan_sweep("s", data="a.h5", policies=("scratch",), cuts=(0.0,))
    assert find_run(runs[0].name).config == TrainConfig.from_json(runs[0].config.to_json())


def test_folds_of_a_seed_follow_each_other_so_that_they_share_a_network(source: Run) -> None:
    runs = plan_sweep("first", data="a.h5", source="r", n_seeds=2, n_folds=2, cuts=(0.2, 1.0))
    assert [run.name.removeprefix("first-") for run in runs] == [
        f"{percent}-s{seed}-f{fold}" for percent in ("020", "100") for seed in (0, 1) for fold in (0, 1)
    ]
    assert {(run.config.n_folds, run.config.test) for run in runs} == {(2, 0.5)}
    assert [run.config.fold for run in runs] == [0, 1] * 4


@pytest.mark.parametrize("n_folds", [0, 1, 21])
def test_a_number_of_folds_that_is_none_is_refused_before_anything_is_made(n_folds: int) -> None:
    with pytest.raises(BadValueError, match=rf"folds must lie in 2..20, got {n_folds}"):
        plan_sweep("first", data="a.h5", source="r", n_folds=n_folds)
    assert list_runs() == []


def test_the_mocks_of_a_sweep_are_rendered_before_its_first_training(source: Run) -> None:
    said: list[str] = []
    (run,) = plan_sweep("m", data="a.h5", source="r", cuts=(0.2,), n_mocks=10, say=said.append)
    assert run.config.n_mocks == 10
    assert said == ["rendering 10 mock galaxies to train on"]
