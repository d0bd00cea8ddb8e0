"""How many threads are worth starting: what a container may use, what this process may run on, what there is."""

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

CORES = "GALAXY_CORES"
"""Environment variable with the share of the cores that whoever started several processes gives this one."""


def n_cores() -> int:
    """Cores for whoever computes with threads: the least of the container's quota, the affinity and the physical cores.

    A second thread on a core only gets in the way of the first; more threads than the quota (`docker --cpus=2`, a
    Kubernetes limit) make each other wait for a tenth of a second at a time.
    """
    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    given = os.environ.get(CORES, "")
    share = int(given) if given.isascii() and given.isdigit() else allowed
    return max(1, min(allowed, psutil.cpu_count(logical=False) or allowed, _quota() or allowed, share))


def _quota(root: Path = Path("/")) -> int | None:
    """Whole processors that the control groups of this process grant, a begun one counted; None without a limit."""
    shares = [share for folder in _groups(root) for share in (_share_v2(folder), _share_v1(folder)) if share]
    return math.ceil(min(shares) - 1e-6) if shares else None


def _groups(root: Path) -> Iterator[Path]:
    """The folders of the groups this process is in and of those around them, which bind it too.

    A container may be shown the path that its group has outside, and only its own group at the top: what is not there
    is passed over.
    """
    with suppress(OSError, ValueError):
        for line in (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            number, names, path = line.split(":", 2)
            is_v2 = number == "0" and not names
            if is_v2 or "cpu" in names.split(","):
                for mount in ("", "unified") if is_v2 else (names, "cpu"):
                    top = root / "sys/fs/cgroup" / mount
                    inside = top / path.lstrip("/")
                    yield from (inside, *(up for up in inside.parents if up.is_relative_to(top)))


def _share_v2(folder: Path) -> float | None:
    with suppress(OSError, ValueError):
        quota, period = (folder / "cpu.max").read_text(encoding="ascii").split()
        return float(quota) / float(period) if quota != "max" else None
    return None


def _share_v1(folder: Path) -> float | None:
    with suppress(OSError, ValueError):
        quota = int((folder / "cpu.cfs_quota_us").read_text(encoding="ascii"))
        return quota / int((folder / "cpu.cfs_period_us").read_text(encoding="ascii")) if quota > 0 else None
    return None
