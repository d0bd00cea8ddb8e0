"""Histories of runs for who watches trainings elsewhere: TensorBoard's files, MLflow in SQLite. Nothing by default.

A tracker stands beside a training and reads the `history.jsonl` that it writes, so that it sees trainings of workers
too, and no training suffers from what becomes of it. Nothing is sent anywhere.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from galaxy_core.errors import BadValueError, MissingError, one_line, quoted
from galaxy_core.runs.names import runs_folder
from galaxy_core.runs.run import Run

SECONDS_BETWEEN_LOOKS = 2.0
PLACES = ("epoch", "step")
"""Of a line of history, what says where it stands; everything else was measured."""
EXPERIMENT = "galaxy-transfer-explorer"
Rows = Sequence[Mapping[str, Any]]


class Tracker(Protocol):
    """Takes the lines of a run's history, in their order, from the first on."""

    def write(self, run: Run, rows: Rows) -> None:
        """Take further lines."""

    def close(self) -> None:
        """There are no more."""


class TensorBoard:
    """Event files of each run below `.tensorboard` of the runs' folder: `tensorboard --logdir runs/.tensorboard`."""

    def __init__(self) -> None:
        try:
            from tensorboardX import SummaryWriter
        except ImportError as error:
            raise MissingError(_needs("tensorboard", "tensorboardX")) from error
        self._make, self._writers = SummaryWriter, dict[str, Any]()

    def write(self, run: Run, rows: Rows) -> None:
        """Files of an earlier command go first: the history holds what they held."""
        if run.name not in self._writers:
            folder = runs_folder() / ".tensorboard" / run.name
            shutil.rmtree(folder, ignore_errors=True)
            self._writers[run.name] = self._make(logdir=str(folder))
        for row in rows:
            for name, value in _measured(row).items():
                self._writers[run.name].add_scalar(name, value, _place(run, row))
        self._writers[run.name].flush()

    def close(self) -> None:
        """Close every file."""
        for writer in self._writers.values():
            writer.close()


class MLflow:
    """A run of MLflow for each, in `mlflow.db` of the runs' folder.

    `mlflow ui --backend-store-uri sqlite:///runs/mlflow.db` shows them.
    """

    def __init__(self) -> None:
        try:
            from mlflow import MlflowClient
        except ImportError as error:
            raise MissingError(_needs("mlflow", "MLflow")) from error
        runs_folder().mkdir(parents=True, exist_ok=True)
        self._client = MlflowClient(f"sqlite:///{runs_folder() / 'mlflow.db'}")
        found = self._client.get_experiment_by_name(EXPERIMENT)
        self._experiment = found.experiment_id if found else self._client.create_experiment(EXPERIMENT)
        self._ids: dict[str, str] = {}

    def write(self, run: Run, rows: Rows) -> None:
        """A run that MLflow knows is carried on with, behind the last line it has."""
        from mlflow.entities import Metric

        number = self._ids.get(run.name) or self._begin(run)
        last = max((one.step for one in self._client.get_metric_history(number, "loss")), default=-1)
        now = int(time.time() * 1000)
        metrics = [
            Metric(name, float(value), now, place)
            for row in rows
            if (place := _place(run, row)) > last
            for name, value in _measured(row).items()
        ]
        if metrics:
            self._client.log_batch(number, metrics=metrics)

    def close(self) -> None:
        """Say which are done."""
        for name, number in self._ids.items():
            is_done = Run(runs_folder() / name).status().state == "done"
            self._client.set_terminated(number, "FINISHED" if is_done else "KILLED")

    def _begin(self, run: Run) -> str:
        found = self._client.search_runs([self._experiment], f"tags.`mlflow.runName` = '{run.name}'")
        if found:
            number = found[0].info.run_id
            self._client.update_run(number, status="RUNNING")
        else:
            number = self._client.create_run(self._experiment, run_name=run.name).info.run_id
            for name, value in run.asked.to_json().items():
                self._client.log_param(number, name, value)
        self._ids[run.name] = number
        return number


TRACKERS: dict[str, Callable[[], Tracker]] = {"tensorboard": TensorBoard, "mlflow": MLflow}


@contextmanager
def tracked(runs: Sequence[Run], names: Sequence[str], say: Callable[[str], None]) -> Iterator[None]:
    """While the block trains the runs, here or elsewhere, hand what they learn to the trackers of these names.

    Raises BadValueError for a name that is none, MissingError for a library that is not installed. A tracker that
    fails later is told of in one sentence and left; the training goes on.
    """
    for name in names:
        if name not in TRACKERS:
            raise BadValueError(f"a tracker is {' or '.join(TRACKERS)}, got {quoted(name)}")
    trackers = {name: TRACKERS[name]() for name in names}
    ended = threading.Event()
    follower = threading.Thread(target=_follow, args=(runs, trackers, ended, say), daemon=True)
    follower.start()
    try:
        yield
    finally:
        ended.set()
        follower.join()


def _follow(
    runs: Sequence[Run], trackers: dict[str, Tracker], ended: threading.Event, say: Callable[[str], None]
) -> None:
    n_seen = dict.fromkeys((run.name for run in runs), 0)
    is_last = False
    while trackers and not is_last:
        is_last = ended.wait(SECONDS_BETWEEN_LOOKS)
        for run in runs:
            rows = run.history()[n_seen[run.name] :]
            n_seen[run.name] += len(rows)
            if rows:
                _each(trackers, lambda tracker, run=run, rows=rows: tracker.write(run, rows), say)  # type: ignore[misc]
    _each(trackers, lambda tracker: tracker.close(), say)


def _each(trackers: dict[str, Tracker], do: Callable[[Tracker], None], say: Callable[[str], None]) -> None:
    """To each; one that fails is told of and left out from then on."""
    for name, tracker in list(trackers.items()):
        try:
            do(tracker)
        except Exception as error:  # of a library that we only write to: no reason to lose a training
            say(f"{name} is told no more, the training goes on: {type(error).__name__}: {one_line(error)}")
            del trackers[name]


def _place(run: Run, row: Mapping[str, Any]) -> int:
    """A source has many lines in a pass."""
    return int(row.get("step", row["epoch"]) if run.is_source else row["epoch"])


def _measured(row: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: value for name, value in row.items() if name not in PLACES and isinstance(value, int | float)
    }


def _needs(extra: str, what: str) -> str:
    return f'--track {extra} needs {what}, which is not installed; pip install "galaxy-transfer-explorer[{extra}]"'
