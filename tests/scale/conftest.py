"""Errands for workers, and how to wait for them."""

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from galaxy_core.scale.task import Task

ROOT = Path(__file__).parents[2]
Errand = Callable[..., Task]


@pytest.fixture
def errand(tmp_path: Path) -> Errand:
    """`errand("a", "wait")` is a task that writes `a.txt`."""

    def make(name: str, *words: str) -> Task:
        file = str(tmp_path / f"{name}.txt")
        arguments = (file, *words)
        paths = (str(ROOT), str(tmp_path / "logs" / f"{name}.log"))
        return Task(name, "tests.made.errand", arguments, *paths)

    return make


def until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def starts(task: Task) -> list[int]:
    """The number of each process that began it."""
    file = Path(task.arguments[0])
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
