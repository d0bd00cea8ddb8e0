"""What `train` and `reproduce` refuse before anything is made, and how progress is told."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from typer.testing import Result

from galaxy_core.cli.bars import counting_bar, training_bar
from galaxy_core.cli.train import _free_name
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.run import Run
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
        (("reproduce", "--data", __file__, "--percent", "120"), "0..100, got 120"),
        (("reproduce", "--data", __file__, "--name", "../x"), "a run name is"),
    ],
)
def test_a_mistake_is_refused_before_anything_is_made(
    galaxy: Galaxy, words: tuple[str, ...], sentence: str
) -> None:
    result = galaxy(*words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not runs_folder().exists()


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


def test_a_name_made_of_the_settings_is_numbered_where_taken(make_run: MakeRun) -> None:
    config = TrainConfig("g.h5", "freeze_prefix", 0.6, seed=2)
    assert _free_name(config) == "freeze_prefix-040-s2"
    make_run("freeze_prefix-040-s2")
    make_run("freeze_prefix-040-s2-2", folder="models")
    assert _free_name(config) == "freeze_prefix-040-s2-3"


def test_without_a_terminal_there_is_a_line_an_epoch_and_no_bar(capfd: pytest.CaptureFixture[str]) -> None:
    with training_bar() as move:
        for batch in (1, 2):
            move(Progress("first", 1, 10, batch, 2, 1.234, 0.5, "first: epoch 1 of 10"))
    with counting_bar("reading") as count:
        count(1, 2)
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == "galaxy: first: epoch 1 of 10, loss 1.234, accuracy 0.500\n"
