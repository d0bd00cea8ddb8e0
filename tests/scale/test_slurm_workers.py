"""Jobs of a real SLURM that carry out commands, one of which is cancelled at work, again and again."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.scale import cluster
from galaxy_core.scale.cluster import LostSchedulerError
from galaxy_core.scale.settings import ClusterSettings
from galaxy_core.scale.workers import open_workers
from tests.made.one_node_slurm import IS_HERE, one_node_slurm
from tests.scale.conftest import Errand, starts, until

N_CANCELLED = 6

pytest.importorskip("dask_jobqueue")
dask = pytest.importorskip("dask")
pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(not IS_HERE, reason="SLURM is not installed; tests/install_slurm.sh does it"),
]


@pytest.mark.parametrize("forgotten_after", ["100ms", "15s"])
def test_jobs_that_are_cancelled_in_a_row_are_asked_for_anew_and_their_task_is_done(
    errand: Errand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forgotten_after: str
) -> None:
    monkeypatch.setattr(cluster, "SECONDS_BETWEEN_LOOKS", 1.0)
    settings = ClusterSettings(queue="galaxies", jobs=1, cores=1, memory="500MB", interface="lo")
    waiting = errand("a", "wait")
    # Dask forgets a worker that is silent, before or after its job is found to be gone
    forgets = dask.config.set({"distributed.deploy.lost-worker-timeout": forgotten_after})
    with forgets, one_node_slurm(tmp_path / "slurm") as node:
        monkeypatch.setenv("SLURM_CONF", str(node.conf))
        workers = open_workers("slurm", settings, logs=str(tmp_path / "jobs"))
        with workers as opened, ThreadPoolExecutor(1) as beside:
            told = beside.submit(list, opened.run([waiting]))
            for n in range(N_CANCELLED):
                until(lambda n=n: len(starts(waiting)) == n + 1, 120)
                subprocess.run(["scancel", "-f", *_jobs()], check=True)
            until(lambda: len(starts(waiting)) == N_CANCELLED + 1, 120)
            Path(waiting.arguments[0]).with_suffix(".go").touch()
            done = {one.name: one.exit_code for one in told.result(120)}
        until(lambda: not _jobs())
    assert done == {"a": 0}


def test_a_job_that_slurm_would_not_take_is_refused_with_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with one_node_slurm(tmp_path / "slurm") as node:
        monkeypatch.setenv("SLURM_CONF", str(node.conf))
        workers = open_workers("slurm", ClusterSettings(memory="900GB", interface="lo"), logs=str(tmp_path))
        with pytest.raises(BadValueError, match=r"SLURM takes no such job: .*emory"), workers:
            pass


def test_jobs_that_end_before_anything_is_done_are_given_up_with_where_to_look(
    errand: Errand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "SECONDS_BETWEEN_LOOKS", 1.0)
    settings = ClusterSettings(jobs=1, cores=1, memory="500MB", interface="lo", prologue=("exit 1",))
    with one_node_slurm(tmp_path / "slurm") as node:
        monkeypatch.setenv("SLURM_CONF", str(node.conf))
        workers = open_workers("slurm", settings, logs=str(tmp_path / "jobs"))
        with (
            pytest.raises(LostSchedulerError, match=r"3 jobs of SLURM ended .* in .*jobs, the settings"),
            workers as opened,
        ):
            list(opened.run([errand("a")]))


def _jobs() -> list[str]:
    return subprocess.run(
        ["squeue", "-h", "-o", "%i"], capture_output=True, text=True, check=True
    ).stdout.split()
