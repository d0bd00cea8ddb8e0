"""Workers of a Dask cluster on this machine, some of which die."""

import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from galaxy_core.errors import MissingError
from galaxy_core.scale.cluster import LostSchedulerError
from galaxy_core.scale.workers import open_workers
from tests.scale.conftest import ROOT, Errand, is_gone, starts, until

pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore"),
]  # warnings of Dask's own, of what we kill


@pytest.fixture
def cluster() -> Iterator[object]:
    from distributed import LocalCluster

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        ) as made:
            yield made


def address(cluster: object) -> str:
    return str(cluster.scheduler_address).replace("tcp://", "dask://")


def test_a_task_whose_worker_is_killed_is_done_by_another(cluster: object, errand: Errand) -> None:
    waiting, short = errand("a", "wait"), errand("b", "stop")
    with open_workers(address(cluster)) as workers:
        loop = workers.run([waiting, short])
        assert next(loop).exit_code == 3
        until(lambda: bool(starts(waiting)))
        os.kill(psutil.Process(starts(waiting)[0]).ppid(), signal.SIGKILL)
        until(lambda: len(starts(waiting)) == 2)
        Path(waiting.arguments[0]).with_suffix(".go").touch()
        (done,) = loop
    assert (done.name, done.exit_code) == ("a", 0)


def test_what_does_not_end_well_is_tried_by_another_worker_and_what_was_stopped_is_not(
    cluster: object, errand: Errand
) -> None:
    tasks = [errand("a", "fail"), errand("b", "die"), errand("c", "stop")]
    with open_workers(address(cluster)) as workers:
        done = {one.name: one.exit_code for one in workers.run(tasks)}
    assert done == {"a": 2, "b": 0, "c": 3}
    assert [len(starts(task)) for task in tasks] == [2, 2, 1]


def test_whoever_leaves_the_loop_ends_what_is_at_work(cluster: object, errand: Errand) -> None:
    waiting, short = errand("a", "wait"), errand("b")
    said: list[str] = []
    with open_workers(address(cluster), say=said.append) as workers:
        assert said == [], "there are workers, so nothing has to be said"
        loop = workers.run([waiting, short])
        assert next(loop).name == "b"
        until(lambda: bool(starts(waiting)))
        loop.close()
        until(lambda: is_gone(starts(waiting)[0]))


def test_what_a_command_that_was_killed_had_asked_for_is_ended(cluster: object, errand: Errand) -> None:
    task = errand("a", "wait")
    script = "from galaxy_core.scale.workers import open_workers\nfrom galaxy_core.scale.task import Task\n"
    script += f"with open_workers({address(cluster)!r}) as workers:\n"
    script += f"    list(workers.run([Task{tuple(vars(task).values())}]))"
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) as command:
        until(lambda: bool(starts(task)))
        command.kill()
    until(lambda: is_gone(starts(task)[0]))


def test_a_cluster_that_has_not_this_package_is_said_in_a_sentence(
    cluster: object, errand: Errand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(task: object) -> None:
        raise ModuleNotFoundError("No module named 'galaxy_core'")

    monkeypatch.setattr("galaxy_core.scale.cluster._at_a_worker", elsewhere)
    with open_workers(address(cluster)) as workers:
        (done,) = workers.run([errand("a")])
    assert done.exit_code is None
    assert "is this very package installed there? No module named" in done.last_words


def test_a_scheduler_that_is_gone_is_said_in_a_sentence(errand: Errand) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
         "--no-dashboard"],
        stderr=subprocess.PIPE, text=True,
    ) as scheduler:  # fmt: skip
        assert scheduler.stderr
        line = next(line for line in scheduler.stderr if "Scheduler at:" in line)
        where = line.split("tcp://")[1].strip()
        try:
            said: list[str] = []
            with open_workers(f"dask://{where}", say=said.append) as workers:
                assert "has no workers yet; start some: dask worker" in said[0]
                loop = workers.run([errand("a")])
                scheduler.kill()
                with pytest.raises(LostSchedulerError, match="the same command carries on"):
                    next(loop)
        finally:
            scheduler.kill()


def test_an_address_where_nobody_answers_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("galaxy_core.scale.cluster.SECONDS_TO_ANSWER", 0.5)
    workers = open_workers("dask://127.0.0.1:9")
    with pytest.raises(MissingError, match="no scheduler of Dask answers at tcp"), workers:
        pass
