"""Processes of this machine that carry out commands."""

import subprocess
import sys

import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.scale.task import run_task
from galaxy_core.scale.workers import LocalWorkers, open_workers
from tests.scale.conftest import ROOT, Errand, is_gone, starts, until


def test_each_task_is_carried_out_once_and_told_with_its_exit_code_and_last_words(errand: Errand) -> None:
    tasks = [errand("a"), errand("b", "fail"), errand("c")]
    with open_workers("2") as workers:
        done = {one.name: one for one in workers.run(tasks)}
    assert {name: one.exit_code for name, one in done.items()} == {"a": 0, "b": 2, "c": 0}
    assert [len(starts(task)) for task in tasks] == [1, 1, 1]
    assert done["a"].last_words.startswith("cores ")


def test_two_at_once_share_the_cores(errand: Errand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("galaxy_core.scale.workers.n_cores", lambda: 6)
    done = list(LocalWorkers(2).run([errand("a"), errand("b")]))
    assert [one.last_words for one in done] == ["cores 3", "cores 3"]


def test_a_command_that_is_killed_is_begun_again(errand: Errand) -> None:
    task = errand("a", "die")
    (done,) = LocalWorkers(1).run([task])
    assert done.exit_code == 0
    assert len(starts(task)) == 2


def test_whoever_leaves_the_loop_ends_what_is_at_work(errand: Errand) -> None:
    waiting, short = errand("a", "wait"), errand("b")
    loop = LocalWorkers(2).run([waiting, short])
    next(loop)
    until(lambda: bool(starts(waiting)))
    loop.close()
    assert is_gone(starts(waiting)[0])


def test_a_task_that_nobody_wants_any_more_is_ended(errand: Errand) -> None:
    task = errand("a", "wait")
    assert run_task(task, lambda: bool(starts(task))).exit_code in (-15, 143)


def test_a_command_ends_when_its_worker_is_killed(errand: Errand) -> None:
    task = errand("a", "wait")
    script = f"from galaxy_core.scale.task import *; run_task(Task{tuple(vars(task).values())})"
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) as worker:
        until(lambda: bool(starts(task)))
        worker.kill()
        worker.wait()
        until(lambda: is_gone(starts(task)[0]))


@pytest.mark.parametrize("where", ["0", "-1", "two", "dask://", "dask://host", "slurm://x", "", "1e3", "²"])
def test_workers_that_are_none_are_refused_with_what_there_is(where: str) -> None:
    with pytest.raises(BadValueError, match="a number, dask://HOST:PORT or slurm"):
        open_workers(where)
