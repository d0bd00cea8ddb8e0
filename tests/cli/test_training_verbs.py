"""What `train` and `reproduce` refuse before anything is made, and how progress is told."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from typer.testing import Result

from galaxy_core.cli.shell.bars import _stage, counting_bar, training_bar
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.run import Run, list_runs
from galaxy_core.runs.status import Status, write_status
from galaxy_core.training.progress import Progress

Galaxy = Callable[..., Result]
MakeRun = Callable[..., Run]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("train",), "--data is needed"),
        (("train", "--data", "gone.h5"), "gone.h5"),
        (("train", "--data", "gone.h5", "--trainable", "1.8"), "trainable must lie in [0, 1], got 1.8"),
        (("train", "--data", "gone.h5", "--policy", "magic"), "policy must be one of"),
        (("train", "--data", "gone.h5", "--preset", "magic"), "preset must be one of"),
        (("train", "--run", "gone"), "there is no run named gone"),
        (("train", "--run", "gone", "--learning-rate", "1"), "leave out --learning-rate"),
        (("reproduce", "--data", "gone.h5"), "gone.h5"),
        (("reproduce", "--data", __file__, "--source", "typo"), "there is no run named typo"),
        (("reproduce", "--data", __file__, "--source", "none"), "use --policy scratch"),
        (("train", "--data", __file__, "--source", "typo"), "there is no run named typo"),
        (
            ("reproduce", "--data", "mock", "--workers", "two"),
            "workers must be a number, dask://HOST:PORT or",
        ),
        (("reproduce", "--data", "mock", "--cluster", "gone.toml"), "there is no file gone.toml"),
        (
            ("models", "--data", __file__, "--photographs", ".", "--recipe", "x"),
            "must be one of processor, gpu",
        ),
        (("reproduce", "--data", __file__, "--percent", "120"), "0..100, got 120"),
        (("reproduce", "--data", __file__, "--name", "../x"), "a run name is"),
        (("reproduce", "--preset", "quick"), "--data is needed"),
        (("reproduce", "--name", "first", "--epochs", "3"), "--data is needed"),
        (("reproduce", "--name", "first"), "there is no sweep first here"),
    ],
)
def test_a_mistake_is_refused_before_anything_is_made(
    galaxy: Galaxy, words: tuple[str, ...], sentence: str
) -> None:
    result = galaxy(*words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert list_runs() == []


@pytest.mark.parametrize("verb", ["train", "reproduce"])
def test_galaxies_that_are_refused_leave_no_run_folder(galaxy: Galaxy, verb: str) -> None:
    result = galaxy(verb, "--data", __file__, "--policy", "scratch", "--name", "first")
    assert result.exit_code == 2
    assert __file__ in result.stderr
    assert list_runs() == []


def test_a_shipped_run_is_not_trained_again(galaxy: Galaxy, make_run: MakeRun) -> None:
    make_run("best", folder="models")
    assert "shipped" in galaxy("train", "--run", "best").stderr


def test_a_run_that_is_done_is_only_shown(galaxy: Galaxy, make_run: MakeRun) -> None:
    make_run("first")
    result = galaxy("train", "--run", "first")
    assert result.exit_code == 0
    assert "first: test accuracy 0.700 (95 % 0." in result.stdout
    assert "the paper at 20 % ImageNet: 0.79" in result.stdout


def test_a_sweep_is_trained_by_one_process(
    galaxy: Galaxy, lock_elsewhere: Callable[[str], AbstractContextManager[None]]
) -> None:
    runs_folder().mkdir()
    with lock_elsewhere("sweep_lock('first')"):
        result = galaxy("reproduce", "--data", __file__, "--name", "first")
    assert result.exit_code == 2
    assert "another process" in result.stderr


def test_without_a_terminal_there_is_a_line_an_epoch_and_no_bar(capfd: pytest.CaptureFixture[str]) -> None:
    with training_bar() as move:
        for batch in (1, 2):
            move(Progress("first", 1, 10, batch, 2, 1.234, 0.5, "first: epoch 1 of 10"))
    with counting_bar("reading") as count:
        count(1, 2)
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == "galaxy: first: epoch 1 of 10, loss 1.234, accuracy 0.500\n"


def test_before_the_first_batch_the_bar_says_what_the_run_is_at(make_run: MakeRun) -> None:
    from rich.progress import Progress as Bars

    run = make_run("first")
    write_status(run.path, Status("failed", "compiling the network"))
    stage = _stage(run)
    bars = Bars(stage, disable=True)
    task = bars.add_task("", total=None)
    assert str(stage(bars.tasks[0])) == "compiling the network"
    bars.update(task, completed=1, description="first: epoch 1 of 10")
    assert str(stage(bars.tasks[0])) == "first: epoch 1 of 10"


def test_where_the_training_writes_its_own_lines_the_bar_writes_none(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with training_bar(is_logged=True) as move:
        move(Progress("first", 1, 10, 2, 2, 1.234, 0.5, "first: epoch 1 of 10"))
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("verb", ["train", "reproduce"])
@pytest.mark.parametrize(
    ("word", "mode"), [("per-channel", "per_channel"), ("none", "none"), (None, "common")]
)
def test_the_colour_shift_of_both_verbs_is_that_of_the_option(
    galaxy: Galaxy,
    make_run: MakeRun,
    write_file: Callable[[Path], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    word: str | None,
    mode: str,
) -> None:
    make_run("source")
    trained: list[Run] = []
    monkeypatch.setattr("galaxy_core.training.train.train_run", lambda run, **_: trained.append(run))
    monkeypatch.setattr("galaxy_core.training.sweep.train_run", lambda run, **_: trained.append(run))
    shift = () if word is None else ("--channel-shift", word)
    name = ("--name", "x") if verb == "train" else ("--name", "x", "--percent", "20")
    file = write_file(tmp_path / "g.h5")
    galaxy(verb, "--data", str(file), "--source", "source", *name, *shift)
    (run,) = trained
    assert run.config.augmentation.channel_shift_mode == mode


def test_a_colour_shift_that_is_none_is_refused_by_name(galaxy: Galaxy) -> None:
    result = galaxy("train", "--data", __file__, "--channel-shift", "each")
    assert result.exit_code == 2
    assert "channel_shift_mode must be one of common, per_channel, none, got 'each'" in result.stderr
