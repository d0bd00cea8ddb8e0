"""`galaxy predict` by workers of Dask and by jobs of a real SLURM, which are killed while they answer.

However that goes, the answers are byte for byte those of one pass that nobody disturbed.
"""

import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from galaxy_core.networks.policy import initial_tensors
from galaxy_core.networks.registry import get_backbone
from galaxy_core.runs.run import Run
from tests.made.one_node_slurm import IS_HERE, OneNode, one_node_slurm

pytest.importorskip("dask_jobqueue")
pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[2]
N_SHARDS = 8
SLURM = ("--workers", "slurm", "--cluster")


@pytest.fixture(autouse=True)
def slurm(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OneNode | None]:
    if "slurm" not in request.function.__name__:
        yield None
        return
    if not IS_HERE:
        pytest.skip("SLURM is not installed; tests/install_slurm.sh does it")
    with one_node_slurm(tmp_path / "slurm") as node:
        monkeypatch.setenv("SLURM_CONF", str(node.conf))
        yield node


@pytest.fixture
def command(make_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command without its `--out`: sixteen pictures in eight shards, one of them cut short."""
    tensors = initial_tensors(get_backbone("densenet121"), 10, "scratch", 0.0, 0, None)
    make_run("best", tensors=tensors, weights_sha256="ab" * 32)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    folder, rng = tmp_path / "images", np.random.default_rng(0)
    folder.mkdir()
    for i in range(2 * N_SHARDS):
        image = rng.integers(0, 20 + 2 * i, (256, 256, 3), dtype=np.uint8)
        image[108:148, 108:148] = 255 - 10 * i
        Image.fromarray(image).save(folder / f"{i:02d}.jpg")
    (folder / "07.jpg").write_bytes((folder / "07.jpg").read_bytes()[:900])
    words = ("--run", "best", "--images", str(folder), "--shard-size", "2")
    return [sys.executable, "-m", "galaxy_core", "predict", *words]


@pytest.fixture
def whole(command: list[str], tmp_path: Path) -> bytes:
    """The answers of one pass."""
    out = tmp_path / "once.csv"
    assert subprocess.run([*command[:-2], "--out", out], stderr=subprocess.DEVNULL).returncode == 1
    return out.read_bytes()


@pytest.fixture
def settings(tmp_path: Path) -> str:
    """Of two small jobs."""
    file = tmp_path / "cluster.toml"
    file.write_text('jobs = 2\ncores = 1\nmemory = "400MB"\ninterface = "lo"\n')
    return str(file)


@contextmanager
def dask(*words: str, most_bytes: int | None = None) -> Iterator[subprocess.Popen[str]]:
    """`dask scheduler` or `dask worker` with these words; no file of it may be larger than `most_bytes`."""

    def limit() -> None:
        if most_bytes:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    verb, *words = words
    module = f"distributed.cli.dask_{verb}"
    command = [sys.executable, "-m", module, *words, "--no-dashboard"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, preexec_fn=limit, cwd=ROOT) as one:
        try:
            yield one
        finally:
            with suppress(ProcessLookupError):
                one.kill()


@contextmanager
def scheduler(port: int, *most_bytes: int | None) -> Iterator[subprocess.Popen[str]]:
    """A scheduler there, and a worker for each of these limits."""
    with ExitStack() as stack:
        made = stack.enter_context(dask("scheduler", "--host", "127.0.0.1", "--port", str(port)))
        where = f"tcp://127.0.0.1:{port}"
        for most in most_bytes:
            one = ("worker", where, "--nthreads", "1", "--no-nanny")
            stack.enter_context(dask(*one, most_bytes=most))
        yield made


def at_work(out: Path) -> list[psutil.Process]:
    """The processes that answer a shard of it."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if "--shard" in words and str(out) in words:
            found.append(process)
    return found


def is_there(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def until(is_so: Callable[[], object], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def kill_a_worker(out: Path) -> None:
    """That of a shard that is being answered, which ends with it."""
    until(lambda: at_work(out))
    if some := at_work(out):  # else it has just ended
        some[0].parent().kill()
        until(lambda: not is_there(some[0]))


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_workers_of_dask_that_are_killed_lose_no_answer(
    command: list[str], whole: bytes, tmp_path: Path
) -> None:
    """Their nannies begin others in their place, as a node that comes back does."""
    from distributed import LocalCluster

    out = tmp_path / "answers.csv"
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        where = cluster.scheduler_address.replace("tcp", "dask")
        with subprocess.Popen([*command, "--out", out, "--workers", where]) as process:
            for _ in range(3):
                kill_a_worker(out)
    assert process.returncode == 1
    assert out.read_bytes() == whole
    assert not (tmp_path / ".answers.csv.shards").exists()


def test_a_scheduler_of_dask_that_dies_loses_no_shard_that_was_done(
    command: list[str], whole: bytes, tmp_path: Path
) -> None:
    out, port = tmp_path / "answers.csv", free_port()
    words = [*command, "--out", str(out), "--workers", f"dask://127.0.0.1:{port}"]
    shards = tmp_path / ".answers.csv.shards"
    with (
        scheduler(port, None, None) as first,
        subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process,
    ):
        until(lambda: len(list(shards.glob("*.csv"))) >= 2)
        first.kill()
        _, said = process.communicate(timeout=90)
        until(lambda: not at_work(out))
    assert process.returncode == 2
    assert "the scheduler of the cluster is gone; the same command carries on" in said
    done = {path.name for path in shards.glob("*.csv")}
    assert 2 <= len(done) < N_SHARDS
    with scheduler(port, None, None):
        again = subprocess.run(words, stderr=subprocess.PIPE, text=True)
    assert f"{len(done)} of {N_SHARDS} shards are there already" in again.stderr
    assert again.returncode == 1
    assert out.read_bytes() == whole


def test_shards_of_a_worker_whose_disk_is_full_are_answered_by_another(
    command: list[str], whole: bytes, tmp_path: Path
) -> None:
    out, port = tmp_path / "answers.csv", free_port()
    with scheduler(port, None, 300):
        words = [*command, "--out", str(out), "--workers", f"dask://127.0.0.1:{port}"]
        ended = subprocess.run(words, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 1
    assert "did not end well" not in ended.stderr
    assert out.read_bytes() == whole


def test_where_every_disk_is_full_the_reason_is_told_and_the_same_command_carries_on(
    command: list[str], whole: bytes, tmp_path: Path
) -> None:
    out, port = tmp_path / "answers.csv", free_port()
    words = [*command, "--out", str(out), "--workers", f"dask://127.0.0.1:{port}"]
    with scheduler(port, 300):
        ended = subprocess.run(words, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 2
    assert "shard 0 ended with exit code 2: galaxy:" in ended.stderr
    assert "the same command carries on with what is left" in ended.stderr
    with scheduler(port, None):
        assert subprocess.run(words).returncode == 1
    assert out.read_bytes() == whole


def test_jobs_of_slurm_that_are_cancelled_lose_no_answer(
    command: list[str], whole: bytes, settings: str, tmp_path: Path
) -> None:
    out = tmp_path / "answers.csv"
    with subprocess.Popen([*command, "--out", out, *SLURM, settings]) as process:
        until(lambda: at_work(out))
        subprocess.run(["scancel", "-f", *jobs()], check=True)
    assert process.returncode == 1
    assert out.read_bytes() == whole
    until(lambda: not jobs())


def test_a_controller_of_slurm_that_dies_and_comes_back_is_not_noticed(
    command: list[str], whole: bytes, settings: str, slurm: OneNode, tmp_path: Path
) -> None:
    out = tmp_path / "answers.csv"
    with subprocess.Popen([*command, "--out", out, *SLURM, settings]) as process:
        until(lambda: at_work(out))
        slurm.kill("slurmctld")
        time.sleep(2)
        slurm.start("slurmctld")
    assert process.returncode == 1
    assert out.read_bytes() == whole


def test_a_node_of_slurm_that_dies_and_comes_back_carries_on(
    command: list[str], whole: bytes, settings: str, slurm: OneNode, tmp_path: Path
) -> None:
    out = tmp_path / "answers.csv"
    with subprocess.Popen([*command, "--out", out, *SLURM, settings]) as process:
        until(lambda: at_work(out))
        lost = at_work(out)
        slurm.kill("slurmd")
        for step in [one for one in psutil.process_iter(["name"]) if one.info["name"] == "slurmstepd"]:
            if str(slurm.conf.parent) in str(step.environ()):
                for one in [*step.children(recursive=True), step]:
                    with suppress(psutil.Error):
                        one.kill()
        until(lambda: not any(map(is_there, lost)))
        slurm.start("slurmd")
    assert process.returncode == 1
    assert out.read_bytes() == whole


def test_a_command_of_slurm_that_is_killed_run_again_answers_what_is_left(
    command: list[str], whole: bytes, settings: str, tmp_path: Path
) -> None:
    """The scheduler of Dask lives in the command, and dies with it."""
    out = tmp_path / "answers.csv"
    words = [*command, "--out", str(out), *SLURM, settings]
    with subprocess.Popen(words) as process:
        until(lambda: list((tmp_path / ".answers.csv.shards").glob("*.csv")))
        process.kill()
    assert subprocess.run(words).returncode == 1
    assert out.read_bytes() == whole


def test_a_command_of_slurm_that_is_interrupted_says_so_and_leaves_no_job(
    command: list[str], settings: str, slurm: OneNode, tmp_path: Path
) -> None:
    out = tmp_path / "answers.csv"
    with subprocess.Popen(
        [*command, "--out", out, *SLURM, settings], stderr=subprocess.PIPE, text=True
    ) as process:
        until(lambda: at_work(out))
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in said
    until(lambda: not at_work(out) and not jobs())


def test_an_array_of_slurm_answers_a_shard_a_job(command: list[str], whole: bytes, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    words = [*command, "--out", str(out)]
    planned = subprocess.run([*words, "--plan"], stderr=subprocess.PIPE, text=True)
    assert f"in {N_SHARDS} shards, 0 to {N_SHARDS - 1}" in planned.stderr
    shard = f"{sys.executable} -m galaxy_core predict --out {out} --shard $SLURM_ARRAY_TASK_ID"
    script = f"#!/bin/sh\n#SBATCH --array=0-{N_SHARDS - 1}\n#SBATCH --mem=400M\n{shard}\n"
    subprocess.run(
        ["sbatch", "--wait", "-o", tmp_path / "said-%a"], input=script, text=True, check=True, cwd=ROOT
    )
    ended = subprocess.run(words, stderr=subprocess.PIPE, text=True)
    assert "predicting" not in ended.stderr
    assert ended.returncode == 1
    assert out.read_bytes() == whole


def jobs() -> list[str]:
    shown = subprocess.run(["squeue", "-h", "-o", "%i"], capture_output=True, text=True, check=True)
    return shown.stdout.split()
