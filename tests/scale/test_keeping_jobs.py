"""Jobs that are asked for again, beside a cluster and a SLURM of which only the lists are looked at."""

import threading
from dataclasses import dataclass, field
from itertools import count
from types import SimpleNamespace

import pytest

from galaxy_core.scale import cluster
from galaxy_core.scale.cluster import _keep


@dataclass
class Lists:
    """What Dask keeps: jobs by name, and the names that should have one; `scale` gives each a job of SLURM."""

    workers: dict[int, SimpleNamespace] = field(default_factory=dict)
    worker_spec: dict[int, None] = field(default_factory=dict)
    at_slurm: set[str] = field(default_factory=set)
    numbers: count = field(default_factory=count)
    names: count = field(default_factory=count)
    jobs_live: bool = True

    def scale(self, jobs: int) -> None:
        while len(self.worker_spec) < jobs:
            self.worker_spec[next(self.names)] = None
        for name in self.worker_spec.keys() - self.workers.keys():
            number = next(self.numbers)
            self.workers[name] = SimpleNamespace(job_id=number)
            if self.jobs_live:
                self.at_slurm.add(str(number))


class Looks(threading.Event):
    """So many looks, before each of which something happens; then the end."""

    def __init__(self, *happens) -> None:
        super().__init__()
        self.left = [*happens]

    def wait(self, timeout: float | None = None) -> bool:
        if not self.left:
            return True
        self.left.pop(0)()
        return False


def nothing() -> None:
    pass


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch) -> Lists:
    made = Lists()
    monkeypatch.setattr(cluster, "_known_jobs", lambda numbers: numbers & made.at_slurm)
    made.scale(2)
    return made


def test_a_job_that_slurm_knows_no_longer_is_asked_for_anew(lists: Lists) -> None:
    _keep(
        lists,
        2,
        SimpleNamespace(has_come=lambda: True),
        "logs",
        Looks(lambda: lists.at_slurm.remove("0"), nothing),
    )
    assert {str(job.job_id) for job in lists.workers.values()} == {"1", "2"} == lists.at_slurm


def test_one_that_dask_forgot_while_slurm_still_ended_it_is_asked_for_anew(lists: Lists) -> None:
    _keep(
        lists, 2, SimpleNamespace(has_come=lambda: True), "logs", Looks(lambda: lists.workers.pop(0), nothing)
    )
    assert {str(job.job_id) for job in lists.workers.values()} == {"1", "2"}


@pytest.mark.parametrize("has_come", [False, True])
def test_jobs_that_never_live_are_given_up_where_no_worker_has_come_of_any(
    lists: Lists, has_come: bool
) -> None:
    lists.jobs_live = False
    lists.at_slurm.clear()
    given_up: list[str] = []
    workers = SimpleNamespace(has_come=lambda: has_come, give_up=given_up.append)
    _keep(lists, 2, workers, "logs", Looks(*9 * [nothing]))
    words = "6 jobs of SLURM ended one after the other before one came to work"
    assert [one.split(";")[0] for one in given_up] == ([] if has_come else [words])
