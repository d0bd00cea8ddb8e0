"""What a training learned arrives whole at those who watch it elsewhere, and nothing of theirs can harm it."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from galaxy_core.errors import BadValueError, MissingError
from galaxy_core.runs.run import Run
from galaxy_core.training import trackers
from galaxy_core.training.trackers import tracked

LINES = [
    {"epoch": n, "loss": 2.0 / n, "accuracy": 0.1 * n, "val_loss": None, "seconds": 3.0} for n in (1, 2, 3)
]


def learn(run: Run, n: int) -> None:
    (run.path / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LINES[:n]))


def refuse(sentence: str) -> None:
    raise AssertionError(sentence)


@pytest.fixture
def run(make_run: Callable[..., Run]) -> Iterator[Run]:
    made = make_run("first")
    learn(made, 0)
    return made


def scalars(own_folders: Path) -> dict[tuple[str, int], float]:
    """What TensorBoard's files of the run `first` hold, by name and step."""
    from tensorboardX.proto.event_pb2 import Event

    found = {}
    for path in (own_folders / "runs/.tensorboard/first").iterdir():
        data, at = path.read_bytes(), 0
        while at < len(data):  # length, its checksum, the message, its checksum
            size = int.from_bytes(data[at : at + 8], "little")
            event = Event.FromString(data[at + 12 : at + 12 + size])
            found |= {(value.tag, event.step): value.simple_value for value in event.summary.value}
            at += 16 + size
    return found


def test_without_a_name_nothing_is_written(run: Run, own_folders: Path) -> None:
    with tracked([run], [], refuse):
        learn(run, 3)
    assert {path.name for path in (own_folders / "runs").iterdir()} == {"first"}


def test_tensorboard_has_every_line_once_however_often_a_training_is_carried_on(
    run: Run, own_folders: Path
) -> None:
    for n in (2, 3):
        with tracked([run], ["tensorboard"], refuse):
            learn(run, n)
    found = scalars(own_folders)
    assert len(list((own_folders / "runs/.tensorboard/first").iterdir())) == 1
    assert {place for name, place in found if name == "loss"} == {1, 2, 3}
    assert found["accuracy", 3] == pytest.approx(0.3)
    assert not any(
        name in ("val_loss", "epoch") for name, _ in found
    )  # what is unknown, and what is no measurement


@pytest.mark.filterwarnings("default")  # of MLflow's own libraries
def test_mlflow_has_every_line_once_however_often_a_training_is_carried_on(
    run: Run, own_folders: Path
) -> None:
    mlflow = pytest.importorskip("mlflow", reason="the extra mlflow is not installed")
    for n in (2, 3):
        with tracked([run], ["mlflow"], refuse):
            learn(run, n)
    client = mlflow.MlflowClient(f"sqlite:///{own_folders / 'runs/mlflow.db'}")
    experiment = client.get_experiment_by_name(trackers.EXPERIMENT)
    (found,) = client.search_runs([experiment.experiment_id])
    assert (found.info.run_name, found.info.status) == ("first", "FINISHED")
    assert [one.step for one in client.get_metric_history(found.info.run_id, "loss")] == [1, 2, 3]
    assert found.data.params["policy"] == run.config.policy


def test_an_unknown_tracker_and_a_missing_library_are_named_before_anything_is_trained(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        pytest.raises(BadValueError, match="a tracker is tensorboard or mlflow, got 'wandb'"),
        tracked([run], ["wandb"], refuse),
    ):
        raise AssertionError("trained")
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(MissingError, match=r"pip install .*\[mlflow\]"), tracked([run], ["mlflow"], refuse):
        raise AssertionError("trained")


def test_a_tracker_that_fails_is_told_of_and_the_training_goes_on(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def write(self, *_: object) -> None:
            raise OSError("disk full")

        def close(self) -> None:
            raise AssertionError("left already")

    said: list[str] = []
    monkeypatch.setitem(trackers.TRACKERS, "mlflow", Broken)
    with tracked([run], ["mlflow"], said.append):
        learn(run, 1)
    assert said == ["mlflow is told no more, the training goes on: OSError: disk full"]
