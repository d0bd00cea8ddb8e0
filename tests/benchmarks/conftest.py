"""The benchmarks are scripts beside one another; here they are imported as such."""

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """A benchmark, or what they share, by its name."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module
