"""Threads are as many as the cores that a process may truly use, in a container too."""

import os
from pathlib import Path

import pytest

from galaxy_core.runs import cores
from galaxy_core.runs.device import likely_device

# what a process in `docker run --cpus=…` reads, by version of control groups and what the container is shown
V2 = ("0::/\n", {"cpu.max": "200000 100000\n"}, 2)
V2_WITHOUT_LIMIT = ("0::/\n", {"cpu.max": "max 100000\n"}, None)
V2_ON_THE_HOST = (
    "0::/user/app\n",
    {"user/cpu.max": "150000 100000\n", "user/app/cpu.max": "max 100000\n"},
    2,
)
V2_OUTER_IS_TIGHTER = ("0::/a/b\n", {"a/cpu.max": "100000 100000\n", "a/b/cpu.max": "400000 100000\n"}, 1)
V1 = (
    "12:memory:/docker/f00\n4:cpu,cpuacct:/docker/f00\n",
    {"cpu,cpuacct/cpu.cfs_quota_us": "300000\n", "cpu,cpuacct/cpu.cfs_period_us": "100000\n"},
    3,
)
V1_WITHOUT_LIMIT = (
    "4:cpu,cpuacct:/\n",
    {"cpu,cpuacct/cpu.cfs_quota_us": "-1\n", "cpu,cpuacct/cpu.cfs_period_us": "100000\n"},
    None,
)
HYBRID = (
    "1:cpu:/job\n0::/\n",
    {
        "cpu/job/cpu.cfs_quota_us": "50000\n",
        "cpu/job/cpu.cfs_period_us": "100000\n",
        "unified/cgroup.procs": "",
    },
    1,
)
DAMAGED = ("0::/\nnonsense\n", {"cpu.max": "many\n"}, None)


@pytest.mark.parametrize(
    ("groups", "files", "expected"),
    [V2, V2_WITHOUT_LIMIT, V2_ON_THE_HOST, V2_OUTER_IS_TIGHTER, V1, V1_WITHOUT_LIMIT, HYBRID, DAMAGED],
)
def test_the_quota_of_a_container_is_read(
    tmp_path: Path, groups: str, files: dict[str, str], expected: int | None
) -> None:
    written = {"proc/self/cgroup": groups} | {f"sys/fs/cgroup/{name}": text for name, text in files.items()}
    for name, text in written.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert cores._quota(tmp_path) == expected


def test_where_there_are_no_control_groups_there_is_no_quota(tmp_path: Path) -> None:
    assert cores._quota(tmp_path) is None


@pytest.mark.parametrize(("quota", "expected"), [(1, 1), (None, 4), (64, 4), (3, 3)])
def test_the_least_of_quota_affinity_and_cores_counts_everywhere(
    quota: int | None, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: range(8), raising=False)
    monkeypatch.setattr("psutil.cpu_count", lambda logical: 4)
    monkeypatch.setattr(cores, "_quota", lambda: quota)
    assert cores.n_cores() == likely_device(Path("nowhere")).n_cores == expected
